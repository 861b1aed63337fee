//! What a client signs for somebody else to send: URLs, headers and forms, and the text in which
//! they travel to a device that holds no keys.

mod additional;
mod bundle;
mod form;
mod headers;
mod query;
mod result;
mod url;

pub use form::SignFormRequest;
pub(crate) use form::{MAX_PINNED_FIELDS, Policy, check_field_name};
pub use headers::SignHeadersRequest;
pub(crate) use query::makes_another_operation;
pub(crate) use result::Kind;
pub use result::Signed;
pub use url::{SignUrlRequest, UrlOperation};

use crate::error::{Error, Result};
use crate::signing::SignatureVersion;

/// Validity when the caller does not say: 15 minutes, as the vendor's SDKs have it.
const DEFAULT_SECONDS: u64 = 900;
/// Longest validity with signature V4: 7 days.
const MAX_V4_SECONDS: u64 = 7 * 24 * 3600;

/// Validity of a URL or a form (spec: presigned-url.md 2, post-object.md 6).
fn check_seconds(version: SignatureVersion, seconds: u64) -> Result<()> {
    let (most, limit) = match version {
        SignatureVersion::V4 => (MAX_V4_SECONDS, "1 to 604800 s (7 days) with signature V4"),
        SignatureVersion::V1 => (u64::MAX, "1 s or more"),
    };
    if (1..=most).contains(&seconds) {
        return Ok(());
    }
    Err(Error::invalid("expires_in_s", format!("is {seconds} s; it is valid for {limit}")))
}

#[cfg(test)]
mod tests;
