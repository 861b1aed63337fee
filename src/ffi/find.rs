//! `ossbind_find_request`: asking for an object after a doubt.

use std::ffi::c_char;
use std::mem::offset_of;
use std::time::Duration;

use super::body::{BodyMembers, ossbind_body_kind};
use super::cancel::ossbind_cancel;
use super::client::{as_client, ossbind_client};
use super::convert::{SizedStruct, check_flags, milliseconds, object, read_sized, required_text};
use super::error::ossbind_error;
use super::result::{give_outcome, ossbind_upload_result};
use super::status::ossbind_status;
use crate::error::{Error, Result};
use crate::upload::FindRequest;

/// Bit of ossbind_find_request.flags: as OSSBIND_UPLOAD_REQUESTER_PAYS of the upload.
pub const OSSBIND_FIND_REQUESTER_PAYS: u32 = 1;

/// A question about an object. Initialize with ossbind_find_request_init(); bucket, key and body
/// are required. Everything it points to is borrowed until the call returns. Members are only ever
/// appended.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_find_request {
    /// sizeof(ossbind_find_request), set by ossbind_find_request_init().
    pub struct_size: usize,
    /// Bucket of the upload.
    pub bucket: *const c_char,
    /// Name of the object of the upload.
    pub key: *const c_char,
    /// Body of the upload: OSSBIND_BODY_KIND_MEMORY or OSSBIND_BODY_KIND_FILE.
    pub body: ossbind_body_kind,
    /// Milliseconds since the upload failed. 0: just now.
    pub doubt_age_ms: u32,
    /// MEMORY: the bytes. NULL when, and only when, data_len is 0.
    pub data: *const u8,
    /// MEMORY: how many.
    pub data_len: usize,
    /// FILE: path of a regular file; bytes, not necessarily UTF-8.
    pub file_path: *const c_char,
    /// Ends the call from another thread. NULL: nothing does.
    pub cancel: *const ossbind_cancel,
    /// Time limit of the whole call in milliseconds, with all its waits and attempts. 0: none.
    pub timeout_ms: u32,
    /// OSSBIND_FIND_*; unknown bits are refused.
    pub flags: u32,
}

// SAFETY: pointers and integers; struct_size is first.
unsafe impl SizedStruct for ossbind_find_request {
    const NAME: &'static str = "find_request";
    // 0.1.0 ended with flags.
    const FIRST_SIZE: usize = offset_of!(Self, flags) + size_of::<u32>();
}

impl ossbind_find_request {
    /// # Safety
    /// Everything that the request points to is as its documentation says.
    unsafe fn convert<'a>(&self) -> Result<FindRequest<'a>> {
        check_flags("flags", self.flags, OSSBIND_FIND_REQUESTER_PAYS)?;
        let body = BodyMembers {
            kind: self.body,
            data: self.data,
            data_len: self.data_len,
            file_path: self.file_path,
            has_read: false,
        };
        let is_stream = || {
            let fault =
                "is READ, and would have to be read again; only MEMORY and FILE can be compared";
            Error::invalid("body", fault)
        };
        // SAFETY: as the caller promises.
        let (bucket, key, body, cancel) = unsafe {
            (
                required_text("bucket", self.bucket)?,
                required_text("key", self.key)?,
                body.to_body()?.ok_or_else(is_stream)?,
                object(self.cancel),
            )
        };
        Ok(FindRequest {
            doubt_age: Duration::from_millis(self.doubt_age_ms.into()),
            timeout: milliseconds(self.timeout_ms),
            cancel: cancel.map(|cancel| &cancel.token),
            requester_pays: self.flags & OSSBIND_FIND_REQUESTER_PAYS != 0,
            ..FindRequest::new(bucket, key, body)
        })
    }
}

/// Asks OSS whether an object is there, with the size and the CRC-64 of a body: for after an upload
/// whose error advises OSSBIND_ADVICE_LOOK. An upload with OSSBIND_UPLOAD_ONCE does not need it.
/// The keys need the right oss:GetObject.
///
/// OK, and `*out_result` is set: it is there, though perhaps since an earlier upload of the same
/// content; the result has no callback answer. OSSBIND_STATUS_NOT_FOUND, and `*out_error` is set:
/// it is not there. While doubt_age_ms is less than 60 000, the upload may still arrive, and the
/// advice is OSSBIND_ADVICE_LOOK: ask again after ossbind_error_retry_after_ms(). After that it is
/// OSSBIND_ADVICE_AGAIN: upload it again. Any other status, and `*out_error` is set: OSS could not
/// be asked, so the object is as unknown as before, and the advice is never to upload. NULL and threads:
/// as with ossbind_client_upload().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_client_find(
    client: *const ossbind_client,
    request: *const ossbind_find_request,
    out_result: *mut *mut ossbind_upload_result,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let call = || {
        // SAFETY: as the documentation asks.
        let (client, request) = unsafe { (as_client(client)?, read_sized(request)?.convert()?) };
        Ok(client.find(request)?)
    };
    // SAFETY: NULL or writable.
    unsafe { give_outcome(out_result, out_error, call) }
}
