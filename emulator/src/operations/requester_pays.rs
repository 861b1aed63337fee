//! Buckets whose requests are paid by whoever sends them. (Source: the vendor's pages of
//! PutBucketRequestPayment and of the EC 0003-00000702 and 0003-00000703; the text from tests of its
//! SDKs.)

use hyper::header::AUTHORIZATION;

use super::upload_headers::text;
use crate::error::OssError;
use crate::error::catalogue::access_denied;
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::Operation;
use crate::protocol::reply::Reply;
use crate::protocol::target::Target;

const NAME: &str = "x-oss-request-payer";
const REQUESTER: &str = "requester";

/// Only the owner of a bucket does not have to say that it pays, and no key counts as that. What a
/// bucket is, can be asked and changed all the same; a form has a field of its own.
pub(super) fn check(
    exchange: &Exchange,
    operation: Operation,
    target: &Target,
) -> Result<(), OssError> {
    let Some(bucket) = target.bucket.as_deref().filter(|_| is_about_objects(operation, target))
    else {
        return Ok(());
    };
    check_bucket(exchange, bucket)
}

/// The same for any bucket that a request is about; a copy has two.
pub(super) fn check_bucket(exchange: &Exchange, bucket: &str) -> Result<(), OssError> {
    let in_header = text(&exchange.parts.headers, NAME);
    let ec = match exchange.parts.headers.contains_key(AUTHORIZATION) {
        true => "0003-00000703",
        false => "0003-00000702",
    };
    check_payer(exchange, bucket, in_header.as_deref().or(exchange.query.value(NAME)), ec)
}

/// The same for a form.
pub(super) fn check_field(
    exchange: &Exchange,
    bucket: &str,
    field: Option<&str>,
) -> Result<(), OssError> {
    check_payer(exchange, bucket, field, "0003-00000703")
}

fn is_about_objects(operation: Operation, target: &Target) -> bool {
    match operation {
        Operation::OptionObject => false,
        Operation::ListObjects
        | Operation::ListObjectsV2
        | Operation::ListMultipartUploads
        | Operation::DeleteMultipleObjects => true,
        _ => target.key.is_some(),
    }
}

fn check_payer(
    exchange: &Exchange,
    bucket: &str,
    payer: Option<&str>,
    ec: &str,
) -> Result<(), OssError> {
    if payer == Some(REQUESTER) || !exchange.state.store.requester_pays(bucket) {
        return Ok(());
    }
    let error = access_denied("Access denied for requester pay bucket");
    Err(error.element("BucketName", bucket).ec(ec))
}

pub(super) fn get_bucket_request_payment(exchange: &Exchange, bucket: &str) -> Reply {
    let payer = match exchange.state.store.requester_pays(bucket) {
        true => "Requester",
        false => "BucketOwner",
    };
    let mut document = Document::new("RequestPaymentConfiguration");
    document.text("Payer", payer);
    Reply::ok("application/xml", document.finish())
}
