//! Percent-encoding as the service does it (spec: signing-v4.md 2.1, 2.2).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const IN_PATH: &AsciiSet = &IN_QUERY.remove(b'/');

/// Encodes a bucket or key for a path: `/` stays.
pub(crate) fn encode_key(text: &str) -> String {
    utf8_percent_encode(text, IN_PATH).collect()
}

/// Encodes a name or value of a query: `/` is encoded, a space is `%20`.
pub(crate) fn encode_query(text: &str) -> String {
    utf8_percent_encode(text, IN_QUERY).collect()
}
