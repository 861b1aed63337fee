//! An upload that must not overwrite: the object that is there already may be that of an earlier attempt,
//! whose answer was lost (docs/retries.md, *A key for one content*).

use super::checksum::compute_crc64;
use super::lookup::{crc64_header, may_not_look, size_header, was_stored_within};
use super::object::NewObject;
use super::session::Session;
use super::{Body, Outcome, UploadError, UploadResult, outcome};
use crate::error::{Advice, Error, ObjectState, Result, Status};
use crate::http::HttpResponse;

/// Size and CRC-64, as far as they are known.
type Content = (Option<u64>, Option<u64>);

/// The service has refused to overwrite.
pub(super) fn is_already_there(error: &Error) -> bool {
    matches!(error.code(), Some("FileAlreadyExists" | "FileImmutable"))
}

impl Session<'_> {
    /// Recognizes an earlier attempt: of this call, or of any call when the key is for one content. A
    /// stream cannot be read again, so that there is no `body`.
    pub(super) fn recognize(
        &self,
        object: NewObject<'_>,
        body: Option<Body<'_>>,
        outcome: Outcome,
    ) -> Outcome {
        let had_attempts = self.call.metrics().retries > 0;
        match outcome {
            Err(UploadError { error, result: None })
                if is_already_there(&error) && (object.once || had_attempts) =>
            {
                self.judge_refusal(object, body, error)
            }
            // Another upload would be refused until it is deleted.
            Err(UploadError { error, result }) if error.status() == Status::ChecksumMismatch => {
                Err(UploadError { error: error.with_advice(Advice::FixSettings), result })
            }
            outcome => outcome,
        }
    }

    fn judge_refusal(
        &self,
        object: NewObject<'_>,
        body: Option<Body<'_>>,
        refusal: Error,
    ) -> Outcome {
        let (head, stored, ours) = match self.compare(object, body) {
            Ok(Some(compared)) => compared,
            Ok(None) => {
                let remark = "but it is not there any more";
                return Err(refusal.with_remark(remark).with_advice(Advice::Again).into());
            }
            // The keys may not read the object, so the flag is trusted.
            Err(error) if object.once && may_not_look(&error) => {
                return outcome::of_earlier_attempt(UploadResult::default(), object.has_callback);
            }
            Err(error) => {
                let remark =
                    format!("asking whether it is that of an earlier attempt failed: {error}");
                let refusal = refusal.with_remark(&remark);
                return Err(match object.once {
                    true => refusal.with_advice(Advice::Again).into(),
                    false => refusal.into(),
                });
            }
        };
        // With a key for one content only, values that are not known need not be compared.
        let agree = |stored: Option<u64>, ours: Option<u64>| {
            stored == ours || (object.once && (stored.is_none() || ours.is_none()))
        };
        let has_size = agree(stored.0, ours.0);
        let is_of_now = object.once || was_stored_within(&head, self.call.began.elapsed());
        if is_of_now && has_size && agree(stored.1, ours.1) {
            let result = UploadResult::of_response(head, false);
            return outcome::of_earlier_attempt(result, object.has_callback);
        }
        let (stored, ours) = (describe(stored), describe(ours));
        let remark = format!("the object there has {stored}, and the body has {ours}");
        let refusal = refusal.with_object_state(ObjectState::NotStored).with_remark(&remark);
        Err(match object.once && has_size {
            true => refusal
                .with_remark("it was damaged on the way, or is another content: delete it")
                .with_advice(Advice::FixSettings)
                .into(),
            false => refusal.into(),
        })
    }

    /// The object that is there, and what it and the body are. None when there is none.
    fn compare(
        &self,
        object: NewObject<'_>,
        body: Option<Body<'_>>,
    ) -> Result<Option<(HttpResponse, Content, Content)>> {
        let Some(head) = self.head(object.bucket, object.key)? else {
            return Ok(None);
        };
        let stored = (size_header(&head), crc64_header(&head));
        let ours = match body {
            Some(body) => {
                let mut body = body.open()?;
                let crc64 = compute_crc64(&mut body, || self.call.check())?;
                (body.length(), Some(crc64))
            }
            None => (None, None),
        };
        Ok(Some((head, stored, ours)))
    }
}

fn describe((size, crc64): Content) -> String {
    let text = |number: Option<u64>| number.map_or("unknown".to_owned(), |n| n.to_string());
    format!("size {} and CRC-64 {}", text(size), text(crc64))
}
