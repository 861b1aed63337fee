//! The object that a request copies from. (Source: the CopyObject and UploadPartCopy pages of the
//! vendor.)

use std::sync::Arc;

use super::upload_headers::encoded_name;
use super::{conditions, requester_pays};
use crate::error::OssError;
use crate::error::catalogue::{
    invalid_argument, no_such_bucket, no_such_key, parameter_not_implemented,
};
use crate::exchange::Exchange;
use crate::protocol::target::{ObjectName, check_bucket_name, check_key, path_style};
use crate::storage::StoredObject;

const HEADER: &str = "x-oss-copy-source";

/// Finds it, if it is as the request wants it.
pub(super) fn copy_source(exchange: &Exchange) -> Result<Arc<StoredObject>, OssError> {
    let headers = &exchange.parts.headers;
    let name = parse(&encoded_name(headers, HEADER).unwrap_or_default())?;
    let store = &exchange.state.store;
    if !store.has_bucket(&name.bucket) {
        return Err(no_such_bucket(&name.bucket));
    }
    requester_pays::check_bucket(exchange, &name.bucket)?;
    let object = store.object(&name.bucket, &name.key).ok_or_else(|| no_such_key(&name.key))?;
    let (etag, last_modified) = (object.etag(), object.last_modified);
    conditions::check(headers, "x-oss-copy-source-", &etag, last_modified)?;
    Ok(object)
}

/// Reads `/bucket/key`, encoded as in a path.
fn parse(source: &str) -> Result<ObjectName, OssError> {
    if let Some((_, version)) = source.split_once("?versionId=") {
        return Err(parameter_not_implemented("versionId", version));
    }
    let target = source.strip_prefix('/').map(path_style).transpose()?.unwrap_or_default();
    let (Some(bucket), Some(key)) = (target.bucket, target.key) else {
        let message = "The copy source must be /BUCKET/KEY, with the key URL-encoded.";
        return Err(invalid_argument(message).argument(HEADER, source));
    };
    check_bucket_name(&bucket)?;
    check_key(&key)?;
    Ok(ObjectName { bucket, key })
}
