//! What a client signs for somebody else to send: requests, URLs and forms, and the text in which
//! they travel to a device that holds no keys.

mod bundle;
mod form;
mod policy;
mod presign;
mod query;
mod request;
mod rest;

pub(crate) use bundle::Bundle;
pub use form::SignedForm;
pub use policy::PostPolicyRequest;
pub(crate) use policy::{KeyRule, MAX_PINNED_FIELDS, Policy, check_field_name};
pub use presign::{PresignOperation, PresignRequest};
pub(crate) use query::makes_another_operation;
pub use request::SignedRequest;
pub use rest::SignRequest;

/// Validity when the caller does not say: 15 minutes, as the vendor's SDKs have it.
const DEFAULT_SECONDS: u64 = 900;

#[cfg(test)]
mod tests;
