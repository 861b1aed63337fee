//! When a signature is valid.

use std::time::{Duration, SystemTime};

use crate::clock;
use crate::error::OssError;
use crate::error::catalogue::access_denied;

/// How far the clock of a client may be from the server's.
pub(super) const MAX_SKEW: Duration = Duration::from_secs(15 * 60);

/// The time in which a URL may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// As it stands in the string to sign.
    pub(super) date_line: String,
    /// V1 says nothing about the beginning.
    pub(super) from: Option<SystemTime>,
    pub(super) until: SystemTime,
}

impl Window {
    /// The date for the string to sign, if the URL may be used now. There is a grace before the
    /// beginning, for clocks that differ, but none after the end.
    pub(super) fn check(&self, now: SystemTime) -> Result<&str, OssError> {
        let early = |from: SystemTime| from.duration_since(now).is_ok_and(|wait| wait > MAX_SKEW);
        if self.from.is_some_and(early) {
            return Err(access_denied("Request is not valid yet.").ec("0002-00000235"));
        }
        if now > self.until {
            let error = access_denied("Request has expired.")
                .element("Expires", clock::extended(self.until))
                .element("ServerTime", clock::extended(now));
            // No EC is known for V1.
            return Err(if self.from.is_some() { error.ec("0002-00000236") } else { error });
        }
        Ok(&self.date_line)
    }
}
