//! `ossbind_client_config`: how a client is made.

use std::ffi::{c_char, c_void};
use std::mem::offset_of;
use std::num::NonZeroU64;
use std::time::Duration;

use super::convert::{
    SizedStruct, check_flags, milliseconds, optional_text, owned_text, unknown_choice,
};
use super::credentials::{GivenCredentials, ossbind_credentials_config};
use super::log::{logger, ossbind_log_fn, ossbind_log_level};
use super::tls::{ossbind_tls_config, with_tls};
use crate::client::ClientConfig;
use crate::credentials::Credentials;
use crate::endpoint::EndpointOptions;
use crate::error::{Error, Result};
use crate::http::{HttpOptions, LowSpeed};
use crate::retry::RetryPolicy;
use crate::signing::SignatureVersion;

/// Which signature a client makes.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_signature_version(pub u32);

impl ossbind_signature_version {
    /// The same as V4.
    pub const DEFAULT: Self = Self(0);
    /// HMAC-SHA1. OSS is withdrawing it, and refuses it to new accounts and buckets.
    pub const V1: Self = Self(1);
    /// OSS4-HMAC-SHA256.
    pub const V4: Self = Self(4);
}

/// Bit of ossbind_client_config.flags: use http when the endpoint has no scheme. Otherwise https.
pub const OSSBIND_CLIENT_PLAIN_HTTP: u32 = 1;
/// Bit of ossbind_client_config.flags: put the bucket into the path of the URL instead of the host
/// name. Only emulators and private installations accept that. IP addresses and localhost always
/// use it.
pub const OSSBIND_CLIENT_PATH_STYLE: u32 = 2;
/// Bit of ossbind_client_config.flags: the endpoint is a custom domain that is bound to the bucket.
pub const OSSBIND_CLIENT_CNAME: u32 = 4;
/// Bit of ossbind_client_config.flags: with a region and no endpoint, use the network inside
/// Alibaba Cloud.
pub const OSSBIND_CLIENT_INTERNAL: u32 = 8;
/// Bit of ossbind_client_config.flags: with a region and no endpoint, use the endpoint for IPv4 and
/// IPv6.
pub const OSSBIND_CLIENT_DUAL_STACK: u32 = 16;
/// Bit of ossbind_client_config.flags: with a region and no endpoint, use transfer acceleration.
pub const OSSBIND_CLIENT_ACCELERATE: u32 = 32;
/// Bit of ossbind_client_config.flags: do not compare CRC-64 values after an upload.
pub const OSSBIND_CLIENT_NO_CRC64: u32 = 64;
/// Bit of ossbind_client_config.flags: the client has no keys and needs no endpoint. It can upload
/// to what was signed elsewhere: a bundle, a signed URL, or the fields of a form.
pub const OSSBIND_CLIENT_NO_KEYS: u32 = 128;
/// Bit of ossbind_client_config.flags: keep signing with the clock of this device, even when OSS
/// says that it is wrong.
pub const OSSBIND_CLIENT_KEEP_CLOCK: u32 = 256;

const DEFAULT_LOW_SPEED_WINDOW: Duration = Duration::from_secs(30);

/// All bits up to the last one.
const KNOWN_FLAGS: u32 = 2 * OSSBIND_CLIENT_KEEP_CLOCK - 1;

/// How a client is made. Initialize with ossbind_client_config_init(); zero is the default of every
/// member. Everything is copied, so nothing has to outlive the call. Members are only ever appended.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_client_config {
    /// sizeof(ossbind_client_config), set by ossbind_client_config_init().
    pub struct_size: usize,
    /// Host of the service, with or without scheme and port: "oss-cn-hangzhou.aliyuncs.com",
    /// "http://127.0.0.1:9000". NULL: OSS_ENDPOINT of the environment, else made of the region.
    pub endpoint: *const c_char,
    /// "cn-hangzhou"; "oss-cn-hangzhou" is accepted too. NULL: OSS_REGION of the environment, else
    /// taken from the endpoint, which may not be that of another region. Signature V4 needs it.
    pub region: *const c_char,
    /// Access key id. NULL together with access_key_secret: as `credentials` says, which by default
    /// is OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and OSS_SESSION_TOKEN of the environment.
    pub access_key_id: *const c_char,
    /// Access key secret. Wiped from memory with the client.
    pub access_key_secret: *const c_char,
    /// Token of temporary (STS) keys; NULL or empty for permanent ones.
    pub security_token: *const c_char,
    /// Where the keys come from, when they are not in the three members above. NULL: the
    /// environment.
    pub credentials: *const ossbind_credentials_config,
    /// Which servers are trusted, and how this device proves who it is. NULL: the certificate
    /// authorities of the system, and no certificate of this device.
    pub tls: *const ossbind_tls_config,
    /// OSSBIND_SIGNATURE_VERSION_*.
    pub signature_version: ossbind_signature_version,
    /// OSSBIND_CLIENT_*; unknown bits are refused.
    pub flags: u32,
    /// Added to the User-Agent header. NULL: nothing.
    pub user_agent: *const c_char,
    /// "scheme://[user:password@]host[:port]" with http, https, socks5 or socks5h, user and password
    /// percent-encoded; without a scheme it is http. Every request goes through it, in a tunnel. With
    /// socks5 this device resolves the host and sends the first address; with socks5h the proxy
    /// resolves it. NULL: the first of ALL_PROXY, HTTPS_PROXY and HTTP_PROXY in the environment, except
    /// for the hosts in NO_PROXY. Empty: no proxy.
    pub network_proxy: *const c_char,
    /// Hosts that are reached without network_proxy, as in NO_PROXY: "localhost,.internal,10.0.0.1".
    /// NULL: those of NO_PROXY when the proxy is that of the environment, else none.
    pub network_no_proxy: *const c_char,
    /// IP address or network interface that connections leave from, for devices with several uplinks.
    /// Host names are still resolved as the system decides; an IP address as endpoint, or as proxy,
    /// needs no resolving. NULL: as the system decides.
    pub network_source: *const c_char,
    /// Connections slower than this many bytes per second, measured over
    /// network_low_speed_window_ms, are given up. 0: no lower limit.
    pub network_low_speed_bytes_per_s: u64,
    /// Upper limit of all uploads of the client together, in bytes per second. 0: none.
    pub network_rate_limit_bytes_per_s: u64,
    /// Time limit in milliseconds for DNS, again for TCP, and again for the handshake with a proxy.
    /// 0: 10 000.
    pub network_connect_timeout_ms: u32,
    /// Longest time in milliseconds in which no byte moves in either direction, also while a body is
    /// sent. A byte has moved when the other side acknowledges it, so the time that a slow uplink needs
    /// to drain the buffers of the kernel does not count as silence. 0: 20 000. OSS may spend 5 000 on
    /// the callback before it answers, so do not go below 10 000.
    pub network_idle_timeout_ms: u32,
    /// How long in milliseconds an idle connection is kept for the next upload. 0: 15 000.
    pub network_keep_alive_ms: u32,
    /// TCP_USER_TIMEOUT in milliseconds: how long the kernel waits for an acknowledgement. 0: its
    /// default.
    pub network_tcp_user_timeout_ms: u32,
    /// Time in milliseconds over which network_low_speed_bytes_per_s is measured. 0: 30 000.
    pub network_low_speed_window_ms: u32,
    /// How often a request is sent at most, the first time included. 0: 3. With 1 nothing is retried.
    /// A client also has a budget of ten retries, which grows by one for every five requests that
    /// succeed at the first attempt and every ten minutes, so that a fleet does not storm a service
    /// that comes back.
    pub retry_attempts: u32,
    /// Half of the longest wait in milliseconds before the second attempt. The longest wait doubles
    /// with each further attempt, and a random part of it is waited. 0: 200, so less than 400, then less
    /// than 800.
    pub retry_base_ms: u32,
    /// Longest wait in milliseconds before any attempt, unless OSS asks for more. 0: 20 000.
    pub retry_max_ms: u32,
    /// How far in seconds the time of OSS may differ from the clock of this device (or from the date
    /// the library was built, when the clock is before that) to be adopted after OSS refused a
    /// request because of its time. 0: 315 360 000 (10 years) over https, where TLS proves who answers,
    /// or while the clock of this device is before that date; else 604 800 (7 days), since anybody on
    /// the way may have answered. See OSSBIND_CLIENT_KEEP_CLOCK.
    pub clock_limit_s: u32,
    /// OSSBIND_LOG_LEVEL_*: which messages `log` gets.
    pub log_level: ossbind_log_level,
    /// Gets messages of the library. NULL: they are dropped.
    pub log: ossbind_log_fn,
    /// First argument of `log`; must live as long as the client.
    pub log_userdata: *mut c_void,
}

// SAFETY: pointers and integers; struct_size is first.
unsafe impl SizedStruct for ossbind_client_config {
    const NAME: &'static str = "client_config";
    // 0.1.0 ended with log_userdata.
    const FIRST_SIZE: usize = offset_of!(Self, log_userdata) + size_of::<*mut c_void>();
}

impl ossbind_client_config {
    /// # Safety
    /// The texts are NULL or NUL-terminated strings, the arrays as long as they say, the functions
    /// those of the program.
    pub(super) unsafe fn to_config(self) -> Result<ClientConfig> {
        // First, so that the program's function is freed whatever comes next.
        // SAFETY: as the caller promises.
        let given = unsafe { GivenCredentials::read(self.credentials) };
        check_flags("flags", self.flags, KNOWN_FLAGS)?;
        // SAFETY: as the caller promises.
        let (http, own_keys, endpoint, region, user_agent) = unsafe {
            (
                self.http_options()?,
                self.own_keys()?,
                owned_text("endpoint", self.endpoint)?,
                owned_text("region", self.region)?,
                owned_text("user_agent", self.user_agent)?,
            )
        };
        Ok(ClientConfig {
            endpoint,
            region,
            // SAFETY: as the caller promises.
            credentials: unsafe { given?.source(own_keys, &http) }?,
            without_keys: self.has(OSSBIND_CLIENT_NO_KEYS),
            signature_version: self.signature_version.convert()?,
            endpoint_options: self.endpoint_options(),
            http,
            user_agent,
            skip_crc64: self.has(OSSBIND_CLIENT_NO_CRC64),
            log: logger(self.log, self.log_userdata, self.log_level)?,
            retry: self.retry_policy(),
            clock_limit: self.clock_limit()?,
        })
    }

    fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// The keys that stand in the config itself.
    unsafe fn own_keys(&self) -> Result<Option<Credentials>> {
        // SAFETY: as the caller promises.
        let (id, secret, token) = unsafe {
            (
                optional_text("access_key_id", self.access_key_id)?,
                optional_text("access_key_secret", self.access_key_secret)?,
                optional_text("security_token", self.security_token)?
                    .filter(|text| !text.is_empty()),
            )
        };
        let missing = |field: &str, other: &str| {
            Err(Error::invalid(field, format!("is NULL, but {other} is set; set both or neither")))
        };
        match (id, secret, token) {
            (Some(id), Some(secret), token) => Credentials::new(id, secret, token).map(Some),
            (Some(_), None, _) => missing("access_key_secret", "access_key_id"),
            (None, Some(_), _) => missing("access_key_id", "access_key_secret"),
            (None, None, Some(_)) => missing("access_key_id", "security_token"),
            (None, None, None) => Ok(None),
        }
    }

    unsafe fn http_options(&self) -> Result<HttpOptions> {
        let default = HttpOptions::default();
        let or = |value, default| milliseconds(value).unwrap_or(default);
        // SAFETY: as the caller promises.
        let (source, proxy, no_proxy) = unsafe {
            (
                owned_text("network_source", self.network_source)?,
                owned_text("network_proxy", self.network_proxy)?,
                owned_text("network_no_proxy", self.network_no_proxy)?,
            )
        };
        let window = or(self.network_low_speed_window_ms, DEFAULT_LOW_SPEED_WINDOW);
        let bytes_per_second = self.network_low_speed_bytes_per_s;
        let options = HttpOptions {
            connect_timeout: or(self.network_connect_timeout_ms, default.connect_timeout),
            idle_timeout: or(self.network_idle_timeout_ms, default.idle_timeout),
            low_speed: (bytes_per_second > 0).then_some(LowSpeed { bytes_per_second, window }),
            tcp_user_timeout: milliseconds(self.network_tcp_user_timeout_ms),
            source,
            proxy,
            no_proxy,
            max_idle_age: or(self.network_keep_alive_ms, default.max_idle_age),
            rate_limit: NonZeroU64::new(self.network_rate_limit_bytes_per_s),
            ..default
        };
        // SAFETY: as the caller promises.
        unsafe { with_tls(options, self.tls) }
    }

    fn retry_policy(&self) -> RetryPolicy {
        let default = RetryPolicy::default();
        RetryPolicy {
            attempts: if self.retry_attempts > 0 { self.retry_attempts } else { default.attempts },
            base_delay: milliseconds(self.retry_base_ms).unwrap_or(default.base_delay),
            max_delay: milliseconds(self.retry_max_ms).unwrap_or(default.max_delay),
        }
    }

    fn clock_limit(&self) -> Result<Option<Duration>> {
        match (self.has(OSSBIND_CLIENT_KEEP_CLOCK), self.clock_limit_s) {
            (true, 0) => Ok(Some(Duration::ZERO)),
            (true, _) => {
                let fault = "is set together with the flag KEEP_CLOCK; use one of them";
                Err(Error::invalid("clock_limit_s", fault))
            }
            (false, 0) => Ok(None),
            (false, seconds) => Ok(Some(Duration::from_secs(seconds.into()))),
        }
    }

    fn endpoint_options(&self) -> EndpointOptions {
        EndpointOptions {
            plain_http: self.has(OSSBIND_CLIENT_PLAIN_HTTP),
            path_style: self.has(OSSBIND_CLIENT_PATH_STYLE),
            cname: self.has(OSSBIND_CLIENT_CNAME),
            internal: self.has(OSSBIND_CLIENT_INTERNAL),
            dual_stack: self.has(OSSBIND_CLIENT_DUAL_STACK),
            accelerate: self.has(OSSBIND_CLIENT_ACCELERATE),
        }
    }
}

impl ossbind_signature_version {
    fn convert(self) -> Result<SignatureVersion> {
        match self {
            Self::DEFAULT | Self::V4 => Ok(SignatureVersion::V4),
            Self::V1 => Ok(SignatureVersion::V1),
            Self(other) => Err(unknown_choice("signature_version", other)),
        }
    }
}
