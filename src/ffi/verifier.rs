//! `ossbind_verifier`: whether a request is a callback of OSS.

use std::ptr::null_mut;

use super::convert::{free, into_raw, object, read_sized, write_out};
use super::error::ossbind_error;
use super::guard::{give_object, guard, guard_value};
use super::received::{ossbind_received_callback, ossbind_received_request};
use super::status::ossbind_status;
use super::verifier_config::{make_verifier, ossbind_verifier_config};
use crate::error::Error;
use crate::receiving::{Refused, Verifier};

/// Verifies callbacks: keys of OSS by their URL, and the seals that it has seen. Any number of threads may
/// use one verifier at the same time; a server has one, for what came once is known to it alone.
pub struct ossbind_verifier {
    inner: Verifier,
}

/// Makes a verifier. Nothing is fetched.
///
/// `config` may be NULL: callbacks of OSS are accepted, without seals. `out_verifier` is required; on
/// success `*out_verifier` belongs to the caller, who frees it with ossbind_verifier_free(), and on failure
/// it is NULL. `out_error` may be NULL; otherwise `*out_error` is NULL on success, and on failure an error
/// that the caller frees. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_verifier_new(
    config: *const ossbind_verifier_config,
    out_verifier: *mut *mut ossbind_verifier,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    // SAFETY: NULL or a config.
    let make = || Ok(ossbind_verifier { inner: unsafe { make_verifier(config) }? });
    // SAFETY: NULL or writable.
    unsafe { give_object("out_verifier", out_verifier, out_error, make) }
}

/// Whether a request is a callback of OSS: signed by its key, with a seal if the verifier has keys of
/// seals. Each reason to refuse it is a status of its own, from OSSBIND_STATUS_NOT_SIGNED on; what to answer
/// says ossbind_callback_reply().
///
/// `verifier` and `request` are required, and borrowed for the call. `out_callback` may be NULL; otherwise
/// `*out_callback` is what the callback says, which the caller frees, with OSSBIND_STATUS_OK and with
/// OSSBIND_STATUS_REPLAYED, and else NULL. `out_error` may be NULL; otherwise `*out_error` is NULL on
/// success, and on failure an error that the caller frees. It takes about 30 microseconds, and up to 5
/// seconds when a key has to be fetched. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_verifier_check(
    verifier: *const ossbind_verifier,
    request: *const ossbind_received_request,
    out_callback: *mut *mut ossbind_received_callback,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let call = || {
        // SAFETY: NULL or writable; NULL or a verifier; NULL or a request.
        let (verifier, request) = unsafe {
            write_out(out_callback, null_mut());
            (object(verifier), read_sized(request)?)
        };
        let verifier = verifier.ok_or_else(|| Error::invalid("verifier", "is NULL"))?;
        // SAFETY: its members are as the caller promises.
        let verdict = unsafe { request.with_request(|request| Ok(verifier.inner.check(request))) }?;
        let (callback, outcome) = match verdict {
            Ok(callback) => (Some(callback), Ok(())),
            Err(Refused { error, callback }) => (callback, Err(error)),
        };
        if let Some(callback) = callback.filter(|_| !out_callback.is_null()) {
            // SAFETY: not NULL, so writable.
            unsafe { out_callback.write(into_raw(ossbind_received_callback::new(&callback))) };
        }
        outcome
    };
    // SAFETY: NULL or writable.
    unsafe { guard(out_error, call) }
}

/// Frees a verifier. NULL is allowed. No call may be using it. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_verifier_free(verifier: *mut ossbind_verifier) {
    // SAFETY: NULL or a verifier that the caller owns.
    guard_value((), || unsafe { free(verifier) });
}
