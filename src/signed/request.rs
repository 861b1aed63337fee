//! A request that was signed and not sent.

use std::fmt;

use super::Bundle;

/// A request that anybody can send as long as its signature is valid: with this method, to this
/// URL, with these headers exactly, and with no further `Content-Type`, `Content-MD5` or `x-oss-*`
/// header.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedRequest {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) expires: u64,
}

impl SignedRequest {
    /// HTTP method, uppercase.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Where to send it. Whoever has a presigned URL can use it: treat it as a secret.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Names (lowercase) and values of the headers that must be sent, besides those that every HTTP
    /// client sends by itself.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// Until when the service takes it, in seconds since 1970.
    pub fn expires(&self) -> u64 {
        self.expires
    }

    /// JSON text for a device, with which it can upload in one call. None for a request whose
    /// signature is in a header: that one is to be sent at once.
    pub fn to_bundle(&self) -> Option<String> {
        let is_presigned = self.headers.iter().all(|(name, _)| name != "authorization");
        is_presigned.then(|| Bundle::Request(self.clone()).to_json())
    }
}

/// Leaves out the query and the headers, which hold the signature.
impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest")
            .field("method", &self.method)
            .field("url", &self.url.split('?').next())
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}
