//! The query of a request, decoded.

use percent_encoding::percent_decode_str;

/// Name and value pairs in the order they were sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Decodes a raw query. `+` means a space, and only the first `=` separates, so that a raw
    /// padding `=` of Base64 survives (spec: callback.md 4, signing-v4.md 2.2).
    pub(crate) fn parse(raw: &str) -> Query {
        let decode = |text: &str| {
            percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
        };
        let pairs = raw
            .split('&')
            .filter(|item| !item.is_empty())
            .map(|item| {
                let (name, value) = item.split_once('=').unwrap_or((item, ""));
                (decode(name), decode(value))
            })
            .collect();
        Query { pairs }
    }

    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The first value of a parameter.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_once() {
        let query = Query::parse("a=1%2B1&b+c=%20+&callback=eA==&uploads&%E4%B8%AD=%2525&");
        let expected =
            [("a", "1+1"), ("b c", "  "), ("callback", "eA=="), ("uploads", ""), ("中", "%25")];
        let pairs: Vec<(&str, &str)> =
            query.pairs().iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(pairs, expected);
        assert_eq!(query.value("uploads"), Some(""));
        assert_eq!(query.value("acl"), None);
    }
}
