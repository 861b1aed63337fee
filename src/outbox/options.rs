//! How an outbox and its items are set up.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::name::MAX_PRIORITY;
use super::tell::Teller;
use crate::client::Client;
use crate::error::{Error, Result, refuse_if};
use crate::record::record;

/// How an outbox is opened.
pub struct OutboxConfig {
    /// Its folder, which is made when it is missing. It belongs to the outbox alone.
    pub folder: PathBuf,
    /// What it uploads with. Without one, this process adds items and takes receipts, and sends nothing.
    pub client: Option<Arc<Client>>,
    /// Within a priority, the newest item is sent first.
    pub newest_first: bool,
    /// What happens to an item that has no room.
    pub when_full: WhenFull,
    /// How much it may become.
    pub limits: Limits,
    /// Older items expire when it is their turn.
    pub max_age: Option<Duration>,
    /// The longest pause after the first failure; it doubles with each further one.
    pub retry_min: Duration,
    /// No pause is longer.
    pub retry_max: Duration,
    /// Who is told of items that are stored, but whose callback failed or whose answer is lost.
    pub(crate) teller: Option<Teller>,
    /// How long after the upload telling is given up.
    pub(crate) tell_max_age: Duration,
}

/// How much an outbox may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Items that wait. As many again may be receipts, refused and damaged ones.
    pub max_items: u64,
    /// Bytes of all files.
    pub max_bytes: u64,
    /// Bytes of the file system that stay free.
    pub min_free_bytes: u64,
    /// Inodes of the file system that stay free.
    pub min_free_inodes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_items: 100_000,
            max_bytes: u64::MAX,
            min_free_bytes: 64 << 20,
            min_free_inodes: 256,
        }
    }
}

/// What happens to an item that has no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenFull {
    /// It is refused.
    #[default]
    Refuse,
    /// The oldest ones go.
    DropOldest,
    /// The newest one goes: of those that are there.
    DropNewest,
    /// The least urgent ones go, and of these the oldest, unless they are more urgent than the new one.
    DropLeastUrgent,
}

/// How a file becomes the body of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// As a copy, which shares its blocks where the file system can do that.
    #[default]
    Copy,
    /// As a hard link: the file must not be written to any more.
    Link,
    /// It is moved into the outbox.
    Move,
    /// It stays where it is, and must not change until it is sent.
    Reference,
}

/// How an item is kept and sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemOptions {
    /// How a file becomes the body.
    pub keep: Keep,
    /// 0 to 9: the most urgent ones are sent first.
    pub priority: u8,
    /// Waits until it is released.
    pub held: bool,
    /// Not durable before the next commit.
    pub later: bool,
    /// Sent by the add itself, if nothing waits and nothing is wrong.
    pub at_once: bool,
    /// Names the item for the program: a second one with the same id is the same item.
    pub caller_id: Option<String>,
    /// Items with the same text are sent one after the other.
    pub order: Option<String>,
    /// Not sent while the network is metered.
    pub unmetered: bool,
    /// The object may exist, and is overwritten.
    pub overwrite: bool,
    /// After so many attempts of one process it is refused.
    pub max_attempts: Option<u32>,
    /// Not sent before so many seconds after the add.
    pub delay_s: u32,
    /// Expires after so many seconds.
    pub lifetime_s: Option<u32>,
}

const MAX_TEXT: usize = 255;

impl OutboxConfig {
    /// The defaults.
    pub fn new(folder: impl Into<PathBuf>, client: Option<Arc<Client>>) -> Self {
        Self {
            folder: folder.into(),
            client,
            newest_first: false,
            when_full: WhenFull::default(),
            limits: Limits::default(),
            max_age: None,
            retry_min: Duration::from_secs(10),
            retry_max: Duration::from_secs(300),
            teller: None,
            tell_max_age: Duration::from_secs(7 * 24 * 60 * 60),
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        let fault = "is longer than retry_max_ms";
        refuse_if([
            (self.retry_min > self.retry_max, "retry_min_ms", fault),
            (self.limits.max_items == 0, "max_items", "is 0"),
        ])
    }
}

record!(ItemOptions {
    caller_id,
    order,
    unmetered,
    overwrite,
    max_attempts,
    delay_s,
    lifetime_s,
    ..Self::default()
});

impl ItemOptions {
    pub(super) fn check(&self) -> Result<()> {
        if self.priority > MAX_PRIORITY {
            let fault = format!("is {}; it is from 0 to {MAX_PRIORITY}", self.priority);
            return Err(Error::invalid("options.priority", fault));
        }
        if self.at_once && (self.later || self.held) {
            let fault = "has AT_ONCE, with LATER or HELD; what waits is not sent at once";
            return Err(Error::invalid("options.flags", fault));
        }
        for (field, text) in
            [("options.caller_id", &self.caller_id), ("options.order", &self.order)]
        {
            match text.as_deref().map(str::len) {
                Some(0) => return Err(Error::invalid(field, "is empty; leave it out")),
                Some(len) if len > MAX_TEXT => {
                    return Err(Error::invalid(
                        field,
                        format!("has {len} bytes; {MAX_TEXT} at most"),
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
