//! Uploads of files that go on where they were interrupted.

use super::Settings;
use super::checkpoint::{Binding, Checkpoint, CheckpointFolder};
use super::plan::{Part, Plan};
use super::requests::{Abort, StoredPart, Upload};
use crate::error::{ObjectState, Result};
use crate::http::HttpResponse;
use crate::text::quoted;
use crate::upload::checksum::{Report, compute_crc64};
use crate::upload::content::{Content, OpenFile};
use crate::upload::lookup::may_not_look;
use crate::upload::object::Prepared;
use crate::upload::outcome;
use crate::upload::session::Session;
use crate::upload::{Outcome, UploadResult};

/// What has become of the upload that a checkpoint tells of.
enum Earlier {
    /// It is open, and has these parts.
    Open(String, Vec<StoredPart>),
    /// It was completed, but the process ended before it could take note.
    Completed(Box<HttpResponse>),
    None,
}

impl Session<'_> {
    /// Uploads a file in parts, and begins with those that the service lacks.
    pub(in crate::upload) fn resume(
        &self,
        prepared: &Prepared<'_>,
        content: &Content<'_>,
        file: &OpenFile,
        checkpoints: &CheckpointFolder<'_>,
        settings: Settings,
        report: Report<'_>,
    ) -> Outcome {
        let plan = Plan::new(file.stamp.size, settings.part_size);
        let (bucket, key) = (prepared.object.bucket, prepared.object.key);
        let headers = prepared.headers.of_first();
        let url = self.service.url(bucket, key, &[]);
        let properties = headers.as_pairs();
        let binding = Binding::new(&url, (bucket, key), file, plan.part_size, &properties);
        let Some(mut checkpoint) = checkpoints.take(binding)? else {
            return self.upload_in_parts(prepared, content, settings, report);
        };
        if let Some(id) = checkpoint.superseded() {
            self.abort_superseded(Upload { bucket, key, id });
        }
        let (id, in_place) = match self.earlier(prepared, &checkpoint, plan, content) {
            Ok(Earlier::Open(id, parts)) => (id, parts),
            Ok(Earlier::Completed(head)) => {
                checkpoint.remove();
                let result = UploadResult::of_response(*head, false);
                return outcome::of_earlier_attempt(result, prepared.object.has_callback);
            }
            Ok(Earlier::None) => (self.initiate(bucket, key, headers)?, Vec::new()),
            Err(error) => {
                if error.object_state() == ObjectState::Unknown {
                    checkpoint.remove();
                }
                return Err(error.into());
            }
        };
        let upload = Upload { bucket, key, id: &id };
        if checkpoint.upload_id() != Some(&id) {
            checkpoint.store(&id).map_err(|error| self.give_up(upload, error, false))?;
        }
        let parts =
            self.send_missing_parts(upload, content, plan, in_place, settings.parallel, report);
        if let Err(changed) = content.check_unchanged() {
            checkpoint.remove();
            return Err(self.give_up(upload, changed.with_upload_id(&id), false).into());
        }
        self.conclude(prepared, upload, Some(checkpoint), parts)
    }

    fn earlier(
        &self,
        prepared: &Prepared<'_>,
        checkpoint: &Checkpoint<'_>,
        plan: Plan,
        content: &Content<'_>,
    ) -> Result<Earlier> {
        let Some(id) = checkpoint.upload_id() else {
            return Ok(Earlier::None);
        };
        let (bucket, key) = (prepared.object.bucket, prepared.object.key);
        Ok(match self.parts_in_place(Upload { bucket, key, id }, plan, content)? {
            Some(parts) => Earlier::Open(id.to_owned(), parts),
            None => self
                .completed_before(prepared, plan, content)?
                .map_or(Earlier::None, |head| Earlier::Completed(Box::new(head))),
        })
    }

    fn abort_superseded(&self, upload: Upload<'_>) {
        let outcome = match self.abort(upload) {
            Abort::Done | Abort::Gone => "is aborted",
            Abort::Failed => "could not be aborted, so that its parts stay, and cost, until it is",
        };
        self.call.client.log.warn(|| {
            format!(
                "checkpoint_dir: the file or the properties of {} have changed since upload {} of \
                 it began: that one {outcome}, and another begins",
                quoted(upload.key),
                upload.id
            )
        });
    }

    /// The parts that the service has and that are those of the file. None when it does not know the
    /// upload.
    fn parts_in_place(
        &self,
        upload: Upload<'_>,
        plan: Plan,
        content: &Content<'_>,
    ) -> Result<Option<Vec<StoredPart>>> {
        let listed = match self.list_parts(upload) {
            Ok(listed) => listed,
            Err(error) if error.code() == Some("NoSuchUpload") => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut parts = Vec::new();
        for part in listed {
            if part.number == 0 || part.number > plan.count() {
                continue;
            }
            let ours = plan.part(part.number);
            let crc64 = self.crc64_of(content, ours)?;
            // Without a checksum of the service nothing is believed: the part is sent again.
            if part.length == ours.length && part.crc64 == Some(crc64) {
                parts.push(part);
            }
        }
        Ok(Some(parts))
    }

    /// The object of an upload that the service does not know any more.
    ///
    /// Keys without the right to read objects will not have it the next time either. So the upload begins
    /// anew, unless that could make a second callback: the program has to decide that.
    fn completed_before(
        &self,
        prepared: &Prepared<'_>,
        plan: Plan,
        content: &Content<'_>,
    ) -> Result<Option<HttpResponse>> {
        let all = Part { number: 1, offset: 0, length: plan.size };
        let crc64 = self.crc64_of(content, all)?;
        let object = (prepared.object.bucket, prepared.object.key);
        let may_begin_anew = prepared.object.once || !prepared.object.has_callback;
        match self.find_object(object, (plan.size, crc64), None) {
            Err(error) if may_not_look(&error) && may_begin_anew => Ok(None),
            Err(error) if may_not_look(&error) => {
                let remark = "the upload of an earlier call that was interrupted is gone, and whether it \
                              was completed cannot be asked: the object may be stored and its callback \
                              made. The next call begins anew";
                Err(error.with_object_state(ObjectState::Unknown).with_remark(remark))
            }
            outcome => outcome,
        }
    }

    fn crc64_of(&self, content: &Content<'_>, part: Part) -> Result<u64> {
        compute_crc64(&mut content.part(part.offset, part.length), || self.call.check())
    }
}
