//! How a client reaches servers.

use std::num::NonZeroU64;
use std::time::Duration;

use super::speed::LowSpeed;
use super::tls::TlsOptions;

/// How to reach servers. All times are on the monotonic clock.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// Value of the `User-Agent` header.
    pub user_agent: String,
    /// For DNS, again for TCP, and again for the talk with a proxy.
    pub connect_timeout: Duration,
    /// For each TLS handshake.
    pub tls_timeout: Duration,
    /// Longest time in which no byte moves in either direction, while a request is sent or its
    /// answer is awaited. A byte has moved when the other side acknowledges it.
    pub idle_timeout: Duration,
    /// Slower connections are given up. None: none.
    pub low_speed: Option<LowSpeed>,
    /// `TCP_USER_TIMEOUT`: how long the kernel waits for an acknowledgement. None: its default.
    pub tcp_user_timeout: Option<Duration>,
    /// IP address or network interface that connections leave from. DNS has its own way.
    pub source: Option<String>,
    /// `scheme://[user:password@]host[:port]` with http, https, socks5 or socks5h; user and password
    /// are percent-encoded. None: as the environment says. Empty: no proxy.
    pub proxy: Option<String>,
    /// Hosts that are reached without the proxy, as in `NO_PROXY`. None: `NO_PROXY` itself when the
    /// proxy is that of the environment, else no host.
    pub no_proxy: Option<String>,
    /// How long a connection without an exchange is kept.
    pub max_idle_age: Duration,
    /// Bytes per second of all requests of the client together.
    pub rate_limit: Option<NonZeroU64>,
    /// Whom to trust, and who we are.
    pub tls: TlsOptions,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            user_agent: concat!("ossbind/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(10),
            tls_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(20),
            low_speed: None,
            tcp_user_timeout: None,
            source: None,
            proxy: None,
            no_proxy: None,
            // Servers and the middle boxes before them keep connections for a minute at best.
            max_idle_age: Duration::from_secs(15),
            rate_limit: None,
            tls: TlsOptions::default(),
        }
    }
}
