//! UploadPart (spec: multipart.md 3).

use std::ops::RangeInclusive;

use hyper::StatusCode;
use hyper::header::{ETAG, HeaderName};

use super::abort_multipart_upload::{upload_id, upload_refusal};
use super::body::{check_length, receive};
use super::checksums::AnnouncedChecksums;
use super::stored::describe_encryption;
use crate::error::OssError;
use crate::error::catalogue::{invalid_argument, no_such_upload};
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::protocol::target::ObjectName;
use crate::storage::Part;

pub(super) const PART_NUMBERS: RangeInclusive<u32> = 1..=10_000;

/// The smallest size of a part is no matter here, only when the parts become an object.
pub(super) async fn upload_part(
    exchange: &mut Exchange,
    name: &ObjectName,
) -> Result<Reply, OssError> {
    check_length(exchange)?;
    let number = part_number(exchange.query.value("partNumber").unwrap_or_default())?;
    exchange.record.part_number = Some(number);
    let id = upload_id(exchange)?;
    let checksums = AnnouncedChecksums::read(&exchange.parts.headers)?;
    let store = &exchange.state.store;
    let properties = store
        .with_upload(&name.bucket, &name.key, &id, |upload| upload.properties.clone())
        .ok_or_else(|| no_such_upload(&id))?;

    let writer = store.writer(&name.bucket).await;
    let writer = writer.map_err(|error| exchange.internal_error(&error))?;
    let written = receive(exchange, writer).await?;
    checksums.check(&written.digests).inspect_err(|_| written.content.remove())?;

    let mut reply = Reply::new(StatusCode::OK);
    reply.set(ETAG, &format!("\"{}\"", written.digests.etag()));
    reply.set(HeaderName::from_static("content-md5"), &written.digests.content_md5());
    let crc64 = written.digests.crc64.to_string();
    reply.set(HeaderName::from_static("x-oss-hash-crc64ecma"), &crc64);
    describe_encryption(&mut reply, &properties);
    let content = written.digests.content();
    let part = Part {
        number,
        digests: written.digests,
        last_modified: exchange.now(),
        content: written.content,
    };
    exchange
        .state
        .store
        .put_part(&name.bucket, &name.key, &id, part)
        .map_err(|error| upload_refusal(exchange, &id, &error))?;
    exchange.record.stored = Some(content);
    Ok(reply)
}

/// Reads a part number.
pub(super) fn part_number(text: &str) -> Result<u32, OssError> {
    text.parse().ok().filter(|number| PART_NUMBERS.contains(number)).ok_or_else(|| {
        invalid_argument("Part number must be an integer between 1 and 10000, inclusive.")
            .argument("partNumber", text)
    })
}
