//! `ossbind_cancel`: ends uploads from another thread.

use super::convert::{free, read};
use super::guard::{give_object, guard_value};
use super::status::ossbind_status;
use crate::wait::CancelToken;

/// Ends the uploads whose requests it was given to. It cannot be undone. It must not be freed
/// before those uploads have returned.
pub struct ossbind_cancel {
    pub(super) token: CancelToken,
}

/// Makes a cancel object. `out_cancel` is required; `*out_cancel` belongs to the caller, who frees
/// it with ossbind_cancel_free(). Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_cancel_new(
    out_cancel: *mut *mut ossbind_cancel,
) -> ossbind_status {
    let make = || Ok(ossbind_cancel { token: CancelToken::new() });
    // SAFETY: NULL or writable; no error is wanted.
    unsafe { give_object("out_cancel", out_cancel, std::ptr::null_mut(), make) }
}

/// Ends all its uploads: they stop connecting, sending, waiting and retrying, and return
/// OSSBIND_STATUS_CANCELLED with the object state that is true then. NULL is allowed. Any thread,
/// at any time, also from a progress function or a signal handler: it takes no lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_cancel_trigger(cancel: *const ossbind_cancel) {
    // SAFETY: NULL or an object of the library.
    unsafe { read(cancel, (), |cancel| cancel.token.cancel()) };
}

/// Frees a cancel object that no upload uses any longer. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_cancel_free(cancel: *mut ossbind_cancel) {
    // SAFETY: NULL or an object that the caller owns.
    guard_value((), || unsafe { free(cancel) });
}
