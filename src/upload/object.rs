//! The object that an upload creates.

use super::UploadRequest;
use crate::service::Headers;

/// Its name, and what decides whether the request may be repeated.
#[derive(Clone, Copy)]
pub(super) struct NewObject<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) has_callback: bool,
    /// The service refuses a second request after the first one has stored the object.
    pub(super) forbid_overwrite: bool,
    /// The key belongs to this content alone.
    pub(super) once: bool,
}

impl<'a> NewObject<'a> {
    pub(super) fn of(request: &UploadRequest<'_>, (bucket, key): (&'a str, &'a str)) -> Self {
        Self {
            bucket,
            key,
            has_callback: request.has_callback(),
            forbid_overwrite: request.forbids_overwrite(),
            once: request.once,
        }
    }

    /// Whether a second request differs from the first: it would make another callback, or be refused
    /// because the object exists.
    pub(super) fn happens_once(&self) -> bool {
        self.has_callback || self.forbid_overwrite
    }
}

/// An upload whose properties are checked and encoded. Nothing was sent so far.
pub(super) struct Prepared<'a> {
    pub(super) object: NewObject<'a>,
    /// Those of a PUT.
    pub(super) headers: Headers,
}
