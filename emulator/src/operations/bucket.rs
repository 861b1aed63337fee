//! What several operations tell of a bucket.

use std::time::SystemTime;

use hyper::StatusCode;

use super::listing::owner;
use crate::clock;
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;

/// Every bucket is private.
pub(super) const ACL: &str = "private";
pub(super) const STORAGE_CLASS: &str = "Standard";

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
    created: SystemTime,
) {
    let host = &*exchange.record.host;
    let own = host.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
    let endpoint = own.unwrap_or(host);
    document.text("CreationDate", &clock::extended(created));
    document.text("ExtranetEndpoint", endpoint);
    document.text("IntranetEndpoint", endpoint);
    document.text("Location", &location(&exchange.state.region));
    document.text("Name", name);
    document.text("StorageClass", STORAGE_CLASS);
}

pub(super) fn grant(document: &mut Document, acl: &str) {
    document.open("AccessControlList");
    document.text("Grant", acl);
    document.close();
}

/// The answer of GetBucketAcl and GetObjectACL.
pub(super) fn access_control_policy(acl: &str) -> Reply {
    let mut document = Document::new("AccessControlPolicy");
    owner(&mut document);
    grant(&mut document, acl);
    Reply::ok("application/xml", document.finish())
}
