//! What became of an object whose answer is lost (docs/retries.md).

use std::time::{Duration, Instant};

use super::attempt::{Attempt, Failed};
use super::call::{AnswerKind, Call, deadline};
use super::checksum::compute_crc64;
use super::object::NewObject;
use super::outcome;
use super::session::Session;
use super::subject::subject;
use super::{Body, UploadResult};
use crate::client::Client;
use crate::endpoint::{check_bucket, check_key};
use crate::error::{Advice, Error, ObjectState, Result, SETTLING_TIME, Status};
use crate::http::{HttpResponse, Limits};
use crate::service::{Headers, Operation};
use crate::time::Timestamp;
use crate::wait::CancelToken;

/// A question for an object. Everything is borrowed until the call returns.
pub struct FindRequest<'a> {
    /// That of the upload.
    pub bucket: &'a str,
    /// That of the upload.
    pub key: &'a str,
    /// That of the upload, in memory or a file.
    pub body: Body<'a>,
    /// How long ago the upload failed.
    pub doubt_age: Duration,
    /// The whole call, with all its waits and attempts, ends after this time.
    pub timeout: Option<Duration>,
    /// Ends the call from another thread.
    pub cancel: Option<&'a CancelToken>,
    /// That of the upload.
    pub requester_pays: bool,
}

impl<'a> FindRequest<'a> {
    /// For an upload that has just failed.
    pub fn new(bucket: &'a str, key: &'a str, body: Body<'a>) -> Self {
        Self {
            bucket,
            key,
            body,
            doubt_age: Duration::ZERO,
            timeout: None,
            cancel: None,
            requester_pays: false,
        }
    }
}

impl Client {
    /// Asks whether an object is there, with the size and the CRC-64 of a body. For after
    /// [`Advice::Look`](crate::Advice::Look).
    ///
    /// [`Status::NotFound`] says that it is not there. What was sent may still arrive as long as the
    /// advice of that error is to look again.
    pub fn find(&self, request: FindRequest<'_>) -> Result<UploadResult> {
        let limits = Limits {
            deadline: deadline(request.timeout)?,
            cancel: request.cancel,
            ..Limits::default()
        };
        let call = Call::new(self, limits, None, request.requester_pays);
        let object = (request.bucket, request.key);
        let head = find(&call, request).map_err(|error| {
            still_unknown(error).with_metrics(call.metrics()).about(subject(&call, Some(object)))
        })?;
        Ok(UploadResult::of_response(head, false).with_metrics(call.metrics()))
    }
}

fn find(call: &Call<'_>, request: FindRequest<'_>) -> Result<HttpResponse> {
    call.check()?;
    let session = Session::new(call)?;
    check_bucket(request.bucket)?;
    check_key(request.key)?;
    let mut body = request.body.open()?;
    let (Some(size), false) = (body.length(), body.is_stream()) else {
        let fault =
            "is a stream, and would have to be read again; only bytes and files can be compared";
        return Err(Error::invalid("body", fault));
    };
    let crc64 = compute_crc64(&mut body, || call.check())?;
    match session.same_object((request.bucket, request.key), (size, crc64), None) {
        Ok(Some(head)) => Ok(head),
        Ok(None) => Err(not_found(request.doubt_age)),
        Err(error) => Err(explain(error)),
    }
}

/// To upload because OSS could not be asked might call back twice: ask again.
fn still_unknown(error: Error) -> Error {
    match error.advice() {
        Advice::Again if error.status() != Status::NotFound => {
            error.with_object_state(ObjectState::Unknown)
        }
        _ => error,
    }
}

/// Names the right that is missing, if it is that.
fn explain(error: Error) -> Error {
    match error.code() {
        Some("AccessDenied") => error.with_remark("HEAD needs the right oss:GetObject"),
        _ => error,
    }
}

fn not_found(doubt_age: Duration) -> Error {
    const FACT: &str = "no object with the size and the CRC-64 of the body is there";
    let left = SETTLING_TIME.saturating_sub(doubt_age);
    if left.is_zero() {
        let message = format!("{FACT}: it is not stored, upload it again");
        return Error::new(Status::NotFound, message).with_retry_after(Some(Duration::ZERO));
    }
    let message = format!(
        "{FACT} yet, but what was sent may still arrive: ask again in {} s (an upload with the flag ONCE is \
         simply made again)",
        left.as_secs_f64().ceil()
    );
    Error::new(Status::NotFound, message)
        .with_object_state(ObjectState::Unknown)
        .with_retry_after(Some(left))
}

impl Session<'_> {
    /// Asks the service what became of a request whose outcome is unclear. `content` is the size and the
    /// CRC-64 of what was sent.
    pub(super) fn settle(
        &self,
        wanted: &NewObject<'_>,
        content: (u64, u64),
        outcome: Attempt,
    ) -> Attempt {
        match outcome {
            Err(unclear) if unclear.is_unknown() => {
                self.resolve(wanted, content, unclear.with_callback(wanted.has_callback))
            }
            Err(refusal) if wanted.happens_once() && may_have_come_too_late(&refusal) => {
                self.confirm_refusal(wanted, content, refusal)
            }
            outcome => outcome,
        }
    }

    /// Checks once whether a refused object was stored all the same, before a second request makes a second
    /// callback.
    fn confirm_refusal(
        &self,
        wanted: &NewObject<'_>,
        content: (u64, u64),
        refusal: Failed,
    ) -> Attempt {
        let object = (wanted.bucket, wanted.key);
        let found = self.same_object(object, content, Some(self.call.began));
        match found {
            Ok(Some(head)) => outcome::stored_without_answer(head, wanted.has_callback, &refusal),
            Err(error) if error.status() == Status::Cancelled => {
                Err(Failed::after(&refusal, error))
            }
            Ok(None) | Err(_) => Err(refusal),
        }
    }

    /// The first request may still arrive after the object was not found. So only a request without a
    /// callback is repeated: it stores the same content again.
    fn resolve(&self, wanted: &NewObject<'_>, content: (u64, u64), unclear: Failed) -> Attempt {
        if unclear.error.status() == Status::Cancelled || self.call.time_left().is_zero() {
            return Err(unclear);
        }
        let object = (wanted.bucket, wanted.key);
        let not_before = (!wanted.once).then_some(self.call.began);
        let found = match wanted.forbid_overwrite {
            true => self.same_object(object, content, not_before),
            false => self.find_object(object, content, not_before),
        };
        match found {
            Ok(Some(head)) => outcome::stored_without_answer(head, wanted.has_callback, &unclear),
            Err(error) if error.status() == Status::Cancelled => {
                let error = error.with_object_state(ObjectState::Unknown);
                Err(Failed::after(&unclear, error))
            }
            Ok(None) | Err(_) if wanted.forbid_overwrite => Err(unclear.harmless_to_repeat()),
            Ok(None) if wanted.has_callback => Err(unclear.unknown_because(
                "the service does not have the object so far, but it may be on its way",
            )),
            Ok(None) => Err(unclear.harmless_to_repeat()),
            Err(error) => Err(unclear.with_remark(format_args!(
                "asking whether it is stored failed as well: {}",
                explain(error)
            ))),
        }
    }

    /// The object, when it has this content, and was not stored before that moment.
    ///
    /// A completed upload may take a moment to become an object, so the service is asked a few times.
    pub(super) fn find_object(
        &self,
        object: (&str, &str),
        content: (u64, u64),
        not_before: Option<Instant>,
    ) -> Result<Option<HttpResponse>> {
        const LOOKS: usize = 4;
        const PAUSE: Duration = Duration::from_secs(1);
        for look in 1..=LOOKS {
            if let Some(head) = self.same_object(object, content, not_before)? {
                return Ok(Some(head));
            }
            if look < LOOKS {
                self.call.pause(PAUSE.min(self.call.time_left()), None)?;
            }
        }
        Ok(None)
    }

    fn same_object(
        &self,
        (bucket, key): (&str, &str),
        (size, crc64): (u64, u64),
        not_before: Option<Instant>,
    ) -> Result<Option<HttpResponse>> {
        let is_ours = |head: &HttpResponse| {
            let is_of_now =
                not_before.is_none_or(|moment| was_stored_within(head, moment.elapsed()));
            size_header(head) == Some(size) && crc64_header(head) == Some(crc64) && is_of_now
        };
        Ok(self.head(bucket, key)?.filter(is_ours))
    }

    /// Size and headers of an object; None when there is none in a bucket that exists.
    pub(super) fn head(&self, bucket: &str, key: &str) -> Result<Option<HttpResponse>> {
        let headers = Headers::default();
        let operation = Operation { method: "HEAD", bucket, key, query: &[], headers };
        match self.ask(operation, AnswerKind::Document) {
            Ok(answer) => Ok(Some(answer.response)),
            Err(error) if is_of_oss(&error, 404) && error.code() != Some("NoSuchBucket") => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// The keys may not read objects, and will not the next time either.
pub(super) fn may_not_look(error: &Error) -> bool {
    is_of_oss(error, 403)
}

/// A page with this status from something in between says nothing of the object.
fn is_of_oss(error: &Error, http_status: u16) -> bool {
    error.status() == Status::Service && error.http_status() == Some(http_status)
}

/// Whether the object may be stored in spite of the refusal. The service sends a 503 before it does anything; no
/// other 5xx guarantees that.
fn may_have_come_too_late(refusal: &Failed) -> bool {
    matches!(refusal.error.http_status(), Some(500..=502 | 504..=599))
}

/// Whether an object was stored within the last `age`, by the clock of the service alone.
pub(super) fn was_stored_within(head: &HttpResponse, age: Duration) -> bool {
    /// Times have whole seconds. So the same bytes that were stored under the same name within the second
    /// before cannot be told apart.
    const TOLERANCE: Duration = Duration::from_secs(1);
    let time = |name| Timestamp::parse_http(head.header(name)?);
    match (time("date"), time("last-modified")) {
        (Some(now), Some(stored)) => {
            Duration::from_secs(now.0.saturating_sub(stored.0)) <= age + TOLERANCE
        }
        _ => false,
    }
}

pub(super) fn size_header(response: &HttpResponse) -> Option<u64> {
    response.header("content-length")?.parse().ok()
}

pub(super) fn crc64_header(response: &HttpResponse) -> Option<u64> {
    response.header("x-oss-hash-crc64ecma")?.parse().ok()
}
