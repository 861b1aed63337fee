//! `ossbind_received_request` and `ossbind_received_callback`: what comes to a server, and what it says.

use std::ffi::{CString, c_char};
use std::mem::offset_of;
use std::ptr::null;

use super::convert::{
    CPairs, SizedStruct, bytes, c_text, foreign_pairs, foreign_text, free, give_pair,
    optional_text, ossbind_pair, pointer, read,
};
use super::guard::guard_value;
use crate::error::Result;
use crate::receiving::{ReceivedCallback, ReceivedRequest};

/// A request as a server received it. Initialize with ossbind_received_request_init(). Everything is
/// borrowed for the call. Texts that are not UTF-8 are no error: they fit no signature. Members are only
/// ever appended.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_received_request {
    /// sizeof(ossbind_received_request), set by ossbind_received_request_init().
    pub struct_size: usize,
    /// HTTP method. Required.
    pub method: *const c_char,
    /// Path and query of the request line, as they came, not decoded: "/uploaded?a=%20b". Behind a proxy
    /// that changes them, those of callbackUrl. Required.
    pub target: *const c_char,
    /// All headers, names in any case. NULL when header_count is 0.
    pub headers: *const ossbind_pair,
    /// Number of headers.
    pub header_count: usize,
    /// The bytes of the body as they came, before anything parses them. NULL when body_len is 0.
    pub body: *const u8,
    /// Number of bytes.
    pub body_len: usize,
}

// SAFETY: pointers and integers; struct_size is first.
unsafe impl SizedStruct for ossbind_received_request {
    const NAME: &'static str = "received_request";
    // 0.1.0 ended with body_len.
    const FIRST_SIZE: usize = offset_of!(Self, body_len) + size_of::<usize>();
}

impl ossbind_received_request {
    /// Hands the request in the form of the core to `use_it`.
    ///
    /// # Safety
    /// Its members are as their documentation says.
    pub(super) unsafe fn with_request<T>(
        &self,
        use_it: impl FnOnce(&ReceivedRequest<'_>) -> Result<T>,
    ) -> Result<T> {
        // SAFETY: as the caller promises.
        let (method, target, headers, body) = unsafe {
            (
                foreign_text(|| "method".to_owned(), self.method)?,
                foreign_text(|| "target".to_owned(), self.target)?,
                foreign_pairs("headers", self.headers, self.header_count)?,
                bytes("body", self.body, self.body_len)?,
            )
        };
        let headers: Vec<_> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        use_it(&ReceivedRequest { method: &method, target: &target, headers: &headers, body })
    }
}

/// What a callback of OSS says. Immutable, so any thread may read it. Freed once with
/// ossbind_received_callback_free().
///
/// Every accessor accepts NULL and then answers as if the value were absent. Texts belong to the
/// callback and are valid until it is freed.
pub struct ossbind_received_callback {
    fields: CPairs,
    request_id: Option<CString>,
}

impl ossbind_received_callback {
    pub(super) fn new(callback: &ReceivedCallback) -> Self {
        let fields = callback.fields().iter();
        Self {
            fields: CPairs::new(fields.map(|(name, value)| (name.as_str(), value.as_bytes()))),
            request_id: callback.request_id().map(c_text),
        }
    }
}

/// Value of the first field of the body with this name, decoded: of a form without percent-encoding, of
/// JSON without quotes; other JSON values as JSON, and null as the empty text. Quotes around the field etag are
/// left out. NULL if there is none, or if `name` is NULL or not UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_received_callback_field(
    callback: *const ossbind_received_callback,
    name: *const c_char,
) -> *const c_char {
    // SAFETY: NULL or a string.
    let Ok(Some(name)) = (unsafe { optional_text("name", name) }) else {
        return null();
    };
    let value = |callback: &ossbind_received_callback| {
        let mut fields = callback.fields.iter();
        let found = fields.find(|(n, _)| n.as_bytes() == name.as_bytes());
        found.map_or(null(), |(_, value)| value.as_ptr())
    };
    // SAFETY: NULL or an object of the library.
    unsafe { read(callback, null(), value) }
}

/// Name and value of the field at `index`, counted from 0, in the order of the body. Returns 1 and sets
/// `*out_name` and `*out_value`; returns 0 and sets both to NULL when `index` is past the end. Both may be
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_received_callback_field_at(
    callback: *const ossbind_received_callback,
    index: usize,
    out_name: *mut *const c_char,
    out_value: *mut *const c_char,
) -> i32 {
    // SAFETY: NULL or an object of the library; NULL or writable.
    unsafe { give_pair(callback, |c| &c.fields, index, out_name, out_value) }
}

/// Request id of the upload, from a header that the signature does not cover: good for logs. To count an
/// upload once, put reqId=${reqId} into the body of the callback and use that field. NULL if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_received_callback_request_id(
    callback: *const ossbind_received_callback,
) -> *const c_char {
    // SAFETY: NULL or an object of the library.
    unsafe { read(callback, null(), |c| pointer(&c.request_id)) }
}

/// Frees a callback. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_received_callback_free(callback: *mut ossbind_received_callback) {
    // SAFETY: NULL or an object that the caller owns.
    guard_value((), || unsafe { free(callback) });
}
