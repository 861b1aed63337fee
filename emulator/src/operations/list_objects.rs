//! GetBucket: the objects of a bucket, by prefix, in pages.

use super::listing::{Encoding, page_size, truncated};
use crate::clock;
use crate::error::OssError;
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;

const DEFAULT_PAGE: usize = 100;

pub(super) fn list_objects(exchange: &Exchange, bucket: &str) -> Result<Reply, OssError> {
    let query = &exchange.query;
    let prefix = query.value("prefix").unwrap_or_default();
    let marker = query.value("marker").unwrap_or_default();
    let page = page_size(query, "max-keys", DEFAULT_PAGE)?;
    let encoding = Encoding::read(query)?;

    // One more than the page tells whether it is the last.
    let mut objects = exchange.state.store.objects_after(bucket, prefix, marker, page + 1);
    let more = objects.len() > page;
    objects.truncate(page);

    let mut document = Document::new("ListBucketResult");
    document.text("Name", bucket);
    document.text("Prefix", &encoding.apply(prefix));
    document.text("Marker", &encoding.apply(marker));
    document.text("MaxKeys", &page.to_string());
    document.text("Delimiter", "");
    encoding.describe(&mut document);
    truncated(&mut document, more);
    if let Some(last) = objects.last().filter(|_| more) {
        document.text("NextMarker", &encoding.apply(&last.key));
    }
    for object in &objects {
        document.open("Contents");
        document.text("Key", &encoding.apply(&object.key));
        document.text("LastModified", &clock::extended(object.last_modified));
        document.text("ETag", &format!("\"{}\"", object.etag()));
        document.text("Type", object.object_type.name());
        document.text("Size", &object.size().to_string());
        document.text("StorageClass", object.storage_class());
        document.close();
    }
    Ok(Reply::ok("application/xml", document.finish()))
}
