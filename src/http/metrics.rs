//! Where the time of an exchange went, and what it moved.

use std::net::SocketAddr;
use std::time::Duration;

/// How long the phases of an exchange took. What did not happen took no time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Host name to addresses.
    pub dns: Duration,
    /// TCP, and the talk with a proxy.
    pub connect: Duration,
    /// Handshakes.
    pub tls: Duration,
    /// From the first byte of the request to the last; with reading the source.
    pub send: Duration,
    /// From the last byte of the request to the first of the answer.
    pub wait: Duration,
    /// From the first byte of the answer to the last.
    pub receive: Duration,
}

/// What an exchange took and moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Where the time went.
    pub timings: Timings,
    /// What the kernel took from this exchange: TLS, handshakes and the talk with proxies are
    /// included, TCP and IP are not.
    pub bytes_sent: u64,
    /// What the kernel gave, in the same way.
    pub bytes_received: u64,
    /// Whether an earlier exchange had made the connection.
    pub reused_connection: bool,
    /// The other end of the TCP connection: the server, or a proxy.
    pub peer: Option<SocketAddr>,
}
