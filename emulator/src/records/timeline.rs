//! What took how long.

use std::time::Duration;

/// When the steps of a request were over, counted from the arrival of its head. A step that it has
/// not come to has no time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestTimes {
    /// Its body had arrived.
    pub received: Option<Duration>,
    /// Everything was stored, and the callback began.
    pub callback: Option<Duration>,
    /// The answer was ready.
    pub ready: Option<Duration>,
    /// The operating system had taken the answer, or it was given up.
    pub ended: Option<Duration>,
}

/// When the steps of one attempt of a callback were over, counted from the beginning of the callback.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallbackTimes {
    /// The attempt began.
    pub begun: Duration,
    /// There was a connection.
    pub connected: Option<Duration>,
    /// All of the request was sent.
    pub sent: Option<Duration>,
    /// The head of the answer had arrived.
    pub answered: Option<Duration>,
    /// The attempt was over.
    pub ended: Duration,
}
