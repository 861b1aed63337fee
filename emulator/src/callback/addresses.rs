//! Which addresses a callback may go to (spec: callback.md 2.1).

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::time::timeout;

use super::fault::fault;
use super::url::CallbackUrl;
use crate::error::OssError;

const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

/// A host of callback URLs that stands for another address, with whatever port, than its name has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackHost {
    /// Host name without a port.
    pub host: String,
    /// Where its callbacks go.
    pub address: SocketAddr,
}

/// Where callbacks may go, and where they go.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    /// The service does so; a local emulator is mostly used with them.
    pub(crate) refuse_private: bool,
    pub(crate) hosts: Vec<CallbackHost>,
}

impl Addresses {
    /// Checks a URL before the upload.
    pub(crate) async fn check(&self, url: &CallbackUrl) -> Result<(), OssError> {
        if self.known(url).is_some() {
            return Ok(());
        }
        let addresses = resolve(url).await;
        if addresses.is_empty() {
            return Err(fault(7, "Can not get ip by this host.").argument("callback", &url.text));
        }
        if self.refuse_private && addresses.iter().any(|a| is_private(*a)) {
            let message = "Private address is forbidden to callback.";
            return Err(fault(8, message).argument("callback", &url.text));
        }
        Ok(())
    }

    /// The address that a callback goes to.
    pub(crate) async fn find(&self, url: &CallbackUrl) -> Option<SocketAddr> {
        match self.known(url) {
            Some(address) => Some(address),
            None => Some((*resolve(url).await.first()?, url.port).into()),
        }
    }

    fn known(&self, url: &CallbackUrl) -> Option<SocketAddr> {
        let mut hosts = self.hosts.iter();
        hosts.find(|known| known.host.eq_ignore_ascii_case(&url.host)).map(|known| known.address)
    }
}

/// The IPv4 addresses of a URL's host; the service does not call IPv6 addresses.
async fn resolve(url: &CallbackUrl) -> Vec<Ipv4Addr> {
    if let Ok(address) = url.host.parse() {
        return vec![address];
    }
    let host = url.host.trim_end_matches('.').to_ascii_lowercase();
    // Reserved names have a fixed meaning that needs no resolver (RFC 6761).
    if host == "localhost" || host.ends_with(".localhost") {
        return vec![Ipv4Addr::LOCALHOST];
    }
    if host.ends_with(".invalid") {
        return Vec::new();
    }
    let lookup = tokio::net::lookup_host((host.as_str(), url.port));
    let Ok(Ok(found)) = timeout(LOOKUP_TIMEOUT, lookup).await else {
        return Vec::new();
    };
    found
        .filter_map(|address| match address {
            SocketAddr::V4(address) => Some(*address.ip()),
            SocketAddr::V6(_) => None,
        })
        .collect()
}

fn is_private(address: Ipv4Addr) -> bool {
    // 100.64.0.0/10 is shared address space (RFC 6598), used inside provider networks.
    let [a, b, ..] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || shared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses() {
        for private in [
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "127.0.0.1",
            "169.254.0.1",
            "0.0.0.0",
            "100.100.0.1",
        ] {
            assert!(is_private(private.parse().unwrap()), "{private}");
        }
        for public in ["203.0.113.10", "8.8.8.8", "172.32.0.1", "100.128.0.1"] {
            assert!(!is_private(public.parse().unwrap()), "{public}");
        }
    }
}
