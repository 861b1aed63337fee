//! What a call or one of its requests took and moved: for support tickets.

use std::net::SocketAddr;
use std::time::Duration;

/// How long the phases of a request took. What did not happen took no time.
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

/// What a call took, over all of its requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Requests that were sent, or tried to be.
    pub requests: u32,
    /// Of them, those that were sent again after a failure.
    pub retries: u32,
    /// Where the time went. Those of requests at the same time are added.
    pub timings: Timings,
    /// What the kernel took: TLS, handshakes and the talk with proxies are included, TCP and IP are
    /// not.
    pub bytes_sent: u64,
    /// What the kernel gave, in the same way.
    pub bytes_received: u64,
    /// Whether the last request found its connection open.
    pub reused_connection: bool,
    /// The other end of the last TCP connection: the server, or a proxy.
    pub peer: Option<SocketAddr>,
}

impl Metrics {
    /// Adds what came after.
    pub(crate) fn add(&mut self, later: &Self) {
        self.requests += later.requests;
        self.retries += later.retries;
        let (sum, new) = (&mut self.timings, later.timings);
        sum.dns += new.dns;
        sum.connect += new.connect;
        sum.tls += new.tls;
        sum.send += new.send;
        sum.wait += new.wait;
        sum.receive += new.receive;
        self.bytes_sent += later.bytes_sent;
        self.bytes_received += later.bytes_received;
        self.reused_connection = later.reused_connection;
        self.peer = later.peer.or(self.peer);
    }
}
