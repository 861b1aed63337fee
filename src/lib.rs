//! Uploads to Alibaba Cloud OSS with an upload callback, in one call.
//!
//! The library is made for C and C++: `include/ossbind.h`, `include/ossbind.hpp` and
//! `include/ossbind_receiving.hpp` are its faces.
//! This is the Rust core behind them, usable by itself:
//!
//! ```no_run
//! use ossbind::{Body, Callback, Client, ClientConfig, UploadRequest};
//!
//! let client = Client::new(ClientConfig::default())?; // from the environment
//! let callback = Callback::new("https://app.example.com/cb", "object=${object}&size=${size}");
//! let mut request = UploadRequest::new("bucket", "photo.jpg", Body::file("/tmp/photo.jpg"));
//! request.callback = Some(&callback);
//! let result = client.upload(request)?;
//! println!("{}", String::from_utf8_lossy(result.callback_answer()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(unsafe_code)]

pub mod callback;
pub mod credentials;
pub mod endpoint;
pub mod error;
pub mod log;
pub mod metrics;
pub mod outbox;
pub mod receiving;
pub mod retry;
pub mod seal;
pub mod signed;
pub mod signing;
pub mod time;
pub mod upload;

mod client;
mod clock;
mod content_type;
mod file;
mod http;
mod record;
mod report;
mod sealed;
mod secret;
mod service;
mod sys;
mod text;
mod url;
mod wait;
mod xml;

#[allow(unsafe_code)]
mod ffi;

pub use callback::Callback;
pub use client::{Client, ClientConfig};
pub use error::{Advice, Error, ObjectState, Status};
pub use http::{ClientCertificate, HttpOptions, LowSpeed, Pem, RateLimiter, TlsOptions};
pub use metrics::{Metrics, Timings};
pub use upload::{Body, UploadError, UploadRequest, UploadResult};
pub use wait::{CancelToken, Deadline};

/// Version of the library.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The version, with the commit that it was built from, if that is known: `0.1.0+3d74d3e01f2a`.
pub const BUILD: &str = env!("OSSBIND_BUILD");
