//! The list of callback URLs and the callback host (spec: callback.md 2, 2.1, 9).

use std::net::Ipv4Addr;

use super::Problem;
use super::check::Check;
use crate::text::quoted;
use crate::url::{is_host_name, split_authority};

/// EC for a URL that cannot be used.
pub(super) const INVALID_URL: &str = "0007-00000004";
const TOO_MANY_URLS: &str = "0007-00000005";
pub(super) const PRIVATE_ADDRESS: &str = "0007-00000008";
const INVALID_HOST: &str = "0007-00000009";
const MAX_URLS: usize = 5;

/// Checks 1 to 5 URLs separated by `;`, and says whether one of them is https.
pub(super) fn check_list(field: &str, list: &str, check: &mut Check) -> bool {
    if list.is_empty() {
        let cure = "give 1 to 5 URLs separated by ';'";
        check.refuse(Problem::new(field, Some(INVALID_URL), "is empty", cure));
        return false;
    }
    let count = list.split(';').count();
    if count > MAX_URLS {
        let rule = format!("has {count} URLs; the service takes at most {MAX_URLS}");
        let cure = "leave some out, and write a ';' that is part of a URL as %3B";
        check.refuse(Problem::new(field, Some(TOO_MANY_URLS), &rule, cure));
    }
    let mut any_https = false;
    let mut start = 0;
    for text in list.split(';') {
        let mut url = Url { text, start, field, check };
        any_https |= url.check();
        start += text.len() + 1;
    }
    any_https
}

/// Checks the value of the `Host` header of the callback: a domain name or an IP address.
pub(super) fn check_host(field: &str, host: &str, check: &mut Check) {
    let (rule, cure) = match host {
        "" => ("is empty".to_owned(), "leave it out to use the host of the URL"),
        _ if host.contains("://") => {
            (format!("{} has a scheme", quoted(host)), "give the host alone, \"app.example.com\"")
        }
        _ => match check_authority(host) {
            Ok(_) => return,
            Err((_, rule, cure)) => (rule, cure),
        },
    };
    check.refuse(Problem::new(field, Some(INVALID_HOST), &rule, cure));
}

/// Where in a text, what is wrong, and what to do.
type Fault = (usize, String, &'static str);

/// Characters that no URL has (RFC 3986), and the one that ends what is sent of it.
const ODD: [char; 10] = ['#', '{', '}', '"', '<', '>', '\\', '^', '`', '|'];

/// A URL of a list.
struct Url<'a> {
    text: &'a str,
    /// Where it begins in the list.
    start: usize,
    field: &'a str,
    check: &'a mut Check,
}

impl Url<'_> {
    /// Says whether it is https.
    fn check(&mut self) -> bool {
        if self.text.is_empty() {
            let (rule, cure) = match self.start {
                0 => ("begins with ';', so the first URL is missing", "leave the ';' out"),
                _ => ("an entry of the list is empty", "a ';' stands between two URLs only"),
            };
            self.refuse(Some(INVALID_URL), (0, rule.to_owned(), cure));
            return false;
        }
        let (scheme, rest) = split_scheme(self.text).unwrap_or_else(|| {
            self.mistake((
                0,
                format!("{} has no scheme", quoted(self.text)),
                "write http:// or https:// in front of it, and a ';' that is part of a URL as %3B",
            ));
            ("http", self.text)
        });
        let is_https = scheme.eq_ignore_ascii_case("https");
        if !is_https && !scheme.eq_ignore_ascii_case("http") {
            let rule = format!("{} is not http or https", quoted(scheme));
            self.refuse(
                Some(INVALID_URL),
                (0, rule, "write http:// or https:// in front of the host"),
            );
        }
        let host_at = self.text.len() - rest.len();
        let path_at = rest.find(['/', '?', '#']).map_or(self.text.len(), |at| host_at + at);
        self.check_host(host_at, path_at);
        self.check_path(path_at);
        is_https
    }

    fn check_host(&mut self, host_at: usize, path_at: usize) {
        let authority = &self.text[host_at..path_at];
        if let Some(fault) = odd_character(authority) {
            return self.refuse(None, behind(host_at, fault));
        }
        match check_authority(authority) {
            Err(fault) => self.refuse(Some(INVALID_URL), behind(host_at, fault)),
            Ok(host) if is_private(host) => {
                let rule = format!(
                    "{} is a private address, but OSS calls over the public internet",
                    quoted(host)
                );
                let cure = "give a public one; only a local or private OSS calls this one";
                let problem = Problem::new(self.field, Some(PRIVATE_ADDRESS), &rule, cure);
                self.check.warn(problem.at(self.start + host_at));
            }
            Ok(_) => {}
        }
    }

    fn check_path(&mut self, path_at: usize) {
        let path = &self.text[path_at..];
        if let Some(fault) = odd_character(path) {
            self.mistake(behind(path_at, fault));
        }
        if let Some(at) = path.bytes().position(|byte| !byte.is_ascii_graphic()) {
            let rule = format!(
                "byte 0x{:02X} is not allowed in a URL, and the service sends path and query as given",
                path.as_bytes()[at]
            );
            self.refuse(Some(INVALID_URL), (path_at + at, rule, "percent-encode it (UTF-8 first)"));
        }
    }

    fn refuse(&mut self, ec: Option<&'static str>, (at, rule, cure): Fault) {
        let problem = Problem::new(self.field, ec, &rule, cure);
        self.check.refuse(problem.at(self.start + at));
    }

    /// What the service takes, or may take, but nearly never as it was meant.
    fn mistake(&mut self, (at, rule, cure): Fault) {
        let problem = Problem::new(self.field, None, &rule, cure);
        self.check.mistake(problem.at(self.start + at));
    }
}

fn behind(start: usize, (at, rule, cure): Fault) -> Fault {
    (start + at, rule, cure)
}

fn odd_character(text: &str) -> Option<Fault> {
    let at = text.find(ODD)?;
    let odd = text[at..].chars().next().unwrap_or_default();
    Some(match odd {
        '{' if text[..at].ends_with('$') => {
            let rule = "OSS fills in variables in the body only".to_owned();
            (at - 1, rule, "write such a value into the body")
        }
        '#' => (at, "'#' begins a fragment, which is not sent".to_owned(), "write it as %23"),
        _ => (at, format!("'{odd}' is not allowed in a URL"), "percent-encode it"),
    })
}

/// The host of `host` or `host:port`.
fn check_authority(authority: &str) -> Result<&str, Fault> {
    if let Some((at, bad)) = authority.char_indices().find(|(_, c)| !c.is_ascii_graphic()) {
        let (which, cure) = match bad.is_ascii() {
            true => ("which no host has", "take it out"),
            false => ("which is not ASCII", "write the name in Punycode: xn--..."),
        };
        let rule = format!("{} has {}, {which}", quoted(authority), quoted(&bad.to_string()));
        return Err((at, rule, cure));
    }
    if authority.contains('@') {
        let rule = "has a user name or password, which would travel in the clear".to_owned();
        return Err((0, rule, "use a variable that the application server checks"));
    }
    if authority.starts_with('[') || authority.matches(':').count() > 1 {
        let rule =
            format!("{} is an IPv6 address, which the service does not call", quoted(authority));
        return Err((0, rule, "give an IPv4 address, or a name that has one"));
    }
    let (host, _) = split_authority(authority).map_err(|fault| {
        let port = authority.find(':').map_or(0, |colon| colon + 1);
        let rule = format!("{}: {fault}", quoted(authority));
        (port, rule, "mend it, or leave the port out")
    })?;
    if host.is_empty() {
        return Err((0, "has no host".to_owned(), "write the name of your server there"));
    }
    let name = without_root(host);
    if !is_host_name(name) || is_odd_address(name) {
        let rule = format!("{} is not a domain name or an IPv4 address", quoted(host));
        return Err((0, rule, "write one, such as app.example.com or 203.0.113.10"));
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
