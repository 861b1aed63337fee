//! An object that is to be stored.

use crate::service::Headers;

/// Where it goes, and what a second request for it would do.
pub(super) struct NewObject<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) has_callback: bool,
    /// A second request is refused when the first one has stored, and calls nobody.
    pub(super) forbid_overwrite: bool,
    /// The key belongs to this content alone.
    pub(super) once: bool,
}

impl NewObject<'_> {
    /// A second request would do more than store the same again: call back, or be refused because of
    /// the first.
    pub(super) fn happens_once(&self) -> bool {
        self.has_callback || self.forbid_overwrite
    }
}

/// An upload that was checked; nothing was sent so far.
pub(super) struct Prepared<'a> {
    pub(super) object: NewObject<'a>,
    pub(super) properties: Headers,
    /// What is decided when the object comes into being: ACL, overwriting, callback.
    pub(super) commit: Headers,
}

impl Prepared<'_> {
    /// Headers of a PutObject.
    pub(super) fn put_headers(&self) -> Headers {
        self.properties.clone().and(self.commit.clone())
    }

    /// Headers of an InitiateMultipartUpload. Overwriting is refused here as well, before anything
    /// is sent in vain.
    pub(super) fn initiate_headers(&self) -> Headers {
        let mut headers = self.properties.clone();
        if self.object.forbid_overwrite {
            headers.add_forbid_overwrite();
        }
        headers
    }
}
