//! `ossbind_upload_request`: one upload.

use std::ffi::{c_char, c_void};
use std::mem::offset_of;
use std::num::NonZeroU64;

use super::body::{BodyMembers, ossbind_body_kind};
use super::callback::{convert_callback, ossbind_callback};
use super::cancel::ossbind_cancel;
use super::convert::{
    SizedStruct, check_flags, milliseconds, object, optional_text, ossbind_pair, pairs, path,
    required_text,
};
use super::encoded_callback::ossbind_encoded_callback;
use super::stream::{
    CallerSource, ossbind_progress_fn, ossbind_read_fn, ossbind_rewind_fn, reports,
};
use crate::error::{Error, Result, refuse_if};
use crate::upload::{Body, ContentMd5, Destination, Progress, UploadError, UploadRequest};

/// Bit of ossbind_upload_request.flags: `content_length` is valid. It is a flag because 0 is a
/// valid length.
pub const OSSBIND_UPLOAD_HAS_CONTENT_LENGTH: u32 = 1;
/// Bit of ossbind_upload_request.flags: fail with the OSS code FileAlreadyExists if the object
/// exists. Versioned buckets ignore it.
pub const OSSBIND_UPLOAD_FORBID_OVERWRITE: u32 = 2;
/// Bit of ossbind_upload_request.flags: compute the MD5 of the body first, for OSS to compare
/// before it stores. The body is read twice, so READ needs `rewind`.
pub const OSSBIND_UPLOAD_CONTENT_MD5: u32 = 4;
/// Bit of ossbind_upload_request.flags: send a form (PostObject) that is signed with the keys of
/// the client, instead of a PUT. It stores the same object.
pub const OSSBIND_UPLOAD_FORM: u32 = 8;
/// Bit of ossbind_upload_request.flags: the key belongs to this content alone; no other content is
/// ever uploaded under it. Needs `bucket` and `key`. OSS then refuses to overwrite, and an object
/// that is already there is taken for the result of an earlier attempt, by this call or another
/// one. So an upload whose outcome is unknown can simply be repeated: it is stored once and calls
/// back once.
///
/// If the object that is there has another size than the body, the upload fails with
/// OSSBIND_ADVICE_FIX_REQUEST. If only its CRC-64 differs, as after OSSBIND_STATUS_CHECKSUM_MISMATCH,
/// it was damaged on its way and somebody must delete it: OSSBIND_ADVICE_FIX_SETTINGS. Keys that may
/// not read the object (oss:GetObject) cannot compare, and trust the flag. If it is the same, the
/// status is OK without a callback; with one there is a result and an error with
/// OSSBIND_ADVICE_DONE, because the answer, and with it what became of the callback, is lost.
/// Versioned buckets overwrite all the same.
pub const OSSBIND_UPLOAD_ONCE: u32 = 16;
/// Bit of ossbind_upload_request.flags: the caller pays for the requests and the traffic, and not the
/// owner of the bucket, who has asked for that (x-oss-request-payer: requester). With `url`, whoever
/// signed it must have set it too.
pub const OSSBIND_UPLOAD_REQUESTER_PAYS: u32 = 32;
/// Bit of ossbind_upload_request.flags: fail with OSSBIND_STATUS_BODY and OSSBIND_ADVICE_AGAIN if no
/// checkpoint can be kept in `checkpoint_dir`, on a full disk for example. Without it the upload goes
/// on without a checkpoint, and logs a warning. Needs `checkpoint_dir`.
pub const OSSBIND_UPLOAD_REQUIRE_CHECKPOINT: u32 = 64;

/// All bits up to the last one.
const KNOWN_FLAGS: u32 = 2 * OSSBIND_UPLOAD_REQUIRE_CHECKPOINT - 1;

/// One upload. Initialize with ossbind_upload_request_init(); zero is the default of every member
/// but `body` and the destination, which is one of three: `bucket` and `key`, which need the keys of
/// the client; or what was signed elsewhere, namely a `bundle`, or a `url`. Everything it points to is
/// borrowed until the call returns. Members are only ever appended.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_upload_request {
    /// sizeof(ossbind_upload_request), set by ossbind_upload_request_init().
    pub struct_size: usize,
    /// 3 to 63 lowercase letters, digits and '-'. NULL with `bundle` or `url`.
    pub bucket: *const c_char,
    /// Name of the object, 1 to 1023 bytes of UTF-8, not beginning with a slash. NULL with `bundle` or
    /// `url`, except for a form that leaves the name to its user.
    pub key: *const c_char,
    /// What ossbind_signed_bundle() gave: JSON text. It says what the object will be, so members such
    /// as callback must be left out; content_type and metadata too, unless it is a form that leaves
    /// them to its sender. One request, so at most 5 GiB, of known length. NULL for none.
    pub bundle: *const c_char,
    /// A URL that was signed elsewhere: for a PUT, with exactly the content_type, content_md5,
    /// metadata, x-oss-* headers and callback that are set here; or, with form_fields, the URL of a
    /// form. One request, so at most 5 GiB, of known length. NULL for none.
    pub url: *const c_char,
    /// Fields of a form (PostObject) that was signed elsewhere, in the order in which they are sent;
    /// the library adds `file` itself. NULL when form_field_count is 0.
    pub form_fields: *const ossbind_pair,
    /// Number of fields.
    pub form_field_count: usize,
    /// Required: OSSBIND_BODY_KIND_*; says which of the following members are read.
    pub body: ossbind_body_kind,
    /// OSSBIND_UPLOAD_*; unknown bits are refused.
    pub flags: u32,
    /// MEMORY: the bytes. NULL when, and only when, data_len is 0.
    pub data: *const u8,
    /// MEMORY: how many.
    pub data_len: usize,
    /// FILE: path of a regular file; bytes, not necessarily UTF-8. What is appended during the call is
    /// not part of the object, as with a log. When the file is overwritten meanwhile, the call fails and
    /// nothing is stored. A file that may do either must not be deleted because its upload succeeded.
    pub file_path: *const c_char,
    /// READ: gives the bytes, from the current position of its source. The source is not rewound
    /// first, except with the flag CONTENT_MD5, which needs an extra pass.
    pub read: ossbind_read_fn,
    /// READ: goes back to the beginning. NULL when the source cannot.
    pub rewind: ossbind_rewind_fn,
    /// First argument of `read` and `rewind`.
    pub body_userdata: *mut c_void,
    /// Content-MD5 that the program knows already: Base64 of the 16 bytes. OSS compares it before
    /// it stores. NULL: none, or computed with the flag CONTENT_MD5.
    pub content_md5: *const c_char,
    /// READ: how many bytes `read` will give, with the flag HAS_CONTENT_LENGTH. `read`
    /// is not asked for more, so further bytes of its source go unnoticed.
    pub content_length: u64,
    /// Content-Type. NULL: from the extension of the key, else application/octet-stream; with `url`
    /// none is sent, since it would have to be signed.
    pub content_type: *const c_char,
    /// User metadata: names of letters, digits and '-', with or without "x-oss-meta-"; 8 KB in all. NULL
    /// when metadata_count is 0.
    pub metadata: *const ossbind_pair,
    /// Number of metadata.
    pub metadata_count: usize,
    /// Further headers, for example Cache-Control or x-oss-tagging. Those that have a member or
    /// flag of their own are refused here, except that x-oss-callback and x-oss-callback-var are
    /// accepted when neither callback nor encoded_callback is set: their values are checked like
    /// parameter and variables_parameter of ossbind_callback. NULL when header_count is 0.
    pub headers: *const ossbind_pair,
    /// Number of further headers.
    pub header_count: usize,
    /// Standard, IA, Archive, ColdArchive, DeepColdArchive. NULL: that of the bucket.
    pub storage_class: *const c_char,
    /// default, private, public-read, public-read-write. NULL: that of the bucket.
    pub acl: *const c_char,
    /// What OSS tells the application server. NULL: nothing.
    pub callback: *const ossbind_callback,
    /// Instead of callback: what ossbind_callback_encode() made, so that many uploads with the same
    /// callback check and encode it once. NULL: nothing.
    pub encoded_callback: *const ossbind_encoded_callback,
    /// Reports how far the upload is, except for an empty body. NULL: no reports.
    pub progress: ossbind_progress_fn,
    /// First argument of `progress`.
    pub progress_userdata: *mut c_void,
    /// Folder in which a checkpoint is kept while a FILE body goes in parts; bytes, not necessarily
    /// UTF-8. When the upload is interrupted, also by a power cut, the same call continues with the
    /// parts that OSS lacks. It holds no secrets. It is bound to the file and the properties of the
    /// object: when they change, the parts are deleted and the upload starts again. The folder must exist
    /// and be private: whoever may write to it can make uploads start again. On a folder that is full or
    /// read-only the upload goes on without a checkpoint, unless OSSBIND_UPLOAD_REQUIRE_CHECKPOINT is
    /// set. NULL: the parts of an upload that fails are deleted, unless it was cancelled or ran out of
    /// time, or no answer came; then the message says that they stay.
    pub checkpoint_dir: *const c_char,
    /// Ends the upload from another thread. NULL: nothing does.
    pub cancel: *const ossbind_cancel,
    /// Zero.
    pub reserved: usize,
    /// Bodies larger than this many bytes are uploaded in parts (multipart). 0: 67 108 864 (64 MiB). At
    /// most 5 GiB. With a Content-MD5 there are no parts.
    pub multipart_threshold: u64,
    /// Size of a part in bytes: 102 400 (100 KiB) to 5 GiB. 0: 6 291 456 (6 MiB). It grows by itself
    /// when there would be more than 10 000 parts.
    pub part_size: u64,
    /// Upper limit of this upload in bytes per second; the limit of the client holds as well. 0: none.
    pub rate_limit_bytes_per_s: u64,
    /// Upper limit that OSS itself keeps (x-oss-traffic-limit), in bits per second: 819 200 to
    /// 838 860 800. 0: none.
    pub traffic_limit_bits_per_s: u64,
    /// Parts of a MEMORY or FILE body that are sent at the same time, each by a thread that ends before
    /// the call does, and each with 256 KiB of memory: 1 to 64. 0: 3. With 1 there is no further thread.
    /// READ bodies are sent one part after the other.
    pub parallel: u32,
    /// Time limit of the whole call in milliseconds, with all its waits and attempts. 0: none.
    pub timeout_ms: u32,
}

// SAFETY: pointers, functions that may be NULL, and integers; struct_size is first.
unsafe impl SizedStruct for ossbind_upload_request {
    const NAME: &'static str = "upload_request";
    // 0.1.0 ended with timeout_ms.
    const FIRST_SIZE: usize = offset_of!(Self, timeout_ms) + size_of::<u32>();
}

impl ossbind_upload_request {
    /// Converts the request and hands it on.
    ///
    /// # Safety
    /// Everything that the request points to is as its documentation says.
    pub(super) unsafe fn hand_to<T>(
        &self,
        act: impl FnOnce(UploadRequest<'_>) -> std::result::Result<T, UploadError>,
    ) -> std::result::Result<T, UploadError> {
        check_flags("flags", self.flags, KNOWN_FLAGS)?;
        check_flags("reserved", u32::try_from(self.reserved).unwrap_or(u32::MAX), 0)?;
        // SAFETY: as the caller promises.
        let (metadata, headers, fields, callback) = unsafe {
            (
                pairs("metadata", self.metadata, self.metadata_count)?,
                pairs("headers", self.headers, self.header_count)?,
                pairs("form_fields", self.form_fields, self.form_field_count)?,
                convert_callback(self.callback)?,
            )
        };
        let mut source = match self.body {
            ossbind_body_kind::READ => {
                Some(CallerSource::new(self.read, self.rewind, self.body_userdata)?)
            }
            _ => None,
        };
        let mut progress = self.progress.map(|function| reports(function, self.progress_userdata));
        // SAFETY: as the caller promises; objects live as long as the call.
        let (destination, body, checkpoint_dir) = unsafe {
            (self.destination(&fields)?, self.body(source.as_mut())?, path(self.checkpoint_dir))
        };
        // SAFETY: as the caller promises; objects live as long as the call.
        act(unsafe {
            UploadRequest {
                metadata: &metadata,
                headers: &headers,
                content_type: optional_text("content_type", self.content_type)?,
                storage_class: optional_text("storage_class", self.storage_class)?,
                acl: optional_text("acl", self.acl)?,
                content_md5: self.content_md5()?,
                multipart_threshold: Some(self.multipart_threshold).filter(|size| *size > 0),
                part_size: Some(self.part_size).filter(|size| *size > 0),
                parallel: Some(self.parallel as usize).filter(|count| *count > 0),
                checkpoint_dir: checkpoint_dir.as_deref(),
                cancel: object(self.cancel).map(|cancel| &cancel.token),
                timeout: milliseconds(self.timeout_ms),
                traffic_limit: NonZeroU64::new(self.traffic_limit_bits_per_s),
                rate_limit: NonZeroU64::new(self.rate_limit_bytes_per_s),
                require_checkpoint: self.flags & OSSBIND_UPLOAD_REQUIRE_CHECKPOINT != 0,
                once: self.flags & OSSBIND_UPLOAD_ONCE != 0,
                requester_pays: self.flags & OSSBIND_UPLOAD_REQUESTER_PAYS != 0,
                forbid_overwrite: self.flags & OSSBIND_UPLOAD_FORBID_OVERWRITE != 0,
                callback: callback.as_ref(),
                encoded_callback: object(self.encoded_callback).map(|e| &e.encoded),
                progress: progress.as_mut().map(|f| f as &mut dyn FnMut(Progress) -> Result<()>),
                ..UploadRequest::to(destination, body)
            }
        })
    }

    unsafe fn content_md5<'a>(&self) -> Result<ContentMd5<'a>> {
        let computed = self.flags & OSSBIND_UPLOAD_CONTENT_MD5 != 0;
        // SAFETY: as the caller promises.
        match (unsafe { optional_text("content_md5", self.content_md5) }?, computed) {
            (None, false) => Ok(ContentMd5::None),
            (None, true) => Ok(ContentMd5::Computed),
            (Some(text), false) => Ok(ContentMd5::Given(text)),
            (Some(_), true) => {
                let fault = "is set together with the flag CONTENT_MD5; use one of them";
                Err(Error::invalid("content_md5", fault))
            }
        }
    }

    /// Whether the client needs keys for it.
    pub(super) fn needs_keys(&self) -> bool {
        self.bundle.is_null() && self.url.is_null()
    }

    /// Members of another destination mean that one was forgotten, or is left over.
    unsafe fn destination<'a>(&self, fields: &'a [(&'a str, &'a str)]) -> Result<Destination<'a>> {
        let is_form = self.flags & OSSBIND_UPLOAD_FORM != 0;
        // SAFETY: as the caller promises.
        let (bundle, url, key) = unsafe {
            (
                optional_text("bundle", self.bundle)?,
                optional_text("url", self.url)?,
                optional_text("key", self.key)?,
            )
        };
        let (has_bucket, has_fields) = (!self.bucket.is_null(), !fields.is_empty());
        refuse_if([
            (
                !self.form_fields.is_null() && !has_fields,
                "form_field_count",
                "is 0, but form_fields is set",
            ),
            (
                bundle.is_some() && url.is_some(),
                "url",
                "is set together with bundle; use one of them",
            ),
            (has_fields && self.needs_keys(), "form_fields", "is set without url, where they go"),
            (
                has_bucket && bundle.is_some(),
                "bucket",
                "is set together with bundle; use one of them",
            ),
            (has_bucket && url.is_some(), "bucket", "is set together with url; use one of them"),
            (
                is_form && !self.needs_keys(),
                "flags",
                "has FORM, which needs bucket and key, together with bundle or url",
            ),
            (
                has_fields && bundle.is_some(),
                "form_fields",
                "is set together with bundle; use one of them",
            ),
            (
                key.is_some() && url.is_some() && !has_fields,
                "key",
                "is set together with url, which has it; use one of them",
            ),
        ])?;
        Ok(match (bundle, url) {
            (Some(text), _) => Destination::Bundle { text, key },
            (None, Some(url)) if has_fields => Destination::SignedForm { url, fields, key },
            (None, Some(url)) => Destination::SignedUrl(url),
            (None, None) => {
                // SAFETY: as the caller promises.
                let (bucket, key) = unsafe {
                    (required_text("bucket", self.bucket)?, required_text("key", self.key)?)
                };
                match is_form {
                    true => Destination::Form { bucket, key },
                    false => Destination::Object { bucket, key },
                }
            }
        })
    }

    unsafe fn body<'a>(&self, source: Option<&'a mut CallerSource>) -> Result<Body<'a>> {
        let members = BodyMembers {
            kind: self.body,
            data: self.data,
            data_len: self.data_len,
            file_path: self.file_path,
            has_read: self.read.is_some(),
        };
        let is_known = self.flags & OSSBIND_UPLOAD_HAS_CONTENT_LENGTH != 0;
        let length = is_known.then_some(self.content_length);
        // SAFETY: as the caller promises.
        match (unsafe { members.to_body() }?, source) {
            (Some(body), _) => Ok(body),
            (None, Some(source)) => Ok(Body::Stream { source, length }),
            (None, None) => Err(Error::invalid("read", "is NULL, but body is READ")),
        }
    }
}
