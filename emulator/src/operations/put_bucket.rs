//! PutBucket and PutBucketACL. (Source: the pages of the vendor of these names.)

use hyper::header::LOCATION;
use hyper::{HeaderMap, StatusCode};
use md5::{Digest, Md5};
use roxmltree::Node;

use super::body::read_up_to;
use super::bucket::refusal;
use super::checksums::AnnouncedChecksums;
use super::upload_headers::{STORAGE_CLASSES, text};
use crate::callback::carrier::Carried;
use crate::documents;
use crate::error::OssError;
use crate::error::catalogue::{invalid_argument, malformed_xml, parameter_not_implemented};
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::storage::BucketWishes;

const MAX_BODY_BYTES: usize = 64 * 1024;
const ACL: &str = "x-oss-acl";
const ACLS: &[&str] = &["private", "public-read", "public-read-write"];
const REDUNDANCIES: &[&str] = &["LRS", "ZRS"];

/// A client that has lost the key of its upload gets here; it is told that nothing calls back.
pub(super) async fn put_bucket(exchange: &mut Exchange, bucket: &str) -> Result<Reply, OssError> {
    let carried = Carried::find(&exchange.parts.headers, &exchange.query);
    if carried.map_or(true, |carried| carried.callback.is_some()) {
        exchange.callback_summary = Some("none, since without a key this is PutBucket".to_owned());
    }
    let acl = acl(&exchange.parts.headers)?;
    let checksums = AnnouncedChecksums::read(&exchange.parts.headers)?;
    let body = read_up_to(exchange, MAX_BODY_BYTES).await?.ok_or_else(malformed_xml)?;
    checksums.check_md5(&Md5::digest(&body).into())?;
    let wishes = if body.is_empty() { BucketWishes::default() } else { parse(&body)? };
    put(exchange, bucket, BucketWishes { acl, ..wishes })?;
    let mut reply = Reply::new(StatusCode::OK);
    reply.set(LOCATION, &format!("/{bucket}"));
    Ok(reply)
}

/// Also makes a bucket where there is none; without the header nothing else happens.
pub(super) fn put_bucket_acl(exchange: &Exchange, bucket: &str) -> Result<Reply, OssError> {
    let acl = acl(&exchange.parts.headers)?;
    put(exchange, bucket, BucketWishes { acl, ..BucketWishes::default() })?;
    Ok(Reply::new(StatusCode::OK))
}

fn put(exchange: &Exchange, bucket: &str, wishes: BucketWishes) -> Result<(), OssError> {
    let state = &exchange.state;
    let put = state.store.put_bucket(bucket, wishes, exchange.now(), &state.log);
    put.map_err(|error| refusal(exchange, bucket, &error))
}

fn acl(headers: &HeaderMap) -> Result<Option<String>, OssError> {
    match text(headers, ACL) {
        Some(acl) if !ACLS.contains(&&*acl) => {
            Err(invalid_argument("no such bucket access control exists").argument(ACL, acl))
        }
        acl => Ok(acl),
    }
}

fn parse(body: &[u8]) -> Result<BucketWishes, OssError> {
    let text = std::str::from_utf8(body).map_err(|_| malformed_xml())?;
    let document = documents::parse(text).ok_or_else(malformed_xml)?;
    let root = document.root_element();
    if root.tag_name().name() != "CreateBucketConfiguration" {
        return Err(malformed_xml());
    }
    let mut wishes = BucketWishes::default();
    for node in root.children().filter(Node::is_element) {
        let text = documents::text(node).ok_or_else(malformed_xml)?;
        let value = text.trim();
        let one_of = |known: &[&str]| match known.contains(&value) {
            true => Ok(Some(value.to_owned())),
            false => Err(malformed_xml()),
        };
        match node.tag_name().name() {
            "StorageClass" => wishes.storage_class = one_of(STORAGE_CLASSES)?,
            "DataRedundancyType" => wishes.redundancy = one_of(REDUNDANCIES)?,
            other => return Err(parameter_not_implemented(other, value)),
        }
    }
    Ok(wishes)
}
