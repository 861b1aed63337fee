//! Requests that ask or arrange something, and carry no content.

use std::io;

use super::attempt::Failed;
use super::context::AnswerKind;
use super::outcome::{self, Expectation};
use super::retry::Tries;
use super::session::{Answer, Session};
use crate::error::Result;
use crate::http::Unwatched;
use crate::service::Operation;

impl Session<'_> {
    /// Sends a request without a body, which can be repeated without harm; anything but 2xx is an
    /// error.
    pub(super) fn ask(&self, operation: Operation<'_>, answer: AnswerKind) -> Result<Answer> {
        Ok(Tries::of_session(*self).run(|| {
            let answer = self
                .send(operation.clone(), answer, 0, &mut io::empty(), &mut Unwatched)
                .map_err(outcome::of_failed_question)?;
            self.accept(answer)
        })?)
    }

    /// Anything but 2xx of OSS is an error.
    pub(super) fn accept(&self, answer: Answer) -> std::result::Result<Answer, Failed> {
        let expected = Expectation {
            has_callback: false,
            crc64: None,
            is_form: false,
            signed: Some(&answer.signed),
            secrets: &[],
        };
        outcome::check(&answer.response, &expected)?;
        Ok(answer)
    }
}
