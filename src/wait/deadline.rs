//! When a call has to be over.

use std::time::{Duration, Instant};

/// When a call has to be over, with all its retries and waits.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    /// The moment, on the monotonic clock.
    pub at: Instant,
    /// What the caller has set, for messages.
    pub limit: Duration,
}

impl Deadline {
    /// From now on. None for a limit beyond what the clock can count, which is none.
    pub fn after(limit: Duration) -> Option<Self> {
        Some(Self { at: Instant::now().checked_add(limit)?, limit })
    }
}
