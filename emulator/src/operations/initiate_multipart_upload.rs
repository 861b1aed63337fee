//! InitiateMultipartUpload (spec: multipart.md 2).

use super::listing::Encoding;
use super::stored::{commit_refusal, describe_encryption, refuse_overwriting};
use super::upload_headers::{DEFAULT_ACL, UploadHeaders};
use crate::error::OssError;
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::protocol::target::ObjectName;
use crate::storage::{Properties, Upload};

/// The properties of the object to be are given here, except its access control list, which is
/// given with CompleteMultipartUpload.
pub(super) fn initiate_multipart_upload(
    exchange: &mut Exchange,
    name: ObjectName,
) -> Result<Reply, OssError> {
    let encoding = Encoding::read(&exchange.query)?;
    let headers = UploadHeaders::read(&exchange.parts.headers)?;
    refuse_overwriting(exchange, &name, headers.forbid_overwrite)?;
    let properties = Properties { acl: DEFAULT_ACL.to_owned(), ..headers.properties };
    let upload_id = exchange.state.identifiers.upload_id();
    exchange.record.upload_id = Some(upload_id.clone());

    // The document of the operation: with this parameter the object gets a Content-MD5.
    let sequential = exchange.query.value("sequential").is_some();
    let now = exchange.now();
    let upload = Upload::new(name.key.clone(), upload_id, properties, now, sequential);
    let mut document = Document::new("InitiateMultipartUploadResult");
    encoding.describe(&mut document);
    document.text("Bucket", &name.bucket);
    document.text("Key", &encoding.apply(&name.key));
    document.text("UploadId", &upload.id);
    let mut reply = Reply::ok("application/xml", document.finish());
    describe_encryption(&mut reply, &upload.properties);
    exchange
        .state
        .store
        .initiate(&name.bucket, upload)
        .map_err(|error| commit_refusal(exchange, &error))?;
    Ok(reply)
}
