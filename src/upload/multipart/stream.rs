//! Parts of a stream, which go one after the other.

use super::Settings;
use super::plan::Plan;
use super::requests::{StoredPart, Upload};
use crate::error::{Error, Result, Status};
use crate::service::MAX_PARTS;
use crate::upload::body::{OpenBody, StreamBody};
use crate::upload::checksum::{Meter, Report, reborrow};
use crate::upload::content::Content;
use crate::upload::object::Prepared;
use crate::upload::retry::Tries;
use crate::upload::session::Session;
use crate::upload::{ContentMd5, Outcome};

impl Session<'_> {
    /// Uploads a stream. One of unknown length that fits into one part needs no parts.
    pub(in crate::upload) fn upload_stream(
        &self,
        prepared: &Prepared<'_>,
        mut stream: StreamBody<'_>,
        settings: Settings,
        report: Report<'_>,
    ) -> Outcome {
        if let Some(size) = stream.length() {
            let plan = Plan::new(size, settings.part_size);
            return self.with_upload(prepared, |upload| {
                self.send_planned_parts(upload, plan, &mut stream, report)
            });
        }
        let part_size = usize::try_from(settings.part_size).unwrap_or(usize::MAX);
        let mut first = Vec::new();
        stream.fill(&mut first, part_size, || self.call.check())?;
        if first.len() < part_size {
            let mut body = OpenBody::of(Content::Memory(&first));
            return self.put(prepared, &mut body, ContentMd5::None, report);
        }
        self.with_upload(prepared, |upload| {
            self.send_parts_as_they_come(upload, first, &mut stream, report)
        })
    }

    /// Sends `first` and what follows in parts of its size, each of which is kept in memory, since its
    /// length must be known. The last part may be shorter.
    fn send_parts_as_they_come(
        &self,
        upload: Upload<'_>,
        first: Vec<u8>,
        stream: &mut StreamBody<'_>,
        mut report: Report<'_>,
    ) -> Result<Vec<StoredPart>> {
        let part_size = first.len();
        let mut buffer = first;
        let mut stored: Vec<StoredPart> = Vec::new();
        let mut before = 0;
        while !buffer.is_empty() {
            let number = stored.len() as u64 + 1;
            if number > MAX_PARTS {
                return Err(too_long(part_size));
            }
            let length = buffer.len() as u64;
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            stored.push(Tries::of_session("PUT", *self).run(|| {
                // Where the stream ends is known when it has ended.
                let mut meter = Meter::of_part(before, u64::MAX, reborrow(&mut report));
                self.upload_part(upload, number, length, &mut buffer.as_slice(), &mut meter)
            })?);
            before += length;
            stream.fill(&mut buffer, part_size, || self.call.check())?;
        }
        Ok(stored)
    }

    /// Sends a stream of known length, of which nothing is kept in memory.
    fn send_planned_parts(
        &self,
        upload: Upload<'_>,
        plan: Plan,
        stream: &mut StreamBody<'_>,
        mut report: Report<'_>,
    ) -> Result<Vec<StoredPart>> {
        (1..=plan.count())
            .map(|number| {
                let part = plan.part(number);
                let begin = stream.taken();
                let attempt = |stream: &mut StreamBody<'_>| {
                    let report = reborrow(&mut report);
                    let mut meter = Meter::of_part(part.offset, plan.size, report);
                    self.upload_part(upload, number, part.length, stream, &mut meter)
                };
                let restart =
                    |stream: &mut StreamBody<'_>| stream.go_back(begin, || self.call.check());
                Ok(Tries::of_session("PUT", *self).run_with(stream, attempt, restart)?)
            })
            .collect()
    }
}

fn too_long(part_size: usize) -> Error {
    let message = format!(
        "part_size: the stream has more than {MAX_PARTS} parts of {part_size} bytes, which is all \
         that OSS takes; use larger parts"
    );
    Error::new(Status::Body, message).with_field("part_size")
}
