//! ListBuckets (GetService).

use super::bucket::describe;
use super::listing::{owner, page_size, truncated};
use crate::error::OssError;
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::storage::{Entry, Selection};

const DEFAULT_PAGE: usize = 100;

pub(super) fn list_buckets(exchange: &Exchange) -> Result<Reply, OssError> {
    let query = &exchange.query;
    let value = |name: &str| query.value(name).unwrap_or_default();
    let selection = Selection { prefix: value("prefix"), delimiter: "", after: value("marker") };
    let size = page_size(query, "max-keys", DEFAULT_PAGE)?;
    let page = exchange.state.store.list_buckets(&selection, size);

    let mut document = Document::new("ListAllMyBucketsResult");
    // A complete list has none of these.
    if let Some(Entry::Item((last, _))) = page.last() {
        document.text("Prefix", selection.prefix);
        document.text("Marker", selection.after);
        document.text("MaxKeys", &size.to_string());
        truncated(&mut document, true);
        document.text("NextMarker", last);
    }
    owner(&mut document);
    document.open("Buckets");
    let region = &exchange.state.region;
    for (name, properties) in page.items() {
        document.open("Bucket");
        describe(&mut document, exchange, name, properties);
        document.text("Region", region);
        document.close();
    }
    document.close();
    Ok(Reply::ok("application/xml", document.finish()))
}
