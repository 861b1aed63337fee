//! One call of a client: until when it may last, and what it has cost so far.

use std::io::Read;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::client::Client;
use crate::http::{Failure, HttpRequest, HttpResponse, Limits, Metrics, Progress};
use crate::log::LogLevel;
use crate::service::Headers;

/// Longest answer that is kept. The service allows application servers 1 MB, an older page says
/// 3 MB (spec: callback.md 7).
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// What an upload took, over all of its requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effort {
    /// Requests that were sent, with those that were sent again.
    pub requests: u32,
    /// Of them, those that were sent again.
    pub retries: u32,
    /// Where the time went, and what was moved. Of several requests at the same time the times are
    /// added. `reused_connection` and `peer` are those of the last one.
    pub metrics: Metrics,
}

/// A call, which its workers share.
pub(super) struct Call<'a> {
    pub(super) client: &'a Client,
    pub(super) limits: Limits<'a>,
    effort: Mutex<Effort>,
}

impl<'a> Call<'a> {
    pub(super) fn new(client: &'a Client, limits: Limits<'a>) -> Self {
        Self { client, limits, effort: Mutex::default() }
    }

    pub(super) fn effort(&self) -> Effort {
        *self.lock()
    }

    pub(super) fn note_retry(&self) {
        self.lock().retries += 1;
    }

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
            limits: self.limits,
        };
        let outcome = self.client.http.exchange(&request, body, progress);
        self.lock().add(match &outcome {
            Ok(response) => &response.metrics,
            Err(failure) => &failure.metrics,
        });
        self.client.log.log(LogLevel::Info, || {
            let place = url.split('?').next().unwrap_or_default();
            let took = started.elapsed().as_millis();
            match &outcome {
                Ok(response) => {
                    let id = response.header("x-oss-request-id").unwrap_or("no request id");
                    format!("{method} {place}: {} in {took} ms, {id}", response.status)
                }
                Err(failure) => format!("{method} {place}: no answer in {took} ms: {failure}"),
            }
        });
        outcome
    }

    fn lock(&self) -> MutexGuard<'_, Effort> {
        self.effort.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Effort {
    fn add(&mut self, metrics: &Metrics) {
        self.requests += 1;
        let (sum, new) = (&mut self.metrics.timings, metrics.timings);
        sum.dns += new.dns;
        sum.connect += new.connect;
        sum.tls += new.tls;
        sum.send += new.send;
        sum.wait += new.wait;
        sum.receive += new.receive;
        self.metrics.bytes_sent += metrics.bytes_sent;
        self.metrics.bytes_received += metrics.bytes_received;
        self.metrics.reused_connection = metrics.reused_connection;
        self.metrics.peer = metrics.peer;
    }
}
