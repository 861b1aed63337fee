//! What a URL must be before it is used; URLs that were signed are never repeated in messages.

use ureq::http::Uri;
use ureq::http::uri::Authority;

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
    match (uri.scheme_str(), uri.authority()) {
        (Some("http" | "https"), Some(authority)) if authority.as_str().contains('@') => {
            Err("has a user name or password")
        }
        (Some("http" | "https"), Some(authority)) if authority.host().is_empty() => Err(OTHER_FORM),
        (Some("http" | "https"), Some(authority)) if !has_sound_port(authority) => {
            Err("has a port that is not a number from 1 to 65535")
        }
        (Some("http" | "https"), Some(_)) => Ok(()),
        _ => Err(OTHER_FORM),
    }
}

/// What is not a port would be passed over, and the request go to port 80 or 443.
fn has_sound_port(authority: &Authority) -> bool {
    let behind_host = authority.as_str().strip_prefix(authority.host()).unwrap_or_default();
    match behind_host.strip_prefix(':') {
        Some(port) => port.parse().is_ok_and(|port: u16| port > 0),
        None => behind_host.is_empty(),
    }
}

/// Value of a query parameter, decoded. For texts that a peer may repeat and that are secrets.
pub(crate) fn query_value(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    let mut decoded = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                decoded.push(byte);
                rest = &tail[2..];
            }
            _ => {
                decoded.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(decoded).ok()
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
            &format!("https://host/{}", "a".repeat(MAX_URL)),
        ] {
            assert!(check_url(url).is_err(), "{url}");
        }
        assert_eq!(check_url("https://b.oss-cn-hangzhou.aliyuncs.com/k%20?a=b&c"), Ok(()));
        assert_eq!(check_url("http://[::1]:9000/b/k"), Ok(()));
    }

    #[test]
    fn query_values_are_decoded() {
        let url = "https://h/k?a=1&security-token=x%2By%2&b";
        assert_eq!(query_value(url, "security-token").as_deref(), Some("x+y%2"));
        assert_eq!(query_value(url, "token"), None);
        assert_eq!(query_value(url, "b"), None);
    }
}
