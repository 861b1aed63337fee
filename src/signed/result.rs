//! What signing gives.

use std::fmt;

/// What was signed and not sent: anybody who has it can send it until it expires.
#[derive(Clone, PartialEq, Eq)]
pub struct Signed {
    pub(super) kind: Kind,
    pub(super) method: String,
    pub(super) url: String,
    pub(super) pairs: Vec<(String, String)>,
    pub(super) expires_at: u64,
}

/// Where the signature is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// In the URL. The pairs are headers.
    Url,
    /// In the header `Authorization`, which is one of the pairs.
    Headers,
    /// In the fields of a form, which are the pairs.
    Form,
}

impl Signed {
    /// HTTP method, in uppercase letters; POST for a form.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Where to send it. A signed URL is a secret: whoever has it can use it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Of a form: its fields, in the order in which they are sent as multipart/form-data, with
    /// `file` as the last one. `key` is missing when the policy leaves the choice. Else: the headers
    /// (lowercase names) that must be sent exactly so, and with no further `Content-Type`,
    /// `Content-MD5` or `x-oss-*` header.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// Until when the service takes it, in seconds since 1970.
    pub fn expires_at(&self) -> u64 {
        self.expires_at
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }
}

/// Leaves out the query and the pairs, which hold the signature.
impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("kind", &self.kind)
            .field("method", &self.method)
            .field("url", &self.url.split('?').next())
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
