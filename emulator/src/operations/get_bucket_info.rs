//! GetBucketInfo and GetBucketLocation.

use super::bucket::{describe, grant, location};
use super::listing::owner;
use crate::error::OssError;
use crate::error::catalogue::no_such_bucket;
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::storage::Versioning;

pub(super) fn get_bucket_info(exchange: &Exchange, bucket: &str) -> Result<Reply, OssError> {
    let store = &exchange.state.store;
    let properties = store.bucket(bucket).ok_or_else(|| no_such_bucket(bucket))?;
    let mut document = Document::new("BucketInfo");
    document.open("Bucket");
    describe(&mut document, exchange, bucket, &properties);
    document.text("DataRedundancyType", &properties.redundancy);
    owner(&mut document);
    grant(&mut document, &properties.acl);
    match store.versioning(bucket) {
        Some(Versioning::Enabled) => document.text("Versioning", "Enabled"),
        Some(Versioning::Suspended) => document.text("Versioning", "Suspended"),
        Some(Versioning::Disabled) | None => {}
    }
    document.text("Comment", "");
    Ok(Reply::ok("application/xml", document.finish()))
}

pub(super) fn get_bucket_location(exchange: &Exchange) -> Reply {
    let location = location(&exchange.state.region);
    Reply::ok("application/xml", Document::of_text("LocationConstraint", &location))
}
