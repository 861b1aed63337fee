//! One call of one client: whom it asks, and how.

use std::io::Read;
use std::time::Instant;

use crate::client::Client;
use crate::error;
use crate::http::{Failure, HttpRequest, HttpResponse, Progress};
use crate::log::LogLevel;
use crate::service::{Headers, Operation, Service};

/// Longest answer that is kept. The service allows application servers 1 MB, an older page says
/// 3 MB (spec: callback.md 7).
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// A call that signs its requests with the keys of the client.
#[derive(Clone, Copy)]
pub(super) struct Session<'a> {
    client: &'a Client,
    service: &'a Service,
}

/// What came back, and what the request was signed with.
pub(super) struct Answer {
    pub(super) response: HttpResponse,
    pub(super) string_to_sign: String,
}

impl<'a> Session<'a> {
    /// Fails when the client has no keys.
    pub(super) fn new(client: &'a Client) -> error::Result<Self> {
        Ok(Self { client, service: client.service()? })
    }

    pub(super) fn client(&self) -> &'a Client {
        self.client
    }

    pub(super) fn service(&self) -> &'a Service {
        self.service
    }

    /// What no message may show.
    pub(super) fn secrets(&self) -> Vec<String> {
        self.service.token().map(str::to_owned).into_iter().collect()
    }

    /// Whether CRC-64 values are compared.
    pub(super) fn checks_crc64(&self) -> bool {
        self.client.check_crc64
    }

    /// Signs a request and sends it with a body of `content_length` bytes.
    pub(super) fn send(
        &self,
        mut operation: Operation<'_>,
        content_length: u64,
        body: &mut dyn Read,
        progress: &mut dyn Progress,
    ) -> Result<Answer, Failure> {
        let signature = self.service.sign(&mut operation, self.service.now());
        let url = self.service.url(operation.bucket, operation.key, operation.query);
        let (method, headers) = (operation.method, &operation.headers);
        let response =
            self.client.deliver(method, &url, headers, content_length, body, progress)?;
        Ok(Answer { response, string_to_sign: signature.string_to_sign })
    }
}

impl Client {
    /// Sends a request that is complete but for its body.
    pub(super) fn deliver(
        &self,
        method: &str,
        url: &str,
        headers: &Headers,
        content_length: u64,
        body: &mut dyn Read,
        progress: &mut dyn Progress,
    ) -> Result<HttpResponse, Failure> {
        let started = Instant::now();
        let request = HttpRequest {
            method,
            url,
            headers: &headers.as_pairs(),
            content_length,
            max_response_body: MAX_ANSWER,
        };
        let outcome = self.http.exchange(&request, body, progress);
        self.log.log(LogLevel::Info, || {
            let place = url.split('?').next().unwrap_or_default();
            let took = started.elapsed().as_millis();
            match &outcome {
                Ok(response) => {
                    let id = response.header("x-oss-request-id").unwrap_or("no request id");
                    let id = id.escape_debug();
                    format!("{method} {place}: {} in {took} ms, {id}", response.status)
                }
                Err(failure) => format!("{method} {place}: no answer in {took} ms: {failure}"),
            }
        });
        outcome
    }
}
