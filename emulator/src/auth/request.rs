//! What a signature covers: a request after decoding.

use std::collections::BTreeMap;

use hyper::HeaderMap;

use crate::protocol::query::Query;

/// The decoded parts of a request that signatures look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignedRequest<'a> {
    pub(crate) method: &'a str,
    pub(crate) bucket: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
    /// Whether the resource of a bucket is taken without the slash at its end.
    pub(crate) is_bare: bool,
    pub(crate) query: &'a Query,
    pub(crate) headers: &'a HeaderMap,
}

impl SignedRequest<'_> {
    /// `/bucket/key`, `/bucket/` or `/`, whatever the style of the URL (spec: signing-v1.md 1.2).
    pub(crate) fn resource(&self) -> String {
        match (self.bucket, self.key) {
            (None, _) => "/".to_owned(),
            (Some(bucket), None) if self.is_bare => format!("/{bucket}"),
            (Some(bucket), key) => format!("/{bucket}/{}", key.unwrap_or_default()),
        }
    }

    /// A header as text, trimmed; several of the same name are joined with `,`.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let value = joined(self.headers, name)?;
        Some(String::from_utf8_lossy(&value).into_owned())
    }

    /// The headers whose name satisfies `wanted`, sorted by name, each value trimmed and several of
    /// the same name joined.
    pub(crate) fn headers_where(&self, wanted: impl Fn(&str) -> bool) -> BTreeMap<&str, Vec<u8>> {
        self.headers
            .keys()
            .filter(|name| wanted(name.as_str()))
            .filter_map(|name| Some((name.as_str(), joined(self.headers, name.as_str())?)))
            .collect()
    }
}

fn joined(headers: &HeaderMap, name: &str) -> Option<Vec<u8>> {
    let values: Vec<&[u8]> =
        headers.get_all(name).iter().map(|v| v.as_bytes().trim_ascii()).collect();
    (!values.is_empty()).then(|| values.join(&b','))
}
