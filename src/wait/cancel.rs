//! Stopping a call from another thread.

use std::sync::Arc;

use super::event::Event;

/// Stops the calls that it was given to. Clones are the same token; it cannot be taken back.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<Event>);

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

    pub(crate) fn event(&self) -> &Event {
        &self.0
    }
}
