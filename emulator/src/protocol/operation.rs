//! Which operation a request asks for.

use std::fmt;

use hyper::{HeaderMap, Method};

use super::query::Query;
use super::target::Target;
use crate::error::OssError;
use crate::error::catalogue::{invalid_object_name, method_not_allowed, not_implemented};

/// Query parameters and headers that turn a request into another operation. Taking such a request
/// for the plain one would store or return the wrong thing.
const OTHER_OPERATIONS: &[&str] = &[
    "acl",
    "append",
    "bucketInfo",
    "cors",
    "delete",
    "encryption",
    "lifecycle",
    "location",
    "logging",
    "objectMeta",
    "partNumber",
    "policy",
    "referer",
    "replication",
    "restore",
    "stat",
    "symlink",
    "tagging",
    "uploadId",
    "uploads",
    "versioning",
    "versions",
    "website",
    "x-oss-process",
];
const OTHER_OPERATION_HEADERS: &[&str] = &["x-oss-copy-source", "x-oss-symlink-target"];

/// An operation of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// The buckets of the account.
    ListBuckets,
    /// The objects of a bucket.
    ListObjects,
    /// The multipart uploads of a bucket that are neither completed nor aborted.
    ListMultipartUploads,
    /// Upload in one request.
    PutObject,
    /// Upload by a form.
    PostObject,
    /// Download.
    GetObject,
    /// The headers of a download.
    HeadObject,
    /// Removal.
    DeleteObject,
    /// Begin of a multipart upload.
    InitiateMultipartUpload,
    /// One part of a multipart upload.
    UploadPart,
    /// Making an object of the parts.
    CompleteMultipartUpload,
    /// Dropping the parts.
    AbortMultipartUpload,
    /// The parts uploaded so far.
    ListParts,
    /// The question of a browser whether a web page may send a request.
    OptionObject,
}

impl Operation {
    /// All of them.
    pub(crate) const ALL: [Operation; 14] = [
        Operation::ListBuckets,
        Operation::ListObjects,
        Operation::ListMultipartUploads,
        Operation::PutObject,
        Operation::PostObject,
        Operation::GetObject,
        Operation::HeadObject,
        Operation::DeleteObject,
        Operation::InitiateMultipartUpload,
        Operation::UploadPart,
        Operation::CompleteMultipartUpload,
        Operation::AbortMultipartUpload,
        Operation::ListParts,
        Operation::OptionObject,
    ];

    /// The name in the documents of the service, such as `UploadPart`.
    pub fn name(self) -> &'static str {
        match self {
            Operation::ListBuckets => "ListBuckets",
            Operation::ListObjects => "ListObjects",
            Operation::ListMultipartUploads => "ListMultipartUploads",
            Operation::PutObject => "PutObject",
            Operation::PostObject => "PostObject",
            Operation::GetObject => "GetObject",
            Operation::HeadObject => "HeadObject",
            Operation::DeleteObject => "DeleteObject",
            Operation::InitiateMultipartUpload => "InitiateMultipartUpload",
            Operation::UploadPart => "UploadPart",
            Operation::CompleteMultipartUpload => "CompleteMultipartUpload",
            Operation::AbortMultipartUpload => "AbortMultipartUpload",
            Operation::ListParts => "ListParts",
            Operation::OptionObject => "OptionObject",
        }
    }

    pub(crate) fn of(
        method: &Method,
        target: &Target,
        query: &Query,
        headers: &HeaderMap,
    ) -> Result<Operation, OssError> {
        if method == Method::OPTIONS {
            return Ok(Operation::OptionObject);
        }
        if let Some(name) = OTHER_OPERATION_HEADERS.iter().find(|name| headers.contains_key(**name))
        {
            return Err(not_implemented(name));
        }
        let multipart = match (&target.bucket, &target.key) {
            (Some(_), Some(_)) => multipart_operation(method, query),
            (Some(_), None) if *method == Method::GET && query.value("uploads").is_some() => {
                Some(Operation::ListMultipartUploads)
            }
            _ => None,
        };
        if let Some(operation) = multipart {
            return Ok(operation);
        }
        if let Some(name) = OTHER_OPERATIONS.iter().find(|name| query.value(name).is_some()) {
            return Err(not_implemented(name));
        }
        plain_operation(method, target)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

fn multipart_operation(method: &Method, query: &Query) -> Option<Operation> {
    let has = |name| query.value(name).is_some();
    match *method {
        Method::POST if has("uploads") => Some(Operation::InitiateMultipartUpload),
        Method::POST if has("uploadId") => Some(Operation::CompleteMultipartUpload),
        Method::PUT if has("uploadId") || has("partNumber") => Some(Operation::UploadPart),
        Method::DELETE if has("uploadId") => Some(Operation::AbortMultipartUpload),
        Method::GET if has("uploadId") => Some(Operation::ListParts),
        _ => None,
    }
}

fn plain_operation(method: &Method, target: &Target) -> Result<Operation, OssError> {
    match (&target.bucket, &target.key, method) {
        (None, _, &Method::GET) => Ok(Operation::ListBuckets),
        (Some(_), None, &Method::GET) => Ok(Operation::ListObjects),
        (Some(_), None, &Method::POST) => Ok(Operation::PostObject),
        (Some(_), None, &Method::PUT) => {
            Err(invalid_object_name("The Object name can not be empty.", ""))
        }
        (Some(_), Some(_), &Method::PUT) => Ok(Operation::PutObject),
        (Some(_), Some(_), &Method::GET) => Ok(Operation::GetObject),
        (Some(_), Some(_), &Method::HEAD) => Ok(Operation::HeadObject),
        (Some(_), Some(_), &Method::DELETE) => Ok(Operation::DeleteObject),
        _ => Err(method_not_allowed(method.as_str())),
    }
}
