//! Proxies: which one, and for which hosts. The talk with each kind has a file of its own.

mod environment;
mod http_connect;
mod no_proxy;
mod socks5;

use std::net::IpAddr;
use std::{fmt, io};

use zeroize::Zeroizing;

use super::connect::Target;
use super::exchange::{Phase, State, Stopped};
use super::stream::Stream;
use crate::error::{Error, Result};
use crate::url::{authority, percent_decoded, split_authority};
use no_proxy::NoProxy;

/// What can be said of a proxy without repeating its password.
const FORM: &str = "is not of the form scheme://[user:password@]host[:port] with the scheme http, \
                    https, socks5 or socks5h and special characters percent-encoded";

const ASKS_FOR_LOGIN: &str = "asks for a user and a password: put them into the proxy's URL";
const REFUSES_LOGIN: &str = "does not accept the user and the password";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProxyKind {
    Http,
    /// TLS to the proxy itself.
    Https,
    /// Host names are looked up here.
    Socks5,
    /// Host names are looked up by the proxy.
    Socks5h,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) struct Proxy {
    pub(super) kind: ProxyKind,
    /// Without the brackets of an IPv6 address.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) login: Option<Login>,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: Zeroizing<String>,
}

/// What a proxy may do wrong.
enum Fault {
    Lost(io::Error),
    Said(String),
}

impl Fault {
    fn said(fault: impl Into<String>) -> Self {
        Self::Said(fault.into())
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Lost(error)
    }
}

/// The proxy of a client, and the hosts that are reached without it.
#[derive(Debug, Default)]
pub(super) struct Proxies {
    proxy: Option<Proxy>,
    exempt: NoProxy,
}

impl Proxies {
    /// `proxy` None: as the environment says, with its `NO_PROXY` unless `no_proxy` replaces it.
    /// Empty: none.
    pub(super) fn new(proxy: Option<&str>, no_proxy: Option<&str>) -> Result<Self> {
        let (proxy, environment_exempt) = match proxy {
            None => (environment::proxy()?, environment::no_proxy()),
            Some("") => (None, None),
            Some(text) => {
                let proxy =
                    Proxy::parse(text).ok_or_else(|| Error::invalid("network_proxy", FORM))?;
                (Some(proxy), None)
            }
        };
        let exempt = no_proxy.map(str::to_owned).or(environment_exempt);
        Ok(Self { proxy, exempt: NoProxy::parse(exempt.as_deref().unwrap_or_default()) })
    }

    pub(super) fn way_to(&self, host: &str, port: u16) -> Option<&Proxy> {
        self.proxy.as_ref().filter(|_| !self.exempt.covers(host, port))
    }
}

impl Proxy {
    /// A scheme left out means http.
    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let (kind, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (ProxyKind::Http, 80),
            "https" => (ProxyKind::Https, 443),
            "socks5" => (ProxyKind::Socks5, 1080),
            "socks5h" => (ProxyKind::Socks5h, 1080),
            _ => return None,
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (login, authority) = match rest.rsplit_once('@') {
            Some((login, authority)) => (Some(Login::parse(login)?), authority),
            None => (None, rest),
        };
        let (host, port) = split_authority(authority).ok()?;
        let port = port.unwrap_or(default_port);
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => !host.is_empty() && host.chars().all(is_name),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        is_host.then_some(Self { kind, host, port, login })
    }
}

impl Proxy {
    /// Asks for a connection to `address`, or to the name of the target, over a connection to the
    /// proxy.
    pub(super) fn open(
        &self,
        stream: &mut Stream,
        target: &Target,
        address: Option<IpAddr>,
        user_agent: &str,
        state: &mut State,
    ) -> std::result::Result<(), Stopped> {
        state.enter(Phase::Proxy, &self.to_string());
        let (stream, login) = (&mut stream.with(state), self.login.as_ref());
        let outcome = match self.kind {
            ProxyKind::Http | ProxyKind::Https => {
                http_connect::open_tunnel(stream, login, target, user_agent)
            }
            ProxyKind::Socks5 | ProxyKind::Socks5h => {
                socks5::connect(stream, login, target, address)
            }
        };
        outcome.map_err(|fault| match fault {
            Fault::Lost(error) => error.downcast().unwrap_or_else(|error| {
                Stopped::transport(format!("{self} broke the connection off: {error}"))
            }),
            Fault::Said(fault) => Stopped::transport(format!("{self} {fault}")),
        })
    }
}

impl Login {
    fn parse(text: &str) -> Option<Self> {
        let (user, password) = text.split_once(':').unwrap_or((text, ""));
        Some(Self { user: decoded(user)?, password: Zeroizing::new(decoded(password)?) })
    }
}

/// Control characters would end the line of a header.
fn decoded(text: &str) -> Option<String> {
    let begins_with_digits = |rest: &str| {
        rest.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let is_sound = text.split('%').skip(1).all(begins_with_digits);
    let text = percent_decoded(text).filter(|_| is_sound)?;
    Some(text).filter(|text| !text.contains(char::is_control))
}

/// As messages name it.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "proxy {}", authority(&self.host, self.port))
    }
}

/// Leaves out the login.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("kind", &self.kind)
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
