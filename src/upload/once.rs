//! An upload that must not overwrite, and finds its object there already: it may be that of an earlier
//! attempt, whose answer was lost (docs/retries.md, *A key for one content*).

use std::time::Duration;

use super::checksum::compute_crc64;
use super::lookup::{crc64_header, size_header, was_stored_within};
use super::outcome;
use super::session::Session;
use super::{Body, UploadError, UploadRequest, UploadResult};
use crate::error::{Advice, Error, ObjectState, Result};
use crate::http::HttpResponse;

type Outcome = std::result::Result<UploadResult, UploadError>;

/// When an upload with a key for one content may be repeated after a doubt: the second request can
/// neither store nor call back when the first one does.
const SOON: Duration = Duration::from_secs(10);

/// By what an earlier attempt of the same upload is recognized.
pub(super) struct Identity<'a> {
    object: (&'a str, &'a str),
    /// None for a stream, which cannot be read again.
    body: Option<Body<'a>>,
    has_callback: bool,
    /// The key belongs to this content alone.
    once: bool,
}

/// How the object that is there compares with the body.
enum Comparison {
    Same(Box<HttpResponse>),
    Other { stored: String, ours: String },
    NotThere,
}

impl<'a> Identity<'a> {
    /// None for an upload that may overwrite.
    pub(super) fn of(request: &UploadRequest<'a>, object: (&'a str, &'a str)) -> Option<Self> {
        let body = match &request.body {
            Body::Memory(bytes) => Some(Body::Memory(bytes)),
            Body::File(path) => Some(Body::File(path.clone())),
            Body::Stream { .. } => None,
        };
        let (has_callback, once) = (request.has_callback(), request.once);
        request.forbids_overwrite().then_some(Self { object, body, has_callback, once })
    }
}

/// The service has refused to overwrite.
pub(super) fn is_already_there(error: &Error) -> bool {
    matches!(error.code(), Some("FileAlreadyExists" | "FileImmutable"))
}

impl Session<'_> {
    /// Recognizes an earlier attempt: of this call, or of any call when the key is for one content.
    pub(super) fn recognize(&self, identity: Identity<'_>, outcome: Outcome) -> Outcome {
        let had_attempts = self.call().metrics().retries > 0;
        match outcome {
            Err(UploadError { error, result: None })
                if is_already_there(&error) && (identity.once || had_attempts) =>
            {
                self.judge_refusal(identity, error)
            }
            Err(UploadError { error, result })
                if identity.once && error.object_state() == ObjectState::Unknown =>
            {
                Err(UploadError { error: error.with_retry_after(Some(SOON)), result })
            }
            outcome => outcome,
        }
    }

    fn judge_refusal(&self, identity: Identity<'_>, refusal: Error) -> Outcome {
        let (has_callback, once) = (identity.has_callback, identity.once);
        match self.compare(identity) {
            Ok(Comparison::Same(head)) => {
                outcome::of_earlier_attempt(outcome::of_head(*head), has_callback)
            }
            Ok(Comparison::Other { stored, ours }) => {
                let remark = format!("the object there has {stored}, and the body has {ours}");
                Err(refusal.with_object_state(ObjectState::NotStored).with_remark(&remark).into())
            }
            Ok(Comparison::NotThere) => {
                let remark = "but it is not there any more";
                Err(refusal.with_remark(remark).with_advice(Advice::Again).into())
            }
            // The keys may not read the object, so the flag is trusted.
            Err(error) if once && error.http_status() == Some(403) => {
                outcome::of_earlier_attempt(UploadResult::unseen(), has_callback)
            }
            Err(error) => {
                let remark =
                    format!("looking whether it is that of an earlier attempt failed: {error}");
                let refusal = refusal.with_remark(&remark);
                Err(if once { refusal.with_advice(Advice::Again) } else { refusal }.into())
            }
        }
    }

    /// Compares the object with the body, as far as both are known.
    fn compare(&self, identity: Identity<'_>) -> Result<Comparison> {
        let (bucket, key) = identity.object;
        let Some(head) = self.head(bucket, key)? else {
            return Ok(Comparison::NotThere);
        };
        let began = self.call().began;
        let is_of_now = identity.once || was_stored_within(&head, began.elapsed());
        let stored = (size_header(&head), crc64_header(&head));
        let ours = match identity.body {
            Some(body) => {
                let mut body = body.open()?;
                let crc64 = compute_crc64(&mut body, || self.call().check())?;
                (body.length(), Some(crc64))
            }
            None => (None, None),
        };
        // With a key for one content only, values that are not known need not be compared.
        let agree = |stored: Option<u64>, ours: Option<u64>| {
            stored == ours || (identity.once && (stored.is_none() || ours.is_none()))
        };
        Ok(match is_of_now && agree(stored.0, ours.0) && agree(stored.1, ours.1) {
            true => Comparison::Same(Box::new(head)),
            false => Comparison::Other { stored: describe(stored), ours: describe(ours) },
        })
    }
}

fn describe((size, crc64): (Option<u64>, Option<u64>)) -> String {
    let text = |number: Option<u64>| number.map_or("unknown".to_owned(), |n| n.to_string());
    format!("size {} and CRC-64 {}", text(size), text(crc64))
}
