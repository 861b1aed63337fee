//! From a URL to a connection that takes the request: names, TCP, proxies, TLS.

mod happy_eyeballs;
mod source;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

pub(super) use source::Source;

use super::connection::Connection;
use super::dns::Resolver;
use super::exchange::{State, Stopped};
use super::pool::Pool;
use super::proxy::{Proxies, Proxy, ProxyKind};
use super::socket::Socket;
use super::stream::Stream;
use super::tls::{Peer, Tls};
use crate::url::authority;

/// Opens connections for one client.
#[derive(Debug)]
pub(super) struct Dialer {
    pub(super) resolver: Resolver,
    pub(super) socket_options: SocketOptions,
    pub(super) proxies: Proxies,
    pub(super) tls: Tls,
    pub(super) user_agent: String,
    pub(super) pool: Pool,
}

/// What is set on every socket before it connects.
#[derive(Debug, Default)]
pub(super) struct SocketOptions {
    pub(super) source: Option<Source>,
    pub(super) user_timeout: Option<Duration>,
}

/// The server that a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) is_https: bool,
    /// Without the brackets of an IPv6 address.
    pub(super) host: String,
    pub(super) port: u16,
}

impl Target {
    pub(super) fn of(uri: &ureq::http::Uri) -> Option<Self> {
        let is_https = uri.scheme_str() == Some("https");
        let host = uri.host()?;
        let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        let port = uri.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        Some(Self { is_https, host: host.to_owned(), port })
    }
}

/// `host:port`, with brackets around an IPv6 address.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&authority(&self.host, self.port))
    }
}

impl Dialer {
    /// The proxy on the way to `target`.
    pub(super) fn proxy_for(&self, target: &Target, bypass: bool) -> Option<&Proxy> {
        if bypass { None } else { self.proxies.way_to(&target.host, target.port) }
    }

    /// A kept connection, or else a new one.
    pub(super) fn connection_to(
        &self,
        target: Target,
        state: &mut State,
    ) -> Result<Connection, Stopped> {
        let terms = &state.terms;
        let is_direct = self.proxy_for(&target, terms.bypass_proxy).is_none();
        if !terms.fresh_only
            && let Some(connection) = self.pool.take(&target, is_direct)
        {
            return Ok(connection);
        }
        Ok(Connection::new(self.open(&target, state)?, target, is_direct))
    }

    /// Connects, through proxies and TLS, up to where the request can be sent.
    pub(super) fn open(&self, target: &Target, state: &mut State) -> Result<Stream, Stopped> {
        let stream = match self.proxy_for(target, state.terms.bypass_proxy) {
            None => Stream::Plain(self.tcp(&target.host, target.port, state)?),
            Some(proxy) => self.through(proxy, target, state)?,
        };
        match target.is_https {
            true => self.tls.over(stream, &target.host, Peer::Server, state),
            false => Ok(stream),
        }
    }

    fn through(
        &self,
        proxy: &Proxy,
        target: &Target,
        state: &mut State,
    ) -> Result<Stream, Stopped> {
        // Before the proxy is kept waiting.
        let address = match proxy.kind {
            ProxyKind::Socks5 => Some(self.addresses(&target.host, state)?[0]),
            _ => None,
        };
        let mut stream = Stream::Plain(self.tcp(&proxy.host, proxy.port, state)?);
        if proxy.kind == ProxyKind::Https {
            stream = self.tls.over(stream, &proxy.host, Peer::Proxy, state)?;
        }
        proxy.open(&mut stream, target, address, &self.user_agent, state)?;
        Ok(stream)
    }

    fn tcp(&self, host: &str, port: u16, state: &mut State) -> Result<Socket, Stopped> {
        let addresses: Vec<SocketAddr> = self
            .addresses(host, state)?
            .into_iter()
            .map(|address| SocketAddr::new(address, port))
            .collect();
        let socket = happy_eyeballs::connect(&addresses, &self.socket_options, state)
            .inspect_err(|_| self.resolver.distrust(host))?;
        state.note_fresh_connection(socket.peer());
        Ok(socket)
    }

    /// At least one.
    fn addresses(&self, host: &str, state: &mut State) -> Result<Vec<IpAddr>, Stopped> {
        match host.parse() {
            Ok(address) => Ok(vec![address]),
            Err(_) => self.resolver.resolve(host, state),
        }
    }
}
