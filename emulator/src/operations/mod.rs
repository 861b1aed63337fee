//! The operations of the service.

mod abort_multipart_upload;
mod acknowledge;
mod append_object;
mod background_work;
mod body;
mod bucket;
mod checksums;
mod complete_multipart_upload;
mod conditions;
mod content;
mod copy_object;
mod copy_source;
mod delete_bucket;
mod delete_multiple_objects;
mod encryption;
mod found;
mod get_bucket_info;
mod get_bucket_stat;
mod get_object;
mod get_symlink;
mod initiate_multipart_upload;
mod list_buckets;
mod list_multipart_uploads;
mod list_objects;
mod list_objects_v2;
mod list_parts;
mod listing;
mod object_list;
mod object_tagging;
mod overrides;
mod part_list;
mod part_slot;
mod post_object;
mod put_bucket;
mod put_object;
mod put_object_acl;
mod put_symlink;
mod range;
mod requester_pays;
mod stored;
mod tagging;
mod traffic_limit;
mod upload_headers;
mod upload_part;
mod upload_part_copy;

use hyper::StatusCode;

use crate::error::OssError;
use crate::error::catalogue::no_such_bucket;
use crate::exchange::{Exchange, cors};
use crate::pacer::Pacer;
use crate::protocol::Operation;
use crate::protocol::reply::Reply;
use crate::protocol::target::{ObjectName, Target, check_bucket_name, check_key, check_key_length};

/// Whether there is such a bucket. The service says so to everybody, before it looks at signatures.
pub(crate) fn check_bucket(exchange: &Exchange, target: &Target) -> Result<(), OssError> {
    let Some(bucket) = &target.bucket else {
        return Ok(());
    };
    check_bucket_name(bucket)?;
    // These make one.
    if let Some(Operation::PutBucket | Operation::PutBucketAcl) = exchange.record.operation {
        return Ok(());
    }
    if !exchange.state.store.has_bucket(bucket) {
        return Err(no_such_bucket(bucket));
    }
    Ok(())
}

/// Performs the operation that an authenticated request asks for.
pub(crate) async fn perform(
    exchange: &mut Exchange,
    operation: Operation,
    target: Target,
) -> Result<Reply, OssError> {
    exchange.pacer = traffic_limit::read(exchange, operation)?.map(Pacer::new);
    requester_pays::check(exchange, operation, &target)?;
    let bucket = || bucket(&target);
    let object = || object(operation, &target);
    match operation {
        Operation::OptionObject => cors::preflight(&exchange.state.cors, &exchange.parts.headers),
        Operation::ListBuckets => list_buckets::list_buckets(exchange),
        Operation::ListObjects => list_objects::list_objects(exchange, &bucket()),
        Operation::ListObjectsV2 => list_objects_v2::list_objects_v2(exchange, &bucket()),
        Operation::ListMultipartUploads => {
            list_multipart_uploads::list_multipart_uploads(exchange, &bucket())
        }
        Operation::HeadBucket => Ok(bucket::head_bucket()),
        Operation::PutBucket => put_bucket::put_bucket(exchange, &bucket()).await,
        Operation::DeleteBucket => delete_bucket::delete_bucket(exchange, &bucket()),
        Operation::PutBucketAcl => put_bucket::put_bucket_acl(exchange, &bucket()),
        Operation::GetBucketAcl => bucket::get_bucket_acl(exchange, &bucket()),
        Operation::GetBucketRequestPayment => {
            Ok(requester_pays::get_bucket_request_payment(exchange, &bucket()))
        }
        Operation::GetBucketInfo => get_bucket_info::get_bucket_info(exchange, &bucket()),
        Operation::GetBucketLocation => Ok(get_bucket_info::get_bucket_location(exchange)),
        Operation::GetBucketStat => Ok(get_bucket_stat::get_bucket_stat(exchange, &bucket())),
        Operation::DeleteMultipleObjects => {
            let bucket = bucket();
            delete_multiple_objects::delete_multiple_objects(exchange, &bucket).await
        }
        Operation::PostObject => post_object::post_object(exchange, &bucket()).await,
        Operation::AppendObject => append_object::append_object(exchange, object()?).await,
        Operation::CopyObject => copy_object::copy_object(exchange, object()?).await,
        Operation::PutObject => put_object::put_object(exchange, object()?).await,
        Operation::PutSymlink => put_symlink::put_symlink(exchange, object()?).await,
        Operation::GetSymlink => get_symlink::get_symlink(exchange, &object()?),
        Operation::GetObject => get_object::get_object(exchange, &object()?).await,
        Operation::HeadObject => get_object::head_object(exchange, &object()?),
        Operation::GetObjectMeta => get_object::get_object_meta(exchange, &object()?),
        Operation::GetObjectAcl => get_object::get_object_acl(exchange, &object()?),
        Operation::PutObjectAcl => put_object_acl::put_object_acl(exchange, &object()?),
        Operation::PutObjectTagging => {
            object_tagging::put_object_tagging(exchange, &object()?).await
        }
        Operation::GetObjectTagging => object_tagging::get_object_tagging(exchange, &object()?),
        Operation::DeleteObjectTagging => {
            object_tagging::delete_object_tagging(exchange, &object()?)
        }
        Operation::DeleteObject => delete_object(exchange, &object()?),
        Operation::InitiateMultipartUpload => {
            initiate_multipart_upload::initiate_multipart_upload(exchange, object()?)
        }
        Operation::UploadPart => upload_part::upload_part(exchange, &object()?).await,
        Operation::UploadPartCopy => upload_part_copy::upload_part_copy(exchange, &object()?).await,
        Operation::CompleteMultipartUpload => {
            let name = object()?;
            complete_multipart_upload::complete_multipart_upload(exchange, name).await
        }
        Operation::AbortMultipartUpload => {
            abort_multipart_upload::abort_multipart_upload(exchange, &object()?)
        }
        Operation::ListParts => list_parts::list_parts(exchange, &object()?),
    }
}

/// The bucket, which is known to exist.
fn bucket(target: &Target) -> String {
    target.bucket.clone().unwrap_or_default()
}

/// The object, whose key must be valid.
fn object(operation: Operation, target: &Target) -> Result<ObjectName, OssError> {
    let key = target.key.clone().unwrap_or_default();
    match operation {
        // No object can have such a name, so that none is found.
        Operation::GetObject | Operation::HeadObject | Operation::GetObjectMeta => {
            check_key_length(&key)?;
        }
        _ => check_key(&key)?,
    }
    Ok(ObjectName { bucket: bucket(target), key })
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
