//! `ossbind_signed_request`: what somebody else can send. Immutable.

use std::ffi::{CString, c_char};

use super::convert::{CPairs, c_text, free, object, pointer};
use super::guard::guard_value;
use crate::signed::SignedRequest;

/// A request that was signed and not sent: whoever has it can send it until it expires, so treat it
/// as a secret. Immutable, so any thread may read it; freed once with ossbind_signed_request_free().
///
/// Every accessor takes NULL and then answers as if the value were absent. Texts belong to the
/// object and are valid until it is freed.
pub struct ossbind_signed_request {
    method: CString,
    url: CString,
    headers: CPairs,
    expires: u64,
    bundle: Option<CString>,
}

impl ossbind_signed_request {
    pub(super) fn new(signed: SignedRequest) -> Self {
        Self {
            method: c_text(signed.method()),
            url: c_text(signed.url()),
            headers: CPairs::new(signed.headers()),
            expires: signed.expires(),
            bundle: signed.to_bundle().as_deref().map(c_text),
        }
    }
}

/// HTTP method. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_signed_request_method(
    signed: *const ossbind_signed_request,
) -> *const c_char {
    // SAFETY: NULL or an object of the library.
    let signed = unsafe { object(signed) };
    signed.map_or(std::ptr::null(), |s| s.method.as_ptr())
}

/// URL, encoded. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_signed_request_url(
    signed: *const ossbind_signed_request,
) -> *const c_char {
    // SAFETY: NULL or an object of the library.
    let signed = unsafe { object(signed) };
    signed.map_or(std::ptr::null(), |s| s.url.as_ptr())
}

/// Until when OSS takes it, in seconds since 1970. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_signed_request_expires(
    signed: *const ossbind_signed_request,
) -> u64 {
    // SAFETY: NULL or an object of the library.
    let signed = unsafe { object(signed) };
    signed.map_or(0, |s| s.expires)
}

/// Number of headers that must be sent exactly as they are. Besides them no Content-Type,
/// Content-MD5 or x-oss-* header may be sent: HTTP programs like to add a Content-Type by themselves.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_signed_request_header_count(
    signed: *const ossbind_signed_request,
) -> usize {
    // SAFETY: NULL or an object of the library.
    let signed = unsafe { object(signed) };
    signed.map_or(0, |s| s.headers.len())
}

/// Name of a header, lowercase. NULL when `index` is not below the count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_signed_request_header_name(
    signed: *const ossbind_signed_request,
    index: usize,
) -> *const c_char {
    // SAFETY: NULL or an object of the library.
    let signed = unsafe { object(signed) };
    signed.map_or(std::ptr::null(), |s| s.headers.name(index))
}

/// Value of a header. NULL when `index` is not below the count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_signed_request_header_value(
    signed: *const ossbind_signed_request,
    index: usize,
) -> *const c_char {
    // SAFETY: NULL or an object of the library.
    let signed = unsafe { object(signed) };
    signed.map_or(std::ptr::null(), |s| s.headers.value(index))
}

/// All of it as one JSON text, to be sent to a device, where ossbind_upload_request.bundle takes it:
/// {"ossbind":1,"method":"PUT","url":"...","headers":{...},"expires":1700000000}. NULL for NULL, and
/// for a request of ossbind_client_sign(), which is to be sent at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_signed_request_bundle(
    signed: *const ossbind_signed_request,
) -> *const c_char {
    // SAFETY: NULL or an object of the library.
    let signed = unsafe { object(signed) };
    signed.map_or(std::ptr::null(), |s| pointer(&s.bundle))
}

/// Frees a signed request. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_signed_request_free(signed: *mut ossbind_signed_request) {
    // SAFETY: NULL or an object that the caller owns.
    guard_value((), || unsafe { free(signed) });
}
