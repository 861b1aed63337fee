//! ListMultipartUploads: the uploads that are neither completed nor aborted, in pages.

use super::listing::{Encoding, folders, page_size, truncated};
use crate::clock;
use crate::error::OssError;
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::storage::{Entry, Page, Selection, UploadSummary};

const DEFAULT_PAGE: usize = 1000;

pub(super) fn list_multipart_uploads(exchange: &Exchange, bucket: &str) -> Result<Reply, OssError> {
    let query = &exchange.query;
    let value = |name: &str| query.value(name).unwrap_or_default();
    let selection = Selection {
        prefix: value("prefix"),
        delimiter: value("delimiter"),
        after: value("key-marker"),
    };
    let id_marker = value("upload-id-marker");
    let size = page_size(query, "max-uploads", DEFAULT_PAGE)?;
    let encoding = Encoding::read(query)?;
    let page = exchange.state.store.list_uploads(bucket, &selection, id_marker, size);
    let (next_key, next_id) = next_markers(&page);

    let mut document = Document::new("ListMultipartUploadsResult");
    encoding.describe(&mut document);
    document.text("Bucket", bucket);
    document.text("KeyMarker", &encoding.apply(selection.after));
    document.text("UploadIdMarker", id_marker);
    document.text("NextKeyMarker", &encoding.apply(next_key));
    document.text("NextUploadIdMarker", next_id);
    document.text("Delimiter", &encoding.apply(selection.delimiter));
    document.text("Prefix", &encoding.apply(selection.prefix));
    document.text("MaxUploads", &size.to_string());
    truncated(&mut document, page.is_truncated);
    for upload in page.items() {
        document.open("Upload");
        document.text("Key", &encoding.apply(&upload.key));
        document.text("UploadId", &upload.id);
        document.text("StorageClass", &upload.storage_class);
        document.text("Initiated", &clock::extended(upload.initiated));
        document.close();
    }
    folders(&mut document, &page, encoding);
    Ok(Reply::ok("application/xml", document.finish()))
}

/// Where it ends, also on the last page.
fn next_markers(page: &Page<UploadSummary>) -> (&str, &str) {
    match page.end() {
        Some(Entry::Item(upload)) => (&upload.key, &upload.id),
        Some(Entry::Folder(folder)) => (folder, ""),
        None => ("", ""),
    }
}
