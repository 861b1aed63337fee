//! The list of callback URLs and the callback host (spec: callback.md 2, 2.1, 9).

use std::net::Ipv4Addr;

use super::Problem;
use crate::text::quoted;
use crate::url::{is_host_name, split_authority};

/// EC for a URL that cannot be used.
const INVALID_URL: &str = "0007-00000004";
const TOO_MANY_URLS: &str = "0007-00000005";
const PRIVATE_ADDRESS: &str = "0007-00000008";
const INVALID_HOST: &str = "0007-00000009";
const MAX_URLS: usize = 5;

/// What a list of URLs tells.
#[derive(Default)]
pub(super) struct Urls {
    pub(super) any_https: bool,
    /// The first address that only emulators and private installations call.
    pub(super) private: Option<Problem>,
}

/// Checks 1 to 5 URLs separated by `;`.
pub(super) fn check_list(field: &str, list: &str, relaxed: bool) -> Result<Urls, Problem> {
    if list.is_empty() {
        let message = "is empty; give 1 to 5 URLs separated by ';'";
        return Err(Problem::new(field, INVALID_URL, message));
    }
    if list.starts_with(';') {
        let message = "begins with ';', so the first URL is missing";
        return Err(Problem::new(field, INVALID_URL, message).at(0));
    }
    let count = list.split(';').count();
    if count > MAX_URLS {
        let message = format!("has {count} URLs; the service takes at most {MAX_URLS}");
        return Err(Problem::new(field, TOO_MANY_URLS, message));
    }
    let mut urls = Urls::default();
    let mut start = 0;
    for text in list.split(';') {
        if let Some((at, message)) = mistake(text).filter(|_| !relaxed) {
            return Err(Problem::new(field, None, message).at(start + at));
        }
        let url = check_one(text)
            .map_err(|(at, message)| Problem::new(field, INVALID_URL, message).at(start + at))?;
        urls.any_https |= url.is_https;
        if urls.private.is_none() && is_private(url.host) {
            let host = quoted(url.host);
            let message =
                format!("{host} is a private address; OSS calls over the public internet");
            let problem = Problem::new(field, PRIVATE_ADDRESS, message);
            urls.private = Some(problem.at(start + url.host_at));
        }
        start += text.len() + 1;
    }
    Ok(urls)
}

/// Checks the value of the `Host` header of the callback: a domain name or an IP address.
pub(super) fn check_host(field: &str, host: &str) -> Result<(), Problem> {
    let fault = match host {
        "" => "is empty; leave it out to use the host of the URL".to_owned(),
        _ if host.contains("://") => {
            format!("{} has a scheme; give the host alone, \"app.example.com\"", quoted(host))
        }
        _ => match check_authority(host) {
            Ok(_) => return Ok(()),
            Err((_, message)) => message,
        },
    };
    Err(Problem::new(field, INVALID_HOST, fault))
}

struct Url<'a> {
    is_https: bool,
    host: &'a str,
    host_at: usize,
}

/// Where in a URL, and what is wrong.
type Fault = (usize, String);

/// What the service takes, or may take, but nearly never as it was meant.
fn mistake(url: &str) -> Option<Fault> {
    if !url.is_empty() && split_scheme(url).is_none() {
        let message = format!(
            "{} has no scheme; write http:// or https:// in front of it, and a ';' that is part of a \
             URL as %3B",
            quoted(url)
        );
        return Some((0, message));
    }
    // Characters that no URL has (RFC 3986), and the one that ends what is sent of it.
    let at = url.find(['#', '{', '}', '"', '<', '>', '\\', '^', '`', '|'])?;
    let bad = url[at..].chars().next().unwrap_or_default();
    match bad {
        '{' if url[..at].ends_with('$') => {
            let message = "OSS fills in variables in the body only; write such a value there";
            Some((at - 1, message.to_owned()))
        }
        '#' => Some((at, "'#' begins a fragment, which is not sent; write it as %23".to_owned())),
        _ => Some((at, format!("'{bad}' is not allowed in a URL; percent-encode it"))),
    }
}

fn check_one(url: &str) -> Result<Url<'_>, Fault> {
    if url.is_empty() {
        return Err((0, "an entry of the list is empty; a ';' stands between two URLs".to_owned()));
    }
    let (scheme, rest) = split_scheme(url).unwrap_or(("http", url));
    let is_https = scheme.eq_ignore_ascii_case("https");
    if !is_https && !scheme.eq_ignore_ascii_case("http") {
        return Err((0, format!("{} is not http or https", quoted(scheme))));
    }
    let host_at = url.len() - rest.len();
    let path_at = rest.find(['/', '?', '#']).map_or(url.len(), |at| host_at + at);
    let host = check_authority(&url[host_at..path_at]).map_err(|(at, m)| (host_at + at, m))?;
    if let Some(at) = url.bytes().skip(path_at).position(|byte| !byte.is_ascii_graphic()) {
        let message = format!(
            "byte 0x{:02X} is not allowed in a URL; percent-encode it (UTF-8 first), the service sends \
             path and query as given",
            url.as_bytes()[path_at + at]
        );
        return Err((path_at + at, message));
    }
    Ok(Url { is_https, host, host_at })
}

/// The host of `host` or `host:port`.
fn check_authority(authority: &str) -> Result<&str, Fault> {
    if let Some((at, bad)) = authority.char_indices().find(|(_, c)| !c.is_ascii_graphic()) {
        let cure = match bad.is_ascii() {
            true => "which no host has",
            false => "which stands in Punycode in the name of a host: xn--...",
        };
        return Err((
            at,
            format!("{} has {}, {cure}", quoted(authority), quoted(&bad.to_string())),
        ));
    }
    if authority.contains('@') {
        let message = "has a user name or password, which would travel in the clear; use a \
                       variable that the application server checks";
        return Err((0, message.to_owned()));
    }
    if authority.starts_with('[') || authority.matches(':').count() > 1 {
        let message =
            format!("{} is an IPv6 address, which the service does not call", quoted(authority));
        return Err((0, message));
    }
    let (host, _) = split_authority(authority).map_err(|fault| {
        let port = authority.find(':').map_or(0, |colon| colon + 1);
        (port, format!("{}: {fault}", quoted(authority)))
    })?;
    if host.is_empty() {
        return Err((0, "has no host".to_owned()));
    }
    let name = without_root(host);
    if !is_host_name(name) || is_odd_address(name) {
        return Err((0, format!("{} is not a domain name or an IPv4 address", quoted(host))));
    }
    Ok(host)
}

fn split_scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    // "host/path?to=http://x" has no scheme of its own.
    (!scheme.contains(['/', '?', '.', ':'])).then_some((scheme, rest))
}

/// A name without the dot that stands for the root of all names.
fn without_root(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

/// A host whose last label is a number is an address, and of the ways to write one only the usual
/// is understood alike everywhere.
fn is_odd_address(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|b| b.is_ascii_digit())
        || last.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("0x"));
    is_number && host.parse::<Ipv4Addr>().is_err()
}

fn is_private(host: &str) -> bool {
    let host = without_root(host);
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(is_private_v4)
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let shared = address.octets()[0] == 100 && (64..128).contains(&address.octets()[1]);
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.octets()[0] == 0
        || address.is_broadcast()
        || address.is_multicast()
        || shared
}
