//! Multipart uploads: large bodies in parts, several at a time (spec: multipart.md).

mod checkpoint;
mod complete;
mod parts;
mod plan;
mod requests;
mod resume;
mod stream;

pub(super) use checkpoint::CheckpointFolder;
pub(super) use plan::{DEFAULT_PART_SIZE, check_part_size, check_size};

use checkpoint::Checkpoint;
use complete::Completion;
use parts::Job;
use plan::Plan;
use requests::{Abort, StoredPart, Upload};

use super::{Outcome, Progress, UploadError};
use crate::error::{Error, ObjectState, Result};
use crate::upload::checksum::Report;
use crate::upload::content::Content;
use crate::upload::object::Prepared;
use crate::upload::once::is_already_there;
use crate::upload::session::Session;

/// When there is a multipart upload, and how it is done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    /// Bodies up to this size are sent in a single request.
    pub(super) threshold: u64,
    pub(super) part_size: u64,
    pub(super) parallel: usize,
}

impl Session<'_> {
    /// Uploads a body with random access in parts.
    pub(super) fn upload_in_parts(
        &self,
        prepared: &Prepared<'_>,
        content: &Content<'_>,
        settings: Settings,
        report: Report<'_>,
    ) -> Outcome {
        let plan = Plan::new(content.length(), settings.part_size);
        self.with_upload(prepared, |upload| {
            let parallel = settings.parallel;
            let parts =
                self.send_missing_parts(upload, content, plan, Vec::new(), parallel, report)?;
            content.check_unchanged()?;
            Ok(parts)
        })
    }

    /// Sends the parts that are not among those `in_place`, and gives all of them.
    fn send_missing_parts(
        &self,
        upload: Upload<'_>,
        content: &Content<'_>,
        plan: Plan,
        in_place: Vec<StoredPart>,
        parallel: usize,
        mut report: Report<'_>,
    ) -> Result<Vec<StoredPart>> {
        let is_missing = |number: &u32| in_place.iter().all(|part| part.number != *number);
        let missing: Vec<u32> = (1..=plan.count()).filter(is_missing).collect();
        let is_watched = report.is_some();
        let mut sent: u64 = in_place.iter().map(|part| part.length).sum();
        let mut progress = |moved: i64| {
            sent = sent.saturating_add_signed(moved);
            match &mut report {
                Some(report) => report(Progress { sent, total: plan.size }),
                None => Ok(()),
            }
        };
        let job = Job { session: self, upload, content, plan, missing: &missing, is_watched };
        let mut parts = in_place;
        parts.extend(job.run(parallel, &mut progress)?);
        Ok(parts)
    }

    /// Makes an object of the parts.
    fn complete(
        &self,
        prepared: &Prepared<'_>,
        upload: Upload<'_>,
        mut parts: Vec<StoredPart>,
    ) -> Outcome {
        parts.sort_unstable_by_key(|part| part.number);
        let (headers, has_callback) = (prepared.headers.of_last(), prepared.object.has_callback);
        Completion { session: self, upload, parts: &parts, headers: &headers, has_callback }.run()
    }

    /// Initiates an upload, lets `send` upload its parts, and completes it. When the object is
    /// surely not stored, the upload is aborted, so that no parts are left to be paid for.
    fn with_upload(
        &self,
        prepared: &Prepared<'_>,
        send: impl FnOnce(Upload<'_>) -> Result<Vec<StoredPart>>,
    ) -> Outcome {
        let (bucket, key) = (prepared.object.bucket, prepared.object.key);
        let id = self.initiate(bucket, key, prepared.headers.of_first())?;
        let upload = Upload { bucket, key, id: &id };
        self.conclude(prepared, upload, None, send(upload))
    }

    /// Completes an upload, or keeps one that another call can go on with. All others are over.
    fn conclude(
        &self,
        prepared: &Prepared<'_>,
        upload: Upload<'_>,
        checkpoint: Option<Checkpoint<'_>>,
        parts: Result<Vec<StoredPart>>,
    ) -> Outcome {
        let was_completed = parts.is_ok();
        let outcome = match parts {
            Ok(parts) => self.complete(prepared, upload, parts),
            Err(error) => Err(error.into()),
        };
        let is_over = match &outcome {
            Ok(_) => true,
            Err(failed) => {
                failed.error.object_state() == ObjectState::Stored
                    || is_already_there(&failed.error)
            }
        };
        // None where none could be written.
        let is_kept = match checkpoint {
            Some(checkpoint) if is_over => {
                checkpoint.remove();
                false
            }
            Some(checkpoint) => checkpoint.upload_id().is_some(),
            None => false,
        };
        outcome.map_err(|UploadError { error, result }| {
            let error = error.with_upload_id(upload.id);
            let error = match error.object_state() {
                _ if is_kept => {
                    error.with_remark("the upload is kept and goes on with the next call")
                }
                ObjectState::NotStored => self.give_up(upload, error, was_completed && !is_over),
                _ => error,
            };
            UploadError { error, result }
        })
    }

    fn give_up(&self, upload: Upload<'_>, error: Error, was_completed: bool) -> Error {
        // If the upload is gone, a request to complete it may have arrived late.
        let is_unclear = was_completed && error.code() != Some("NoSuchUpload");
        match self.abort(upload) {
            Abort::Gone if is_unclear => {
                let remark = "the multipart upload was gone when it was to be aborted, so that the \
                              object may be stored, and its callback made if it has one";
                error.with_object_state(ObjectState::Unknown).with_remark(remark)
            }
            Abort::Done | Abort::Gone => error.with_remark("the multipart upload was aborted"),
            Abort::Failed => error.with_remark(
                "the multipart upload could not be aborted: its parts stay, and cost, until it is",
            ),
        }
    }
}
