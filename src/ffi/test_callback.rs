//! `ossbind_test_callback`: a signed callback for the tests of a server.

use std::ffi::c_char;

use super::convert::{CPairs, bytes, free, give_pair, required_text};
use super::error::ossbind_error;
use super::guard::{give_object, guard_value};
use super::status::ossbind_status;
use crate::receiving::test_callback;

/// The headers of a callback that was signed with the key for tests. Immutable. Freed once with
/// ossbind_test_callback_free().
pub struct ossbind_test_callback {
    headers: CPairs,
}

/// Signs a callback for the tests of a server, with a key that everybody knows. A verifier with
/// OSSBIND_VERIFIER_DANGER_ACCEPT_TEST_KEY takes it for one of OSS.
///
/// `target` is path and query as in the request line, and required; `body` is what OSS would send, NULL
/// when `body_len` is 0. The request also needs the Content-Type of the body. `out_callback` is required; on
/// success `*out_callback` belongs to the caller, on failure it is NULL. `out_error` may be NULL; otherwise
/// `*out_error` is NULL on success, and on failure an error that the caller frees. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_test_callback_new(
    target: *const c_char,
    body: *const u8,
    body_len: usize,
    out_callback: *mut *mut ossbind_test_callback,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let make = || {
        // SAFETY: NULL or a string; NULL or readable.
        let (target, body) =
            unsafe { (required_text("target", target)?, bytes("body", body, body_len)?) };
        let headers = test_callback(target, body)?;
        let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        Ok(ossbind_test_callback { headers: CPairs::new(headers) })
    };
    // SAFETY: NULL or writable.
    unsafe { give_object("out_callback", out_callback, out_error, make) }
}

/// Name and value of the header at `index`, counted from 0, to be sent with the request. Returns 1 and sets
/// `*out_name` and `*out_value`; returns 0 and sets both to NULL when `index` is past the end. Both may be
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_test_callback_header_at(
    callback: *const ossbind_test_callback,
    index: usize,
    out_name: *mut *const c_char,
    out_value: *mut *const c_char,
) -> i32 {
    // SAFETY: NULL or an object of the library; NULL or writable.
    unsafe { give_pair(callback, |c| &c.headers, index, out_name, out_value) }
}

/// Frees a callback. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_test_callback_free(callback: *mut ossbind_test_callback) {
    // SAFETY: NULL or an object that the caller owns.
    guard_value((), || unsafe { free(callback) });
}
