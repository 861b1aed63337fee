//! How requests are signed.

/// A signature algorithm of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureVersion {
    /// HMAC-SHA1 over a few headers and the resource.
    V1,
    /// HMAC-SHA256 over a canonical request, with a scoped key.
    V4,
}
