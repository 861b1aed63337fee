//! What an upload gives back.

use std::fmt;
use std::time::Duration;

use crate::error::{Error, ObjectState};
use crate::http::HttpResponse;
use crate::metrics::Metrics;

/// When an upload with a key for one content is repeated after a doubt: the second request can neither
/// store nor call back when the first one does.
const SOON: Duration = Duration::from_secs(10);

/// What the service said of the stored object: nothing, when the keys may not look at it.
#[derive(Debug, Clone, Default)]
pub struct UploadResult {
    http_status: u16,
    headers: Vec<(String, Vec<u8>)>,
    callback_answer: Vec<u8>,
    metrics: Metrics,
}

impl UploadResult {
    /// HTTP status of the answer: 200, or 203 when the callback failed. 0 when the object was stored by an
    /// earlier attempt and the keys may not look at it.
    pub fn http_status(&self) -> u16 {
        self.http_status
    }

    /// ETag without quotes.
    pub fn etag(&self) -> Option<&str> {
        self.header("etag").map(|text| text.trim_matches('"'))
    }

    /// Version id, in a versioned bucket.
    pub fn version_id(&self) -> Option<&str> {
        self.header("x-oss-version-id")
    }

    /// Request id of the service, for its support.
    pub fn request_id(&self) -> Option<&str> {
        self.header("x-oss-request-id")
    }

    /// CRC-64 that the service computed of the whole object.
    pub fn crc64(&self) -> Option<u64> {
        self.header("x-oss-hash-crc64ecma")?.parse().ok()
    }

    /// What the application server answered to the callback, byte for byte. Empty without one.
    pub fn callback_answer(&self) -> &[u8] {
        &self.callback_answer
    }

    /// What the call took.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// `has_callback` says that the body is what the application server answered.
    pub(super) fn of_response(response: HttpResponse, has_callback: bool) -> Self {
        Self {
            http_status: response.status,
            headers: response.headers,
            callback_answer: if has_callback { response.body } else { Vec::new() },
            metrics: Metrics::default(),
        }
    }

    pub(super) fn with_metrics(self, metrics: Metrics) -> Self {
        Self { metrics, ..self }
    }

    /// A header of the answer, when it is text. The case of `name` does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .and_then(|(_, value)| std::str::from_utf8(value).ok())
    }

    /// A result that no service has given.
    #[cfg(test)]
    pub(crate) fn of_parts(http_status: u16, headers: &[(&str, &[u8])], answer: &[u8]) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec()));
        let (headers, callback_answer) = (headers.collect(), answer.to_vec());
        Self { http_status, headers, callback_answer, metrics: Metrics::default() }
    }

    /// All headers of the answer; names are lowercase.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }
}

/// An upload that did not end well. `result` is there when the object is stored nevertheless.
#[derive(Debug, Clone)]
pub struct UploadError {
    /// Why.
    pub error: Error,
    /// What exists.
    pub result: Option<Box<UploadResult>>,
}

impl UploadError {
    /// Says what to do when nobody knows whether the object is stored.
    pub(super) fn with_next_step(self, once: bool) -> Self {
        let error = match (self.error.object_state(), once) {
            (ObjectState::Unknown, true) => {
                let remark = format!("make the same upload again after {} s", SOON.as_secs());
                self.error.with_remark(&remark).with_retry_after(Some(SOON))
            }
            (ObjectState::Unknown, false) => self.error.with_remark(
                "look before you try again, with ossbind_client_find() after a minute",
            ),
            _ => self.error,
        };
        Self { error, ..self }
    }

    pub(super) fn with_metrics(self, metrics: Metrics) -> Self {
        let result = self.result.map(|result| Box::new(result.with_metrics(metrics)));
        Self { error: self.error.with_metrics(metrics), result }
    }
}

impl From<Error> for UploadError {
    fn from(error: Error) -> Self {
        Self { error, result: None }
    }
}

impl fmt::Display for UploadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for UploadError {}
