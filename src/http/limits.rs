//! What a single call allows.

use std::time::Duration;

use super::rate::RateLimiter;
use crate::wait::{CancelToken, Deadline};

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
