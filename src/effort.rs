//! What a call took, over all of its requests: for support tickets.

pub use crate::http::{Metrics, Timings};

/// What a call took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effort {
    /// Requests that were sent, or tried to be.
    pub requests: u32,
    /// Of them, those that were sent again after a failure.
    pub retries: u32,
    /// Where the time went, and what was moved. Of several requests at the same time the times are
    /// added. `reused_connection` and `peer` are those of the last one.
    pub metrics: Metrics,
}

impl Effort {
    /// Adds a request.
    pub(crate) fn add(&mut self, metrics: &Metrics) {
        self.requests += 1;
        let (sum, new) = (&mut self.metrics.timings, metrics.timings);
        sum.dns += new.dns;
        sum.connect += new.connect;
        sum.tls += new.tls;
        sum.send += new.send;
        sum.wait += new.wait;
        sum.receive += new.receive;
        self.metrics.bytes_sent += metrics.bytes_sent;
        self.metrics.bytes_received += metrics.bytes_received;
        self.metrics.reused_connection = metrics.reused_connection;
        self.metrics.peer = metrics.peer.or(self.metrics.peer);
    }
}
