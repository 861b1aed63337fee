//! ListObjects (GetBucket): the objects of a bucket, by prefix and folder, in pages.

use super::listing::{Encoding, page_size, truncated};
use super::object_list::{DEFAULT_PAGE, contents, next_marker};
use crate::error::OssError;
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::storage::Selection;

pub(super) fn list_objects(exchange: &Exchange, bucket: &str) -> Result<Reply, OssError> {
    let query = &exchange.query;
    let value = |name: &str| query.value(name).unwrap_or_default();
    let selection = Selection {
        prefix: value("prefix"),
        delimiter: value("delimiter"),
        after: value("marker"),
    };
    let size = page_size(query, "max-keys", DEFAULT_PAGE)?;
    let encoding = Encoding::read(query)?;
    let page = exchange.state.store.list_objects(bucket, &selection, size);

    let mut document = Document::new("ListBucketResult");
    document.text("Name", bucket);
    document.text("Prefix", &encoding.apply(selection.prefix));
    document.text("Marker", &encoding.apply(selection.after));
    document.text("MaxKeys", &size.to_string());
    document.text("Delimiter", &encoding.apply(selection.delimiter));
    encoding.describe(&mut document);
    truncated(&mut document, page.is_truncated);
    if let Some(next) = next_marker(&page) {
        document.text("NextMarker", &encoding.apply(next));
    }
    contents(&mut document, &page, encoding, true);
    Ok(Reply::ok("application/xml", document.finish()))
}
