//! Who signed a request, and whether the signature holds.
//!
//! The request is decoded first and made canonical again from that, never from the text on the
//! wire: clients differ in what they leave unencoded (spec: signing-v4.md 2.2).

mod access_key;
mod authorization;
mod canonical;
mod check;
mod diagnosis;
mod find;
mod form;
mod header;
mod presigned;
mod request;
mod v1;
mod v4;
mod window;

pub use access_key::AccessKey;
pub(crate) use check::{Authority, authenticate};
pub(crate) use diagnosis::diagnose;
pub(crate) use find::find_authorization;
pub(crate) use form::FormAuthorization;
pub(crate) use request::SignedRequest;
