//! One request about a bucket or an object, before it is signed.

use super::headers::Headers;

/// What is asked of the service.
#[derive(Clone)]
pub(crate) struct Operation<'a> {
    pub(crate) method: &'a str,
    /// Empty for requests to the service itself.
    pub(crate) bucket: &'a str,
    /// Empty for requests to a bucket.
    pub(crate) key: &'a str,
    /// An empty value means that only the name is sent.
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) headers: Headers,
}
