//! One request that stores an object: its body, and the judgement of its answer.

use std::io::Read;

use super::body::OpenBody;
use super::checksum::Meter;
use super::multipart::Report;
use super::outcome::{self, Expectation};
use super::{MAX_PUT_SIZE, UploadError, UploadResult};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::http::Progress;
use crate::service::Headers;

/// A request that is complete but for its body.
pub(super) struct Single<'a> {
    pub(super) method: &'static str,
    pub(super) url: &'a str,
    pub(super) headers: Headers,
    pub(super) has_callback: bool,
    /// Forms succeed with more than 200.
    pub(super) is_form: bool,
    /// What was signed, when it was signed here.
    pub(super) string_to_sign: Option<&'a str>,
    /// What no message may show.
    pub(super) secrets: Vec<String>,
}

/// What stands before and behind the content in the body of a request.
#[derive(Default)]
pub(super) struct Frame {
    pub(super) before: Vec<u8>,
    pub(super) behind: Vec<u8>,
}

impl Client {
    /// Sends a body of known length.
    pub(super) fn send_single(
        &self,
        request: &Single<'_>,
        body: &mut OpenBody<'_>,
        frame: &Frame,
        report: Report<'_>,
    ) -> std::result::Result<UploadResult, UploadError> {
        let size = body.length().unwrap_or_default();
        let mut meter = FrameMeter {
            meter: Meter::new(size, report),
            before: frame.before.len() as u64,
            content: size,
        };
        let length = size + (frame.before.len() + frame.behind.len()) as u64;
        let mut framed = frame.before.chain(body).chain(&frame.behind[..]);
        let response = self
            .deliver(request.method, request.url, &request.headers, length, &mut framed, &mut meter)
            .map_err(outcome::of_failure)?;
        outcome::of_response(
            response,
            &Expectation {
                has_callback: request.has_callback,
                is_form: request.is_form,
                crc64: self.check_crc64.then(|| meter.meter.crc64()),
                string_to_sign: request.string_to_sign,
                secrets: &request.secrets,
            },
        )
    }
}

/// Lets the meter see the content, and not its frame.
struct FrameMeter<'a> {
    meter: Meter<'a>,
    /// Bytes before the content that are still to come.
    before: u64,
    /// Bytes of the content that are still to come.
    content: u64,
}

impl Progress for FrameMeter<'_> {
    fn sent(&mut self, chunk: &[u8]) -> std::io::Result<()> {
        let (before, rest) = split(chunk, self.before);
        let (content, _) = split(rest, self.content);
        self.before -= before.len() as u64;
        self.content -= content.len() as u64;
        if content.is_empty() { Ok(()) } else { self.meter.sent(content) }
    }
}

fn split(bytes: &[u8], at: u64) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.len().min(usize::try_from(at).unwrap_or(usize::MAX)))
}

/// A body that goes in one request must say its length, and not be too long for one.
pub(super) fn check_single(body: &OpenBody<'_>, destination: &str) -> Result<()> {
    match body.length() {
        None => {
            let fault = format!(
                "is not known, but {destination} is one request, which begins with its length: \
                 set it, with the flag HAS_CONTENT_LENGTH"
            );
            Err(Error::invalid("content_length", fault))
        }
        Some(length) if length > MAX_PUT_SIZE => {
            let message = format!(
                "body: has {length} bytes, but {destination} is one request, which stores \
                 {MAX_PUT_SIZE} (5 GiB) at most"
            );
            Err(Error::new(crate::error::Status::Body, message).with_field("body"))
        }
        Some(_) => Ok(()),
    }
}
