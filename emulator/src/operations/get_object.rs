//! GetObject and HeadObject.

use std::sync::Arc;

use hyper::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LAST_MODIFIED,
};
use tokio::fs::File;

use crate::error::OssError;
use crate::error::catalogue::{invalid_object_state, no_such_key};
use crate::exchange::Exchange;
use crate::protocol::reply::{Reply, ReplyBody};
use crate::protocol::target::ObjectName;
use crate::storage::{Content, ObjectType, StoredObject};

pub(super) async fn get_object(exchange: &Exchange, name: &ObjectName) -> Result<Reply, OssError> {
    let object = find(exchange, name)?;
    let mut reply = description(&object);
    reply.body = match &object.content {
        Content::Memory(pieces) => ReplyBody::pieces(pieces),
        Content::File(path) => {
            let file = File::open(path).await.map_err(|error| exchange.internal_error(&error))?;
            ReplyBody::File { file, remaining: object.size() }
        }
        Content::Discarded => return Err(invalid_object_state()),
    };
    Ok(reply)
}

pub(super) fn head_object(exchange: &Exchange, name: &ObjectName) -> Result<Reply, OssError> {
    let object = find(exchange, name)?;
    let mut reply = description(&object);
    reply.headers.insert(CONTENT_LENGTH, HeaderValue::from(object.size()));
    Ok(reply)
}

fn find(exchange: &Exchange, name: &ObjectName) -> Result<Arc<StoredObject>, OssError> {
    let object = exchange.state.store.object(&name.bucket, &name.key);
    object.ok_or_else(|| no_such_key(&name.key))
}

/// The headers that describe an object (spec: put-object.md 6).
fn description(object: &StoredObject) -> Reply {
    let mut reply = Reply::new(hyper::StatusCode::OK);
    for (name, value) in object.headers() {
        if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
            reply.set(name, value);
        }
    }
    reply.set(CONTENT_TYPE, object.content_type());
    reply.set(ETAG, &format!("\"{}\"", object.etag()));
    reply.set(LAST_MODIFIED, &httpdate::fmt_http_date(object.last_modified));
    reply.set(ACCEPT_RANGES, "bytes");
    if object.object_type == ObjectType::Normal {
        reply.set(HeaderName::from_static("content-md5"), &object.content_md5());
    }
    reply.set(HeaderName::from_static("x-oss-hash-crc64ecma"), &object.crc64().to_string());
    reply.set(HeaderName::from_static("x-oss-object-type"), object.object_type.name());
    reply.set(HeaderName::from_static("x-oss-storage-class"), object.storage_class());
    if let Some(version_id) = object.version_id() {
        reply.set(HeaderName::from_static("x-oss-version-id"), version_id);
    }
    reply
}
