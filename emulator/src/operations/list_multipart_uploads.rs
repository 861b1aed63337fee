//! ListMultipartUploads: the uploads that are neither completed nor aborted, in pages.

use super::listing::{Encoding, page_size, truncated};
use crate::clock;
use crate::error::OssError;
use crate::error::catalogue::parameter_not_implemented;
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::storage::UploadMarker;

const DEFAULT_PAGE: usize = 1000;

/// Folders by delimiter are not made; asking for them is refused rather than ignored.
pub(super) fn list_multipart_uploads(exchange: &Exchange, bucket: &str) -> Result<Reply, OssError> {
    let query = &exchange.query;
    let value = |name: &str| query.value(name).unwrap_or_default();
    if !value("delimiter").is_empty() {
        return Err(parameter_not_implemented("delimiter", value("delimiter")));
    }
    let (prefix, key_marker) = (value("prefix"), value("key-marker"));
    let id_marker = value("upload-id-marker");
    let page = page_size(query, "max-uploads", DEFAULT_PAGE)?;
    let encoding = Encoding::read(query)?;
    let marker = UploadMarker { key: key_marker, id: id_marker };

    // One more than the page tells whether it is the last.
    let mut uploads = exchange.state.store.uploads_after(bucket, prefix, marker, page + 1);
    let more = uploads.len() > page;
    uploads.truncate(page);

    let mut document = Document::new("ListMultipartUploadsResult");
    encoding.describe(&mut document);
    document.text("Bucket", bucket);
    document.text("KeyMarker", &encoding.apply(key_marker));
    document.text("UploadIdMarker", id_marker);
    let last = uploads.last().filter(|_| more);
    document.text("NextKeyMarker", &encoding.apply(last.map_or("", |upload| &upload.key)));
    document.text("NextUploadIdMarker", last.map_or("", |upload| &upload.id));
    document.text("Delimiter", "");
    document.text("Prefix", &encoding.apply(prefix));
    document.text("MaxUploads", &page.to_string());
    truncated(&mut document, more);
    for upload in &uploads {
        document.open("Upload");
        document.text("Key", &encoding.apply(&upload.key));
        document.text("UploadId", &upload.id);
        document.text("StorageClass", &upload.storage_class);
        document.text("Initiated", &clock::extended(upload.initiated));
        document.close();
    }
    Ok(Reply::ok("application/xml", document.finish()))
}
