//! UploadPart (spec: multipart.md 3).

use hyper::StatusCode;
use hyper::header::HeaderName;

use super::body::{check_length, receive};
use super::checksums::AnnouncedChecksums;
use super::part_slot::PartSlot;
use crate::error::OssError;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::protocol::target::ObjectName;

/// The smallest size of a part is no matter here, only when the parts become an object.
pub(super) async fn upload_part(
    exchange: &mut Exchange,
    name: &ObjectName,
) -> Result<Reply, OssError> {
    check_length(exchange)?;
    let checksums = AnnouncedChecksums::read(&exchange.parts.headers)?;
    let slot = PartSlot::find(exchange, name)?;

    let writer = exchange.state.store.writer(&name.bucket).await;
    let writer = writer.map_err(|error| exchange.internal_error(&error))?;
    let written = receive(exchange, writer).await?;
    checksums.check(&written.digests).inspect_err(|_| written.content.remove())?;
    let part = slot.fill(exchange, name, written)?;

    let mut reply = Reply::new(StatusCode::OK);
    slot.describe(&mut reply, &part);
    reply.set(HeaderName::from_static("content-md5"), &part.digests.content_md5());
    Ok(reply)
}
