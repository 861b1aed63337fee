//! The object that an upload creates.

use crate::service::Headers;

/// Its name, and what decides whether the request may be repeated.
pub(super) struct NewObject<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) has_callback: bool,
    /// The service refuses a second request after the first one has stored the object.
    pub(super) forbid_overwrite: bool,
    /// The key belongs to this content alone.
    pub(super) once: bool,
}

impl NewObject<'_> {
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
