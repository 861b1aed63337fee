//! Uploads that are kept on the disk until they are made: they survive power cuts, wait for the network,
//! and each one leaves a receipt (docs/outbox.md).
//!
//! An item is a file. Its name says what has to be known to count and to choose, its folder says what
//! state it is in, and one rename changes that. `store` is the folder; `follow` keeps up with what other
//! processes do in it, and `cleaning` removes what no item needs. `add` brings items in, `run` sends them by
//! the rules of `sending`, `attempt` is one turn of one item, `settle` writes its receipt, and `receipts`
//! gives that to the program. `list` shows what is there, and `manage` is what people decide about it.

mod add;
mod age;
mod attempt;
mod body;
mod cleaning;
mod damage;
mod file_system;
mod folder;
mod follow;
mod index;
mod item;
mod known;
mod list;
mod manage;
mod name;
mod options;
mod receipt;
mod receipts;
mod room;
mod run;
mod sending;
mod settle;
mod store;
mod tell;

use std::fmt;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use once_cell::sync::OnceCell;

pub use list::{ItemState, ListedItem, Stats};
pub use options::{ItemOptions, Keep, Limits, OutboxConfig, WhenFull};
pub use receipt::{ItemOutcome, Receipt};
pub use run::{Step, Until};
pub(crate) use tell::Teller;

use add::Pending;
use run::Threads;
use store::Store;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::log::Logger;
use crate::retry::RetryPolicy;

/// An outbox. Threads may share it, and other processes may have the same folder open.
pub struct Outbox {
    config: OutboxConfig,
    store: Store,
    policy: RetryPolicy,
    /// Added, and not durable yet.
    later: Mutex<Vec<Pending>>,
    is_sending: Mutex<bool>,
    threads: Mutex<Option<Threads>>,
    receipt_fd: OnceCell<OwnedFd>,
}

impl Outbox {
    /// Opens the folder, or makes it. What was there is kept.
    pub fn open(config: OutboxConfig) -> Result<Self> {
        config.check()?;
        let log = config.client.as_ref().map_or_else(Logger::default, |client| client.log.clone());
        let root = folder::open(&config.folder, &log)?;
        let policy = RetryPolicy {
            attempts: u32::MAX,
            base_delay: config.retry_min / 2,
            max_delay: config.retry_max,
        };
        Ok(Self {
            store: Store::open(root, log)?,
            policy,
            config,
            later: Mutex::default(),
            is_sending: Mutex::default(),
            threads: Mutex::default(),
            receipt_fd: OnceCell::new(),
        })
    }

    fn client(&self) -> Result<&Arc<Client>> {
        let missing = "is NULL, so that this outbox can add items and take receipts, but not send";
        self.config.client.as_ref().ok_or_else(|| Error::invalid("client", missing))
    }

    fn later(&self) -> MutexGuard<'_, Vec<Pending>> {
        self.later.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_sending(&self) -> MutexGuard<'_, bool> {
        self.is_sending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("folder", &self.store.root).finish_non_exhaustive()
    }
}
