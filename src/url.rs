//! Pieces of URLs: host and port, and what is percent-encoded.

use percent_encoding::percent_decode_str;

const NO_BRACKETS: &str = "an IPv6 address must stand in brackets";
const NO_PORT: &str = "the port is not a number from 1 to 65535";

/// Host and port of `host`, `host:port`, `[v6]` or `[v6]:port`, or what is wrong. An IPv6 address keeps its
/// brackets.
pub(crate) fn split_authority(text: &str) -> Result<(&str, Option<u16>), &'static str> {
    let (host, port) = match text.rfind(']') {
        Some(end) => {
            let (host, rest) = text.split_at(end + 1);
            // What follows without a colon is no port either.
            let port = || rest.strip_prefix(':').unwrap_or_default();
            (host, (!rest.is_empty()).then(port))
        }
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    match port {
        None => Ok((host, None)),
        Some(port) if port.contains(':') => Err(NO_BRACKETS),
        // A sign, which the parser would take, is no digit.
        Some(port) if !port.bytes().all(|byte| byte.is_ascii_digit()) => Err(NO_PORT),
        Some(port) => match port.parse() {
            Ok(0) | Err(_) => Err(NO_PORT),
            Ok(port) => Ok((host, Some(port))),
        },
    }
}

/// `host:port`, with brackets around an IPv6 address, which comes without them.
pub(crate) fn authority(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// Whether this can be the name of a host: labels of letters, digits, `-` and `_`.
pub(crate) fn is_host_name(host: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    host.len() <= 253
        && host.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(allowed)
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

/// Undoes percent-encoding; None for what is not UTF-8 then. A `%` without two digits stays.
pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port() {
        assert_eq!(split_authority("host"), Ok(("host", None)));
        assert_eq!(split_authority("host:80"), Ok(("host", Some(80))));
        assert_eq!(split_authority("[::1]"), Ok(("[::1]", None)));
        assert_eq!(split_authority("[::1]:9000"), Ok(("[::1]", Some(9000))));
        assert_eq!(split_authority("::1"), Err(NO_BRACKETS));
        for text in ["host:", "host:0", "host:65536", "host:+1", "host:1x", "[::1]x", "[::1]:"] {
            assert_eq!(split_authority(text), Err(NO_PORT), "{text}");
        }
    }
}
