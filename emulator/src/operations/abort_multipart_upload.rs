//! AbortMultipartUpload (spec: multipart.md 5).

use hyper::StatusCode;

use crate::error::OssError;
use crate::error::catalogue::{invalid_argument, no_such_upload};
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::protocol::target::ObjectName;
use crate::storage::UploadError;

/// The EC that this operation alone has; clients compare it.
const ALREADY_GONE: &str = "0042-00000002";

/// A part that is still being uploaded finds its upload gone.
pub(super) fn abort_multipart_upload(
    exchange: &mut Exchange,
    name: &ObjectName,
) -> Result<Reply, OssError> {
    let id = upload_id(exchange)?;
    exchange.state.store.abort(&name.bucket, &name.key, &id).map_err(|error| match error {
        UploadError::NoSuchUpload => no_such_upload(&id).ec(ALREADY_GONE),
        UploadError::Io(_) => upload_refusal(exchange, &id, &error),
    })?;
    Ok(Reply::new(StatusCode::NO_CONTENT))
}

/// The upload that a request speaks of.
pub(super) fn upload_id(exchange: &mut Exchange) -> Result<String, OssError> {
    match exchange.query.value("uploadId") {
        Some(id) if !id.is_empty() => {
            exchange.record.upload_id = Some(id.to_owned());
            Ok(id.to_owned())
        }
        _ => Err(invalid_argument("The upload id must not be empty.").argument("uploadId", "")),
    }
}

pub(super) fn upload_refusal(exchange: &Exchange, id: &str, error: &UploadError) -> OssError {
    match error {
        UploadError::NoSuchUpload => no_such_upload(id),
        UploadError::Io(error) => exchange.internal_error(error),
    }
}
