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
pub(crate) use form::{KeyRule, MAX_PINNED_FIELDS, Policy, check_field_name};
pub use headers::SignHeadersRequest;
pub(crate) use query::makes_another_operation;
pub(crate) use result::Kind;
pub use result::Signed;
pub use url::{SignUrlRequest, UrlOperation};

/// Validity when the caller does not say: 15 minutes, as the vendor's SDKs have it.
const DEFAULT_SECONDS: u64 = 900;

#[cfg(test)]
mod tests;
