//! Signatures of OSS requests. Pure: no I/O and no clock; time comes in as a value.

pub mod url;
pub mod v1;
pub mod v4;

mod percent;

pub(crate) use percent::{encode_key, encode_query};

/// Which signature a client makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignatureVersion {
    /// OSS4-HMAC-SHA256.
    #[default]
    V4,
    /// HMAC-SHA1, which the service is withdrawing (spec: signing-v1.md).
    V1,
}

/// What a signature covers. Names of headers are lowercase, keys and queries are not encoded.
#[derive(Debug, Clone, Copy)]
pub struct SignableRequest<'a> {
    /// HTTP verb, uppercase.
    pub method: &'a str,
    /// None for requests to the service itself.
    pub bucket: Option<&'a str>,
    /// None for requests to a bucket.
    pub key: Option<&'a str>,
    /// Query parameters; an empty value means that only the name is sent.
    pub query: &'a [(&'a str, &'a str)],
    /// Headers of the request; those that are not signed are passed over.
    pub headers: &'a [(&'a str, &'a str)],
}

/// A signature and what it was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Value of the `Authorization` header.
    pub authorization: String,
    /// The signature in it, which no message may show.
    pub signature: String,
    /// The signed text, to compare with the one that the service prints when it disagrees.
    pub string_to_sign: String,
}

/// Headers that start with `prefix`, or whose name is listed, sorted by name, values trimmed.
fn select_headers<'a>(
    headers: &[(&'a str, &'a str)],
    wanted: impl Fn(&str) -> bool,
) -> Vec<(&'a str, &'a str)> {
    let mut selected: Vec<_> =
        headers.iter().filter(|(n, _)| wanted(n)).map(|(n, v)| (*n, v.trim())).collect();
    selected.sort_unstable();
    selected
}

#[cfg(test)]
mod tests;
