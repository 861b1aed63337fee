//! The list of callback URLs and the callback host (spec: callback.md 2, 2.1, 9).

use std::net::Ipv4Addr;

use super::{Audience, Problem};
use crate::text::quoted;

/// EC for a URL that cannot be used.
const INVALID_URL: &str = "0007-00000004";
const TOO_MANY_URLS: &str = "0007-00000005";
const PRIVATE_ADDRESS: &str = "0007-00000008";
const INVALID_HOST: &str = "0007-00000009";
const MAX_URLS: usize = 5;

/// Checks 1 to 5 URLs separated by `;`.
pub(super) fn check_list(field: &str, list: &str, audience: Audience, out: &mut Vec<Problem>) {
    if list.is_empty() {
        let message = "is empty; give 1 to 5 URLs separated by ';'";
        return out.push(Problem::new(field, INVALID_URL, message));
    }
    let count = list.split(';').count();
    if count > MAX_URLS {
        let message = format!("has {count} URLs; the service takes at most {MAX_URLS}");
        out.push(Problem::new(field, TOO_MANY_URLS, message));
    }
    let mut offset = 0;
    for url in list.split(';') {
        if let Err(fault) = check_one(url, audience) {
            out.push(Problem::new(field, fault.ec, fault.message).at(offset + fault.offset));
        }
        offset += url.len() + 1;
    }
}

/// Whether any URL of the list is https.
pub(super) fn any_https(list: &str) -> bool {
    list.split(';')
        .any(|url| split_scheme(url).is_some_and(|(s, _)| s.eq_ignore_ascii_case("https")))
}

/// Checks the value of the `Host` header of the callback: a domain name or an IP address.
pub(super) fn check_host(field: &str, host: &str, out: &mut Vec<Problem>) {
    let (name, port) = split_port(host);
    let fault = if host.is_empty() {
        Some("is empty; leave it out to use the host of the URL".to_owned())
    } else if host.starts_with('[') || name.contains(':') {
        Some(format!("{} is an IPv6 address, which the service does not call", quoted(host)))
    } else if !is_host_name(name) || is_odd_address(name) {
        Some(format!("{} is not a domain name or an IP address", quoted(host)))
    } else {
        port.and_then(|text| check_port(text).err())
    };
    if let Some(message) = fault {
        out.push(Problem::new(field, INVALID_HOST, message));
    }
}

struct Fault {
    ec: &'static str,
    offset: usize,
    message: String,
}

fn fault(offset: usize, message: String) -> Fault {
    Fault { ec: INVALID_URL, offset, message }
}

fn check_one(url: &str, audience: Audience) -> Result<(), Fault> {
    if url.is_empty() {
        return Err(fault(0, "an entry of the list is empty".to_owned()));
    }
    if let Some((at, byte)) = url.bytes().enumerate().find(|(_, b)| !b.is_ascii_graphic()) {
        return Err(fault(
            at,
            format!(
                "byte 0x{byte:02X} is not allowed in a URL; percent-encode it (UTF-8 first), \
                 the service sends path and query as given"
            ),
        ));
    }
    let (scheme_len, rest) = match split_scheme(url) {
        Some((scheme, rest)) => {
            if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
                return Err(fault(0, format!("{} is not http or https", quoted(scheme))));
            }
            (url.len() - rest.len(), rest)
        }
        None => (0, url),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    check_authority(authority, audience).map_err(|f| Fault { offset: scheme_len + f.offset, ..f })
}

fn check_authority(authority: &str, audience: Audience) -> Result<(), Fault> {
    if authority.contains('@') {
        let message = "has a user name or password, which would travel in the clear; use a \
                       variable that the application server checks";
        return Err(fault(0, message.to_owned()));
    }
    if authority.starts_with('[') || authority.matches(':').count() > 1 {
        let message =
            format!("{} is an IPv6 address, which the service does not call", quoted(authority));
        return Err(fault(0, message));
    }
    let (host, port) = split_port(authority);
    if host.is_empty() {
        return Err(fault(0, "has no host".to_owned()));
    }
    if !is_host_name(host) || is_odd_address(host) {
        return Err(fault(0, format!("{} is not a domain name or an IPv4 address", quoted(host))));
    }
    if let Some(text) = port {
        check_port(text).map_err(|message| fault(host.len() + 1, message))?;
    }
    if audience == Audience::PublicService && is_private(host) {
        let message =
            format!("{} is a private address; OSS calls over the public internet", quoted(host));
        return Err(Fault { ec: PRIVATE_ADDRESS, offset: 0, message });
    }
    Ok(())
}

fn check_port(text: &str) -> Result<(), String> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse::<u32>() {
        Ok(1..=65535) if digits => Ok(()),
        _ => Err(format!("port {} is not a number from 1 to 65535", quoted(text))),
    }
}

fn split_scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    // "host/path?to=http://x" has no scheme of its own.
    (!scheme.contains(['/', '?', '.', ':'])).then_some((scheme, rest))
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    }
}

fn is_host_name(host: &str) -> bool {
    host.len() <= 253
        && host.strip_suffix('.').unwrap_or(host).split('.').all(|label| {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            (1..=63).contains(&label.len())
                && label.bytes().all(allowed)
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

/// A host whose last label is a number is an address, and of the ways to write one only the usual
/// is understood alike everywhere.
fn is_odd_address(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|b| b.is_ascii_digit())
        || last.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("0x"));
    is_number && host.parse::<Ipv4Addr>().is_err()
}

fn is_private(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_local = |name: &str| host.eq_ignore_ascii_case(name);
    is_local("localhost") || host.parse::<Ipv4Addr>().is_ok_and(is_private_v4)
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
