//! The operations of the service.

mod abort_multipart_upload;
mod acknowledge;
mod body;
mod bucket;
mod checksums;
mod complete_multipart_upload;
mod conditions;
mod delete_multiple_objects;
mod get_bucket_info;
mod get_bucket_stat;
mod get_object;
mod initiate_multipart_upload;
mod list_buckets;
mod list_multipart_uploads;
mod list_objects;
mod list_objects_v2;
mod list_parts;
mod listing;
mod object_list;
mod overrides;
mod part_list;
mod post_object;
mod put_object;
mod range;
mod stored;
mod upload_headers;
mod upload_part;

use hyper::StatusCode;

use crate::error::OssError;
use crate::error::catalogue::no_such_bucket;
use crate::exchange::{Exchange, cors};
use crate::protocol::Operation;
use crate::protocol::reply::Reply;
use crate::protocol::target::{ObjectName, Target, check_bucket_name, check_key};

/// Performs the operation that an authenticated request asks for.
pub(crate) async fn perform(
    exchange: &mut Exchange,
    operation: Operation,
    target: Target,
) -> Result<Reply, OssError> {
    let bucket = |exchange: &Exchange| bucket(exchange, &target);
    let object = |exchange: &Exchange| object(exchange, &target);
    match operation {
        Operation::OptionObject => cors::preflight(&exchange.state.cors, &exchange.parts.headers),
        Operation::ListBuckets => list_buckets::list_buckets(exchange),
        Operation::ListObjects => list_objects::list_objects(exchange, &bucket(exchange)?),
        Operation::ListObjectsV2 => list_objects_v2::list_objects_v2(exchange, &bucket(exchange)?),
        Operation::ListMultipartUploads => {
            list_multipart_uploads::list_multipart_uploads(exchange, &bucket(exchange)?)
        }
        Operation::HeadBucket => bucket(exchange).map(|_| bucket::head_bucket()),
        Operation::GetBucketAcl => {
            bucket(exchange).map(|_| bucket::access_control_policy(bucket::ACL))
        }
        Operation::GetBucketInfo => get_bucket_info::get_bucket_info(exchange, &bucket(exchange)?),
        Operation::GetBucketLocation => {
            bucket(exchange).map(|_| get_bucket_info::get_bucket_location(exchange))
        }
        Operation::GetBucketStat => {
            bucket(exchange).map(|name| get_bucket_stat::get_bucket_stat(exchange, &name))
        }
        Operation::DeleteMultipleObjects => {
            let bucket = bucket(exchange)?;
            delete_multiple_objects::delete_multiple_objects(exchange, &bucket).await
        }
        Operation::PostObject => post_object::post_object(exchange, &bucket(exchange)?).await,
        Operation::PutObject => put_object::put_object(exchange, object(exchange)?).await,
        Operation::GetObject => get_object::get_object(exchange, &object(exchange)?).await,
        Operation::HeadObject => get_object::head_object(exchange, &object(exchange)?),
        Operation::GetObjectMeta => get_object::get_object_meta(exchange, &object(exchange)?),
        Operation::GetObjectAcl => get_object::get_object_acl(exchange, &object(exchange)?),
        Operation::DeleteObject => delete_object(exchange, &object(exchange)?),
        Operation::InitiateMultipartUpload => {
            initiate_multipart_upload::initiate_multipart_upload(exchange, object(exchange)?)
        }
        Operation::UploadPart => upload_part::upload_part(exchange, &object(exchange)?).await,
        Operation::CompleteMultipartUpload => {
            let name = object(exchange)?;
            complete_multipart_upload::complete_multipart_upload(exchange, name).await
        }
        Operation::AbortMultipartUpload => {
            abort_multipart_upload::abort_multipart_upload(exchange, &object(exchange)?)
        }
        Operation::ListParts => list_parts::list_parts(exchange, &object(exchange)?),
    }
}

/// The bucket, which must exist.
fn bucket(exchange: &Exchange, target: &Target) -> Result<String, OssError> {
    let bucket = target.bucket.clone().unwrap_or_default();
    check_bucket_name(&bucket)?;
    if !exchange.state.store.has_bucket(&bucket) {
        return Err(no_such_bucket(&bucket));
    }
    Ok(bucket)
}

/// The object, whose key must be valid.
fn object(exchange: &Exchange, target: &Target) -> Result<ObjectName, OssError> {
    let bucket = bucket(exchange, target)?;
    let key = target.key.clone().unwrap_or_default();
    check_key(&key)?;
    Ok(ObjectName { bucket, key })
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
