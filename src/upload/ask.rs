//! Requests without a body.

use std::io;

use super::call::AnswerKind;
use super::outcome;
use super::retry::Tries;
use super::session::{Answer, Session};
use crate::error::Result;
use crate::http::Unwatched;
use crate::service::Operation;

impl Session<'_> {
    /// Sends a request without a body, which can be repeated without harm; anything but 2xx is an
    /// error.
    pub(super) fn ask(&self, operation: Operation<'_>, kind: AnswerKind) -> Result<Answer> {
        Ok(Tries::of_session(operation.method, *self).run(|| {
            self.send(operation.clone(), kind, 0, &mut io::empty(), &mut Unwatched)
                .map_err(outcome::of_failed_request)?
                .checked()
        })?)
    }
}
