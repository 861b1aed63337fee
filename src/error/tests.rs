//! The table of docs/retries.md: what to do with the file, and when.

use std::time::Duration;

use super::{Advice, Error, ObjectState, Status};
use Advice::{Again, Done, FixRequest, FixSettings, Look};

impl Status {
    pub(crate) const ALL: [Self; 28] = [
        Self::InvalidArgument,
        Self::UnknownField,
        Self::Internal,
        Self::InvalidCallback,
        Self::Credentials,
        Self::LeftOut,
        Self::Body,
        Self::AbortedByCaller,
        Self::Cancelled,
        Self::Transport,
        Self::Timeout,
        Self::Tls,
        Self::BadResponse,
        Self::Service,
        Self::CallbackFailed,
        Self::ChecksumMismatch,
        Self::NotFound,
        Self::Outbox,
        Self::OutboxFull,
        Self::OutboxBusy,
        Self::NotSigned,
        Self::KeyUrlRefused,
        Self::KeyUnavailable,
        Self::SignatureWrong,
        Self::SealWrong,
        Self::TooOld,
        Self::Replayed,
        Self::Malformed,
    ];
}

impl Advice {
    pub(crate) const ALL: [Self; 5] = [Done, Again, Look, FixRequest, FixSettings];
}

fn seconds(error: &Error) -> (Advice, u64) {
    (error.advice(), error.retry_after().as_secs())
}

fn refused(http_status: u16, code: &str) -> Error {
    Error::new(Status::Service, "refused").with_http_status(http_status).with_code(code)
}

#[test]
fn what_is_known_of_the_object_counts_more_than_the_cause() {
    for status in [Status::Service, Status::Transport, Status::CallbackFailed, Status::Tls] {
        let in_state = |state| seconds(&Error::new(status, "").with_object_state(state));
        assert_eq!(in_state(ObjectState::Stored), (Done, 0), "{status:?}");
        assert_eq!(in_state(ObjectState::Unknown), (Look, 60), "{status:?}");
    }
    let damaged = Error::new(Status::ChecksumMismatch, "").with_object_state(ObjectState::Stored);
    assert_eq!(seconds(&damaged), (Again, 10));
    let given = Error::new(Status::Body, "").with_advice(Again);
    assert_eq!(seconds(&given), (Again, 10));
    assert_eq!(given.with_object_state(ObjectState::Unknown).advice(), Look);
}

#[test]
fn failures_before_the_last_byte() {
    for (status, expected) in [
        (Status::InvalidCallback, (FixSettings, 300)),
        (Status::Body, (FixRequest, 0)),
        (Status::Credentials, (FixSettings, 300)),
        (Status::Tls, (FixSettings, 300)),
        (Status::UnknownField, (FixSettings, 300)),
        (Status::Internal, (FixSettings, 300)),
        (Status::Transport, (Again, 10)),
        (Status::Timeout, (Again, 10)),
        (Status::Cancelled, (Again, 10)),
        (Status::NotFound, (Again, 10)),
        (Status::AbortedByCaller, (Again, 10)),
    ] {
        assert_eq!(seconds(&Error::new(status, "")), expected, "{status:?}");
    }
    let checkpoint = Error::new(Status::Body, "").with_field("checkpoint_dir");
    assert_eq!(checkpoint.advice(), FixSettings);
}

#[test]
fn a_field_that_all_uploads_share_says_nothing_of_the_file() {
    for field in [
        "key",
        "data",
        "data_len",
        "file_path",
        "content_type",
        "content_md5",
        "metadata[0].value",
        "headers[3].name",
        "callback.variables[1].name",
        "callback.body_fields[0].value",
        "callback.url_query[2].value",
        "callback.variables_parameter",
    ] {
        assert_eq!(Error::invalid(field, "").advice(), FixRequest, "{field}");
    }
    for field in [
        "bucket",
        "endpoint",
        "region",
        "access_key_id",
        "url",
        "bundle",
        "storage_class",
        "part_size",
        "timeout",
        "client",
        "key_file",
        "callback",
        "callback.url",
        "callback.host",
        "callback.body",
        "callback.parameter",
        "",
    ] {
        assert_eq!(Error::invalid(field, "").advice(), FixSettings, "{field}");
    }
}

#[test]
fn answers_of_something_on_the_way() {
    for (http_status, advice) in [
        (200, Again),
        (204, Again),
        (302, FixSettings),
        (403, FixSettings),
        (407, FixSettings),
        (408, Again),
        (413, FixSettings),
        (429, Again),
        (502, Again),
        (599, Again),
    ] {
        let error = Error::new(Status::BadResponse, "").with_http_status(http_status);
        assert_eq!(error.advice(), advice, "{http_status}");
    }
    assert_eq!(Error::new(Status::BadResponse, "").advice(), FixSettings);
}

#[test]
fn refusals_of_the_service() {
    for (http_status, code, advice) in [
        (400, "InvalidObjectName", FixRequest),
        (400, "EntityTooLarge", FixRequest),
        (400, "EntityTooSmall", FixRequest),
        (400, "InvalidTaggingKey", FixRequest),
        (409, "FileAlreadyExists", FixRequest),
        (409, "FileImmutable", FixRequest),
        (400, "InvalidDigest", Again),
        (400, "InvalidCRC64", Again),
        (400, "IncompleteBody", Again),
        (400, "RequestTimeout", Again),
        (400, "InvalidPart", Again),
        (400, "InvalidPartOrder", Again),
        (404, "NoSuchUpload", Again),
        (409, "ConcurrentUpdateBucketFailed", Again),
        (429, "QpsLimitExceeded", Again),
        (500, "InternalError", Again),
        (503, "ServiceUnavailable", Again),
        (503, "UploadTrafficRateLimitExceeded", Again),
        (401, "Any", Again),
        (408, "Any", Again),
        (307, "TemporaryRedirect", FixSettings),
        (400, "BadErrorResponse", FixSettings),
        (400, "InvalidArgument", FixSettings),
        (400, "InvalidBucketName", FixSettings),
        (400, "InvalidEncryptionAlgorithmError", FixSettings),
        (400, "InvalidRequest", FixSettings),
        (400, "NotImplemented", FixSettings),
        (403, "AccessDenied", FixSettings),
        (403, "AccessKeyIdAndSecurityTokenNotMatch", FixSettings),
        (403, "BucketDisable", FixSettings),
        (403, "InvalidAccessKeyId", FixSettings),
        (403, "InvalidSecurityToken", FixSettings),
        (403, "KmsServiceNotEnabled", FixSettings),
        (403, "PermanentRedirect", FixSettings),
        (403, "RequestTimeTooSkewed", FixSettings),
        (403, "SecondLevelDomainForbidden", FixSettings),
        (403, "SecurityTokenExpired", FixSettings),
        (403, "SignatureDoesNotMatch", FixSettings),
        (403, "UserDisable", FixSettings),
        (404, "NoSuchBucket", FixSettings),
        (405, "MethodNotAllowed", FixSettings),
        (412, "PreconditionFailed", FixSettings),
        (418, "SomethingNew", FixSettings),
    ] {
        assert_eq!(refused(http_status, code).advice(), advice, "{http_status} {code}");
    }
}

/// The library checks what differs from file to file, so OSS refuses what all uploads share.
#[test]
fn a_callback_that_oss_refuses_is_a_setting() {
    for ec in ["0007-00000003", "0007-00000105", "0007-00000007", "0002-00000224", ""] {
        let error = refused(400, "InvalidArgument").with_ec(Some(ec.to_owned()));
        assert_eq!(error.advice(), FixSettings, "{ec}");
    }
}

#[test]
fn what_the_server_asks_for_takes_the_place_of_the_default() {
    let asked = Some(Duration::from_secs(30));
    let after = |error: Error| seconds(&error.with_retry_after(asked));
    assert_eq!(after(refused(503, "ServiceUnavailable")), (Again, 30));
    assert_eq!(after(refused(403, "AccessDenied")), (FixSettings, 30));
    assert_eq!(after(refused(409, "FileAlreadyExists")), (FixRequest, 0));
    let doubt = refused(500, "InternalError").with_object_state(ObjectState::Unknown);
    assert_eq!(after(doubt), (Look, 30));
}
