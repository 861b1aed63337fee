//! UploadPartCopy. (Source: the UploadPartCopy page of the vendor.)

use http_body_util::BodyExt;
use hyper::header::CONTENT_RANGE;

use super::body::MAX_UPLOAD_BYTES;
use super::content::content;
use super::copy_source::copy_source;
use super::part_slot::PartSlot;
use super::range::{Selected, content_range, selected_by};
use crate::clock;
use crate::error::OssError;
use crate::error::catalogue::{entity_too_large, operation_not_supported};
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::reply::{Reply, ReplyBody};
use crate::protocol::target::ObjectName;
use crate::storage::{StoredObject, Writer, Written};

/// Needs the bytes of the source, since a part has checksums of its own.
pub(super) async fn upload_part_copy(
    exchange: &mut Exchange,
    name: &ObjectName,
) -> Result<Reply, OssError> {
    let slot = PartSlot::find(exchange, name)?;
    let source = copy_source(exchange)?;
    refuse_link(&source)?;
    let size = source.size();
    let headers = &exchange.parts.headers;
    let part_of_source = match selected_by(headers, "x-oss-copy-source-range", false, size) {
        Selected::Part(range) => Some(range),
        Selected::Whole | Selected::Nothing => None,
    };
    let copied = part_of_source.clone().unwrap_or(0..size);
    if copied.end - copied.start > MAX_UPLOAD_BYTES {
        return Err(entity_too_large());
    }
    let bytes = content(exchange, &source, copied).await?;
    let writer = exchange.state.store.writer(&name.bucket).await;
    let writer = writer.map_err(|error| exchange.internal_error(&error))?;
    let written = copy(bytes, writer).await.map_err(|error| exchange.internal_error(&error))?;
    let part = slot.fill(exchange, name, written)?;

    let mut document = Document::new("CopyPartResult");
    document.text("LastModified", &clock::extended(part.last_modified));
    document.text("ETag", &format!("\"{}\"", part.digests.etag()));
    let mut reply = Reply::ok("application/xml", document.finish());
    slot.describe(&mut reply, &part);
    if let Some(range) = part_of_source {
        reply.set(CONTENT_RANGE, &content_range(&range, size));
    }
    Ok(reply)
}

/// (Source: the page of the vendor about this EC. It names no code.)
fn refuse_link(source: &StoredObject) -> Result<(), OssError> {
    if source.symlink_target().is_some() {
        let error = operation_not_supported("A symlink can not be copied as a part.");
        return Err(error.ec("0042-00000308"));
    }
    Ok(())
}

/// Piece by piece.
async fn copy(mut bytes: ReplyBody, mut writer: Writer) -> std::io::Result<Written> {
    while let Some(frame) = bytes.frame().await {
        if let Ok(piece) = frame?.into_data() {
            writer.write(&piece).await?;
        }
    }
    writer.finish().await
}
