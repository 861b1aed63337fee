//! UploadPartCopy. (Source: the UploadPartCopy page of the vendor.)

use http_body_util::BodyExt;
use hyper::header::CONTENT_RANGE;

use super::content::content;
use super::copy_source::copy_source;
use super::found::target;
use super::part_slot::PartSlot;
use super::range::{Selected, content_range, selected_by};
use crate::clock;
use crate::error::OssError;
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::reply::{Reply, ReplyBody};
use crate::protocol::target::ObjectName;
use crate::storage::{Writer, Written};

/// Needs the bytes of the source, since a part has checksums of its own.
pub(super) async fn upload_part_copy(
    exchange: &mut Exchange,
    name: &ObjectName,
) -> Result<Reply, OssError> {
    let slot = PartSlot::find(exchange, name)?;
    let source = target(exchange, &copy_source(exchange)?)?;
    let size = source.size();
    let headers = &exchange.parts.headers;
    let part_of_source = match selected_by(headers, "x-oss-copy-source-range", false, size) {
        Selected::Part(range) => Some(range),
        Selected::Whole | Selected::Nothing => None,
    };
    let bytes = content(exchange, &source, part_of_source.clone().unwrap_or(0..size)).await?;
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

/// Piece by piece.
async fn copy(mut bytes: ReplyBody, mut writer: Writer) -> std::io::Result<Written> {
    while let Some(frame) = bytes.frame().await {
        if let Ok(piece) = frame?.into_data() {
            writer.write(&piece).await?;
        }
    }
    writer.finish().await
}
