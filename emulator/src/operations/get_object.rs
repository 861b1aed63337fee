//! GetObject and what tells of an object without its content.

use std::ops::Range;

use hyper::StatusCode;
use hyper::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, HeaderValue,
    LAST_MODIFIED,
};

use super::append_object::describe_end;
use super::bucket::access_control_policy;
use super::content::content;
use super::found::{Found, find};
use super::range::{Selected, content_range, selected};
use super::stored::{describe_md5, describe_version_id};
use super::{conditions, overrides};
use crate::error::OssError;
use crate::error::catalogue::invalid_range;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::protocol::target::ObjectName;
use crate::storage::StoredObject;

const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");

pub(super) async fn get_object(exchange: &Exchange, name: &ObjectName) -> Result<Reply, OssError> {
    let found = Found::behind(exchange, name)?;
    if let Err(error) = check_conditions(exchange, &found) {
        return Ok(condition_reply(exchange, error, &found));
    }
    let size = found.read.size();
    let mut reply = description(&found);
    let range = match selected(&exchange.parts.headers, size) {
        Selected::Whole => 0..size,
        Selected::Part(range) => {
            describe_part(&mut reply, &range, size);
            range
        }
        Selected::Nothing => {
            let mut reply = exchange.error_reply(invalid_range());
            reply.set(CONTENT_RANGE, &format!("bytes */{size}"));
            return Ok(reply);
        }
    };
    reply.body = content(exchange, &found.read, range).await?;
    overrides::apply(&exchange.query, &mut reply);
    Ok(reply)
}

/// Without ranges, which HTTP has for GET only (RFC 9110 14.2).
pub(super) fn head_object(exchange: &Exchange, name: &ObjectName) -> Result<Reply, OssError> {
    let found = Found::behind(exchange, name)?;
    if let Err(error) = check_conditions(exchange, &found) {
        return Ok(condition_reply(exchange, error, &found));
    }
    let mut reply = description(&found);
    reply.headers.insert(CONTENT_LENGTH, HeaderValue::from(found.read.size()));
    overrides::apply(&exchange.query, &mut reply);
    Ok(reply)
}

/// GetObjectMeta: the little that all kinds of objects have, links too.
pub(super) fn get_object_meta(exchange: &Exchange, name: &ObjectName) -> Result<Reply, OssError> {
    let found = Found::itself(exchange, name)?;
    let mut reply = Reply::new(StatusCode::OK);
    describe_version(&mut reply, &found);
    reply.headers.insert(CONTENT_LENGTH, HeaderValue::from(found.read.size()));
    Ok(reply)
}

/// GetObjectACL: `default` for the one of the bucket.
pub(super) fn get_object_acl(exchange: &Exchange, name: &ObjectName) -> Result<Reply, OssError> {
    Ok(access_control_policy(find(exchange, name)?.acl()))
}

/// The digest of the whole would not fit the part; that its CRC-64 does not, clients know.
fn describe_part(reply: &mut Reply, range: &Range<u64>, size: u64) {
    reply.status = StatusCode::PARTIAL_CONTENT;
    reply.set(CONTENT_RANGE, &content_range(range, size));
    reply.headers.remove(CONTENT_MD5);
}

fn check_conditions(exchange: &Exchange, found: &Found) -> Result<(), OssError> {
    conditions::check(&exchange.parts.headers, "", &found.read.etag(), found.last_modified())
}

/// Says what the object is as well: a cache must know what has not changed.
fn condition_reply(exchange: &Exchange, error: OssError, found: &Found) -> Reply {
    let mut reply = exchange.error_reply(error);
    describe_version(&mut reply, found);
    reply
}

/// The headers that describe an object (spec: put-object.md 6).
fn description(found: &Found) -> Reply {
    let Found { named, read } = found;
    let mut reply = Reply::new(StatusCode::OK);
    describe_metadata(&mut reply, named);
    if !named.tags().is_empty() {
        let count = named.tags().len().to_string();
        reply.set(HeaderName::from_static("x-oss-tagging-count"), &count);
    }
    reply.set(CONTENT_TYPE, named.content_type());
    describe_version(&mut reply, found);
    reply.set(ACCEPT_RANGES, "bytes");
    describe_md5(&mut reply, read);
    reply.set(HeaderName::from_static("x-oss-hash-crc64ecma"), &read.crc64().to_string());
    reply.set(HeaderName::from_static("x-oss-object-type"), named.object_type());
    reply.set(HeaderName::from_static("x-oss-storage-class"), named.storage_class());
    describe_end(&mut reply, named);
    reply
}

/// The headers that were stored with it.
pub(super) fn describe_metadata(reply: &mut Reply, object: &StoredObject) {
    for (name, value) in &object.properties.headers {
        if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
            reply.set_bytes(name, value.bytes());
        }
    }
}

pub(super) fn describe_version(reply: &mut Reply, found: &Found) {
    reply.set(ETAG, &format!("\"{}\"", found.read.etag()));
    reply.set(LAST_MODIFIED, &httpdate::fmt_http_date(found.last_modified()));
    describe_version_id(reply, &found.named);
}
