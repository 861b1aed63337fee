//! What can be asked for: one row for each operation.
//!
//! Requests are led to operations by this table, what it does not list is refused, and the help and the
//! README show it. A further operation is a row here and a file in `operations/`, which the
//! compiler then asks for.

use std::fmt;

/// What a request addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Service,
    Bucket,
    Object,
    /// Any of them.
    Any,
}

/// How an upload callback comes with a request (spec: callback.md 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallbackCarrier {
    /// A callback has no effect.
    None,
    HeadersOrQuery,
    Form,
}

/// What is known of an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) operation: Operation,
    pub(crate) method: &'static str,
    pub(crate) place: Place,
    /// The parameters that ask for this operation: any of them is enough. `name=value` asks only with
    /// that value. None at all is the operation that is asked for without any.
    pub(crate) asked_by: &'static [&'static str],
    /// Further parameters that are understood.
    pub(crate) parameters: &'static [&'static str],
    /// Headers that are understood, besides those that every request may have. Of rows that are asked
    /// for alike, the first counts that understands what the headers of the request ask for.
    pub(crate) headers: &'static [&'static str],
    pub(crate) callback: CallbackCarrier,
}

/// Makes the type and the table of the rows.
macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident { $($field:tt)* })*) => {
        /// An operation of the service.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Operation {
            $($(#[$doc])* $name,)*
        }

        impl Operation {
            /// All of them.
            pub(crate) const ALL: &[Operation] = &[$(Operation::$name,)*];

            /// The name in the documents of the service, such as `UploadPart`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Operation::$name => stringify!($name),)*
                }
            }
        }

        pub(crate) const TABLE: &[Row] = &[
            $(Row { operation: Operation::$name, $($field)* },)*
        ];
    };
}

/// What the headers of an upload can say about its object.
macro_rules! object_headers {
    ($($more:literal),*) => {
        &[
            "content-type", "cache-control", "content-disposition", "content-encoding", "expires",
            "x-oss-meta-*", "x-oss-storage-class", "x-oss-server-side-encryption",
            "x-oss-tagging", $($more),*
        ]
    };
}

/// What a copy can say about its source.
macro_rules! copy_headers {
    ($($more:literal),*) => {
        &[
            "x-oss-copy-source", "x-oss-copy-source-if-match", "x-oss-copy-source-if-none-match",
            "x-oss-copy-source-if-modified-since", "x-oss-copy-source-if-unmodified-since",
            $($more),*
        ]
    };
}

/// What a download can say about the headers of its answer.
const OVERRIDES: &[&str] = &[
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
];

/// What sends the content of objects.
const TRAFFIC_LIMITED: &[Operation] = &[
    Operation::PutObject,
    Operation::AppendObject,
    Operation::PostObject,
    Operation::GetObject,
    Operation::UploadPart,
];

operations! {
    /// The buckets of the account.
    ListBuckets {
        method: "GET", place: Place::Service,
        asked_by: &[],
        parameters: &["prefix", "marker", "max-keys"],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// The objects of a bucket.
    ListObjects {
        method: "GET", place: Place::Bucket,
        asked_by: &[],
        parameters: &["prefix", "delimiter", "marker", "max-keys", "encoding-type"],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// The same list in its newer form.
    ListObjectsV2 {
        method: "GET", place: Place::Bucket,
        asked_by: &["list-type=2"],
        parameters: &[
            "prefix", "delimiter", "start-after", "continuation-token", "max-keys", "fetch-owner",
            "encoding-type",
        ],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// The multipart uploads of a bucket that are neither completed nor aborted.
    ListMultipartUploads {
        method: "GET", place: Place::Bucket,
        asked_by: &["uploads"],
        parameters: &[
            "prefix", "delimiter", "key-marker", "upload-id-marker", "max-uploads", "encoding-type",
        ],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// Whether there is a bucket.
    HeadBucket {
        method: "HEAD", place: Place::Bucket,
        asked_by: &[],
        parameters: &[],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// Making a bucket. A request for PutObject that has lost its key is one as well.
    PutBucket {
        method: "PUT", place: Place::Bucket,
        asked_by: &[],
        parameters: &[],
        headers: &["x-oss-acl", "content-md5"],
        callback: CallbackCarrier::None,
    }
    /// Removal of an empty bucket.
    DeleteBucket {
        method: "DELETE", place: Place::Bucket,
        asked_by: &[],
        parameters: &[],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// Saying who may use a bucket, which is remembered and has no effect.
    PutBucketAcl {
        method: "PUT", place: Place::Bucket,
        asked_by: &["acl"],
        parameters: &[],
        headers: &["x-oss-acl"],
        callback: CallbackCarrier::None,
    }
    /// Who may use a bucket.
    GetBucketAcl {
        method: "GET", place: Place::Bucket,
        asked_by: &["acl"],
        parameters: &[],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// Who pays for the requests of a bucket.
    GetBucketRequestPayment {
        method: "GET", place: Place::Bucket,
        asked_by: &["requestPayment"],
        parameters: &[],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// What a bucket is.
    GetBucketInfo {
        method: "GET", place: Place::Bucket,
        asked_by: &["bucketInfo"],
        parameters: &[],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// The region of a bucket.
    GetBucketLocation {
        method: "GET", place: Place::Bucket,
        asked_by: &["location"],
        parameters: &[],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// How much there is in a bucket.
    GetBucketStat {
        method: "GET", place: Place::Bucket,
        asked_by: &["stat"],
        parameters: &[],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// Removal of many objects.
    DeleteMultipleObjects {
        method: "POST", place: Place::Bucket,
        asked_by: &["delete"],
        parameters: &["encoding-type"],
        headers: &["content-md5"],
        callback: CallbackCarrier::None,
    }
    /// Upload in one request.
    PutObject {
        method: "PUT", place: Place::Object,
        asked_by: &[],
        parameters: &[],
        headers: object_headers!(
            "x-oss-forbid-overwrite", "x-oss-object-acl", "content-md5", "x-oss-hash-crc64ecma"
        ),
        callback: CallbackCarrier::HeadersOrQuery,
    }
    /// Upload of what is stored already.
    CopyObject {
        method: "PUT", place: Place::Object,
        asked_by: &[],
        parameters: &[],
        headers: copy_headers!(
            "x-oss-metadata-directive", "x-oss-tagging-directive", "x-oss-tagging",
            "content-type", "cache-control", "content-disposition", "content-encoding", "expires",
            "x-oss-meta-*", "x-oss-storage-class", "x-oss-server-side-encryption",
            "x-oss-forbid-overwrite", "x-oss-object-acl"
        ),
        callback: CallbackCarrier::None,
    }
    /// Upload piece by piece.
    AppendObject {
        method: "POST", place: Place::Object,
        asked_by: &["append"],
        parameters: &["position"],
        headers: object_headers!("x-oss-object-acl", "content-md5", "x-oss-hash-crc64ecma"),
        callback: CallbackCarrier::None,
    }
    /// A link to another object of the bucket.
    PutSymlink {
        method: "PUT", place: Place::Object,
        asked_by: &["symlink"],
        parameters: &[],
        headers: object_headers!(
            "x-oss-forbid-overwrite", "x-oss-object-acl", "x-oss-symlink-target"
        ),
        callback: CallbackCarrier::None,
    }
    /// Where a link leads to.
    GetSymlink {
        method: "GET", place: Place::Object,
        asked_by: &["symlink"],
        parameters: &[],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// Upload by a form.
    PostObject {
        method: "POST", place: Place::Bucket,
        asked_by: &[],
        parameters: &[],
        headers: &["content-type", "x-oss-object-acl"],
        callback: CallbackCarrier::Form,
    }
    /// Download.
    GetObject {
        method: "GET", place: Place::Object,
        asked_by: &[],
        parameters: OVERRIDES,
        headers: &[
            "range", "x-oss-range-behavior", "if-match", "if-none-match", "if-modified-since",
            "if-unmodified-since",
        ],
        callback: CallbackCarrier::None,
    }
    /// The headers of a download.
    HeadObject {
        method: "HEAD", place: Place::Object,
        asked_by: &[],
        parameters: OVERRIDES,
        headers: &[
            "if-match", "if-none-match", "if-modified-since",
            "if-unmodified-since",
        ],
        callback: CallbackCarrier::None,
    }
    /// Size and version of an object.
    GetObjectMeta {
        method: "HEAD", place: Place::Object,
        asked_by: &["objectMeta"],
        parameters: &[],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// Who may use an object.
    GetObjectAcl {
        method: "GET", place: Place::Object,
        asked_by: &["acl"],
        parameters: &[],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// Deciding who may use an object.
    PutObjectAcl {
        method: "PUT", place: Place::Object,
        asked_by: &["acl"],
        parameters: &[],
        headers: &["x-oss-object-acl"],
        callback: CallbackCarrier::None,
    }
    /// Other tags for an object.
    PutObjectTagging {
        method: "PUT", place: Place::Object,
        asked_by: &["tagging"],
        parameters: &[],
        headers: &["content-md5"],
        callback: CallbackCarrier::None,
    }
    /// The tags of an object.
    GetObjectTagging {
        method: "GET", place: Place::Object,
        asked_by: &["tagging"],
        parameters: &[],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// No tags for an object.
    DeleteObjectTagging {
        method: "DELETE", place: Place::Object,
        asked_by: &["tagging"],
        parameters: &[],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// Removal.
    DeleteObject {
        method: "DELETE", place: Place::Object,
        asked_by: &[],
        parameters: &[],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// Begin of a multipart upload.
    InitiateMultipartUpload {
        method: "POST", place: Place::Object,
        asked_by: &["uploads"],
        // Parts may come in any order all the same.
        parameters: &["encoding-type", "sequential"],
        headers: object_headers!("x-oss-forbid-overwrite"),
        callback: CallbackCarrier::None,
    }
    /// One part of a multipart upload.
    UploadPart {
        method: "PUT", place: Place::Object,
        asked_by: &["partNumber", "uploadId"],
        parameters: &[],
        headers: &["content-md5", "x-oss-hash-crc64ecma"],
        callback: CallbackCarrier::None,
    }
    /// One part of what is stored already.
    UploadPartCopy {
        method: "PUT", place: Place::Object,
        asked_by: &["partNumber", "uploadId"],
        parameters: &[],
        headers: copy_headers!("x-oss-copy-source-range"),
        callback: CallbackCarrier::None,
    }
    /// Making an object of the parts.
    CompleteMultipartUpload {
        method: "POST", place: Place::Object,
        asked_by: &["uploadId"],
        parameters: &["encoding-type"],
        headers: &["content-md5", "x-oss-complete-all", "x-oss-forbid-overwrite", "x-oss-object-acl"],
        callback: CallbackCarrier::HeadersOrQuery,
    }
    /// Dropping the parts.
    AbortMultipartUpload {
        method: "DELETE", place: Place::Object,
        asked_by: &["uploadId"],
        parameters: &[],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// The parts uploaded so far.
    ListParts {
        method: "GET", place: Place::Object,
        asked_by: &["uploadId"],
        parameters: &["max-parts", "part-number-marker", "encoding-type"],
        headers: &[],
        callback: CallbackCarrier::None,
    }
    /// The question of a browser whether a web page may send a request.
    OptionObject {
        method: "OPTIONS", place: Place::Any,
        asked_by: &[],
        parameters: &[],
        headers: &["origin", "access-control-request-method", "access-control-request-headers"],
        callback: CallbackCarrier::None,
    }
}

impl Operation {
    /// Whether the client may limit the rate of what is sent.
    pub(crate) fn has_traffic_limit(self) -> bool {
        TRAFFIC_LIMITED.contains(&self)
    }

    /// Those that make callbacks.
    pub(crate) fn with_callback() -> Vec<Operation> {
        let rows = TABLE.iter().filter(|row| row.callback != CallbackCarrier::None);
        rows.map(|row| row.operation).collect()
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
