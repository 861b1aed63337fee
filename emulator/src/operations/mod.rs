//! The operations of the service.

mod abort_multipart_upload;
mod acknowledge;
mod body;
mod checksums;
mod complete_multipart_upload;
mod get_object;
mod initiate_multipart_upload;
mod list_buckets;
mod list_multipart_uploads;
mod list_objects;
mod list_parts;
mod listing;
mod part_list;
mod post_object;
mod put_object;
mod stored;
mod upload_headers;
mod upload_part;

use hyper::StatusCode;

use crate::error::OssError;
use crate::error::catalogue::{method_not_allowed, no_such_bucket};
use crate::exchange::Exchange;
use crate::protocol::Operation;
use crate::protocol::reply::Reply;
use crate::protocol::target::{ObjectName, Target, check_bucket_name, check_key};

/// Performs the operation that an authenticated request asks for.
pub(crate) async fn perform(
    exchange: &mut Exchange,
    operation: Operation,
    target: Target,
) -> Result<Reply, OssError> {
    let Some(bucket) = target.bucket else {
        return Ok(list_buckets::list_buckets(exchange));
    };
    check_bucket_name(&bucket)?;
    if !exchange.state.store.has_bucket(&bucket) {
        return Err(no_such_bucket(&bucket));
    }
    let Some(key) = target.key else {
        return on_bucket(exchange, operation, &bucket).await;
    };
    check_key(&key)?;
    on_object(exchange, operation, ObjectName { bucket, key }).await
}

async fn on_bucket(
    exchange: &mut Exchange,
    operation: Operation,
    bucket: &str,
) -> Result<Reply, OssError> {
    match operation {
        Operation::PostObject => post_object::post_object(exchange, bucket).await,
        Operation::ListObjects => list_objects::list_objects(exchange, bucket),
        Operation::ListMultipartUploads => {
            list_multipart_uploads::list_multipart_uploads(exchange, bucket)
        }
        _ => Err(method_not_allowed(exchange.parts.method.as_str())),
    }
}

async fn on_object(
    exchange: &mut Exchange,
    operation: Operation,
    name: ObjectName,
) -> Result<Reply, OssError> {
    match operation {
        Operation::PutObject => put_object::put_object(exchange, name).await,
        Operation::GetObject => get_object::get_object(exchange, &name).await,
        Operation::HeadObject => get_object::head_object(exchange, &name),
        Operation::DeleteObject => delete_object(exchange, &name),
        Operation::InitiateMultipartUpload => {
            initiate_multipart_upload::initiate_multipart_upload(exchange, name)
        }
        Operation::UploadPart => upload_part::upload_part(exchange, &name).await,
        Operation::CompleteMultipartUpload => {
            complete_multipart_upload::complete_multipart_upload(exchange, name).await
        }
        Operation::AbortMultipartUpload => {
            abort_multipart_upload::abort_multipart_upload(exchange, &name)
        }
        Operation::ListParts => list_parts::list_parts(exchange, &name),
        _ => Err(method_not_allowed(exchange.parts.method.as_str())),
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
