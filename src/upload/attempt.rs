//! A failed attempt at a request: what the program is told about it, and what another attempt needs.

use std::fmt;
use std::time::Duration;

use super::{UploadError, UploadResult};
use crate::error::{Advice, Error, ObjectState};
use crate::time::Timestamp;

/// What an attempt gives.
pub(super) type Attempt<T = UploadResult> = Result<T, Failed>;

/// A failed attempt. The last one becomes an [`UploadError`].
#[derive(Debug)]
pub(super) struct Failed {
    /// The fact alone.
    pub(super) error: Error,
    /// What exists in spite of it.
    pub(super) result: Option<Box<UploadResult>>,
    pub(super) cause: Cause,
    /// The message says that the object is not stored, as long as that is so.
    says_not_stored: bool,
    /// Appended to the message; each one begins with a semicolon.
    remarks: String,
    /// Why nobody knows whether the object is stored.
    why_unknown: &'static str,
    /// A second request would store the same once more, and do nothing else.
    is_harmless_to_repeat: bool,
    is_cured: bool,
}

/// What another attempt needs to succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The server had closed a kept connection before it received the request. Needs another connection.
    StaleConnection,
    /// The service refused the security token. Needs other credentials than those of this generation.
    RefusedToken { generation: u64 },
    /// The clock of this device is wrong. Needs a signature with the time of the service.
    WrongTime { server: Timestamp },
    /// Temporary. Needs a pause, at least as long as the server asks for.
    Passing { retry_after: Option<Duration> },
    /// Permanent, as far as this call is concerned.
    Final,
}

impl Failed {
    pub(super) fn new(error: Error, cause: Cause) -> Self {
        Self {
            error,
            result: None,
            cause,
            says_not_stored: false,
            remarks: String::new(),
            why_unknown: "the object may be stored, and its callback made if it has one",
            is_harmless_to_repeat: false,
            is_cured: false,
        }
    }

    /// A temporary failure.
    pub(super) fn passing(error: Error) -> Self {
        Self::new(error, Cause::Passing { retry_after: None })
    }

    /// The object is stored, and yet something is wrong.
    pub(super) fn stored(error: Error, result: UploadResult) -> Self {
        let error = error.with_object_state(ObjectState::Stored);
        Self { result: Some(Box::new(result)), ..Self::from(error) }
    }

    pub(super) fn is_unknown(&self) -> bool {
        self.error.object_state() == ObjectState::Unknown
    }

    /// Whether another attempt can neither store nor call back a second time.
    pub(super) fn may_be_repeated(&self) -> bool {
        match self.error.object_state() {
            ObjectState::NotStored => true,
            ObjectState::Unknown => self.is_harmless_to_repeat,
            ObjectState::Stored => false,
        }
    }

    /// Lets the message say that the object is not stored, unless it turns out that it may be.
    pub(super) fn saying_not_stored(self) -> Self {
        Self { says_not_stored: true, ..self }
    }

    pub(super) fn saying_nothing_of_object(self) -> Self {
        Self { says_not_stored: false, ..self }
    }

    pub(super) fn harmless_to_repeat(self) -> Self {
        Self { is_harmless_to_repeat: true, ..self }
    }

    /// Where it is known whether there is a callback that may have been made.
    pub(super) fn with_callback(self, has_callback: bool) -> Self {
        self.unknown_because(match has_callback {
            true => "the object may be stored, and its callback made",
            false => "the object may be stored",
        })
    }

    pub(super) fn unknown_because(self, why_unknown: &'static str) -> Self {
        Self { why_unknown, ..self }
    }

    pub(super) fn with_object_state(self, state: ObjectState) -> Self {
        Self { error: self.error.with_object_state(state), ..self }
    }

    /// An error that ends the attempts after `earlier`.
    pub(super) fn after(earlier: &Self, error: Error) -> Self {
        let mut failed = Self::from(error);
        failed.remark(format_args!("the last attempt: {earlier}"));
        failed
    }

    /// Adds a further fact.
    pub(super) fn remark(&mut self, remark: impl fmt::Display) {
        self.remarks += &format!("; {remark}");
    }

    pub(super) fn with_remark(mut self, remark: impl fmt::Display) -> Self {
        self.remark(remark);
        self
    }

    /// The cause was removed, so that the next call may succeed even if this one makes no further attempt.
    pub(super) fn note_cure(&mut self) {
        self.is_cured = true;
        self.remark("its cause is gone for the next call");
    }
}

/// A permanent failure.
impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::new(error, Cause::Final)
    }
}

/// The facts of one attempt, without what they mean for the object.
impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.error, self.remarks)
    }
}

impl From<Failed> for UploadError {
    fn from(mut failed: Failed) -> Self {
        if failed.is_unknown() {
            failed.remark(failed.why_unknown);
        }
        let is_said =
            failed.says_not_stored && failed.error.object_state() == ObjectState::NotStored;
        let consequence = if is_said { "; the object is not stored" } else { "" };
        let error = failed.error.with_end(&format!("{consequence}{}", failed.remarks));
        let error = if failed.is_cured { error.with_advice(Advice::Again) } else { error };
        Self { error, result: failed.result }
    }
}

/// For requests that store no object, so that there is no result to lose.
impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        UploadError::from(failed).error
    }
}
