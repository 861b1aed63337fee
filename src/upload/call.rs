//! One call of a client: its deadline, its cancel token and its metrics.

use std::io::Read;
use std::num::NonZeroU64;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::checksum::Meter;
use crate::client::Client;
use crate::error::{Error, Result, Status, Subject};
use crate::http::{Failure, HttpRequest, HttpResponse, Limits, Progress};
use crate::log::LogLevel;
use crate::metrics::Metrics;
use crate::service::Headers;
use crate::time::Timestamp;
use crate::wait::{CancelToken, Deadline, Event, wait_for_any};

/// What a good answer has in its body, which says how long it may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum AnswerKind {
    /// Nothing, or a short document of OSS.
    Document,
    /// A page of the parts of an upload.
    ListOfParts,
    /// What the application server said to the callback.
    OfCallback,
}

impl AnswerKind {
    pub(super) fn with_callback(has_callback: bool) -> Self {
        if has_callback { Self::OfCallback } else { Self::Document }
    }

    /// Longest one that is kept, in bytes. The service allows application servers 1 MB, an older page
    /// says 3 MB (spec: callback.md 7).
    pub(super) const fn limit(self) -> usize {
        match self {
            Self::Document => 64 * 1024,
            Self::ListOfParts => 1024 * 1024,
            Self::OfCallback => 4 * 1024 * 1024,
        }
    }
}

/// A call, which its workers share.
pub(super) struct Call<'a> {
    pub(super) client: &'a Client,
    pub(super) limits: Limits<'a>,
    pub(super) began: Instant,
    /// What the service itself limits uploads to, in bits per second.
    pub(super) traffic_limit: Option<NonZeroU64>,
    pub(super) requester_pays: bool,
    seen: Mutex<Seen>,
}

/// What a call has seen so far.
#[derive(Default)]
struct Seen {
    metrics: Metrics,
    /// Of its requests.
    trace: Subject,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        client: &'a Client,
        limits: Limits<'a>,
        traffic_limit: Option<NonZeroU64>,
        requester_pays: bool,
    ) -> Self {
        let (began, seen) = (Instant::now(), Mutex::default());
        Self { client, limits, began, traffic_limit, requester_pays, seen }
    }

    /// For requests that carry content (spec: put-object.md 1).
    pub(super) fn add_traffic_limit(&self, headers: &mut Headers) {
        if let Some(limit) = self.traffic_limit {
            headers.add("x-oss-traffic-limit", limit.to_string());
        }
    }

    pub(super) fn metrics(&self) -> Metrics {
        self.lock().metrics
    }

    /// The last request, its answer, and as whom it was sent.
    pub(super) fn trace(&self) -> Subject {
        self.lock().trace.clone()
    }

    pub(super) fn note_retry(&self) {
        self.lock().metrics.retries += 1;
    }

    pub(super) fn note_access_key_id(&self, id: &str) {
        self.lock().trace.access_key_id = Some(id.to_owned());
    }

    /// Fails when the program has cancelled the call.
    pub(super) fn check_cancelled(&self) -> Result<()> {
        match self.limits.cancel {
            Some(token) if token.is_cancelled() => Err(cancelled()),
            _ => Ok(()),
        }
    }

    /// Fails when the program has cancelled the call, or its deadline has passed: for what is done
    /// between two requests.
    pub(super) fn check(&self) -> Result<()> {
        self.check_cancelled()?;
        match self.limits.deadline {
            Some(Deadline { limit, .. }) if self.time_left().is_zero() => {
                let message = format!("the deadline of the call ({limit:?}) was reached");
                Err(Error::new(Status::Timeout, message))
            }
            _ => Ok(()),
        }
    }

    /// Time that the call may still take.
    pub(super) fn time_left(&self) -> Duration {
        self.limits
            .deadline
            .map_or(Duration::MAX, |deadline| deadline.at.saturating_duration_since(Instant::now()))
    }

    /// Waits, unless the call is cancelled meanwhile, or `stop` is set.
    pub(super) fn pause(&self, duration: Duration, stop: Option<&Event>) -> Result<()> {
        let cancelled = self.limits.cancel.map(CancelToken::event);
        let events: Vec<_> = cancelled.into_iter().chain(stop).collect();
        wait_for_any(&events, Instant::now().checked_add(duration));
        self.check_cancelled()
    }

    /// Sends a request.
    pub(super) fn send(
        &self,
        request: &HttpRequest<'_>,
        body: &mut dyn Read,
        progress: &mut dyn Progress,
    ) -> std::result::Result<HttpResponse, Failure> {
        let started = Instant::now();
        let outcome = self.client.http.exchange(request, body, progress);
        self.note(request, &outcome);
        self.client.log.log(LogLevel::Info, || {
            let (method, place) = (request.method, place(request.method, request.url));
            let took = started.elapsed().as_millis();
            match &outcome {
                Ok(response) => {
                    let id = response.header("x-oss-request-id").filter(|id| is_request_id(id));
                    let id = id.unwrap_or("no request id");
                    format!("{method} {place}: {} in {took} ms, {id}", response.status)
                }
                Err(failure) => format!("{method} {place}: no answer in {took} ms: {failure}"),
            }
        });
        self.client.log.log(LogLevel::Debug, || {
            effort(match &outcome {
                Ok(response) => &response.metrics,
                Err(failure) => &failure.metrics,
            })
        });
        outcome
    }

    fn note(
        &self,
        request: &HttpRequest<'_>,
        outcome: &std::result::Result<HttpResponse, Failure>,
    ) {
        let mut seen = self.lock();
        seen.trace.request = Some((request.method.to_owned(), place(request.method, request.url)));
        let metrics = match outcome {
            Ok(response) => {
                let date = response.header("date");
                let date = date.filter(|date| Timestamp::parse_http(date).is_some());
                seen.trace.server_time = date.map(str::to_owned);
                &response.metrics
            }
            Err(failure) => &failure.metrics,
        };
        seen.metrics.add(metrics);
    }

    /// CRC-64 of what was sent, when it is to be compared.
    pub(super) fn compared(&self, meter: &Meter<'_>) -> Option<u64> {
        self.client.check_crc64.then(|| meter.crc64())
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When a call that begins now has to be over.
pub(super) fn deadline(timeout: Option<Duration>) -> Result<Option<Deadline>> {
    match timeout {
        Some(limit) if limit.is_zero() => Err(Error::invalid("timeout", "is zero")),
        limit => Ok(limit.and_then(Deadline::after)),
    }
}

/// What the service takes (spec: put-object.md 1).
pub(super) fn check_traffic_limit(limit: Option<NonZeroU64>) -> Result<Option<NonZeroU64>> {
    match limit {
        Some(limit) if !(819_200..=838_860_800).contains(&limit.get()) => {
            let fault = format!("is {limit}; OSS takes 819 200 to 838 860 800 bits per second");
            Err(Error::invalid("traffic_limit_bits_per_s", fault))
        }
        limit => Ok(limit),
    }
}

/// What a peer says in its place may be a token that it repeats.
fn is_request_id(text: &str) -> bool {
    text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A URL without its query, of which only what is asked for is fit for a log.
fn place(method: &str, url: &str) -> String {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let value = |name| query.split('&').find_map(|pair: &str| pair.strip_prefix(name));
    match (method, value("partNumber="), value("uploadId=")) {
        (_, Some(number), _) => format!("{place} (part {number})"),
        ("POST", _, None) if value("uploads").is_some() => format!("{place} (Initiate)"),
        ("POST", _, Some(_)) => format!("{place} (Complete)"),
        ("GET", _, Some(_)) => format!("{place} (ListParts)"),
        ("DELETE", _, Some(_)) => format!("{place} (Abort)"),
        _ => place.to_owned(),
    }
}

/// What a request took, and on which connection.
fn effort(metrics: &Metrics) -> String {
    let Metrics { timings, bytes_sent, bytes_received, .. } = metrics;
    let peer = metrics.peer.map_or("no address".to_owned(), |peer| peer.to_string());
    let connection =
        if metrics.reused_connection { "a kept connection" } else { "a new connection" };
    let ms = |time: Duration| time.as_millis();
    format!(
        "{connection} to {peer}: name {} ms, connect {} ms, TLS {} ms; sent {bytes_sent} bytes in {} ms, \
         waited {} ms, received {bytes_received} bytes in {} ms",
        ms(timings.dns),
        ms(timings.connect),
        ms(timings.tls),
        ms(timings.send),
        ms(timings.wait),
        ms(timings.receive)
    )
}

fn cancelled() -> Error {
    Error::new(Status::Cancelled, "the upload was cancelled")
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_log_names_the_operation_and_nothing_else_of_a_query() {
        for (method, query, operation) in [
            ("PUT", "", ""),
            ("PUT", "?security-token=x", ""),
            ("PUT", "?partNumber=7&uploadId=1", " (part 7)"),
            ("POST", "?encoding-type=url&uploads", " (Initiate)"),
            ("POST", "?encoding-type=url&uploadId=1", " (Complete)"),
            ("GET", "?max-parts=1&uploadId=1&security-token=x", " (ListParts)"),
            ("DELETE", "?uploadId=1", " (Abort)"),
            ("POST", "", ""),
        ] {
            let url = format!("http://h/b/k{query}");
            assert_eq!(place(method, &url), format!("http://h/b/k{operation}"));
        }
    }
}
