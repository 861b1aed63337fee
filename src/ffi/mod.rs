//! The C boundary: one file per C object, and `socket_queue`. Every exported function is four steps: check, convert,
//! call, convert. Pointers become references in `convert`, panics stop in `guard`; nothing else in
//! the crate is unsafe.
#![allow(non_camel_case_types)]
#![deny(unsafe_op_in_unsafe_fn)]

mod callback;
mod cancel;
mod client;
mod config;
mod convert;
mod credentials;
mod effort;
mod encoded_callback;
mod error;
mod guard;
mod log;
mod post_form;
mod post_policy;
mod presign;
mod request;
mod result;
mod sign;
mod signed_request;
mod socket_queue;
mod status;
mod stream;
mod upload;
mod version;

#[cfg(test)]
mod tests;

pub(crate) use socket_queue::unacknowledged;
