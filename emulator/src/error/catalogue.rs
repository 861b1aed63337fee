//! The errors the emulator gives, with the texts of the wire (spec: errors.md 2).

use hyper::StatusCode;

use super::OssError;

pub(crate) fn no_such_bucket(bucket: &str) -> OssError {
    let message = "The specified bucket does not exist.";
    OssError::new(StatusCode::NOT_FOUND, "NoSuchBucket", message)
        .ec("0015-00000101")
        .element("BucketName", bucket)
}

pub(crate) fn invalid_bucket_name(bucket: &str) -> OssError {
    let message = "The specified bucket is not valid.";
    OssError::new(StatusCode::BAD_REQUEST, "InvalidBucketName", message)
        .element("BucketName", bucket)
}

/// It stays as it was made.
pub(crate) fn bucket_already_exists(message: &str, bucket: &str) -> OssError {
    OssError::new(StatusCode::CONFLICT, "BucketAlreadyExists", message)
        .element("BucketName", bucket)
}

pub(crate) fn bucket_not_empty(bucket: &str) -> OssError {
    let message = "The bucket you tried to delete is not empty.";
    OssError::new(StatusCode::CONFLICT, "BucketNotEmpty", message).element("BucketName", bucket)
}

pub(crate) fn too_many_buckets() -> OssError {
    let message = "You have attempted to create more buckets than allowed.";
    OssError::new(StatusCode::BAD_REQUEST, "TooManyBuckets", message)
}

pub(crate) fn no_such_key(key: &str) -> OssError {
    let message = "The specified key does not exist.";
    OssError::new(StatusCode::NOT_FOUND, "NoSuchKey", message)
        .ec("0026-00000001")
        .element("Key", key)
}

pub(crate) fn symlink_target_not_exist(target: &str) -> OssError {
    let message = "The symlink target object does not exist.";
    OssError::new(StatusCode::NOT_FOUND, "SymlinkTargetNotExist", message)
        .ec("0026-00000012")
        .element("Key", target)
}

pub(crate) fn invalid_target_type(target: &str) -> OssError {
    let message = "The symlink target object must not be a symlink.";
    OssError::new(StatusCode::BAD_REQUEST, "InvalidTargetType", message).element("Key", target)
}

pub(crate) fn not_symlink(key: &str) -> OssError {
    let message = "The specified object is not a symlink.";
    OssError::new(StatusCode::BAD_REQUEST, "NotSymlink", message).element("Key", key)
}

pub(crate) fn invalid_object_name(message: &str, key: &str) -> OssError {
    OssError::new(StatusCode::BAD_REQUEST, "InvalidObjectName", message).element("ObjectName", key)
}

pub(crate) fn invalid_argument(message: impl Into<String>) -> OssError {
    OssError::new(StatusCode::BAD_REQUEST, "InvalidArgument", message)
}

pub(crate) fn access_denied(message: &str) -> OssError {
    OssError::new(StatusCode::FORBIDDEN, "AccessDenied", message)
}

/// Every bucket is private.
pub(crate) fn no_right_by_bucket_acl() -> OssError {
    access_denied("You have no right to access this object because of bucket acl.")
}

pub(crate) fn invalid_request(message: &str) -> OssError {
    OssError::new(StatusCode::BAD_REQUEST, "InvalidRequest", message)
}

pub(crate) fn bad_request(message: &str) -> OssError {
    OssError::new(StatusCode::BAD_REQUEST, "BadRequest", message)
}

/// A web page of an origin that is not allowed.
pub(crate) fn access_forbidden(message: &str) -> OssError {
    OssError::new(StatusCode::FORBIDDEN, "AccessForbidden", message)
}

pub(crate) fn method_not_allowed(method: &str) -> OssError {
    let message = "The specified method is not allowed against this resource.";
    OssError::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message)
        .element("Method", method)
}

pub(crate) fn header_not_implemented(header: &str) -> OssError {
    not_implemented().element("Header", header)
}

/// The service has one text for both.
pub(crate) fn parameter_not_implemented(name: &str, value: &str) -> OssError {
    not_implemented().argument(name, value)
}

fn not_implemented() -> OssError {
    let message = "A header you provided implies functionality that is not implemented.";
    OssError::new(StatusCode::BAD_REQUEST, "NotImplemented", message)
}

/// An object that the client has already. The answer has no body.
pub(crate) fn not_modified() -> OssError {
    OssError::new(StatusCode::NOT_MODIFIED, "NotModified", "Not Modified")
}

pub(crate) fn precondition_failed() -> OssError {
    let message = "At least one of the pre-conditions you specified did not hold.";
    OssError::new(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", message)
}

pub(crate) fn invalid_range() -> OssError {
    let message = "The requested range cannot be satisfied";
    OssError::new(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", message)
}

pub(crate) fn missing_argument() -> OssError {
    let message = "Missing Some Required Arguments.";
    OssError::new(StatusCode::BAD_REQUEST, "MissingArgument", message)
}

pub(crate) fn missing_content_length() -> OssError {
    let message = "You must provide the Content-Length HTTP header.";
    OssError::new(StatusCode::LENGTH_REQUIRED, "MissingContentLength", message)
}

pub(crate) fn entity_too_large() -> OssError {
    let message = "Your proposed upload exceeds the maximum allowed size.";
    OssError::new(StatusCode::BAD_REQUEST, "EntityTooLarge", message)
}

pub(crate) fn copy_source_too_large() -> OssError {
    let message = "Source object Length exceeds the maximum allowed size";
    OssError::new(StatusCode::BAD_REQUEST, "EntityTooLarge", message)
}

pub(crate) fn incomplete_body() -> OssError {
    let message = "You did not provide the number of bytes specified by the Content-Length HTTP \
                   header.";
    OssError::new(StatusCode::BAD_REQUEST, "IncompleteBody", message)
}

pub(crate) fn request_timeout() -> OssError {
    let message = "Your socket connection to the server was not read from or written to within \
                   the timeout period. Idle connections will be closed.";
    OssError::new(StatusCode::BAD_REQUEST, "RequestTimeout", message)
}

pub(crate) fn invalid_digest() -> OssError {
    let message = "The Content-MD5 you specified was invalid.";
    OssError::new(StatusCode::BAD_REQUEST, "InvalidDigest", message)
}

pub(crate) fn invalid_crc64() -> OssError {
    let message = "The x-oss-hash-crc64ecma you specified does not match what we calculated.";
    OssError::new(StatusCode::BAD_REQUEST, "InvalidCRC64", message)
}

pub(crate) fn invalid_encryption_algorithm() -> OssError {
    let message = "The Encryption request you specified is not valid. Supported value: \
                   AES256/SM4/KMS.";
    OssError::new(StatusCode::BAD_REQUEST, "InvalidEncryptionAlgorithmError", message)
}

pub(crate) fn invalid_tagging_key(argument: &str, tag: &str) -> OssError {
    OssError::new(StatusCode::BAD_REQUEST, "InvalidTaggingKey", "The name of a tag is invalid.")
        .argument(argument, tag)
}

pub(crate) fn file_already_exists() -> OssError {
    let message = "The object you specified already exists and can not be overwritten.";
    OssError::new(StatusCode::CONFLICT, "FileAlreadyExists", message)
}

pub(crate) fn object_not_appendable() -> OssError {
    OssError::new(StatusCode::CONFLICT, "ObjectNotAppendable", "The object is not appendable")
        .ec("0026-00000017")
}

pub(crate) fn position_not_equal_to_length() -> OssError {
    let message = "Position is not equal to file length";
    OssError::new(StatusCode::CONFLICT, "PositionNotEqualToLength", message).ec("0026-00000016")
}

pub(crate) fn operation_not_supported(message: &str) -> OssError {
    OssError::new(StatusCode::BAD_REQUEST, "OperationNotSupported", message)
}

pub(crate) fn no_such_upload(upload_id: &str) -> OssError {
    let message = "The specified upload does not exist. The upload ID may be invalid, or the \
                   upload may have been aborted or completed.";
    OssError::new(StatusCode::NOT_FOUND, "NoSuchUpload", message)
        .ec("0042-00000104")
        .element("UploadId", upload_id)
}

/// Without a number when there is no part at all.
pub(crate) fn invalid_part(number: Option<u32>) -> OssError {
    let message = "One or more of the specified parts could not be found or the specified entity \
                   tag might not have matched the part's entity tag.";
    let error = OssError::new(StatusCode::BAD_REQUEST, "InvalidPart", message);
    match number {
        None => error,
        Some(number) => error.element("PartNumber", number.to_string()),
    }
}

pub(crate) fn invalid_part_order() -> OssError {
    let message = "The list of parts was not in ascending order.";
    OssError::new(StatusCode::BAD_REQUEST, "InvalidPartOrder", message).ec("0042-00000209")
}

pub(crate) fn entity_too_small() -> OssError {
    let message = "Your proposed upload smaller than the minimum allowed size.";
    OssError::new(StatusCode::BAD_REQUEST, "EntityTooSmall", message)
}

pub(crate) fn entity_too_small_part(number: u32, size: u64) -> OssError {
    entity_too_small()
        .ec("0042-00000213")
        .element("MinSizeAllowed", "102400")
        .element("ProposedSize", size.to_string())
        .element("PartNumber", number.to_string())
}

pub(crate) fn malformed_xml() -> OssError {
    let message = "The XML you provided was not well-formed or did not validate against our \
                   published schema.";
    OssError::new(StatusCode::BAD_REQUEST, "MalformedXML", message)
}

pub(crate) fn request_is_not_multi_part_content() -> OssError {
    let message = "Bucket POST must be of the enclosure-type multipart/form-data.";
    OssError::new(StatusCode::BAD_REQUEST, "RequestIsNotMultiPartContent", message)
}

pub(crate) fn malformed_post_request() -> OssError {
    let message = "The body of your POST request is not well-formed multipart/form-data.";
    OssError::new(StatusCode::BAD_REQUEST, "MalformedPOSTRequest", message)
}

pub(crate) fn field_item_too_long() -> OssError {
    let message = "Your name of form field is too long.";
    OssError::new(StatusCode::BAD_REQUEST, "FieldItemTooLong", message)
}

pub(crate) fn max_post_pre_data_length_exceeded() -> OssError {
    let message = "Your POST request fields preceding the upload file were too large.";
    OssError::new(StatusCode::BAD_REQUEST, "MaxPOSTPreDataLengthExceededError", message)
}

pub(crate) fn incorrect_number_of_files() -> OssError {
    let message = "POST requires exactly one file upload per request.";
    OssError::new(StatusCode::BAD_REQUEST, "IncorrectNumberOfFilesInPOSTRequest", message)
}

pub(crate) fn invalid_policy_document(message: &str) -> OssError {
    OssError::new(StatusCode::BAD_REQUEST, "InvalidPolicyDocument", message)
}

pub(crate) fn invalid_object_state() -> OssError {
    let message = "The operation is not valid for the object's state: its content was discarded.";
    OssError::new(StatusCode::FORBIDDEN, "InvalidObjectState", message)
}

pub(crate) fn internal_error() -> OssError {
    let message = "Please contact the server administrator, oss@service.aliyun.com.";
    OssError::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message)
}

pub(crate) fn invalid_access_key_id() -> OssError {
    let message = "The OSS Access Key Id you provided does not exist in our records.";
    OssError::new(StatusCode::FORBIDDEN, "InvalidAccessKeyId", message)
}

pub(crate) fn invalid_security_token() -> OssError {
    let message = "The security token you provided is invalid.";
    OssError::new(StatusCode::FORBIDDEN, "InvalidSecurityToken", message)
}

pub(crate) fn security_token_expired() -> OssError {
    let message = "The security token you provided has expired.";
    OssError::new(StatusCode::FORBIDDEN, "SecurityTokenExpired", message)
}

pub(crate) fn security_token_not_match() -> OssError {
    let message = "The OSS access key id and security token you provided does not match.";
    OssError::new(StatusCode::FORBIDDEN, "AccessKeyIdAndSecurityTokenNotMatch", message)
}

pub(crate) fn invalid_date() -> OssError {
    access_denied("OSS authentication requires a valid Date.").ec("0002-00000505")
}

/// The document that helps to find a signing mistake (spec: signing-v1.md 4).
pub(crate) fn signature_does_not_match(
    access_key_id: &str,
    signature: &str,
    string_to_sign: &[u8],
) -> OssError {
    let message = "The request signature we calculated does not match the signature you provided. \
                   Check your key and signing method.";
    let bytes: Vec<String> = string_to_sign.iter().map(|byte| format!("{byte:02X}")).collect();
    OssError::new(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", message)
        .element("OSSAccessKeyId", access_key_id)
        .element("SignatureProvided", signature)
        .element("StringToSign", String::from_utf8_lossy(string_to_sign))
        .element("StringToSignBytes", bytes.join(" "))
}

pub(crate) fn request_time_too_skewed(request_time: String, server_time: String) -> OssError {
    let message = "The difference between the request time and the current time is too large.";
    OssError::new(StatusCode::FORBIDDEN, "RequestTimeTooSkewed", message)
        .ec("0002-00000504")
        .element("MaxAllowedSkewMilliseconds", "900000")
        .element("RequestTime", request_time)
        .element("ServerTime", server_time)
}

/// The upload is stored, the callback failed (spec: callback.md 8.2).
pub(crate) fn callback_failed(message: &str, ec: &str) -> OssError {
    OssError::new(StatusCode::NON_AUTHORITATIVE_INFORMATION, "CallbackFailed", message).ec(ec)
}
