//! `ossbind_upload_result`: what exists. Immutable.

use std::ffi::{CString, c_char};
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

use super::convert::{
    CPairs, c_text, free, give_bytes, give_pair, into_raw, optional_text, pointer, read, write_out,
};
use super::error::ossbind_error;
use super::guard::{guard, guard_value};
use super::metrics::ossbind_metrics;
use super::status::ossbind_status;
use crate::upload::{UploadError, UploadResult};

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

/// Hands the outcome of a call to the caller: a result, an error, or both.
///
/// # Safety
/// The out-parameters are NULL or point to a writable pointer.
pub(super) unsafe fn give_outcome(
    out_result: *mut *mut ossbind_upload_result,
    out_error: *mut *mut ossbind_error,
    call: impl FnOnce() -> Result<UploadResult, UploadError>,
) -> ossbind_status {
    let call = || {
        // SAFETY: NULL or writable. First, so that it is set whatever happens in the call.
        unsafe { write_out(out_result, null_mut()) };
        let (result, outcome) = match call() {
            Ok(result) => (Some(result), Ok(())),
            Err(failed) => (failed.result.map(|result| *result), Err(failed.error)),
        };
        if let Some(result) = result.filter(|_| !out_result.is_null()) {
            // SAFETY: not NULL, so writable.
            unsafe { out_result.write(ossbind_upload_result::into_raw(result)) };
        }
        outcome
    };
    // SAFETY: NULL or writable.
    unsafe { guard(out_error, call) }
}

/// HTTP status: 200, or 203 when the object is stored but its callback failed. 0 for NULL, and when the
/// object was stored by an earlier attempt (OSSBIND_UPLOAD_ONCE) and the keys may not look at it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_http_status(
    result: *const ossbind_upload_result,
) -> i32 {
    // SAFETY: NULL or a result of the library.
    unsafe { read(result, 0, |r| i32::from(r.result.http_status())) }
}

/// ETag without quotes. For an upload in one request it is the MD5 of the content in uppercase
/// hexadecimal digits. NULL if absent, which is possible after a failed callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_etag(
    result: *const ossbind_upload_result,
) -> *const c_char {
    // SAFETY: NULL or a result of the library.
    unsafe { read(result, null(), |r| pointer(&r.texts().etag)) }
}

/// Version id of the object in a versioned bucket. NULL if absent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_version_id(
    result: *const ossbind_upload_result,
) -> *const c_char {
    // SAFETY: NULL or a result of the library.
    unsafe { read(result, null(), |r| pointer(&r.texts().version_id)) }
}

/// Request id, which the support of OSS asks for. NULL if absent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_request_id(
    result: *const ossbind_upload_result,
) -> *const c_char {
    // SAFETY: NULL or a result of the library.
    unsafe { read(result, null(), |r| pointer(&r.texts().request_id)) }
}

/// CRC-64 that OSS computed of the whole object. Returns 1 and sets `*out_crc64`; returns 0 and
/// leaves it alone if there is none. `out_crc64` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_crc64(
    result: *const ossbind_upload_result,
    out_crc64: *mut u64,
) -> i32 {
    // SAFETY: NULL or a result of the library.
    let Some(crc64) = (unsafe { read(result, None, |r| r.result.crc64()) }) else {
        return 0;
    };
    // SAFETY: NULL or writable.
    unsafe { write_out(out_crc64, crc64) };
    1
}

/// What the application server answered to the callback: bytes, not a string. Sets `*out_len` to
/// their number; `out_len` may be NULL. NULL and 0 if there was no callback or it failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_callback_answer(
    result: *const ossbind_upload_result,
    out_len: *mut usize,
) -> *const u8 {
    // SAFETY: NULL or a result of the library; NULL or writable.
    unsafe {
        give_bytes(result, out_len, |r| {
            Some(r.result.callback_answer()).filter(|answer| !answer.is_empty())
        })
    }
}

/// Value of a header of the answer, for example "x-oss-server-time". Upper and lower case of `name`
/// do not matter. NULL if absent, or if `name` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_header(
    result: *const ossbind_upload_result,
    name: *const c_char,
) -> *const c_char {
    // SAFETY: NULL or a string.
    let Ok(Some(name)) = (unsafe { optional_text("name", name) }) else {
        return null();
    };
    let wanted = |known: &CString| known.as_bytes().eq_ignore_ascii_case(name.as_bytes());
    let header = |r: &ossbind_upload_result| {
        let header = r.texts().headers.iter().find(|(known, _)| wanted(known));
        header.map_or(null(), |(_, value)| value.as_ptr())
    };
    // SAFETY: NULL or a result of the library.
    unsafe { read(result, null(), header) }
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
    // SAFETY: NULL or a result of the library; NULL or writable.
    unsafe { give_pair(result, |r| &r.texts().headers, index, out_name, out_value) }
}

/// Requests, times and bytes of the call. Belongs to the result. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_metrics(
    result: *const ossbind_upload_result,
) -> *const ossbind_metrics {
    // SAFETY: NULL or a result of the library.
    unsafe { read(result, null(), |r| std::ptr::from_ref(&r.metrics)) }
}

/// Frees a result. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload_result_free(result: *mut ossbind_upload_result) {
    // SAFETY: NULL or a result that the caller owns.
    guard_value((), || unsafe { free(result) });
}
