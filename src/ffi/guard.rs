//! The one place where panics stop and errors become out-parameters.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;

use super::convert::{into_raw, write_out};
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
        Ok(()) => (ossbind_status::OK, null_mut()),
        Err(error) if out_error.is_null() => (error.status().into(), null_mut()),
        Err(error) => (error.status().into(), ossbind_error::into_raw(error)),
    };
    // SAFETY: as the caller promises.
    unsafe { write_out(out_error, error) };
    status
}

/// Makes an object and hands it to the caller. `*out` is NULL when there is none.
///
/// # Safety
/// `out` and `out_error` are NULL or point to a writable pointer.
pub(super) unsafe fn give_object<T>(
    field: &str,
    out: *mut *mut T,
    out_error: *mut *mut ossbind_error,
    make: impl FnOnce() -> Result<T>,
) -> ossbind_status {
    let call = || {
        // SAFETY: NULL or writable.
        unsafe { write_out(out, null_mut()) };
        // Without `out` as well: what a config has of the program must be freed.
        let object = make();
        if out.is_null() {
            return Err(Error::invalid(field, "is NULL, but required"));
        }
        // SAFETY: not NULL, so writable.
        unsafe { out.write(into_raw(object?)) };
        Ok(())
    };
    // SAFETY: NULL or writable.
    unsafe { guard(out_error, call) }
}

/// Runs an accessor or a release; a panic gives `neutral`.
pub(super) fn guard_value<T>(neutral: T, call: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or(neutral)
}
