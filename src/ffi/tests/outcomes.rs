//! Results and errors with everything in them.

use std::ptr::{null, null_mut};
use std::slice;

use super::program::text;
use crate::error::{Error, ObjectState, Status};
use crate::ffi::convert::object;
use crate::ffi::error::*;
use crate::ffi::guard::{guard, guard_value};
use crate::ffi::result::*;
use crate::ffi::status::{ossbind_object_state, ossbind_status};
use crate::metrics::Metrics;
use crate::upload::UploadResult;

/// The program frees it.
pub fn result() -> *mut ossbind_upload_result {
    let headers = [
        ("etag", &b"\"ABC\""[..]),
        ("x-oss-version-id", b"v1"),
        ("x-oss-request-id", b"id"),
        ("x-oss-hash-crc64ecma", b"18446744073709551615"),
        ("server", b"Ali\xFFyun\0"),
    ];
    ossbind_upload_result::into_raw(UploadResult::of_parts(200, &headers, b"{\"a\":\"\0\"}"))
}

/// The program frees it.
pub fn error() -> *mut ossbind_error {
    let document = [("Code", "NoSuchBucket"), ("BucketName", "b\0b")];
    let error = Error::new(Status::Service, "bucket: there is none")
        .with_field("bucket")
        .with_offset(Some(3))
        .with_object_state(ObjectState::NotStored)
        .with_http_status(404)
        .with_code("NoSuchBucket")
        .with_ec(Some("0015-00000101".to_owned()))
        .with_request_id(Some("id".to_owned()))
        .with_upload_id("upload")
        .with_caller_code(7)
        .with_metrics(Metrics { requests: 3, ..Metrics::default() })
        .with_document(document.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
    ossbind_error::into_raw(error)
}

#[test]
fn a_result() {
    let result = result();
    let mut crc64 = 0;
    let mut length = 0;
    // SAFETY: a result, numbers that may be written, and texts; it is freed once.
    unsafe {
        assert_eq!(ossbind_upload_result_http_status(result), 200);
        assert_eq!(text(ossbind_upload_result_etag(result)).as_deref(), Some("ABC"));
        assert_eq!(text(ossbind_upload_result_version_id(result)).as_deref(), Some("v1"));
        assert_eq!(text(ossbind_upload_result_request_id(result)).as_deref(), Some("id"));
        assert_eq!(ossbind_upload_result_crc64(result, &mut crc64), 1);
        assert_eq!(ossbind_upload_result_crc64(result, null_mut()), 1);
        assert_eq!(crc64, u64::MAX);
        let answer = ossbind_upload_result_callback_answer(result, &mut length);
        assert_eq!(slice::from_raw_parts(answer, length), b"{\"a\":\"\0\"}");
        assert_eq!(ossbind_upload_result_callback_answer(result, null_mut()), answer);
        let header = |name: &std::ffi::CStr| ossbind_upload_result_header(result, name.as_ptr());
        assert_eq!(text(header(c"SERVER")).as_deref(), Some("Ali\u{FFFD}yun\u{FFFD}"));
        assert!(header(c"date").is_null() && header(c"\xFF").is_null());
        assert!(ossbind_upload_result_header(result, null()).is_null());
        assert_eq!((*ossbind_upload_result_metrics(result)).requests, 0);
        ossbind_upload_result_free(result);
    }
}

#[test]
fn a_result_without_anything() {
    let result = ossbind_upload_result::into_raw(UploadResult::of_parts(203, &[], b""));
    let mut length = 7;
    // SAFETY: a result, and a number that may be written; it is freed once.
    unsafe {
        assert!(ossbind_upload_result_etag(result).is_null());
        assert!(ossbind_upload_result_callback_answer(result, &mut length).is_null());
        assert_eq!((ossbind_upload_result_crc64(result, null_mut()), length), (0, 0));
        ossbind_upload_result_free(result);
    }
}

#[test]
fn an_error() {
    let error = error();
    // SAFETY: an error and texts; it is freed once.
    unsafe {
        assert_eq!(ossbind_error_status(error), ossbind_status::SERVICE);
        assert_eq!(ossbind_error_object_state(error), ossbind_object_state::NOT_STORED);
        assert_eq!(ossbind_error_http_status(error), 404);
        assert_eq!(ossbind_error_offset(error), 3);
        assert_eq!(ossbind_error_caller_code(error), 7);
        assert_eq!(text(ossbind_error_field(error)).as_deref(), Some("bucket"));
        assert_eq!(text(ossbind_error_oss_code(error)).as_deref(), Some("NoSuchBucket"));
        assert_eq!(text(ossbind_error_ec(error)).as_deref(), Some("0015-00000101"));
        assert_eq!(text(ossbind_error_request_id(error)).as_deref(), Some("id"));
        assert_eq!(text(ossbind_error_upload_id(error)).as_deref(), Some("upload"));
        assert_eq!((*ossbind_error_metrics(error)).requests, 3);
        assert!(text(ossbind_error_report(error)).unwrap().contains("\"requests\":3"));
        let element = |name: &std::ffi::CStr| ossbind_error_document_element(error, name.as_ptr());
        assert_eq!(text(element(c"BucketName")).as_deref(), Some("b\u{FFFD}b"));
        assert!(element(c"HostId").is_null() && element(c"\xFF").is_null());
        assert!(ossbind_error_document_element(error, null()).is_null());
        ossbind_error_free(error);
    }
}

#[test]
fn a_panic_becomes_a_status_and_an_error() {
    let mut error = null_mut();
    // SAFETY: `error` is writable; then it is NULL or an error of the library.
    unsafe {
        let status = guard(&mut error, || panic!("a bug"));
        assert_eq!(status, ossbind_status::INTERNAL);
        assert!(object(error).is_some());
        assert_eq!(ossbind_error_object_state(error), ossbind_object_state::UNKNOWN);
        ossbind_error_free(error);
        assert_eq!(guard(null_mut(), || panic!("a bug")), ossbind_status::INTERNAL);
    }
    assert_eq!(guard_value(7, || panic!("a bug")), 7);
}
