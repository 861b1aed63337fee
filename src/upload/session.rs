//! Requests that are signed with the keys of the client.

use std::io::Read;

use super::context::{AnswerKind, Call, Outgoing};
use crate::credentials::Wait;
use crate::error::{self, Advice};
use crate::http::{Failure, HttpResponse, Progress};
use crate::service::{Operation, Service, Signer};
use crate::signing::Signature;

/// A call of a client that has keys.
#[derive(Clone, Copy)]
pub(super) struct Session<'a> {
    call: &'a Call<'a>,
    service: &'a Service,
}

/// What came back, and what the request was signed with.
pub(super) struct Answer {
    pub(super) response: HttpResponse,
    pub(super) signed: Signed,
}

/// What a request was signed with.
pub(super) struct Signed {
    pub(super) string_to_sign: String,
    pub(super) security_token: Option<String>,
    /// Good for as long as the service takes the time of the request. None for a form, of which it is a
    /// field.
    pub(super) signature: Option<String>,
    /// Which credentials it was.
    pub(super) generation: u64,
}

impl Signed {
    /// A request with an `Authorization` header.
    pub(super) fn with_header(signature: Signature, signer: &Signer<'_>) -> Self {
        let Signature { signature, string_to_sign, .. } = signature;
        Self { signature: Some(signature), ..Self::form(string_to_sign, signer) }
    }

    pub(super) fn form(string_to_sign: String, signer: &Signer<'_>) -> Self {
        Self {
            string_to_sign,
            security_token: signer.token().map(str::to_owned),
            signature: None,
            generation: signer.lease().generation(),
        }
    }
}

impl<'a> Session<'a> {
    /// Fails when the client has no keys.
    pub(super) fn new(call: &'a Call<'a>) -> error::Result<Self> {
        Ok(Self { call, service: call.client.service()? })
    }

    pub(super) fn call(&self) -> &'a Call<'a> {
        self.call
    }

    pub(super) fn service(&self) -> &'a Service {
        self.service
    }

    /// Whether CRC-64 values are compared.
    pub(super) fn checks_crc64(&self) -> bool {
        self.call.client.check_crc64
    }

    /// Credentials and time for one request. A provider that takes long is waited for no longer than
    /// the call may last.
    pub(super) fn signer(&self) -> error::Result<Signer<'a>> {
        let signer = self.wait(|wait| self.service.signer(wait))?;
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
        let interrupt = || self.call.check_cancelled();
        let wait = Wait {
            deadline: self.call.limits.deadline.map(|deadline| deadline.at),
            interrupt: Some(&interrupt),
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
        let signature = signer.sign(&mut operation);
        let url = self.service.url(operation.bucket, operation.key, operation.query);
        let outgoing = Outgoing {
            method: operation.method,
            url: &url,
            headers: &operation.headers,
            content_length,
            answer,
        };
        let response = self.call.deliver(&outgoing, body, progress)?;
        let signed = Signed::with_header(signature, &signer);
        Ok(Answer { response, signed })
    }
}
