//! The C boundary: one file per C object. Every exported function is four steps: check, convert,
//! call, convert. Pointers become references in `convert`, panics stop in `guard`; nothing else but
//! `sys.rs` is unsafe.
#![allow(non_camel_case_types)]
#![deny(unsafe_op_in_unsafe_fn)]

mod body;
mod callback;
mod callback_problem;
mod cancel;
mod client;
mod config;
mod convert;
mod credentials;
mod encoded_callback;
mod error;
mod find;
mod guard;
mod log;
mod metrics;
mod outbox;
mod outbox_config;
mod outbox_item;
mod outbox_options;
mod receipt;
mod received;
mod rendered_callback;
mod reply;
mod result;
mod seal;
mod sign_form;
mod sign_headers;
mod sign_url;
mod signed;
mod status;
mod stream;
mod test_callback;
mod tls;
mod upload;
mod upload_request;
mod userdata;
mod verifier;
mod verifier_config;
mod version;

#[cfg(test)]
mod tests;
