//! ListParts (spec: multipart.md 6).

use super::abort_multipart_upload::upload_id;
use super::listing::{Encoding, page_size, truncated};
use crate::clock;
use crate::error::OssError;
use crate::error::catalogue::{invalid_argument, no_such_upload};
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::query::Query;
use crate::protocol::reply::Reply;
use crate::protocol::target::ObjectName;
use crate::storage::Part;

const DEFAULT_PAGE: usize = 1000;

pub(super) fn list_parts(exchange: &mut Exchange, name: &ObjectName) -> Result<Reply, OssError> {
    let id = upload_id(exchange)?;
    let encoding = Encoding::read(&exchange.query)?;
    let page = page_size(&exchange.query, "max-parts", DEFAULT_PAGE)?;
    let marker = part_number_marker(&exchange.query)?;
    let (storage_class, mut parts) = exchange
        .state
        .store
        .with_upload(&name.bucket, &name.key, &id, |upload| {
            // One more than the page tells whether it is the last.
            let parts = upload.parts.range(marker + 1..).take(page + 1);
            let parts: Vec<Part> = parts.map(|(_, part)| part.clone()).collect();
            (upload.properties.storage_class.clone(), parts)
        })
        .ok_or_else(|| no_such_upload(&id))?;
    let more = parts.len() > page;
    parts.truncate(page);

    let mut document = Document::new("ListPartsResult");
    encoding.describe(&mut document);
    document.text("Bucket", &name.bucket);
    document.text("Key", &encoding.apply(&name.key));
    document.text("UploadId", &id);
    document.text("StorageClass", &storage_class);
    document.text("PartNumberMarker", &marker.to_string());
    // Also where there is no part: the vendor's oss2 reads it before it sends the first one.
    let next = parts.last().map_or(marker, |last| last.number);
    document.text("NextPartNumberMarker", &next.to_string());
    document.text("MaxParts", &page.to_string());
    truncated(&mut document, more);
    for part in &parts {
        document.open("Part");
        document.text("PartNumber", &part.number.to_string());
        document.text("LastModified", &clock::extended(part.last_modified));
        document.text("ETag", &format!("\"{}\"", part.digests.etag()));
        document.text("HashCrc64ecma", &part.digests.crc64.to_string());
        document.text("Size", &part.digests.size.to_string());
        document.close();
    }
    Ok(Reply::ok("application/xml", document.finish()))
}

fn part_number_marker(query: &Query) -> Result<u32, OssError> {
    let name = "part-number-marker";
    let text = query.value(name).filter(|text| !text.is_empty()).unwrap_or("0");
    text.parse().ok().filter(|number| *number <= 10_000).ok_or_else(|| {
        let message = format!("Argument {name} must be an integer between 0 and 10000.");
        invalid_argument(message).argument(name, text)
    })
}
