//! Stopping a call from another thread.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::event::{Event, poll};

/// Stops the calls that it was given to. Clones are the same token; it cannot be taken back.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<Event>);

/// Why a wait is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// All of the time has passed.
    Through,
    /// The token was cancelled.
    Cancelled,
    /// The deadline of the call came before.
    DeadlineReached,
}

impl CancelToken {
    /// A token that nobody has cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops every call and every wait that has the token, at once and for good. Takes no lock.
    pub fn cancel(&self) {
        self.0.set();
    }

    /// Whether somebody did.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_set()
    }

    /// Waits, for example until the next try.
    pub fn sleep_or_cancel(&self, duration: Duration, deadline: Option<Instant>) -> Waited {
        let end = Instant::now().checked_add(duration);
        let until = end.into_iter().chain(deadline).min();
        // Without memory for the poll itself it is better not to wait than to wait for ever.
        let _ = poll(&[], &[&self.0], until);
        match deadline {
            _ if self.is_cancelled() => Waited::Cancelled,
            Some(deadline) if end.is_none_or(|end| deadline < end) => Waited::DeadlineReached,
            _ => Waited::Through,
        }
    }

    pub(crate) fn event(&self) -> &Event {
        &self.0
    }
}
