//! GetBucket: the objects of a bucket, by prefix, in pages.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::clock;
use crate::error::OssError;
use crate::error::catalogue::invalid_argument;
use crate::error::xml::Document;
use crate::server::Exchange;
use crate::server::reply::Reply;

const DEFAULT_PAGE: usize = 100;
const MAX_PAGE: usize = 1000;
const URL_ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

pub(super) fn list_objects(exchange: &Exchange, bucket: &str) -> Result<Reply, OssError> {
    let query = &exchange.query;
    let prefix = query.value("prefix").unwrap_or_default();
    let marker = query.value("marker").unwrap_or_default();
    let page = page_size(query.value("max-keys"))?;
    let encoding = query.value("encoding-type");
    let encode = |text: &str| match encoding {
        Some("url") => utf8_percent_encode(text, URL_ENCODED).to_string(),
        _ => text.to_owned(),
    };

    // One more than the page tells whether it is the last.
    let mut objects = exchange.state.store.objects_after(bucket, prefix, marker, page + 1);
    let truncated = objects.len() > page;
    objects.truncate(page);

    let mut document = Document::new("ListBucketResult");
    document.text("Name", bucket);
    document.text("Prefix", &encode(prefix));
    document.text("Marker", &encode(marker));
    document.text("MaxKeys", &page.to_string());
    document.text("Delimiter", "");
    if encoding == Some("url") {
        document.text("EncodingType", "url");
    }
    document.text("IsTruncated", if truncated { "true" } else { "false" });
    if let Some(last) = objects.last().filter(|_| truncated) {
        document.text("NextMarker", &encode(&last.key));
    }
    for object in &objects {
        document.open("Contents");
        document.text("Key", &encode(&object.key));
        document.text("LastModified", &clock::extended(object.last_modified));
        document.text("ETag", &format!("\"{}\"", object.etag()));
        document.text("Type", "Normal");
        document.text("Size", &object.size().to_string());
        document.text("StorageClass", object.storage_class());
        document.close();
    }
    Ok(Reply::ok("application/xml", document.finish()))
}

fn page_size(text: Option<&str>) -> Result<usize, OssError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(DEFAULT_PAGE);
    };
    match text.parse() {
        Ok(size @ 1..=MAX_PAGE) => Ok(size),
        _ => Err(invalid_argument("Argument max-keys must be an integer between 1 and 1000.")
            .argument("max-keys", text)),
    }
}
