//! Uploading: the request, its body, and what is true afterwards.

mod attempt;
mod body;
mod call;
mod callback;
mod check;
mod checksum;
mod content;
mod crc64;
mod destination;
mod error_document;
mod expectation;
mod form_body;
mod lookup;
mod multipart;
mod object;
mod once;
mod outcome;
mod post;
mod put;
mod refusal;
mod result;
mod retry;
mod route;
mod session;
mod single;
mod subject;

pub use body::{Body, Source};
pub(crate) use check::{crc64_of_file, goes_in_parts};
pub use destination::Destination;
pub use lookup::FindRequest;
pub(crate) use refusal::{asked_pause, is_expired};
pub use result::{UploadError, UploadResult};

use std::num::NonZeroU64;
use std::time::Duration;

use crate::callback::{Callback, EncodedCallback};
use crate::error::Result;
use crate::service::{ContentType, ObjectProperties, Purpose};
use crate::wait::CancelToken;

/// What an upload gives.
type Outcome = std::result::Result<UploadResult, UploadError>;

/// One upload. Everything is borrowed until the call returns.
pub struct UploadRequest<'a> {
    /// Where the object goes.
    pub destination: Destination<'a>,
    /// Its content.
    pub body: Body<'a>,
    /// `Content-Type`; else from the extension of the key, else `application/octet-stream`. For a
    /// signed URL: exactly what was signed, and else nothing.
    pub content_type: Option<&'a str>,
    /// User metadata, names without `x-oss-meta-`.
    pub metadata: &'a [(&'a str, &'a str)],
    /// Further headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// `Standard`, `IA`, `Archive`, `ColdArchive`, `DeepColdArchive`.
    pub storage_class: Option<&'a str>,
    /// `default`, `private`, `public-read`, `public-read-write`.
    pub acl: Option<&'a str>,
    /// Fail when the object exists.
    pub forbid_overwrite: bool,
    /// The key belongs to this content alone: no other content is ever uploaded under it. The object is
    /// not overwritten, and one that is there already is that of an earlier attempt, so that an upload
    /// with a callback can be repeated until it is stored, and calls back once (`docs/retries.md`).
    /// Needs the keys of the client. Versioned buckets overwrite all the same.
    pub once: bool,
    /// MD5 that the service compares before it stores.
    pub content_md5: ContentMd5<'a>,
    /// What the service shall tell the application server. It may also stand in `headers`, encoded.
    pub callback: Option<&'a Callback>,
    /// The same, encoded before: a second upload with it need not check and encode it again.
    pub encoded_callback: Option<&'a EncodedCallback>,
    /// Bodies up to this size are sent in a single request. At most 5 GiB; default 64 MiB.
    pub multipart_threshold: Option<u64>,
    /// Size of the parts of larger bodies: 100 KiB to 5 GiB, default 6 MiB. It grows by itself when
    /// there would be more than 10 000 parts.
    pub part_size: Option<u64>,
    /// Parts on their way at the same time: 1 to 64, default 3. Streams go one after the other.
    pub parallel: Option<usize>,
    /// Folder for a checkpoint, with which a file that goes in parts goes on where it was
    /// interrupted, also after a power cut. Without it an upload that fails is aborted.
    /// It must be private: whoever may write to it can make uploads begin anew.
    pub checkpoint_dir: Option<&'a std::path::Path>,
    /// Fails when no checkpoint can be kept in `checkpoint_dir`. Else the upload goes on without one
    /// then, and logs a warning: a full disk does not stop the upload that would empty it.
    pub require_checkpoint: bool,
    /// The whole call, with all its waits and attempts, ends after this time.
    pub timeout: Option<Duration>,
    /// Ends the call from another thread.
    pub cancel: Option<&'a CancelToken>,
    /// Bytes per second of this upload; that of the client holds as well.
    pub rate_limit: Option<NonZeroU64>,
    /// Bits per second that the service itself limits the upload to: 819 200 to 838 860 800.
    pub traffic_limit: Option<NonZeroU64>,
    /// The one who uploads pays for the requests, and not the owner of the bucket.
    pub requester_pays: bool,
    /// Is told what was handed to the network. An error stops the upload. It goes back when a
    /// request has to be sent again.
    pub progress: Option<&'a mut dyn FnMut(Progress) -> Result<()>>,
}

/// The `Content-MD5` header (spec: put-object.md 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ContentMd5<'a> {
    /// Not sent; the CRC-64 is compared afterwards all the same.
    #[default]
    None,
    /// Computed first, in a pass of its own over the body.
    Computed,
    /// Known already: Base64 of the 16 bytes.
    Given(&'a str),
}

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the body that were read and are on their way to the network.
    pub sent: u64,
    /// Size of the body; `u64::MAX` while it is not known.
    pub total: u64,
}

impl<'a> UploadRequest<'a> {
    /// A request with nothing but the necessary, for an object that the client has keys for.
    pub fn new(bucket: &'a str, key: &'a str, body: Body<'a>) -> Self {
        Self::to(Destination::Object { bucket, key }, body)
    }

    /// A request with nothing but the necessary.
    pub fn to(destination: Destination<'a>, body: Body<'a>) -> Self {
        Self {
            destination,
            body,
            content_type: None,
            metadata: &[],
            headers: &[],
            storage_class: None,
            acl: None,
            forbid_overwrite: false,
            once: false,
            content_md5: ContentMd5::None,
            callback: None,
            encoded_callback: None,
            multipart_threshold: None,
            part_size: None,
            parallel: None,
            checkpoint_dir: None,
            require_checkpoint: false,
            timeout: None,
            cancel: None,
            rate_limit: None,
            traffic_limit: None,
            requester_pays: false,
            progress: None,
        }
    }

    /// The same without what can be used once only.
    fn without_body(&self) -> UploadRequest<'a> {
        UploadRequest {
            headers: self.headers,
            callback: self.callback,
            encoded_callback: self.encoded_callback,
            ..UploadRequest::to(self.destination, Body::Memory(&[]))
        }
    }

    fn forbids_overwrite(&self) -> bool {
        self.forbid_overwrite || self.once
    }

    /// Those of the object, which is of `default_type` when the program names none.
    fn properties<'b>(&'b self, default_type: ContentType<'b>) -> ObjectProperties<'b> {
        ObjectProperties {
            content_type: self.content_type.map_or(default_type, ContentType::Given),
            metadata: self.metadata,
            headers: self.headers,
            storage_class: self.storage_class,
            acl: self.acl,
            forbid_overwrite: self.forbids_overwrite(),
            callback_in_headers: self.has_no_callback_member(),
            purpose: Purpose::Upload,
        }
    }
}
