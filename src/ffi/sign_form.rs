//! `ossbind_sign_form_request`: what a form may upload.

use std::ffi::c_char;
use std::mem::offset_of;

use super::callback::{convert_callback, ossbind_callback};
use super::client::ossbind_client;
use super::convert::{
    SizedStruct, check_flags, optional_text, ossbind_pair, pairs, required_text, texts,
};
use super::error::ossbind_error;
use super::signed::{give_signed, ossbind_signed};
use super::status::ossbind_status;
use crate::client::Client;
use crate::error::Result;
use crate::signed::{SignFormRequest, Signed};

/// Bit of ossbind_sign_form_request.flags: the upload fails if the object exists. Set it for
/// browsers, which send a form a second time by themselves if the connection breaks before the
/// answer.
pub const OSSBIND_SIGN_FORM_FORBID_OVERWRITE: u32 = 1;

/// What a form may upload. Whatever is not fixed here is up to the sender of the form: the ACL and
/// the storage class for example, unless they are in `fields`, and a callback if none is given
/// here. Initialize with ossbind_sign_form_request_init(); zero is the default of every member but
/// bucket, and key or key_prefix. Everything it points to is borrowed until the call returns.
/// Members are only ever appended.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_sign_form_request {
    /// sizeof(ossbind_sign_form_request), set by ossbind_sign_form_request_init().
    pub struct_size: usize,
    /// Required: bucket.
    pub bucket: *const c_char,
    /// The one name that the object may have; OSS replaces "${filename}" in it by the name of the
    /// file. NULL with key_prefix.
    pub key: *const c_char,
    /// Instead of key: what the name must begin with. The sender adds the field `key`, so it must
    /// know the prefix. Empty allows every name. NULL with key.
    pub key_prefix: *const c_char,
    /// Seconds for which the form is valid. 0: 900. With signature V4 at most 604 800 (7 days).
    pub expires_in_s: u32,
    /// OSSBIND_SIGN_FORM_*; unknown bits are refused.
    pub flags: u32,
    /// Smallest size of the file in bytes.
    pub min_size: u64,
    /// Largest size of the file in bytes. 0: 5 GiB, which is also the limit.
    pub max_size: u64,
    /// Types that the object may have; or a single one that ends with an asterisk, such as "image/"
    /// followed by it, for all of a kind. With one exact type the form contains it as field
    /// x-oss-content-type; otherwise the sender adds that field. NULL when content_type_count is 0:
    /// every type is allowed.
    pub content_types: *const *const c_char,
    /// Number of types.
    pub content_type_count: usize,
    /// What OSS tells the application server; the sender of the form can change neither it nor its
    /// variables. NULL: nothing.
    pub callback: *const ossbind_callback,
    /// Further fields, for example success_action_status or x-oss-object-acl, which the sender of
    /// the form cannot change. NULL when field_count is 0.
    pub fields: *const ossbind_pair,
    /// Number of further fields.
    pub field_count: usize,
    /// Further conditions: a JSON array such as [["starts-with","$x-oss-meta-camera","north"]]. NULL
    /// for none.
    pub conditions: *const c_char,
}

// SAFETY: pointers and integers; struct_size is first.
unsafe impl SizedStruct for ossbind_sign_form_request {
    const NAME: &'static str = "sign_form_request";
    // 0.1.0 ended with conditions.
    const FIRST_SIZE: usize = offset_of!(Self, conditions) + size_of::<*const c_char>();
}

/// Signs a form (PostObject), with which a browser, a device without keys or another program can
/// upload within the limits of its policy until it expires. Nothing is sent to OSS.
///
/// `client`, which must have keys, and `request` are required. `out_signed` is required; on success
/// `*out_signed` belongs to the caller, on failure it is NULL. `out_error` may be NULL; otherwise
/// `*out_error` is NULL on success, and on failure an error that the caller frees. Any thread. If
/// the keys have to be fetched first, the call waits for them.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_client_sign_form(
    client: *const ossbind_client,
    request: *const ossbind_sign_form_request,
    out_signed: *mut *mut ossbind_signed,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    // SAFETY: NULL or writable; NULL or a client and a request as their documentation says.
    unsafe { give_signed(client, request, out_signed, out_error, |r, client| r.sign(client)) }
}

impl ossbind_sign_form_request {
    /// # Safety
    /// Everything that the request points to is as its documentation says.
    unsafe fn sign(&self, client: &Client) -> Result<Signed> {
        check_flags("flags", self.flags, OSSBIND_SIGN_FORM_FORBID_OVERWRITE)?;
        // SAFETY: as the caller promises.
        unsafe {
            let callback = convert_callback(self.callback)?;
            client.sign_form(&SignFormRequest {
                bucket: required_text("bucket", self.bucket)?,
                key: optional_text("key", self.key)?,
                key_prefix: optional_text("key_prefix", self.key_prefix)?,
                expires_in: Some(self.expires_in_s.into()).filter(|seconds| *seconds > 0),
                min_size: self.min_size,
                max_size: Some(self.max_size).filter(|size| *size > 0),
                content_types: &texts(
                    "content_types",
                    self.content_types,
                    self.content_type_count,
                )?,
                callback: callback.as_ref(),
                fields: &pairs("fields", self.fields, self.field_count)?,
                conditions: optional_text("conditions", self.conditions)?,
                forbid_overwrite: self.flags & OSSBIND_SIGN_FORM_FORBID_OVERWRITE != 0,
            })
        }
    }
}
