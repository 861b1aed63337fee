//! Faults that tests ask for: what clients of a service far away meet now and then.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use hyper::StatusCode;

use crate::error::OssError;
use crate::operations::Operation;

/// What happens to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is carried out, but the connection ends without an answer.
    AnswerLost,
    /// It is refused before anything happens.
    Refused(Refusal),
    /// It is carried out, but the answer says that it failed.
    CarriedOut(Refusal),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
}

impl Refusal {
    pub(crate) fn error(self) -> OssError {
        // An interim status is no answer.
        let status = StatusCode::from_u16(self.status).ok();
        let status = status.filter(|status| !status.is_informational());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        OssError::new(status, Cow::Owned(self.code), "The emulator was told to answer like this.")
    }
}

/// Faults that wait for their operation, each for one request.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Mutex<Vec<(Operation, Fault)>>,
}

impl Faults {
    pub(crate) fn push(&self, operation: Operation, fault: Fault) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((operation, fault));
    }

    /// The oldest fault of an operation, which is used up by that.
    pub(crate) fn take(&self, operation: Operation) -> Option<Fault> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let at = waiting.iter().position(|(waiting, _)| *waiting == operation)?;
        Some(waiting.remove(at).1)
    }
}
