//! `ossbind_sign_headers_request`: a request to be signed for the program's own HTTP stack.

use std::ffi::c_char;
use std::mem::offset_of;

use super::client::ossbind_client;
use super::convert::{SizedStruct, optional_text, ossbind_pair, pairs, required_text, texts};
use super::error::ossbind_error;
use super::signed::{give_signed, ossbind_signed};
use super::status::ossbind_status;
use crate::client::Client;
use crate::error::Result;
use crate::signed::{SignHeadersRequest, Signed};

/// A request to be signed. Initialize with ossbind_sign_headers_request_init(); zero is the default
/// of every member but method. Everything it points to is borrowed until the call returns. Members
/// are only ever appended.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_sign_headers_request {
    /// sizeof(ossbind_sign_headers_request), set by ossbind_sign_headers_request_init().
    pub struct_size: usize,
    /// Required: HTTP method in uppercase letters.
    pub method: *const c_char,
    /// Bucket. NULL for requests to the service, such as ListBuckets.
    pub bucket: *const c_char,
    /// Name of the object. NULL for requests to the bucket, such as ListObjects.
    pub key: *const c_char,
    /// Query parameters, not percent-encoded; of one with an empty value only the name is sent.
    /// NULL when query_count is 0.
    pub query: *const ossbind_pair,
    /// Number of query parameters.
    pub query_count: usize,
    /// Headers that will be sent. Content-Type, Content-MD5 and x-oss-* are signed, so all that
    /// will be sent must be here. NULL when header_count is 0.
    pub headers: *const ossbind_pair,
    /// Number of headers.
    pub header_count: usize,
    /// Names of further headers that the signature covers, with signature V4 only: "host", whose value
    /// the library knows, or headers that are in `headers`, where Content-Length is allowed then. NULL
    /// when additional_header_count is 0.
    pub additional_headers: *const *const c_char,
    /// Number of names.
    pub additional_header_count: usize,
}

// SAFETY: pointers and integers; struct_size is first.
unsafe impl SizedStruct for ossbind_sign_headers_request {
    const NAME: &'static str = "sign_headers_request";
    // 0.1.0 ended with additional_header_count.
    const FIRST_SIZE: usize = offset_of!(Self, additional_header_count) + size_of::<usize>();
}

/// Signs a request for any operation of OSS, for another HTTP stack: the result has the URL and the
/// headers (Authorization among them) that must be sent within 15 minutes. The body is not signed.
/// Nothing is sent to OSS.
///
/// `client`, which must have keys, and `request` are required. `out_signed` is required; on success
/// `*out_signed` belongs to the caller, on failure it is NULL. `out_error` may be NULL; otherwise
/// `*out_error` is NULL on success, and on failure an error that the caller frees. Any thread. If
/// the keys have to be fetched first, the call waits for them.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_client_sign_headers(
    client: *const ossbind_client,
    request: *const ossbind_sign_headers_request,
    out_signed: *mut *mut ossbind_signed,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    // SAFETY: NULL or writable; NULL or a client and a request as their documentation says.
    unsafe { give_signed(client, request, out_signed, out_error, |r, client| r.sign(client)) }
}

impl ossbind_sign_headers_request {
    /// # Safety
    /// Everything that the request points to is as its documentation says.
    unsafe fn sign(&self, client: &Client) -> Result<Signed> {
        // SAFETY: as the caller promises.
        unsafe {
            client.sign_headers(&SignHeadersRequest {
                method: required_text("method", self.method)?,
                bucket: optional_text("bucket", self.bucket)?,
                key: optional_text("key", self.key)?,
                query: &pairs("query", self.query, self.query_count)?,
                headers: &pairs("headers", self.headers, self.header_count)?,
                additional_headers: &texts(
                    "additional_headers",
                    self.additional_headers,
                    self.additional_header_count,
                )?,
            })
        }
    }
}
