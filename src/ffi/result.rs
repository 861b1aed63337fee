//! `ossbind_upload_result`: what exists. Immutable.

use std::ffi::{CString, c_char};
use std::sync::OnceLock;

use super::convert::{CPairs, c_text, free, give_pair, into_raw, object, optional_text, pointer};
use super::guard::guard_value;
use super::metrics::ossbind_metrics;
use crate::upload::UploadResult;

/// What OSS said of the stored object. Immutable, so any thread may read it. Freed once with
/// ossbind_upload_result_free().
///
/// Every accessor accepts NULL and then answers as if the value were absent. Texts and bytes belong
/// to the result and are valid until it is freed.
pub struct ossbind_upload_result {
    result: UploadResult,
    /// Made when a text is asked for: most programs want to know only that the object is stored.
    texts: OnceLock<Texts>,
    metrics: ossbind_metrics,
}

/// What C wants to end with NUL.
struct Texts {
    etag: Option<CString>,
    version_id: Option<CString>,
    request_id: Option<CString>,
    /// In the order of `UploadResult::headers`.
    headers: CPairs,
}

impl ossbind_upload_result {
    pub(super) fn into_raw(result: UploadResult) -> *mut Self {
        let metrics = result.metrics().into();
        into_raw(Self { result, texts: OnceLock::new(), metrics })
    }

    fn texts(&self) -> &Texts {
        self.texts.get_or_init(|| Texts {
            etag: self.result.etag().map(c_text),
            version_id: self.result.version_id().map(c_text),
            request_id: self.result.request_id().map(c_text),
            headers: CPairs::new(self.result.headers()),
        })
    }
}

/// Hands a result, or NULL, to the caller.
///
/// # Safety
/// `out_result` is NULL or writable.
pub(super) unsafe fn give_result(
    out_result: *mut *mut ossbind_upload_result,
    result: Option<UploadResult>,
) {
    if !out_result.is_null() {
        let result = result.map_or(std::ptr::null_mut(), ossbind_upload_result::into_raw);
        // SAFETY: not NULL, and writable as the caller promises.
        unsafe { out_result.write(result) };
    }
}

/// HTTP status: 200, or 203 when the object is stored but its callback failed. 0 for NULL, and when the
/// object was stored by an earlier attempt (OSSBIND_UPLOAD_ONCE) and the keys may not look at it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_http_status(
    result: *const ossbind_upload_result,
) -> i32 {
    // SAFETY: NULL or a result of the library.
    let result = unsafe { object(result) };
    result.map_or(0, |r| i32::from(r.result.http_status()))
}

/// ETag without quotes. For an upload in one request it is the MD5 of the content in uppercase
/// hexadecimal digits. NULL if absent, which is possible after a failed callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_etag(
    result: *const ossbind_upload_result,
) -> *const c_char {
    // SAFETY: NULL or a result of the library.
    let result = unsafe { object(result) };
    result.map_or(std::ptr::null(), |r| pointer(&r.texts().etag))
}

/// Version id of the object in a versioned bucket. NULL if absent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_version_id(
    result: *const ossbind_upload_result,
) -> *const c_char {
    // SAFETY: NULL or a result of the library.
    let result = unsafe { object(result) };
    result.map_or(std::ptr::null(), |r| pointer(&r.texts().version_id))
}

/// Request id, which the support of OSS asks for. NULL if absent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_request_id(
    result: *const ossbind_upload_result,
) -> *const c_char {
    // SAFETY: NULL or a result of the library.
    let result = unsafe { object(result) };
    result.map_or(std::ptr::null(), |r| pointer(&r.texts().request_id))
}

/// CRC-64 that OSS computed of the whole object. Returns 1 and sets `*out_crc64`; returns 0 and
/// leaves it alone if there is none. `out_crc64` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_crc64(
    result: *const ossbind_upload_result,
    out_crc64: *mut u64,
) -> i32 {
    // SAFETY: NULL or a result of the library.
    let result = unsafe { object(result) };
    let Some(crc64) = result.and_then(|r| r.result.crc64()) else {
        return 0;
    };
    if !out_crc64.is_null() {
        // SAFETY: not NULL, and writable as the caller promises.
        unsafe { out_crc64.write(crc64) };
    }
    1
}

/// What the application server answered to the callback: bytes, not a string. Sets `*out_len` to
/// their number; `out_len` may be NULL. NULL and 0 if there was no callback or it failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_callback_answer(
    result: *const ossbind_upload_result,
    out_len: *mut usize,
) -> *const u8 {
    // SAFETY: NULL or a result of the library.
    let answer = unsafe { object(result) }.map_or(&[][..], |r| r.result.callback_answer());
    if !out_len.is_null() {
        // SAFETY: not NULL, and writable as the caller promises.
        unsafe { out_len.write(answer.len()) };
    }
    if answer.is_empty() { std::ptr::null() } else { answer.as_ptr() }
}

/// Value of a header of the answer, for example "x-oss-server-time". Upper and lower case of `name`
/// do not matter. NULL if absent, or if `name` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_header(
    result: *const ossbind_upload_result,
    name: *const c_char,
) -> *const c_char {
    // SAFETY: NULL or a result of the library; NULL or a string.
    let (result, name) = unsafe { (object(result), optional_text("name", name)) };
    let (Some(result), Ok(Some(name))) = (result, name) else {
        return std::ptr::null();
    };
    let wanted = |known: &CString| known.as_bytes().eq_ignore_ascii_case(name.as_bytes());
    let header = result.texts().headers.iter().find(|(known, _)| wanted(known));
    header.map_or(std::ptr::null(), |(_, value)| value.as_ptr())
}

/// Name (lowercase) and value of a header of the answer, at `index`, counted from 0. Returns 1 and
/// sets `*out_name` and `*out_value`; returns 0 and sets both to NULL if `index` is past the end,
/// and for NULL. Both out-parameters may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_header_at(
    result: *const ossbind_upload_result,
    index: usize,
    out_name: *mut *const c_char,
    out_value: *mut *const c_char,
) -> i32 {
    // SAFETY: NULL or a result of the library.
    let header = unsafe { object(result) }.and_then(|r| r.texts().headers.get(index));
    // SAFETY: NULL or writable.
    unsafe { give_pair(header, out_name, out_value) }
}

/// Requests, times and bytes of the call. Belongs to the result. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_metrics(
    result: *const ossbind_upload_result,
) -> *const ossbind_metrics {
    // SAFETY: NULL or a result of the library.
    let result = unsafe { object(result) };
    result.map_or(std::ptr::null(), |r| std::ptr::from_ref(&r.metrics))
}

/// Frees a result. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_free(result: *mut ossbind_upload_result) {
    // SAFETY: NULL or a result that the caller owns.
    guard_value((), || unsafe { free(result) });
}
