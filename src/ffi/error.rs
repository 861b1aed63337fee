//! `ossbind_error`: why a call failed. Immutable.

use std::ffi::{CString, c_char};
use std::ptr::null;

use super::convert::{c_text, free, into_raw, optional_text, pointer, read};
use super::guard::guard_value;
use super::metrics::ossbind_metrics;
use super::status::{ossbind_advice, ossbind_object_state, ossbind_status};
use crate::error::{Error, ObjectState};

/// Why a call failed, what is true of the object now, and what to do. Immutable, so any thread may
/// read it. Freed once with ossbind_error_free(). It never contains a secret.
///
/// Every accessor accepts NULL and then answers as for a call that did not fail. Texts belong to
/// the error and are valid until it is freed.
pub struct ossbind_error {
    error: Error,
    message: CString,
    field: Option<CString>,
    oss_code: Option<CString>,
    ec: Option<CString>,
    request_id: Option<CString>,
    upload_id: Option<CString>,
    document: Vec<(String, CString)>,
    metrics: Option<ossbind_metrics>,
    report: CString,
}

impl ossbind_error {
    pub(super) fn into_raw(error: Error) -> *mut Self {
        let document =
            error.document().map(|(name, text)| (name.to_owned(), c_text(text))).collect();
        into_raw(Self {
            message: c_text(error.message()),
            field: error.field().map(c_text),
            oss_code: error.code().map(c_text),
            ec: error.ec().map(c_text),
            request_id: error.request_id().map(c_text),
            upload_id: error.upload_id().map(c_text),
            document,
            metrics: error.metrics().map(ossbind_metrics::from),
            report: c_text(&error.report()),
            error,
        })
    }
}

/// The status that the call returned. OSSBIND_STATUS_OK for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_error_status(error: *const ossbind_error) -> ossbind_status {
    // SAFETY: NULL or an error of the library.
    unsafe { read(error, ossbind_status::OK, |e| e.error.status().into()) }
}

/// Whether the object exists in spite of the error. UNKNOWN for NULL: the status of the call says
/// it then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_error_object_state(
    error: *const ossbind_error,
) -> ossbind_object_state {
    // SAFETY: NULL or an error of the library.
    unsafe { read(error, ObjectState::Unknown, |e| e.error.object_state()).into() }
}

/// What to do with the file: one of OSSBIND_ADVICE_*, which a queue can follow without looking at
/// anything else. DONE for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_error_advice(error: *const ossbind_error) -> ossbind_advice {
    // SAFETY: NULL or an error of the library.
    unsafe { read(error, ossbind_advice::DONE, |e| e.error.advice().into()) }
}

/// How long to wait before following the advice, in milliseconds: what the server asked for, or a
/// sensible time. 0 when there is nothing to wait for, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_error_retry_after_ms(error: *const ossbind_error) -> u32 {
    // SAFETY: NULL or an error of the library.
    unsafe { read(error, 0, |e| e.error.retry_after().as_millis().try_into().unwrap_or(u32::MAX)) }
}

/// One or two English sentences for people, in UTF-8: what is wrong, the value, the rule, and what
/// to do. NULL only for NULL. The wording may change with any release.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_error_message(error: *const ossbind_error) -> *const c_char {
    // SAFETY: NULL or an error of the library.
    unsafe { read(error, null(), |e| e.message.as_ptr()) }
}

/// What is at fault: a member such as "key", "tls.ca_file", "callback.variables[1].name" or
/// "metadata[0].value", or a variable of the environment. NULL if nothing of the kind is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_error_field(error: *const ossbind_error) -> *const c_char {
    // SAFETY: NULL or an error of the library.
    unsafe { read(error, null(), |e| pointer(&e.field)) }
}

/// Byte at which the fault is within the field, counted from 0; for Base64 within the decoded text.
/// SIZE_MAX if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_error_offset(error: *const ossbind_error) -> usize {
    // SAFETY: NULL or an error of the library.
    unsafe { read(error, usize::MAX, |e| e.error.offset().unwrap_or(usize::MAX)) }
}

/// HTTP status of the answer; 0 when there was none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_error_http_status(error: *const ossbind_error) -> i32 {
    // SAFETY: NULL or an error of the library.
    unsafe { read(error, 0, |e| e.error.http_status().map_or(0, i32::from)) }
}

/// Error code of OSS, for example "NoSuchBucket". NULL if OSS did not answer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_error_oss_code(error: *const ossbind_error) -> *const c_char {
    // SAFETY: NULL or an error of the library.
    unsafe { read(error, null(), |e| pointer(&e.oss_code)) }
}

/// Detailed error code of OSS (EC), for example "0007-00000203". Also set when the library refuses
/// a callback for the same reason. NULL if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_error_ec(error: *const ossbind_error) -> *const c_char {
    // SAFETY: NULL or an error of the library.
    unsafe { read(error, null(), |e| pointer(&e.ec)) }
}

/// Request id, which the support of OSS asks for. NULL if OSS did not answer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_error_request_id(error: *const ossbind_error) -> *const c_char {
    // SAFETY: NULL or an error of the library.
    unsafe { read(error, null(), |e| pointer(&e.request_id)) }
}

/// Id of the multipart upload that failed; the message says whether it was aborted. NULL if there
/// was none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_error_upload_id(error: *const ossbind_error) -> *const c_char {
    // SAFETY: NULL or an error of the library.
    unsafe { read(error, null(), |e| pointer(&e.upload_id)) }
}

/// What a function of the program returned to stop the upload; otherwise 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_error_caller_code(error: *const ossbind_error) -> i32 {
    // SAFETY: NULL or an error of the library.
    unsafe { read(error, 0, |e| e.error.caller_code()) }
}

/// Text of an element of the error document that OSS sent, for example "StringToSign" or
/// "BucketName"; security tokens and signatures in it are masked. NULL if the document has no such
/// element, or if `name` is NULL or not UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_error_document_element(
    error: *const ossbind_error,
    name: *const c_char,
) -> *const c_char {
    // SAFETY: NULL or a string.
    let Ok(Some(name)) = (unsafe { optional_text("name", name) }) else {
        return null();
    };
    let element = |e: &ossbind_error| {
        e.document.iter().find(|(known, _)| known == name).map_or(null(), |(_, text)| text.as_ptr())
    };
    // SAFETY: NULL or an error of the library.
    unsafe { read(error, null(), element) }
}

/// Requests, times and bytes of the call until it failed. Belongs to the error. NULL if the request
/// was refused before the call began.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_error_metrics(
    error: *const ossbind_error,
) -> *const ossbind_metrics {
    // SAFETY: NULL or an error of the library.
    unsafe { read(error, null(), |e| e.metrics.as_ref().map_or(null(), std::ptr::from_ref)) }
}

/// Everything that is known of the error and its call as one JSON text, for a support ticket: what
/// the functions above return, the error document of OSS, bucket, key, endpoint, region, access key id,
/// method and URL of the last request, callback URL, the time of OSS and of this device, durations,
/// bytes, version and machine. It contains no access key secrets, tokens, signatures, queries, headers
/// or bodies. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_error_report(error: *const ossbind_error) -> *const c_char {
    // SAFETY: NULL or an error of the library.
    unsafe { read(error, null(), |e| e.report.as_ptr()) }
}

/// Frees an error. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_error_free(error: *mut ossbind_error) {
    // SAFETY: NULL or an error that the caller owns.
    guard_value((), || unsafe { free(error) });
}
