//! What several operations tell of a bucket.

use hyper::StatusCode;

use super::listing::owner;
use crate::clock;
use crate::error::OssError;
use crate::error::catalogue::{
    bucket_already_exists, bucket_not_empty, no_such_bucket, too_many_buckets,
};
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::storage::{BucketError, BucketProperties};

/// HeadBucket: whether there is one.
pub(super) fn head_bucket() -> Reply {
    Reply::new(StatusCode::OK)
}

/// How the service calls a region as the place of a bucket.
pub(super) fn location(region: &str) -> String {
    format!("oss-{region}")
}

/// As its endpoint the one stands there under which the client has reached the emulator: those of the
/// service would lead programs that follow them away from this machine.
pub(super) fn describe(
    document: &mut Document,
    exchange: &Exchange,
    name: &str,
    properties: &BucketProperties,
) {
    let host = &*exchange.record.host;
    let own = host.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
    let endpoint = own.unwrap_or(host);
    document.text("CreationDate", &clock::extended(properties.created));
    document.text("ExtranetEndpoint", endpoint);
    document.text("IntranetEndpoint", endpoint);
    document.text("Location", &location(&exchange.state.region));
    document.text("Name", name);
    document.text("StorageClass", &properties.storage_class);
}

pub(super) fn grant(document: &mut Document, acl: &str) {
    document.open("AccessControlList");
    document.text("Grant", acl);
    document.close();
}

/// GetBucketACL: who may use it.
pub(super) fn get_bucket_acl(exchange: &Exchange, bucket: &str) -> Result<Reply, OssError> {
    let properties = exchange.state.store.bucket(bucket);
    let properties = properties.ok_or_else(|| no_such_bucket(bucket))?;
    Ok(access_control_policy(&properties.acl))
}

/// The answer to a bucket that was not made, changed or removed.
pub(super) fn refusal(exchange: &Exchange, bucket: &str, error: &BucketError) -> OssError {
    match error {
        BucketError::TooMany => too_many_buckets(),
        BucketError::OtherStorageClass => {
            bucket_already_exists("Cannot modify existing bucket's storage class.", bucket)
        }
        BucketError::OtherRedundancy => bucket_already_exists(
            "Bucket already exists can't modify data redundancy type.",
            bucket,
        ),
        BucketError::NotFound => no_such_bucket(bucket),
        BucketError::NotEmpty => bucket_not_empty(bucket),
        BucketError::Io(error) => exchange.internal_error(error),
    }
}

/// The answer of GetBucketACL and GetObjectACL.
pub(super) fn access_control_policy(acl: &str) -> Reply {
    let mut document = Document::new("AccessControlPolicy");
    owner(&mut document);
    grant(&mut document, acl);
    Reply::ok("application/xml", document.finish())
}
