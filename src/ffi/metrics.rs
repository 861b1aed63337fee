//! `ossbind_metrics`: what a call took.

use std::time::Duration;

use crate::metrics::Metrics;

/// Requests, times and bytes of a call, over all of its requests. Times of requests that ran at the
/// same time are added up. Filled by the library, which may append members: do not copy it by
/// sizeof.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_metrics {
    /// Requests that were sent, or that the library tried to send.
    pub requests: u32,
    /// How many of them were retries.
    pub retries: u32,
    /// Microseconds for resolving host names.
    pub dns_us: u64,
    /// Microseconds for TCP connections and handshakes with a proxy.
    pub connect_us: u64,
    /// Microseconds for TLS handshakes.
    pub tls_us: u64,
    /// Microseconds from the first byte of a request to its last, including reading the body.
    pub send_us: u64,
    /// Microseconds from the last byte of a request to the first of its answer.
    pub wait_us: u64,
    /// Microseconds from the first byte of an answer to its last.
    pub receive_us: u64,
    /// Bytes sent, including those of TLS and of proxies.
    pub bytes_sent: u64,
    /// Bytes received, including those of TLS and of proxies.
    pub bytes_received: u64,
}

impl From<&Metrics> for ossbind_metrics {
    fn from(metrics: &Metrics) -> Self {
        let microseconds = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let timings = &metrics.timings;
        Self {
            requests: metrics.requests,
            retries: metrics.retries,
            dns_us: microseconds(timings.dns),
            connect_us: microseconds(timings.connect),
            tls_us: microseconds(timings.tls),
            send_us: microseconds(timings.send),
            wait_us: microseconds(timings.wait),
            receive_us: microseconds(timings.receive),
            bytes_sent: metrics.bytes_sent,
            bytes_received: metrics.bytes_received,
        }
    }
}
