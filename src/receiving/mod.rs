//! The other end of a callback: whether a request is one of OSS, what it says, and what to answer.

#[cfg(not(feature = "verify"))]
mod left_out;
mod reply;
#[cfg(feature = "verify")]
mod verify;

use std::fmt;

#[cfg(not(feature = "verify"))]
pub use left_out::{Verifier, test_callback};
pub use reply::Reply;
#[cfg(feature = "verify")]
pub use verify::{Verifier, test_callback};

use crate::error::Error;
use crate::http::TlsOptions;

/// Fetches the PEM of a public key in place of the library.
pub type FetchKey = Box<dyn Fn(&str) -> Result<Vec<u8>, NotFetched> + Send + Sync>;

/// Why a key was not fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFetched {
    /// The server says nothing, so that asking it for another key is a waste of time.
    NoAnswer(String),
    /// What the server says is no key.
    NoKey(String),
}

impl NotFetched {
    /// What was wrong.
    pub fn text(&self) -> &str {
        let (Self::NoAnswer(text) | Self::NoKey(text)) = self;
        text
    }
}

/// How a verifier is made.
#[derive(Default)]
pub struct VerifierConfig<'a> {
    /// Public keys in PEM by their exact URL, which are not fetched.
    pub keys: &'a [(&'a str, &'a str)],
    /// Beginnings of URLs that keys are fetched from besides those of the service.
    pub key_urls: &'a [&'a str],
    /// Fetches keys in place of the library.
    pub fetch: Option<FetchKey>,
    /// Whom to trust when a key is fetched.
    pub tls: TlsOptions,
    /// Way to the servers of keys; as that of a client.
    pub proxy: Option<String>,
    /// Keys of seals by their id. With one or more, every callback must have a seal.
    pub seal_keys: &'a [(&'a str, &'a str)],
    /// Seals that are remembered until they expire; 0 for the default.
    pub max_seals: usize,
    /// Accepts callbacks that [`test_callback`] has made, which anybody can.
    pub accept_test_key: bool,
}

/// A request as it came over the network.
#[derive(Debug, Clone, Copy)]
pub struct ReceivedRequest<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Path and query of the request line, not decoded.
    pub target: &'a str,
    /// All headers; names in any case.
    pub headers: &'a [(&'a str, &'a str)],
    /// The bytes of the body, before anything reads them.
    pub body: &'a [u8],
}

/// What a genuine callback says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedCallback {
    fields: Vec<(String, String)>,
    request_id: Option<String>,
}

/// A callback that is not accepted. One that is replayed is there nevertheless.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Why, and what to answer.
    pub error: Error,
    /// What was replayed.
    pub callback: Option<ReceivedCallback>,
}

impl ReceivedCallback {
    /// Names and values of the body, in its order, decoded.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// Value of the first field with this name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Request id of the upload, of a header that is not signed.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self { error, callback: None }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Refused {}
