//! ListObjectsV2: the same list, which goes on by an opaque token and not by a key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::listing::{Encoding, page_size, truncated};
use super::object_list::{DEFAULT_PAGE, contents, next_marker};
use crate::error::OssError;
use crate::error::catalogue::invalid_argument;
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::storage::Selection;

pub(super) fn list_objects_v2(exchange: &Exchange, bucket: &str) -> Result<Reply, OssError> {
    let query = &exchange.query;
    let value = |name: &str| query.value(name).unwrap_or_default();
    let (start_after, token) = (value("start-after"), value("continuation-token"));
    // Where the token leads to is behind the start.
    let after = if token.is_empty() { start_after.to_owned() } else { key_of(token)? };
    let (prefix, delimiter) = (value("prefix"), value("delimiter"));
    let size = page_size(query, "max-keys", DEFAULT_PAGE)?;
    let encoding = Encoding::read(query)?;
    let selection = Selection { prefix, delimiter, after: &after };
    let page = exchange.state.store.list_objects(bucket, &selection, size);

    let mut document = Document::new("ListBucketResult");
    document.text("Name", bucket);
    document.text("Prefix", &encoding.apply(prefix));
    if !start_after.is_empty() {
        document.text("StartAfter", &encoding.apply(start_after));
    }
    document.text("MaxKeys", &size.to_string());
    document.text("Delimiter", &encoding.apply(delimiter));
    encoding.describe(&mut document);
    truncated(&mut document, page.is_truncated);
    if !token.is_empty() {
        document.text("ContinuationToken", token);
    }
    if let Some(next) = next_marker(&page) {
        document.text("NextContinuationToken", &token_of(next));
    }
    contents(&mut document, &page, encoding, value("fetch-owner") == "true");
    document.text("KeyCount", &page.entries.len().to_string());
    Ok(Reply::ok("application/xml", document.finish()))
}

/// In letters that need no encoding, neither in a document nor in a URL.
fn token_of(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

fn key_of(token: &str) -> Result<String, OssError> {
    let decoded = URL_SAFE_NO_PAD.decode(token).ok();
    decoded.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| {
        let message = "The continuation token provided is incorrect.";
        invalid_argument(message).argument("continuation-token", token)
    })
}
