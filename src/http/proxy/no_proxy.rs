//! Hosts that are reached without the proxy, by the rules of curl.

use std::net::IpAddr;

/// Entries between commas or white space: a domain with all below it, an address, a network in CIDR
/// notation, or `*` for everything. A port after a domain or an address narrows it.
#[derive(Debug, Default)]
pub(super) struct NoProxy(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    what: What,
    port: Option<u16>,
}

#[derive(Debug)]
enum What {
    Everything,
    /// Lowercase, without dots around it.
    Domain(String),
    Network(IpAddr, u8),
}

impl NoProxy {
    /// What cannot be understood names no host that exists, and so exempts none.
    pub(super) fn parse(list: &str) -> Self {
        let entries = list.split(|c: char| c == ',' || c.is_whitespace());
        Self(entries.filter(|text| !text.is_empty()).map(Entry::parse).collect())
    }

    pub(super) fn covers(&self, host: &str, port: u16) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let address: Option<IpAddr> = host.parse().ok();
        self.0.iter().any(|entry| {
            entry.port.is_none_or(|only| only == port)
                && match (&entry.what, address) {
                    (What::Everything, _) => true,
                    (What::Network(network, bits), Some(address)) => {
                        is_within(address, *network, *bits)
                    }
                    (What::Domain(domain), None) => is_below(&host, domain),
                    _ => false,
                }
        })
    }
}

impl Entry {
    fn parse(text: &str) -> Self {
        if let Some(network) = network(text) {
            return Self { what: network, port: None };
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok()),
            None => (text, None),
        };
        let what = match host {
            "*" => What::Everything,
            _ => network(host)
                .unwrap_or_else(|| What::Domain(host.trim_matches('.').to_ascii_lowercase())),
        };
        Self { what, port }
    }
}

/// An address, or a network in CIDR notation.
fn network(text: &str) -> Option<What> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.trim_start_matches('[').trim_end_matches(']').parse().ok()?;
    let width = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(width);
    (bits <= width).then_some(What::Network(address, bits))
}

fn is_below(host: &str, domain: &str) -> bool {
    !domain.is_empty()
        && host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn is_within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    // Those of IPv4 are moved to the front, where the bits of the network are counted from.
    let front = |address: IpAddr| match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    };
    let differing = front(address) ^ front(network);
    address.is_ipv4() == network.is_ipv4()
        && differing.checked_shr(128 - u32::from(bits)).unwrap_or(0) == 0
}
