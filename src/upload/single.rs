//! One request that stores an object: its body, and the judgement of its answer.

use std::io::Read;

use super::attempt::Failed;
use super::body::OpenBody;
use super::checksum::Meter;
use super::context::{AnswerKind, Call, Outgoing};
use super::multipart::Report;
use super::outcome::{self, Expectation};
use super::retry::Tries;
use super::session::Signed;
use super::{MAX_PUT_SIZE, UploadError, UploadResult};
use crate::error::{Error, Result, Status};
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
    /// What it was signed with, when it was signed here.
    pub(super) signed: Option<Signed>,
    /// What no message may show, of what was signed elsewhere.
    pub(super) secrets: Vec<String>,
}

/// What stands before and behind the content in the body of a request.
#[derive(Default)]
pub(super) struct Frame {
    pub(super) before: Vec<u8>,
    pub(super) behind: Vec<u8>,
}

/// How a single request ended.
pub(super) struct Sent {
    pub(super) outcome: std::result::Result<UploadResult, Failed>,
    /// CRC-64 of the content, as far as it was sent.
    pub(super) crc64: u64,
}

impl Sent {
    /// It did not come to sending.
    pub(super) fn nothing(error: Error) -> Self {
        Self { outcome: Err(error.into()), crc64: 0 }
    }
}

impl Call<'_> {
    /// Sends a body of known length.
    pub(super) fn send_single(
        &self,
        request: &Single<'_>,
        body: &mut OpenBody<'_>,
        frame: &Frame,
        report: Report<'_>,
    ) -> Sent {
        let size = body.length().unwrap_or_default();
        let mut meter = FrameMeter {
            meter: Meter::new(size, report),
            before: frame.before.len() as u64,
            content: size,
        };
        let length = size + (frame.before.len() + frame.behind.len()) as u64;
        let mut framed = frame.before.chain(body).chain(&frame.behind[..]);
        let outgoing = Outgoing {
            method: request.method,
            url: request.url,
            headers: &request.headers,
            content_length: length,
            answer: AnswerKind::with_callback(request.has_callback),
        };
        let delivered = self.deliver(&outgoing, &mut framed, &mut meter);
        let crc64 = meter.meter.crc64();
        let outcome = match delivered {
            Err(failure) => Err(outcome::of_failure(failure)),
            Ok(response) => {
                let expectation = Expectation {
                    has_callback: request.has_callback,
                    is_form: request.is_form,
                    crc64: self.client.check_crc64.then_some(crc64),
                    signed: request.signed.as_ref(),
                    secrets: &request.secrets,
                };
                outcome::of_response(response, &expectation)
            }
        };
        Sent { outcome, crc64 }
    }
}

/// Makes attempts until one succeeds, or fails for good. Each gets the body from its beginning.
pub(super) fn persist(
    tries: Tries<'_>,
    body: &mut OpenBody<'_>,
    mut report: Report<'_>,
    mut attempt: impl FnMut(&mut OpenBody<'_>, Report<'_>) -> std::result::Result<UploadResult, Failed>,
) -> std::result::Result<UploadResult, UploadError> {
    let attempt = |body: &mut OpenBody<'_>| match &mut report {
        Some(report) => attempt(body, Some(&mut |progress| report(progress))),
        None => attempt(body, None),
    };
    Ok(tries.run_with(body, attempt, OpenBody::restart)?)
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
            Err(Error::new(Status::Body, message).with_field("body"))
        }
        Some(_) => Ok(()),
    }
}
