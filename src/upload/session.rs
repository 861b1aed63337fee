//! Requests that are signed with the keys of the client.

use std::io::{self, Read};

use super::attempt::{Attempt, Failed};
use super::call::{AnswerKind, Call};
use super::expectation::{Expectation, Signed};
use super::outcome;
use super::retry::Tries;
use crate::credentials::Wait;
use crate::error::{self, Advice};
use crate::http::{Failure, HttpRequest, HttpResponse, Progress, Unwatched};
use crate::service::{Operation, Service, Signer};

/// A call of a client that has keys.
#[derive(Clone, Copy)]
pub(super) struct Session<'a> {
    pub(super) call: &'a Call<'a>,
    pub(super) service: &'a Service,
}

/// What came back, and what the request was signed with.
pub(super) struct Answer {
    pub(super) response: HttpResponse,
    pub(super) signed: Signed,
}

impl<'a> Session<'a> {
    /// Fails when the client has no keys.
    pub(super) fn new(call: &'a Call<'a>) -> error::Result<Self> {
        Ok(Self { call, service: call.client.service()? })
    }

    /// Credentials and time for one request. A provider that takes long is waited for no longer than
    /// the call may last.
    pub(super) fn signer(&self) -> error::Result<Signer<'a>> {
        let signer = self.wait(|wait| self.service.signer(wait))?;
        self.call.note_access_key_id(signer.access_key_id());
        if let Some(error) = self.service.take_failed_renewal() {
            self.call.client.log.warn(|| {
                format!("the keys could not be renewed, and are used as long as they last: {error}")
            });
        }
        Ok(signer)
    }

    /// Whether there are other credentials than those that the service refused.
    pub(super) fn renew(&self, refused: u64) -> error::Result<bool> {
        self.wait(|wait| self.service.renew(refused, wait))
    }

    fn wait<T>(&self, ask: impl FnOnce(&Wait<'_>) -> error::Result<T>) -> error::Result<T> {
        let wait = Wait {
            deadline: self.call.limits.deadline.map(|deadline| deadline.at),
            cancel: self.call.limits.cancel,
        };
        // The source of credentials has its own patience and its own pauses.
        ask(&wait).map_err(|error| error.with_advice(Advice::Again))
    }

    /// Signs a request and sends it with a body of `content_length` bytes.
    pub(super) fn send(
        &self,
        mut operation: Operation<'_>,
        answer: AnswerKind,
        content_length: u64,
        body: &mut dyn Read,
        progress: &mut dyn Progress,
    ) -> Result<Answer, Failure> {
        let signer = self.signer().map_err(Failure::of_caller)?;
        operation.headers.add_requester_pays(self.call.requester_pays);
        let signature = signer.sign(&mut operation);
        let url = self.service.url(operation.bucket, operation.key, operation.query);
        let request = HttpRequest {
            method: operation.method,
            url: &url,
            headers: &operation.headers.as_pairs(),
            content_length,
            max_response_body: answer.limit(),
            limits: self.call.limits,
        };
        let response = self.call.send(&request, body, progress)?;
        let signed = Signed::with_header(signature, &signer);
        Ok(Answer { response, signed })
    }

    /// Sends a request without a body, which can be repeated without harm; anything but 2xx is an
    /// error. What becomes of it says nothing of the object.
    pub(super) fn ask(&self, operation: Operation<'_>, kind: AnswerKind) -> error::Result<Answer> {
        Ok(self.repeat(operation, kind).map_err(Failed::saying_nothing_of_object)?)
    }

    /// The same for a request without which no object is made.
    pub(super) fn repeat(&self, operation: Operation<'_>, kind: AnswerKind) -> Attempt<Answer> {
        Tries::of_session(operation.method, *self).run(|| {
            self.send(operation.clone(), kind, 0, &mut io::empty(), &mut Unwatched)
                .map_err(outcome::of_failed_request)?
                .checked()
        })
    }
}

impl Answer {
    /// For requests that make no object: anything but 2xx of OSS is an error.
    pub(super) fn checked(self) -> Result<Self, Failed> {
        outcome::check(&self.response, &Expectation::of_signed(&self.signed))?;
        Ok(self)
    }

    /// For requests that make an object, whose CRC-64 is compared when it is given.
    pub(super) fn judged(self, has_callback: bool, crc64: Option<u64>) -> Attempt {
        let expected = Expectation { has_callback, crc64, ..Expectation::of_signed(&self.signed) };
        outcome::of_response(self.response, &expected)
    }
}
