//! The operations of the service.

mod acknowledge;
mod get_object;
mod list_buckets;
mod list_objects;
mod put_object;
mod upload_headers;

use hyper::{Method, StatusCode};

use crate::error::OssError;
use crate::error::catalogue::{
    invalid_object_name, method_not_allowed, no_such_bucket, not_implemented,
};
use crate::server::Exchange;
use crate::server::reply::Reply;
use crate::server::target::{Target, check_bucket_name, check_key};

/// Query parameters and headers that turn a request into another operation. Taking such a request
/// for the plain one would store or return the wrong thing.
const OTHER_OPERATIONS: &[&str] = &[
    "acl",
    "append",
    "bucketInfo",
    "cors",
    "delete",
    "encryption",
    "lifecycle",
    "location",
    "logging",
    "objectMeta",
    "partNumber",
    "policy",
    "referer",
    "replication",
    "restore",
    "stat",
    "symlink",
    "tagging",
    "uploadId",
    "uploads",
    "versioning",
    "versions",
    "website",
    "x-oss-process",
];
const OTHER_OPERATION_HEADERS: &[&str] = &["x-oss-copy-source", "x-oss-symlink-target"];

/// A bucket that exists and a key that is valid.
#[derive(Clone, Debug)]
pub(crate) struct ObjectName {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

/// Performs the operation that an authenticated request asks for.
pub(crate) async fn dispatch(exchange: &mut Exchange, target: Target) -> Result<Reply, OssError> {
    let method = exchange.parts.method.clone();
    refuse_other_operations(exchange)?;
    let Some(bucket) = target.bucket else {
        return match method {
            Method::GET => Ok(list_buckets::list_buckets(exchange)),
            _ => Err(method_not_allowed(method.as_str())),
        };
    };
    check_bucket_name(&bucket)?;
    if !exchange.state.store.has_bucket(&bucket) {
        return Err(no_such_bucket(&bucket));
    }
    let Some(key) = target.key else {
        return match method {
            Method::GET => list_objects::list_objects(exchange, &bucket),
            Method::PUT => Err(invalid_object_name("The Object name can not be empty.", "")),
            _ => Err(method_not_allowed(method.as_str())),
        };
    };
    check_key(&key)?;
    let name = ObjectName { bucket, key };
    match method {
        Method::PUT => put_object::put_object(exchange, name).await,
        Method::GET => get_object::get_object(exchange, &name).await,
        Method::HEAD => get_object::head_object(exchange, &name),
        Method::DELETE => delete_object(exchange, &name),
        _ => Err(method_not_allowed(method.as_str())),
    }
}

fn refuse_other_operations(exchange: &Exchange) -> Result<(), OssError> {
    let in_query = OTHER_OPERATIONS.iter().find(|name| exchange.query.value(name).is_some());
    let in_headers =
        || OTHER_OPERATION_HEADERS.iter().find(|name| exchange.parts.headers.contains_key(**name));
    match in_query.or_else(in_headers) {
        Some(name) => Err(not_implemented(name)),
        None => Ok(()),
    }
}

/// 204, also when there was no such object (spec: put-object.md 6).
fn delete_object(exchange: &Exchange, name: &ObjectName) -> Result<Reply, OssError> {
    exchange
        .state
        .store
        .delete(&name.bucket, &name.key)
        .map_err(|error| exchange.internal_error(&error))?;
    Ok(Reply::new(StatusCode::NO_CONTENT))
}
