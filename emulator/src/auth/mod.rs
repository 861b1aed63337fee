//! Who signed a request, and whether the signature holds.
//!
//! The request is decoded first and made canonical again from that, never from the text on the
//! wire: clients differ in what they leave unencoded (spec: signing-v4.md 2.2).

pub(crate) mod authorization;
mod check;
mod form;
mod presigned;
mod request;
mod v1;
mod v4;

pub(crate) use authorization::Authorization;
pub(crate) use check::{Authority, authenticate};
pub(crate) use form::FormAuthorization;
pub(crate) use request::SignedRequest;

/// A signature algorithm of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureVersion {
    /// HMAC-SHA1 over a few headers and the resource.
    V1,
    /// HMAC-SHA256 over a canonical request, with a scoped key.
    V4,
}
