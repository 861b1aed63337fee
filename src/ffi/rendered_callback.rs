//! `ossbind_rendered_callback`: what the application server would get.

use std::ffi::{CString, c_char};
use std::mem::offset_of;
use std::ptr::null;

use super::callback::ossbind_callback;
use super::convert::{
    SizedStruct, c_text, check_flags, free, give_bytes, optional_text, read, read_sized,
};
use super::error::ossbind_error;
use super::guard::{give_object, guard_value};
use super::status::ossbind_status;
use crate::callback::{Image, ObjectFacts};
use crate::error::{Error, Result};

/// What OSS knows of an upload when it calls back, for ossbind_callback_render(). Initialize with
/// ossbind_object_facts_init(). Everything it points to is borrowed for the call. Members are only ever
/// appended.
///
/// What the body does not name is not needed. NULL for something that the body names, and that every
/// upload has, is an error.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_object_facts {
    /// sizeof(ossbind_object_facts), set by ossbind_object_facts_init().
    pub struct_size: usize,
    /// Name of the bucket: ${bucket}.
    pub bucket: *const c_char,
    /// Name of the object: ${object}.
    pub key: *const c_char,
    /// ETag without quotes: ${etag}.
    pub etag: *const c_char,
    /// Size of the object in bytes: ${size}.
    pub size: u64,
    /// Type of the object: ${mimeType}. NULL for application/octet-stream.
    pub content_type: *const c_char,
    /// Format of the image, such as "jpg": ${imageInfo.format}. NULL when the object is no image.
    pub image_format: *const c_char,
    /// Its width in pixels: ${imageInfo.width}. Only with image_format.
    pub image_width: u64,
    /// Its height in pixels: ${imageInfo.height}. Only with image_format.
    pub image_height: u64,
    /// CRC-64 of the object: ${crc64}.
    pub crc64: u64,
    /// MD5 of the content in Base64: ${contentMd5}. NULL for an object that was sent in parts.
    pub content_md5: *const c_char,
    /// VPC of the sender: ${vpcId}. NULL outside of one.
    pub vpc_id: *const c_char,
    /// Address of the sender: ${clientIp}.
    pub client_ip: *const c_char,
    /// Request id of the upload: ${reqId}.
    pub request_id: *const c_char,
    /// What stored the object: ${operation}. PostObject, CompleteMultipartUpload, or NULL for PutObject.
    pub operation: *const c_char,
    /// Zero; unknown bits are refused.
    pub flags: u32,
    /// Zero.
    pub reserved: u32,
}

// SAFETY: pointers and integers; struct_size is first.
unsafe impl SizedStruct for ossbind_object_facts {
    const NAME: &'static str = "object_facts";
    // 0.1.0 ended with reserved.
    const FIRST_SIZE: usize = offset_of!(Self, reserved) + size_of::<u32>();
}

impl ossbind_object_facts {
    /// # Safety
    /// The texts are NULL or NUL-terminated strings that outlive `'a`.
    unsafe fn to_facts<'a>(self) -> Result<ObjectFacts<'a>> {
        check_flags("facts.flags", self.flags, 0)?;
        check_flags("facts.reserved", self.reserved, 0)?;
        // SAFETY: as the caller promises.
        unsafe {
            Ok(ObjectFacts {
                bucket: optional_text("facts.bucket", self.bucket)?,
                key: optional_text("facts.key", self.key)?,
                etag: optional_text("facts.etag", self.etag)?,
                size: self.size,
                content_type: optional_text("facts.content_type", self.content_type)?,
                image: self.image()?,
                crc64: self.crc64,
                content_md5: optional_text("facts.content_md5", self.content_md5)?,
                vpc_id: optional_text("facts.vpc_id", self.vpc_id)?,
                client_ip: optional_text("facts.client_ip", self.client_ip)?,
                request_id: optional_text("facts.request_id", self.request_id)?,
                operation: optional_text("facts.operation", self.operation)?,
            })
        }
    }

    /// # Safety
    /// As [`Self::to_facts`].
    unsafe fn image<'a>(&self) -> Result<Option<Image<'a>>> {
        // SAFETY: as the caller promises.
        match unsafe { optional_text("facts.image_format", self.image_format) }? {
            Some(format) => {
                Ok(Some(Image { width: self.image_width, height: self.image_height, format }))
            }
            None if self.image_width == 0 && self.image_height == 0 => Ok(None),
            None => {
                let fault = "is NULL, but the image has a width or height; set it, as in \"jpg\"";
                Err(Error::invalid("facts.image_format", fault))
            }
        }
    }
}

/// What the application server would get. Immutable, so any thread may read it. Freed once with
/// ossbind_rendered_callback_free().
pub struct ossbind_rendered_callback {
    body: String,
    content_type: CString,
}

/// Makes the body that OSS would send for such an upload, for tests of an application server. Nothing is
/// sent.
///
/// It is what the local OSS sends, byte for byte. Of the real one some things are not documented: the
/// quotes of ${crc64} in JSON, the case of ${etag}, and a space in url-encoded values, which is %20 here.
///
/// `callback` is required; what ossbind_callback_encode() refuses is refused. `facts` is required. Both are
/// borrowed for the call. `out_rendered` is required; on success `*out_rendered` belongs to the caller, on
/// failure it is NULL. `out_error` may be NULL; otherwise `*out_error` is NULL on success, and on failure
/// an error that the caller frees. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_callback_render(
    callback: *const ossbind_callback,
    facts: *const ossbind_object_facts,
    out_rendered: *mut *mut ossbind_rendered_callback,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let make = || {
        // SAFETY: NULL, or structs whose texts are NULL or strings.
        let (callback, facts) =
            unsafe { (read_sized(callback)?.to_callback()?, read_sized(facts)?.to_facts()?) };
        let rendered = callback.render(&facts)?;
        let content_type = c_text(rendered.content_type);
        Ok(ossbind_rendered_callback { body: rendered.body, content_type })
    };
    // SAFETY: NULL or writable.
    unsafe { give_object("out_rendered", out_rendered, out_error, make) }
}

/// The body: bytes, not a string. Sets `*out_len` to their number; `out_len` may be NULL. Belongs to
/// `rendered`. NULL and 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_rendered_callback_body(
    rendered: *const ossbind_rendered_callback,
    out_len: *mut usize,
) -> *const u8 {
    // SAFETY: NULL or an object of the library; NULL or writable.
    unsafe { give_bytes(rendered, out_len, |r| Some(r.body.as_bytes())) }
}

/// The Content-Type that goes with it. Belongs to `rendered`. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_rendered_callback_content_type(
    rendered: *const ossbind_rendered_callback,
) -> *const c_char {
    // SAFETY: NULL or an object of the library.
    unsafe { read(rendered, null(), |r| r.content_type.as_ptr()) }
}

/// Frees what was rendered. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_rendered_callback_free(rendered: *mut ossbind_rendered_callback) {
    // SAFETY: NULL or an object that the caller owns.
    guard_value((), || unsafe { free(rendered) });
}
