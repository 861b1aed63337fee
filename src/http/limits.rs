//! What a single call allows.

use std::time::{Duration, Instant};

use super::cancel::CancelToken;
use super::rate::RateLimiter;

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

/// Limits of one exchange; those of the client hold where nothing is said.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits<'a> {
    pub(crate) deadline: Option<Deadline>,
    pub(crate) cancel: Option<&'a CancelToken>,
    /// Besides that of the client.
    pub(crate) rate: Option<&'a RateLimiter>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) idle_timeout: Option<Duration>,
    /// For services of the machine itself, such as the metadata of a virtual machine.
    pub(crate) bypass_proxy: bool,
}
