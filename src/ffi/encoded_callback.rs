//! `ossbind_encoded_callback`: the two header values, for programs with their own HTTP stack.

use std::ffi::{CString, c_char};
use std::ptr::null;

use super::callback::ossbind_callback;
use super::convert::{c_text, free, pointer, read, read_sized};
use super::error::ossbind_error;
use super::guard::{give_object, guard_value};
use super::status::ossbind_status;
use crate::callback::{Audience, EncodedCallback};

/// A callback that was checked and encoded: for many uploads
/// (ossbind_upload_request.encoded_callback), or as header values for another HTTP stack.
/// Immutable, so any thread may use it. Freed once with ossbind_encoded_callback_free(); no upload
/// may be using it then.
pub struct ossbind_encoded_callback {
    pub(super) encoded: EncodedCallback,
    callback: CString,
    variables: Option<CString>,
}

/// Checks and encodes a callback. Nothing is sent.
///
/// `callback` is required and borrowed for the call. `out_encoded` is required; on success
/// `*out_encoded` belongs to the caller, on failure it is NULL. `out_error` may be NULL; otherwise
/// `*out_error` is NULL on success, and on failure an error that the caller frees. Private
/// addresses are accepted here, and refused by an upload to the public service. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_callback_encode(
    callback: *const ossbind_callback,
    out_encoded: *mut *mut ossbind_encoded_callback,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let make = || {
        // SAFETY: NULL or a callback whose texts are NULL or strings.
        let encoded = unsafe { read_sized(callback)?.to_callback() }?.encode(Audience::Any)?;
        Ok(ossbind_encoded_callback {
            callback: c_text(&encoded.callback),
            variables: encoded.variables.as_deref().map(c_text),
            encoded,
        })
    };
    // SAFETY: NULL or writable.
    unsafe { give_object("out_encoded", out_encoded, out_error, make) }
}

/// Value of the header x-oss-callback. Belongs to `encoded`. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_encoded_callback_header(
    encoded: *const ossbind_encoded_callback,
) -> *const c_char {
    // SAFETY: NULL or an object of the library.
    unsafe { read(encoded, null(), |e| e.callback.as_ptr()) }
}

/// Value of the header x-oss-callback-var. Belongs to `encoded`. NULL if there are no variables:
/// the header must not be sent then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_encoded_callback_variables_header(
    encoded: *const ossbind_encoded_callback,
) -> *const c_char {
    // SAFETY: NULL or an object of the library.
    unsafe { read(encoded, null(), |e| pointer(&e.variables)) }
}

/// Frees an encoded callback. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_encoded_callback_free(encoded: *mut ossbind_encoded_callback) {
    // SAFETY: NULL or an object that the caller owns.
    guard_value((), || unsafe { free(encoded) });
}
