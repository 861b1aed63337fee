//! `ossbind_signed`: what somebody else can send. Immutable.

use std::ffi::{CString, c_char};
use std::ptr::null;

use super::client::{as_client, ossbind_client};
use super::convert::{CPairs, SizedStruct, c_text, free, give_pair, pointer, read, read_sized};
use super::error::ossbind_error;
use super::guard::{give_object, guard_value};
use super::status::ossbind_status;
use crate::client::Client;
use crate::error::Result;
use crate::signed::Signed;

/// What was signed and not sent. Anybody who has it can send it until it expires, so treat it as a
/// secret. Immutable, so any thread may read it. Freed once with ossbind_signed_free().
///
/// Every accessor accepts NULL and then answers as if the value were absent. Texts belong to the
/// object and are valid until it is freed.
pub struct ossbind_signed {
    method: CString,
    url: CString,
    pairs: CPairs,
    expires_at: u64,
    bundle: Option<CString>,
}

impl ossbind_signed {
    fn new(signed: &Signed) -> Self {
        Self {
            method: c_text(signed.method()),
            url: c_text(signed.url()),
            pairs: CPairs::new(
                signed.pairs().iter().map(|(name, value)| (&**name, value.as_bytes())),
            ),
            expires_at: signed.expires_at(),
            bundle: signed.to_bundle().as_deref().map(c_text),
        }
    }
}

/// What all functions that sign have in common: checks, and hands the result of `sign` to the caller.
///
/// # Safety
/// The out-parameters are NULL or writable. `client` is NULL or of the library, `request` NULL or as its
/// documentation says.
pub(super) unsafe fn give_signed<R: SizedStruct>(
    client: *const ossbind_client,
    request: *const R,
    out_signed: *mut *mut ossbind_signed,
    out_error: *mut *mut ossbind_error,
    sign: impl FnOnce(&R, &Client) -> Result<Signed>,
) -> ossbind_status {
    let make = || {
        // SAFETY: as the caller promises.
        let (client, request) = unsafe { (as_client(client)?, read_sized(request)?) };
        Ok(ossbind_signed::new(&sign(&request, client)?))
    };
    // SAFETY: as the caller promises.
    unsafe { give_object("out_signed", out_signed, out_error, make) }
}

/// HTTP method, in uppercase letters; "POST" for a form. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_signed_method(signed: *const ossbind_signed) -> *const c_char {
    // SAFETY: NULL or an object of the library.
    unsafe { read(signed, null(), |s| s.method.as_ptr()) }
}

/// URL to send it to, percent-encoded. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_signed_url(signed: *const ossbind_signed) -> *const c_char {
    // SAFETY: NULL or an object of the library.
    unsafe { read(signed, null(), |s| s.url.as_ptr()) }
}

/// Time until which OSS accepts it, in seconds since 1970. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_signed_expires_at(signed: *const ossbind_signed) -> u64 {
    // SAFETY: NULL or an object of the library.
    unsafe { read(signed, 0, |s| s.expires_at) }
}

/// Name and value at `index`, counted from 0. Returns 1 and sets `*out_name` and `*out_value`;
/// returns 0 and sets both to NULL when `index` is past the end. Both may be NULL.
///
/// Of ossbind_client_sign_url() and ossbind_client_sign_headers(): the headers, with lowercase names,
/// that must be sent exactly as they are. No other Content-Type, Content-MD5 or x-oss-* header may be sent;
/// HTTP programs like to add a Content-Type by themselves. Of ossbind_client_sign_form(): the fields,
/// in the order in which they are sent as multipart/form-data. The field `file` comes last, and `key`,
/// when it is not among them, anywhere before it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_signed_pair_at(
    signed: *const ossbind_signed,
    index: usize,
    out_name: *mut *const c_char,
    out_value: *mut *const c_char,
) -> i32 {
    // SAFETY: NULL or an object of the library; NULL or writable.
    unsafe { give_pair(signed, |s| &s.pairs, index, out_name, out_value) }
}

/// All of it as one JSON text, to be sent to a browser, or to a device, where
/// ossbind_upload_request.bundle takes it:
/// {"expires":1700000000,"headers":{...},"method":"PUT","ossbind":1,"url":"..."}, with "fields"
/// instead of "headers" for a form. NULL for NULL, and for what ossbind_client_sign_headers() signed,
/// which is to be sent at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_signed_bundle(signed: *const ossbind_signed) -> *const c_char {
    // SAFETY: NULL or an object of the library.
    unsafe { read(signed, null(), |s| pointer(&s.bundle)) }
}

/// Frees what was signed. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_signed_free(signed: *mut ossbind_signed) {
    // SAFETY: NULL or an object that the caller owns.
    guard_value((), || unsafe { free(signed) });
}
