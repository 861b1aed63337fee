//! The end of a multipart upload, and what to believe when its answer is lost
//! (spec: multipart.md 4, callback.md 8).

use super::requests::{StoredPart, Upload};
use crate::error::{Error, ObjectState, Status};
use crate::http::HttpResponse;
use crate::service::Headers;
use crate::upload::Outcome;
use crate::upload::attempt::{Attempt, Failed};
use crate::upload::crc64::Concatenation;
use crate::upload::outcome;
use crate::upload::retry::Tries;
use crate::upload::session::Answer;
use crate::upload::session::Session;
use crate::xml;

/// An upload whose parts are all there.
pub(super) struct Completion<'a> {
    pub(super) session: &'a Session<'a>,
    pub(super) upload: Upload<'a>,
    /// In ascending order of their numbers.
    pub(super) parts: &'a [StoredPart],
    /// ACL, overwriting, callback.
    pub(super) headers: &'a Headers,
    pub(super) has_callback: bool,
}

/// What the service says when it is asked after a lost answer.
enum Aftermath {
    /// The upload is still open, so nothing was completed.
    Open,
    /// The object is there, with this size and checksum.
    Stored(Box<HttpResponse>),
    /// The upload is gone, and the object is another one, or none.
    Gone,
    /// The service cannot be asked.
    Unknown(Error),
}

impl Completion<'_> {
    /// Completes the upload. The service makes the callback once, whatever happens here.
    pub(super) fn run(&self) -> Outcome {
        // Not stored: the upload is still open, as the service says, or it never heard of this.
        Ok(Tries::of_session("POST", *self.session).run(|| self.attempt())?)
    }

    fn attempt(&self) -> Attempt {
        let headers = self.headers.clone();
        let unclear =
            match self.session.send_complete(self.upload, headers, self.has_callback, self.parts) {
                Ok(answer) => {
                    let is_unclear = may_have_completed(&answer.response);
                    match self.judge(answer) {
                        Err(failed) if is_unclear || failed.is_unknown() => failed,
                        outcome => return outcome,
                    }
                }
                Err(failure) if failure.request_complete => outcome::of_failure(failure),
                Err(failure) => return Err(outcome::of_failure(failure)),
            };
        if unclear.error.status() == Status::Cancelled {
            return Err(unclear);
        }
        match self.look() {
            Aftermath::Stored(head) => {
                outcome::stored_without_answer(*head, self.has_callback, &unclear)
            }
            Aftermath::Open => Err(unclear
                .with_object_state(ObjectState::NotStored)
                .saying_not_stored()
                .with_remark("the service says that the upload is still open")),
            // It was gone before, by a lifecycle rule for example.
            Aftermath::Gone if unclear.error.http_status() == Some(404) => Err(unclear),
            Aftermath::Gone => {
                let reason = "the upload is gone, and the object is not the one that was sent";
                Err(unknown(&unclear).unknown_because(reason))
            }
            Aftermath::Unknown(error) => {
                let remark = format!("asking whether it is completed failed as well: {error}");
                Err(unknown(&unclear).with_callback(self.has_callback).with_remark(remark))
            }
        }
    }

    fn judge(&self, mut answer: Answer) -> Attempt {
        if !self.has_callback {
            add_etag_of_body(&mut answer.response);
        }
        let crc64 = self.crc64().filter(|_| self.session.call.client.check_crc64);
        answer.judged(self.has_callback, crc64)
    }

    /// CRC-64 of the whole object, from those of its parts.
    fn crc64(&self) -> Option<u64> {
        let mut all = Concatenation::default();
        for part in self.parts {
            all.push(part.crc64?, part.length);
        }
        Some(all.crc64())
    }

    /// A completed upload is unknown to the service; then the object must be ours.
    fn look(&self) -> Aftermath {
        match self.session.list_parts(self.upload) {
            Ok(_) => return Aftermath::Open,
            Err(error) if error.code() == Some("NoSuchUpload") => {}
            Err(error) => return Aftermath::Unknown(error),
        }
        let Some(crc64) = self.crc64() else {
            return Aftermath::Gone;
        };
        let size = self.parts.iter().map(|part| part.length).sum();
        let object = (self.upload.bucket, self.upload.key);
        match self.session.find_object(object, (size, crc64), None) {
            Ok(Some(head)) => Aftermath::Stored(Box::new(head)),
            Ok(None) => Aftermath::Gone,
            Err(error) => Aftermath::Unknown(error),
        }
    }
}

/// Answers after which the upload may or may not be completed.
fn may_have_completed(response: &HttpResponse) -> bool {
    matches!(response.status, 500..=599) || response.status == 404
}

fn unknown(unclear: &Failed) -> Failed {
    Error::new(Status::Transport, unclear.to_string())
        .with_object_state(ObjectState::Unknown)
        .into()
}

/// Without a callback the ETag may be in the document only.
fn add_etag_of_body(response: &mut HttpResponse) {
    if response.status != 200 || response.header("etag").is_some() {
        return;
    }
    let document = xml::parse(&response.body, 64);
    if let Some(etag) = document.as_ref().and_then(|root| root.get("ETag")) {
        response.headers.push(("etag".to_owned(), etag.as_bytes().to_vec()));
    }
}
