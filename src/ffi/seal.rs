//! `ossbind_seal()`: a variable that only a program with the secret could make.

use std::ffi::{CString, c_char};
use std::mem::offset_of;
use std::time::Duration;

use super::client::{ossbind_client, time_of};
use super::convert::{SizedStruct, check_flags, ossbind_pair, read_sized, required_text};
use super::error::ossbind_error;
use super::guard::guard;
use super::status::ossbind_status;
use crate::error::{Error, Result};
use crate::seal::seal;

/// Room for a seal with its NUL.
pub const OSSBIND_SEAL_CAPACITY: usize = 192;

const DEFAULT_LIFETIME: u32 = 7 * 24 * 3600;

/// What a seal is made for. Initialize with ossbind_seal_request_init(). Everything is borrowed for the
/// call. Members are only ever appended.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_seal_request {
    /// sizeof(ossbind_seal_request), set by ossbind_seal_request_init().
    pub struct_size: usize,
    /// Required. `name` names the secret: 1 to 64 letters, digits, '-' and '_'; `value` is the secret, at
    /// least 16 bytes of text. The server has the same pair among its seal_keys. Give each device its
    /// own, for whoever has it can make seals.
    pub secret: ossbind_pair,
    /// Bucket of the upload. Required.
    pub bucket: *const c_char,
    /// Key of the upload. Required.
    pub key: *const c_char,
    /// A client that knows the time of OSS, for a board whose own clock may be wrong: it learns the time
    /// with its first upload. NULL: the time of this device.
    pub client: *const ossbind_client,
    /// For how many seconds from now the seal is good. It has to last until the upload is made, which of
    /// an outbox may take days; the server remembers seals until they expire. 0: 604 800 (7 days).
    pub lifetime_s: u32,
    /// Zero.
    pub reserved: u32,
}

// SAFETY: pointers and integers; struct_size is first.
unsafe impl SizedStruct for ossbind_seal_request {
    const NAME: &'static str = "seal_request";
    // 0.1.0 ended with reserved.
    const FIRST_SIZE: usize = offset_of!(Self, reserved) + size_of::<u32>();
}

impl ossbind_seal_request {
    unsafe fn seal(&self) -> Result<String> {
        check_flags("reserved", self.reserved, 0)?;
        // SAFETY: the texts are NULL or strings, as the caller promises.
        let (id, secret, bucket, key) = unsafe {
            (
                required_text("secret.name", self.secret.name)?,
                required_text("secret.value", self.secret.value)?,
                required_text("bucket", self.bucket)?,
                required_text("key", self.key)?,
            )
        };
        // SAFETY: NULL or a client, as the caller promises.
        let now = unsafe { time_of(self.client) };
        let lifetime = if self.lifetime_s == 0 { DEFAULT_LIFETIME } else { self.lifetime_s };
        seal((id, secret), bucket, key, now, Duration::from_secs(lifetime.into()))
    }
}

/// Makes the value of a variable "x:seal", with which the server that is called back knows that a device
/// with the secret asked for this very callback, once, and not too late. The signature of OSS says none of
/// that: it covers anybody's uploads, and can be sent again. Size, ETag and type are filled in by OSS, so that
/// no seal covers them, and a device with the secret can lie.
///
/// The body of the callback must have object=${object} and seal=${x:seal} (or "object":${object} and
/// "seal":${x:seal}). `request` is required. `out_seal` is required and has room for
/// OSSBIND_SEAL_CAPACITY bytes; on success it is a string, on failure the empty one. `out_error` may be
/// NULL; otherwise `*out_error` is NULL on success, and on failure an error that the caller frees. Any
/// thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_seal(
    request: *const ossbind_seal_request,
    out_seal: *mut c_char,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let call = || {
        if out_seal.is_null() {
            return Err(Error::invalid("out_seal", "is NULL, but required"));
        }
        // SAFETY: not NULL, so writable; NULL or a request whose texts are NULL or strings.
        let seal = unsafe {
            out_seal.write(0);
            read_sized(request)?.seal()
        }?;
        let seal = CString::new(seal).expect("a seal has no NUL");
        let bytes = seal.as_bytes_with_nul();
        assert!(bytes.len() <= OSSBIND_SEAL_CAPACITY, "a seal has at most 192 bytes");
        // SAFETY: the caller promises so much room.
        unsafe { out_seal.copy_from_nonoverlapping(bytes.as_ptr().cast(), bytes.len()) };
        Ok(())
    };
    // SAFETY: NULL or writable.
    unsafe { guard(out_error, call) }
}
