//! `ossbind_sign_url_request`: a URL to be signed.

use std::ffi::c_char;
use std::mem::offset_of;

use super::callback::{convert_callback, ossbind_callback};
use super::client::ossbind_client;
use super::convert::{
    SizedStruct, check_flags, optional_text, ossbind_pair, pairs, required_text, texts,
    unknown_choice,
};
use super::error::ossbind_error;
use super::signed::{give_signed, ossbind_signed};
use super::status::ossbind_status;
use crate::client::Client;
use crate::error::Result;
use crate::signed::{SignUrlRequest, Signed, UrlOperation};

/// What a signed URL can be used for.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_operation(pub u32);

impl ossbind_operation {
    /// PUT with the content of an object.
    pub const PUT_OBJECT: Self = Self(0);
    /// GET of the content.
    pub const GET_OBJECT: Self = Self(1);
    /// HEAD: the properties of an object.
    pub const HEAD_OBJECT: Self = Self(2);
    /// POST that begins a multipart upload; its answer contains the upload id.
    pub const INITIATE_MULTIPART_UPLOAD: Self = Self(3);
    /// PUT with the content of a part.
    pub const UPLOAD_PART: Self = Self(4);
    /// POST with the list of the parts.
    pub const COMPLETE_MULTIPART_UPLOAD: Self = Self(5);
    /// DELETE of a multipart upload.
    pub const ABORT_MULTIPART_UPLOAD: Self = Self(6);
    /// GET of the list of the parts that are there.
    pub const LIST_PARTS: Self = Self(7);
}

/// Bit of ossbind_sign_url_request.flags: the callback is in headers that the user of the URL must
/// send, and that the result lists. Without it the callback is in the URL, where everybody who has
/// the URL can read it.
pub const OSSBIND_SIGN_URL_CALLBACK_IN_HEADERS: u32 = 1;
/// Bit of ossbind_sign_url_request.flags: the upload fails if the object exists.
pub const OSSBIND_SIGN_URL_FORBID_OVERWRITE: u32 = 2;

/// Bit of ossbind_sign_url_request.flags: who uses the URL pays, and not the owner of the bucket. It
/// becomes a header (x-oss-request-payer: requester), which must be sent.
pub const OSSBIND_SIGN_URL_REQUESTER_PAYS: u32 = 4;

/// All bits up to the last one.
const KNOWN_FLAGS: u32 = 2 * OSSBIND_SIGN_URL_REQUESTER_PAYS - 1;

/// A URL to be signed. Initialize with ossbind_sign_url_request_init(); zero is the default of
/// every member but bucket and key. Everything it points to is borrowed until the call returns.
/// Members are only ever appended.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_sign_url_request {
    /// sizeof(ossbind_sign_url_request), set by ossbind_sign_url_request_init().
    pub struct_size: usize,
    /// Required: bucket.
    pub bucket: *const c_char,
    /// Required: name of the object. Many HTTP clients rewrite "." and ".." between slashes, and
    /// then the signature is wrong; uploads with a bundle do not.
    pub key: *const c_char,
    /// OSSBIND_OPERATION_*.
    pub operation: ossbind_operation,
    /// OSSBIND_SIGN_URL_*; unknown bits are refused.
    pub flags: u32,
    /// Seconds for which the URL is valid. 0: 900. With signature V4 at most 604 800 (7 days). It
    /// also ends when temporary keys expire.
    pub expires_in_s: u32,
    /// UPLOAD_PART: 1 to 10 000.
    pub part_number: u32,
    /// UPLOAD_PART, COMPLETE_MULTIPART_UPLOAD, ABORT_MULTIPART_UPLOAD, LIST_PARTS: required.
    pub upload_id: *const c_char,
    /// Content-Type that will be sent. NULL: none may be sent.
    pub content_type: *const c_char,
    /// Content-MD5 that will be sent (Base64 of the 16 bytes), which binds the URL to one content.
    /// NULL: none may be sent.
    pub content_md5: *const c_char,
    /// User metadata that will be sent. NULL when metadata_count is 0.
    pub metadata: *const ossbind_pair,
    /// Number of metadata.
    pub metadata_count: usize,
    /// Further headers that will be sent. NULL when header_count is 0.
    pub headers: *const ossbind_pair,
    /// Number of further headers.
    pub header_count: usize,
    /// Names of further headers that the signature covers, with signature V4 only: "host", whose value
    /// the library knows, or headers that are in `headers`, where Content-Length is allowed then. NULL
    /// when additional_header_count is 0.
    pub additional_headers: *const *const c_char,
    /// Number of names.
    pub additional_header_count: usize,
    /// Further query parameters, not encoded, for example versionId. NULL when query_count is 0.
    pub query: *const ossbind_pair,
    /// Number of query parameters.
    pub query_count: usize,
    /// Storage class that will be sent. NULL: none.
    pub storage_class: *const c_char,
    /// ACL that will be sent. NULL: none.
    pub acl: *const c_char,
    /// PUT_OBJECT, COMPLETE_MULTIPART_UPLOAD: what OSS tells the application server. NULL: nothing.
    pub callback: *const ossbind_callback,
}

// SAFETY: pointers and integers; struct_size is first.
unsafe impl SizedStruct for ossbind_sign_url_request {
    const NAME: &'static str = "sign_url_request";
    // 0.1.0 ended with callback.
    const FIRST_SIZE: usize = offset_of!(Self, callback) + size_of::<*const ossbind_callback>();
}

/// Signs a URL, with which a program without keys can do one thing until it expires. Nothing is
/// sent to OSS.
///
/// `client`, which must have keys, and `request` are required. `out_signed` is required; on success
/// `*out_signed` belongs to the caller, on failure it is NULL. `out_error` may be NULL; otherwise
/// `*out_error` is NULL on success, and on failure an error that the caller frees. Any thread. If
/// the keys have to be fetched first, the call waits for them.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_client_sign_url(
    client: *const ossbind_client,
    request: *const ossbind_sign_url_request,
    out_signed: *mut *mut ossbind_signed,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    // SAFETY: NULL or writable; NULL or a client and a request as their documentation says.
    unsafe { give_signed(client, request, out_signed, out_error, |r, client| r.sign(client)) }
}

impl ossbind_sign_url_request {
    /// # Safety
    /// Everything that the request points to is as its documentation says.
    unsafe fn sign(&self, client: &Client) -> Result<Signed> {
        check_flags("flags", self.flags, KNOWN_FLAGS)?;
        // SAFETY: as the caller promises.
        unsafe {
            let callback = convert_callback(self.callback)?;
            let text = |field: &str, pointer| optional_text(field, pointer);
            client.sign_url(&SignUrlRequest {
                operation: self.operation()?,
                upload_id: text("upload_id", self.upload_id)?,
                part_number: self.part_number,
                bucket: required_text("bucket", self.bucket)?,
                key: required_text("key", self.key)?,
                expires_in: Some(self.expires_in_s.into()).filter(|seconds| *seconds > 0),
                content_type: text("content_type", self.content_type)?,
                content_md5: text("content_md5", self.content_md5)?,
                metadata: &pairs("metadata", self.metadata, self.metadata_count)?,
                headers: &pairs("headers", self.headers, self.header_count)?,
                additional_headers: &texts(
                    "additional_headers",
                    self.additional_headers,
                    self.additional_header_count,
                )?,
                query: &pairs("query", self.query, self.query_count)?,
                storage_class: text("storage_class", self.storage_class)?,
                acl: text("acl", self.acl)?,
                forbid_overwrite: self.flags & OSSBIND_SIGN_URL_FORBID_OVERWRITE != 0,
                requester_pays: self.flags & OSSBIND_SIGN_URL_REQUESTER_PAYS != 0,
                callback: callback.as_ref(),
                callback_in_headers: self.flags & OSSBIND_SIGN_URL_CALLBACK_IN_HEADERS != 0,
            })
        }
    }

    fn operation(&self) -> Result<UrlOperation> {
        Ok(match self.operation {
            ossbind_operation::PUT_OBJECT => UrlOperation::PutObject,
            ossbind_operation::GET_OBJECT => UrlOperation::GetObject,
            ossbind_operation::HEAD_OBJECT => UrlOperation::HeadObject,
            ossbind_operation::INITIATE_MULTIPART_UPLOAD => UrlOperation::InitiateMultipartUpload,
            ossbind_operation::UPLOAD_PART => UrlOperation::UploadPart,
            ossbind_operation::COMPLETE_MULTIPART_UPLOAD => UrlOperation::CompleteMultipartUpload,
            ossbind_operation::ABORT_MULTIPART_UPLOAD => UrlOperation::AbortMultipartUpload,
            ossbind_operation::LIST_PARTS => UrlOperation::ListParts,
            ossbind_operation(other) => return Err(unknown_choice("operation", other)),
        })
    }
}
