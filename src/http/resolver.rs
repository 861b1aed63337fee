//! Host names to addresses.

use std::net::{IpAddr, SocketAddr};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, NextTimeout};

/// Resolves nothing: the HTTP library asks before each request, also when a connection is kept.
#[derive(Debug, Default)]
pub(super) struct LaterResolver;

impl Resolver for LaterResolver {
    fn resolve(
        &self,
        _uri: &Uri,
        _config: &Config,
        _timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}

/// Addresses of the host that is to be connected, which may be a proxy. An address stands for
/// itself: it needs no DNS, and so no thread to bound its time.
pub(super) fn addresses(details: &ConnectionDetails<'_>) -> Result<Vec<SocketAddr>, ureq::Error> {
    if let Some(address) = literal(details.uri) {
        return Ok(vec![address]);
    }
    let timeout = NextTimeout { reason: ureq::Timeout::Resolve, ..details.timeout };
    let found = DefaultResolver::default().resolve(details.uri, details.config, timeout)?;
    Ok(found.iter().copied().collect())
}

fn literal(uri: &Uri) -> Option<SocketAddr> {
    let host = uri.host()?;
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let address: IpAddr = host.parse().ok()?;
    let default_port = match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    };
    Some(SocketAddr::new(address, uri.port_u16().unwrap_or(default_port)))
}
