//! PutObject (spec: put-object.md).

use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::header::{CONTENT_LENGTH, ETAG, HeaderName, TRANSFER_ENCODING};
use tokio::time::timeout;

use super::ObjectName;
use super::acknowledge::{StoredUpload, acknowledge};
use super::upload_headers::UploadHeaders;
use crate::callback::carrier::Carried;
use crate::callback::parameters::Callback;
use crate::error::OssError;
use crate::error::catalogue::{
    entity_too_large, file_already_exists, incomplete_body, missing_content_length, no_such_bucket,
    request_timeout,
};
use crate::options::Versioning;
use crate::server::Exchange;
use crate::server::reply::Reply;
use crate::storage::{CommitError, StoredObject, Writer};

const MAX_OBJECT_BYTES: u64 = 5 << 30;

/// Everything that can be refused is refused before the body is read.
pub(super) async fn put_object(
    exchange: &mut Exchange,
    name: ObjectName,
) -> Result<Reply, OssError> {
    check_length(exchange)?;
    let headers = UploadHeaders::read(&exchange.parts.headers)?;
    refuse_overwriting(exchange, &name, &headers)?;
    let carried = Carried::find(&exchange.parts.headers, &exchange.query)?;
    let callback = Callback::prepare(&carried, exchange.state.address_policy).await?;

    let writer = exchange
        .state
        .store
        .writer(&name.bucket)
        .await
        .map_err(|error| exchange.internal_error(&error))?;
    let (object, head) = receive(exchange, writer, name, &headers).await?;
    let object = store(exchange, object, headers.forbid_overwrite)?;

    let mut reply = match callback {
        None => Reply::new(StatusCode::OK),
        Some(callback) => {
            let upload = StoredUpload { object: &object, head: &head, operation: "PutObject" };
            acknowledge(exchange, &callback, upload).await
        }
    };
    describe(&mut reply, &object, headers.encryption.as_deref());
    Ok(reply)
}

/// A length, or chunks that end.
fn check_length(exchange: &Exchange) -> Result<(), OssError> {
    let headers = &exchange.parts.headers;
    let length: Option<u64> =
        headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    match length {
        Some(length) if length > MAX_OBJECT_BYTES => Err(entity_too_large()),
        None if !headers.contains_key(TRANSFER_ENCODING) => Err(missing_content_length()),
        _ => Ok(()),
    }
}

/// Without effect where older versions stay (spec: put-object.md 1).
fn refuse_overwriting(
    exchange: &Exchange,
    name: &ObjectName,
    headers: &UploadHeaders,
) -> Result<(), OssError> {
    let store = &exchange.state.store;
    let versioned = store.versioning(&name.bucket) != Some(Versioning::Disabled);
    if headers.forbid_overwrite && !versioned && store.object(&name.bucket, &name.key).is_some() {
        return Err(file_already_exists());
    }
    Ok(())
}

/// Takes the whole body in and compares its checksums.
async fn receive(
    exchange: &mut Exchange,
    mut writer: Writer,
    name: ObjectName,
    headers: &UploadHeaders,
) -> Result<(StoredObject, Vec<u8>), OssError> {
    loop {
        let next = timeout(exchange.state.idle_timeout, exchange.body.frame()).await;
        let Some(frame) = next.map_err(|_| request_timeout())? else {
            break;
        };
        let Ok(bytes) = frame.map_err(|_| incomplete_body())?.into_data() else {
            continue;
        };
        exchange.record.body_bytes += bytes.len() as u64;
        if writer.size() + bytes.len() as u64 > MAX_OBJECT_BYTES {
            return Err(entity_too_large());
        }
        writer.write(&bytes).await.map_err(|error| exchange.internal_error(&error))?;
    }
    let written = writer.finish().await.map_err(|error| exchange.internal_error(&error))?;
    headers.check(&written.digests).inspect_err(|_| written.content.remove())?;
    let version_id = match exchange.state.store.versioning(&name.bucket) {
        Some(Versioning::Enabled) => Some(exchange.state.identifiers.version_id()),
        Some(Versioning::Suspended) => Some("null".to_owned()),
        Some(Versioning::Disabled) | None => None,
    };
    let object = StoredObject {
        bucket: name.bucket,
        key: name.key,
        digests: written.digests,
        properties: headers.properties.clone(),
        last_modified: exchange.state.clock.now(),
        version_id,
        content: written.content,
    };
    Ok((object, written.head))
}

fn store(
    exchange: &Exchange,
    object: StoredObject,
    forbid_overwrite: bool,
) -> Result<std::sync::Arc<StoredObject>, OssError> {
    let content = object.content.clone();
    let bucket = object.bucket.clone();
    exchange.state.store.commit(object, forbid_overwrite).map_err(|error| {
        content.remove();
        match error {
            CommitError::NoSuchBucket => no_such_bucket(&bucket),
            CommitError::AlreadyExists => file_already_exists(),
            CommitError::Io(error) => exchange.internal_error(&error),
        }
    })
}

/// The headers that tell what was stored; also beside a failed callback (spec: put-object.md 2,
/// callback.md 8.2).
fn describe(reply: &mut Reply, object: &StoredObject, encryption: Option<&str>) {
    reply.set(ETAG, &format!("\"{}\"", object.etag()));
    reply.set(HeaderName::from_static("content-md5"), &object.content_md5());
    reply.set(HeaderName::from_static("x-oss-hash-crc64ecma"), &object.crc64().to_string());
    if let Some(version_id) = object.version_id() {
        reply.set(HeaderName::from_static("x-oss-version-id"), version_id);
    }
    if let Some(encryption) = encryption {
        reply.set(HeaderName::from_static("x-oss-server-side-encryption"), encryption);
    }
}
