//! The one place where panics stop and errors become out-parameters.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::error::ossbind_error;
use super::status::ossbind_status;
use crate::error::{Error, ObjectState, Result, Status};

/// Runs a fallible call. Sets `*out_error` to NULL or to a new error object.
///
/// # Safety
/// `out_error` is NULL or points to a writable pointer.
pub(super) unsafe fn guard(
    out_error: *mut *mut ossbind_error,
    call: impl FnOnce() -> Result<()>,
) -> ossbind_status {
    // A panic in the middle of an upload leaves no trace of how far it came.
    let outcome = catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| {
        let message = "a bug in ossbind was contained; please report it with what is on stderr";
        Err(Error::new(Status::Internal, message).with_object_state(ObjectState::Unknown))
    });
    let (status, error) = match outcome {
        Ok(()) => (ossbind_status::OK, std::ptr::null_mut()),
        Err(error) if out_error.is_null() => (error.status().into(), std::ptr::null_mut()),
        Err(error) => (error.status().into(), ossbind_error::into_raw(error)),
    };
    if !out_error.is_null() {
        // SAFETY: not NULL, and the caller promises that it is writable.
        unsafe { out_error.write(error) };
    }
    status
}

/// Runs an accessor or a release; a panic gives `neutral`.
pub(super) fn guard_value<T>(neutral: T, call: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or(neutral)
}
