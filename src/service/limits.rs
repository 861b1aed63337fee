//! What the service takes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::error::{Error, Result};

/// Largest object of a single request: 5 GiB (spec: put-object.md 1).
pub(crate) const MAX_PUT_SIZE: u64 = 5 * 1024 * 1024 * 1024;
/// Smallest part, except for the last one (spec: multipart.md 1).
pub(crate) const MIN_PART_SIZE: u64 = 100 * 1024;
/// Largest part.
pub(crate) const MAX_PART_SIZE: u64 = 5 * 1024 * 1024 * 1024;
/// Most parts of an upload.
pub(crate) const MAX_PARTS: u64 = 10_000;

/// A `Content-MD5` that the caller knows already.
pub(crate) fn check_md5(text: &str) -> Result<&str> {
    match BASE64.decode(text) {
        Ok(bytes) if bytes.len() == 16 => Ok(text),
        _ => Err(Error::invalid("content_md5", "is not the Base64 text of the 16 bytes of an MD5")),
    }
}
