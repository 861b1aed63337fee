//! What a URL must be before it is used; URLs that were signed are never repeated in messages.

use ureq::http::Uri;

use crate::url::{percent_decoded, split_authority};

/// Longer than any signed URL with a callback in it.
const MAX_URL: usize = 16 * 1024;

/// The fault of a URL that a request could not be sent to.
pub(crate) fn check_url(url: &str) -> Result<(), &'static str> {
    if url.len() > MAX_URL {
        return Err("has more than 16 KiB");
    }
    let unsound = |byte: u8| !byte.is_ascii_graphic() || b"\"<>\\^`{|}#".contains(&byte);
    if url.bytes().any(unsound) {
        return Err("has a character that must be percent-encoded");
    }
    const OTHER_FORM: &str = "is not of the form http(s)://host/...";
    let Ok(uri) = url.parse::<Uri>() else {
        return Err(OTHER_FORM);
    };
    let authority = match (uri.scheme_str(), uri.authority()) {
        (Some("http" | "https"), Some(authority)) => authority,
        _ => return Err(OTHER_FORM),
    };
    if authority.as_str().contains('@') {
        return Err("has a user name or password");
    }
    if authority.host().is_empty() {
        return Err(OTHER_FORM);
    }
    if split_authority(authority.as_str()).is_err() {
        return Err("has a port that is not a number from 1 to 65535");
    }
    if has_path(url) { Ok(()) } else { Err("has no path") }
}

/// What is not a port would be passed over, and the request go to port 80 or 443.
fn has_path(url: &str) -> bool {
    url.split('?').next().unwrap_or_default().matches('/').count() >= 3
}

/// What stands before the path, for messages.
pub(super) fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + "://".len());
    let end = url[host..].find(['/', '?', '#']).map_or(url.len(), |at| host + at);
    &url[..end]
}

/// The query parameters, decoded. What is no UTF-8 is none of OSS.
pub(crate) fn query_pairs(url: &str) -> Vec<(String, String)> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let pair = |text: &str| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        Some((percent_decoded(name)?, percent_decoded(value)?))
    };
    query.split('&').filter(|text| !text.is_empty()).filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_are_none() {
        for url in [
            "",
            "/path",
            "host/path",
            "ftp://host/",
            "https://",
            "https:///path",
            "https://me:pass@host/",
            "https://host:/",
            "https://host:0/",
            "https://host:65536/",
            "https://host:1x/",
            "https://[::1]x/",
            "https://host/a b",
            "https://host/a\r\nx: y",
            "https://host/\u{4e2d}",
            "https://host/#part",
            "https://host",
            "https://host?signature=a/b",
            &format!("https://host/{}", "a".repeat(MAX_URL)),
        ] {
            assert!(check_url(url).is_err(), "{url}");
        }
        assert_eq!(check_url("https://b.oss-cn-hangzhou.aliyuncs.com/k%20?a=b&c"), Ok(()));
        assert_eq!(check_url("http://[::1]:9000/b/k"), Ok(()));
    }

    #[test]
    fn query_pairs_are_decoded() {
        let url = "https://h/k?a=1&security-token=x%2By%2&%63allback=%+A&&b";
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = [
            pair("a", "1"),
            pair("security-token", "x+y%2"),
            pair("callback", "%+A"),
            pair("b", ""),
        ];
        assert_eq!(query_pairs(url), expected);
        assert_eq!(query_pairs("https://h/k"), []);
        assert_eq!(query_pairs("https://h/k?a=%ff"), []);
    }
}
