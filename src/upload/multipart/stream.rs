//! Parts of a stream: each is read into memory before it is sent, since its length must be known.

use super::plan::Plan;
use super::requests::{StoredPart, Upload};
use crate::error::{Error, Result, Status};
use crate::service::MAX_PARTS;
use crate::upload::Progress;
use crate::upload::body::StreamBody;
use crate::upload::checksum::{Meter, Report};
use crate::upload::retry::Tries;
use crate::upload::session::Session;

/// Uploads `first` and what follows in parts of its size. The last part may be shorter.
pub(super) fn upload_parts(
    session: &Session<'_>,
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
        let part = Tries::of_session("PUT", *session).run(|| {
            let mut watch = |progress: Progress| match &mut report {
                // Where the stream ends is known when it has ended.
                Some(report) => report(Progress { sent: before + progress.sent, total: u64::MAX }),
                None => Ok(()),
            };
            let mut meter = Meter::new(length, Some(&mut watch));
            session.upload_part(upload, number, length, &mut buffer.as_slice(), &mut meter)
        })?;
        stored.push(part);
        before += length;
        stream.fill(&mut buffer, part_size, || session.call().check())?;
    }
    Ok(stored)
}

/// Uploads a stream of known length: nothing is kept in memory.
pub(super) fn upload_planned_parts(
    session: &Session<'_>,
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
                let mut watch = |progress: Progress| match &mut report {
                    Some(report) => {
                        report(Progress { sent: part.offset + progress.sent, total: plan.size })
                    }
                    None => Ok(()),
                };
                let mut meter = Meter::new(part.length, Some(&mut watch));
                session.upload_part(upload, number, part.length, stream, &mut meter)
            };
            // Nothing of the stream is kept.
            let restart =
                |stream: &mut StreamBody<'_>| stream.go_back(begin, || session.call().check());
            Ok(Tries::of_session("PUT", *session).run_with(stream, attempt, restart)?)
        })
        .collect()
}

fn too_long(part_size: usize) -> Error {
    let message = format!(
        "part_size: the stream has more than {MAX_PARTS} parts of {part_size} bytes, which is all \
         that OSS takes; use larger parts"
    );
    Error::new(Status::Body, message).with_field("part_size")
}
