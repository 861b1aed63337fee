//! Which URLs a public key may come from (spec: callback-verification.md 2).

use crate::error::{Error, Result};
use crate::text::quoted;
use crate::url::split_authority;

/// The service's own, by both schemes. The slash at the end matters: without it a longer name begins alike.
const SERVICE: [&str; 2] = ["https://gosspublic.alicdn.com/", "http://gosspublic.alicdn.com/"];
/// Longer ones only take memory.
const MAX_URL: usize = 1024;
/// The file whose content is known.
const KNOWN_FILE: &str = "callback_pub_key_v1.pem";
pub(super) const SERVICE_KEY: &[u8] = b"-----BEGIN PUBLIC KEY-----\n\
    MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKs/JBGzwUB2aVht4crBx3oIPBLNsjGsC0fTXv+nvlmklvkcolvpvXLTjaxUHR3W9LXxQ2EHXAJfCB+6H2YF1k8CAwEAAQ==\n\
    -----END PUBLIC KEY-----\n";

/// The URLs that keys are fetched from.
#[derive(Debug)]
pub(super) struct KeyUrls {
    /// Beginnings of URLs, which end with a slash.
    more: Vec<String>,
}

/// Where the key of an allowed URL is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the library.
    BuiltIn,
    /// To be fetched from this URL.
    Remote(String),
}

impl KeyUrls {
    /// The service's URLs, and those that begin with one of `more`.
    pub(super) fn new(more: &[&str]) -> Result<Self> {
        for (index, prefix) in more.iter().enumerate() {
            if let Some(fault) = fault_of_prefix(prefix) {
                let message = format!("{} {fault}", quoted(prefix));
                return Err(Error::invalid(format!("key_urls[{index}]"), message));
            }
        }
        Ok(Self { more: more.iter().map(|prefix| (*prefix).to_owned()).collect() })
    }

    /// None for a URL that is not allowed. Decided by the text alone, before anything is fetched.
    pub(super) fn place(&self, url: &str) -> Option<Place> {
        if url.len() > MAX_URL
            || !url.bytes().all(|byte| byte.is_ascii_graphic())
            || is_ambiguous(url)
        {
            return None;
        }
        match SERVICE.iter().find_map(|prefix| url.strip_prefix(prefix)) {
            Some(KNOWN_FILE) => Some(Place::BuiltIn),
            // What http brings could come from anybody on the way.
            Some(file) => Some(Place::Remote(format!("{}{file}", SERVICE[0]))),
            None => {
                let is_allowed = self.more.iter().any(|prefix| url.starts_with(prefix.as_str()));
                is_allowed.then(|| Place::Remote(url.to_owned()))
            }
        }
    }
}

fn fault_of_prefix(prefix: &str) -> Option<&'static str> {
    let rest = prefix.strip_prefix("https://").or_else(|| prefix.strip_prefix("http://"));
    let Some((authority, _)) = rest.and_then(|rest| rest.split_once('/')) else {
        return Some("is not of the form http(s)://host[:port]/");
    };
    if !prefix.ends_with('/') {
        return Some("does not end with '/': longer names that begin alike would be allowed, too");
    }
    let is_host = split_authority(authority).is_ok_and(|(host, _)| !host.is_empty());
    (!is_host || authority.contains('@')).then_some("has no host, or more than a host and a port")
}

/// Whether the same file has other URLs like this one, with which anybody could fill the memory for keys, or
/// which lead elsewhere.
fn is_ambiguous(url: &str) -> bool {
    url.contains(['\\', '%', '?', '#']) || url.split('/').any(|step| matches!(step, "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_service_and_what_is_allowed() {
        let urls = KeyUrls::new(&["http://127.0.0.1:9000/", "https://oss.test/keys/"]).unwrap();
        let remote = |url: &str| Some(Place::Remote(url.to_owned()));
        for (url, place) in [
            ("https://gosspublic.alicdn.com/callback_pub_key_v1.pem", Some(Place::BuiltIn)),
            ("http://gosspublic.alicdn.com/callback_pub_key_v1.pem", Some(Place::BuiltIn)),
            (
                "https://gosspublic.alicdn.com/v2.pem",
                remote("https://gosspublic.alicdn.com/v2.pem"),
            ),
            ("http://gosspublic.alicdn.com/v2.pem", remote("https://gosspublic.alicdn.com/v2.pem")),
            ("http://127.0.0.1:9000/key.pem", remote("http://127.0.0.1:9000/key.pem")),
            ("https://oss.test/keys/1.pem", remote("https://oss.test/keys/1.pem")),
            ("https://gosspublic.alicdn.com", None),
            ("https://gosspublic.alicdn.com.evil.example/callback_pub_key_v1.pem", None),
            ("https://gosspublic-alicdn.com/callback_pub_key_v1.pem", None),
            ("https://gosspublicxalicdn.com/callback_pub_key_v1.pem", None),
            ("https://gosspublic.alicdn.com@evil.example/callback_pub_key_v1.pem", None),
            ("https://user@gosspublic.alicdn.com/callback_pub_key_v1.pem", None),
            ("https://gosspublic.alicdn.com:8443/callback_pub_key_v1.pem", None),
            ("HTTPS://gosspublic.alicdn.com/callback_pub_key_v1.pem", None),
            ("ftp://gosspublic.alicdn.com/callback_pub_key_v1.pem", None),
            ("//gosspublic.alicdn.com/callback_pub_key_v1.pem", None),
            (" https://gosspublic.alicdn.com/callback_pub_key_v1.pem", None),
            ("https://gosspublic.alicdn.com/a\nb.pem", None),
            ("https://gosspublic.alicdn.com/../callback_pub_key_v1.pem", None),
            ("https://gosspublic.alicdn.com/%2e%2e/v2.pem", None),
            ("https://gosspublic.alicdn.com/v2.pem?1", None),
            ("https://gosspublic.alicdn.com/v2.pem#1", None),
            ("http://127.0.0.1:90001/key.pem", None),
            ("http://127.0.0.1:9000@evil.example/key.pem", None),
            ("https://oss.test/keys/../others/1.pem", None),
            ("https://oss.test/others/1.pem", None),
        ] {
            assert_eq!(urls.place(url), place, "{url}");
        }
    }

    #[test]
    fn a_url_has_an_end() {
        let urls = KeyUrls::new(&[]).unwrap();
        let url = |length: usize| format!("{:a<length$}", SERVICE[0]);
        assert!(urls.place(&url(MAX_URL)).is_some());
        assert_eq!(urls.place(&url(MAX_URL + 1)), None);
    }

    #[test]
    fn a_prefix_is_a_whole_host() {
        for prefix in [
            "",
            "http://",
            "http://host",
            "host/",
            "ftp://host/",
            "http:///",
            "https://a@host/",
            "https://host/k",
        ] {
            let error = KeyUrls::new(&["http://host/", prefix]).unwrap_err();
            assert_eq!(error.field(), Some("key_urls[1]"), "{prefix}");
        }
    }
}
