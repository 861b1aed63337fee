//! One URL of `callbackUrl` (spec: callback.md 2.1).

use crate::protocol::target::is_host_name;

/// Where a callback goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallbackUrl {
    /// As the client wrote it.
    pub(crate) text: String,
    pub(crate) tls: bool,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Host and, when the URL names one, port: the value of the `Host` header.
    pub(crate) authority: String,
    /// Path and query, exactly as given.
    pub(crate) target: String,
}

impl CallbackUrl {
    /// Reads a URL; a missing scheme means http.
    pub(crate) fn parse(text: &str) -> Option<CallbackUrl> {
        // These would end the request line, or the header, before its time.
        if text.chars().any(|c| c.is_control() || c == ' ') {
            return None;
        }
        let (tls, rest) = split_scheme(text)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let (host, port) = split_authority(authority)?;
        let target = target.split('#').next().unwrap_or_default();
        let slash = if target.starts_with('/') { "" } else { "/" };
        Some(CallbackUrl {
            text: text.to_owned(),
            tls,
            host: host.to_owned(),
            port: port.unwrap_or(if tls { 443 } else { 80 }),
            authority: authority.to_owned(),
            target: format!("{slash}{target}"),
        })
    }
}

fn split_scheme(text: &str) -> Option<(bool, &str)> {
    let Some((scheme, rest)) = text.split_once("://") else {
        return Some((false, text));
    };
    if scheme.contains(['/', '?']) {
        // The `://` belongs to a path or query behind a URL without scheme.
        return Some((false, text));
    }
    match scheme.to_ascii_lowercase().as_str() {
        "http" => Some((false, rest)),
        "https" => Some((true, rest)),
        _ => None,
    }
}

/// Host and port; no user information, no IPv6 literal, a port from 1 to 65535.
fn split_authority(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match authority.split_once(':') {
        None => (authority, None),
        Some((host, port)) => {
            let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
            let port = port.parse::<u16>().ok().filter(|port| digits && *port != 0)?;
            (host, Some(port))
        }
    };
    is_host_name(host).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_url() {
        let cases = [
            (
                "http://203.0.113.10:8080/cb?a=1",
                (false, "203.0.113.10", 8080, "203.0.113.10:8080", "/cb?a=1"),
            ),
            ("https://app.example.com", (true, "app.example.com", 443, "app.example.com", "/")),
            (
                "121.101.166.30/test.php",
                (false, "121.101.166.30", 80, "121.101.166.30", "/test.php"),
            ),
            (
                "localhost:9001?x=http://y",
                (false, "localhost", 9001, "localhost:9001", "/?x=http://y"),
            ),
            ("HTTP://h/%E4%B8%AD#part", (false, "h", 80, "h", "/%E4%B8%AD")),
        ];
        for (text, (tls, host, port, authority, target)) in cases {
            let expected = CallbackUrl {
                text: text.to_owned(),
                tls,
                host: host.to_owned(),
                port,
                authority: authority.to_owned(),
                target: target.to_owned(),
            };
            assert_eq!(CallbackUrl::parse(text), Some(expected));
        }
    }

    #[test]
    fn unusable_urls() {
        for text in [
            "",
            "http://",
            "http:///a",
            "ftp://h/",
            "http://h:port/",
            "http://h:0/",
            "http://h:65536/",
            "http://h:/",
            "http://h:+80/",
            "http://[::1]/",
            "http://::1/",
            "http://user@h/",
            "http://h/a b",
            "http://h/\r\nx:y",
        ] {
            assert_eq!(CallbackUrl::parse(text), None, "{text:?}");
        }
    }
}
