//! What uploads of all kinds have in common: making the object visible and telling the client.

use std::sync::Arc;

use hyper::header::{ETAG, HeaderName};

use super::encryption::ENCRYPTION_HEADERS;
use super::upload_headers::UploadHeaders;
use crate::error::OssError;
use crate::error::catalogue::{file_already_exists, no_such_bucket, no_such_key};
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::protocol::target::ObjectName;
use crate::storage::Versioning;
use crate::storage::{CommitError, ObjectType, Properties, StoredObject, Written};

/// Refuses early what the commit would refuse. Without effect where older versions stay (spec:
/// put-object.md 1).
pub(super) fn refuse_overwriting(
    exchange: &Exchange,
    name: &ObjectName,
    forbid_overwrite: bool,
) -> Result<(), OssError> {
    let store = &exchange.state.store;
    let versioned = store.versioning(&name.bucket) != Some(Versioning::Disabled);
    if forbid_overwrite && !versioned && store.object(&name.bucket, &name.key).is_some() {
        return Err(file_already_exists());
    }
    Ok(())
}

/// The version id of the next object in a bucket.
pub(super) fn version_id(exchange: &Exchange, bucket: &str) -> Option<String> {
    match exchange.state.store.versioning(bucket) {
        Some(Versioning::Enabled) => Some(exchange.state.identifiers.version_id()),
        Some(Versioning::Suspended) => Some("null".to_owned()),
        Some(Versioning::Disabled) | None => None,
    }
}

/// Makes an object of what was uploaded in one request.
pub(super) fn store(
    exchange: &mut Exchange,
    name: ObjectName,
    object_type: ObjectType,
    headers: UploadHeaders,
    written: &Written,
) -> Result<Arc<StoredObject>, OssError> {
    let object = StoredObject {
        version_id: version_id(exchange, &name.bucket),
        bucket: name.bucket,
        key: name.key,
        object_type,
        digests: written.digests.clone(),
        properties: headers.properties,
        last_modified: exchange.now(),
        content: written.content.clone(),
    };
    let object =
        exchange.state.store.commit(object, headers.forbid_overwrite).map_err(|error| {
            written.content.remove();
            commit_refusal(exchange, &error)
        })?;
    exchange.record.stored = Some(object.digests.content());
    Ok(object)
}

/// Changes what an object has besides its content; its date stays.
pub(super) fn change_properties(
    exchange: &Exchange,
    name: &ObjectName,
    change: impl FnOnce(&mut Properties),
) -> Result<Arc<StoredObject>, OssError> {
    let changed = exchange.state.store.change_properties(&name.bucket, &name.key, change);
    changed.map_err(|error| commit_refusal(exchange, &error))
}

pub(super) fn commit_refusal(exchange: &Exchange, error: &CommitError) -> OssError {
    match error {
        CommitError::NoSuchBucket => {
            no_such_bucket(exchange.record.bucket.as_deref().unwrap_or_default())
        }
        CommitError::NoSuchObject => {
            no_such_key(exchange.record.key.as_deref().unwrap_or_default())
        }
        CommitError::AlreadyExists => file_already_exists(),
        CommitError::Io(error) => exchange.internal_error(error),
    }
}

/// The headers that tell what was stored; also beside a failed callback (spec: put-object.md 2,
/// multipart.md 4, callback.md 8.2).
pub(super) fn describe(reply: &mut Reply, object: &StoredObject) {
    identify(reply, object);
    describe_md5(reply, object);
}

/// The same, but for the MD5, which would not be that of a body.
pub(super) fn identify(reply: &mut Reply, object: &StoredObject) {
    reply.set(ETAG, &format!("\"{}\"", object.etag()));
    reply.set(HeaderName::from_static("x-oss-hash-crc64ecma"), &object.crc64().to_string());
    describe_version_id(reply, object);
    describe_encryption(reply, &object.properties);
}

pub(super) fn describe_version_id(reply: &mut Reply, object: &StoredObject) {
    if let Some(version_id) = object.version_id() {
        reply.set(HeaderName::from_static("x-oss-version-id"), version_id);
    }
}

/// Of most multipart objects it is not known.
pub(super) fn describe_md5(reply: &mut Reply, object: &StoredObject) {
    let content_md5 = object.content_md5();
    if !content_md5.is_empty() {
        reply.set(HeaderName::from_static("content-md5"), &content_md5);
    }
}

pub(super) fn describe_encryption(reply: &mut Reply, properties: &Properties) {
    for (name, value) in &properties.headers {
        if let Some(name) = ENCRYPTION_HEADERS.into_iter().find(|known| known == name) {
            reply.set_bytes(HeaderName::from_static(name), value.bytes());
        }
    }
}
