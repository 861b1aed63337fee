//! `ossbind_client_config`: how a client is made.

use std::ffi::{CStr, OsStr, c_char, c_void};
use std::mem::offset_of;
use std::num::NonZeroU64;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::time::Duration;

use zeroize::Zeroizing;

use super::convert::{SizedStruct, check_flags, optional_text, texts, unknown_choice};
use super::credentials::{
    CallerCredentials, credentials, ossbind_credentials_fn, ossbind_credentials_kind,
    ossbind_free_fn,
};
use super::log::{logger, ossbind_log_fn, ossbind_log_level};
use crate::client::ClientConfig;
use crate::endpoint::EndpointOptions;
use crate::error::{Error, Result};
use crate::http::{ClientCertificate, HttpOptions, LowSpeed, Pem, TlsOptions};
use crate::retry::RetryPolicy;
use crate::signing::SignatureVersion;

/// Which signature a client makes.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_signature_version(pub u32);

impl ossbind_signature_version {
    /// V4.
    pub const DEFAULT: Self = Self(0);
    /// HMAC-SHA1; OSS is withdrawing it and refuses it to new accounts and buckets.
    pub const V1: Self = Self(1);
    /// OSS4-HMAC-SHA256.
    pub const V4: Self = Self(4);
}

/// Bit of ossbind_client_config.flags: http when the endpoint has no scheme. Without it https.
pub const OSSBIND_CLIENT_PLAIN_HTTP: u32 = 1;
/// Bit of ossbind_client_config.flags: the bucket stands in the path of the URL instead of the host
/// name. Only emulators and private installations take it. Always so for IP addresses and
/// localhost.
pub const OSSBIND_CLIENT_PATH_STYLE: u32 = 2;
/// Bit of ossbind_client_config.flags: the endpoint is a custom domain bound to the bucket.
pub const OSSBIND_CLIENT_CNAME: u32 = 4;
/// Bit of ossbind_client_config.flags: with a region and no endpoint, the network inside Alibaba
/// Cloud.
pub const OSSBIND_CLIENT_INTERNAL: u32 = 8;
/// Bit of ossbind_client_config.flags: with a region and no endpoint, IPv4 and IPv6.
pub const OSSBIND_CLIENT_DUAL_STACK: u32 = 16;
/// Bit of ossbind_client_config.flags: with a region and no endpoint, transfer acceleration.
pub const OSSBIND_CLIENT_ACCELERATE: u32 = 32;
/// Bit of ossbind_client_config.flags: do not compare CRC-64 values after an upload.
pub const OSSBIND_CLIENT_NO_CRC64: u32 = 64;
/// Bit of ossbind_client_config.flags: the client has no keys and needs no endpoint. It can upload to
/// what was signed elsewhere: a bundle, a signed URL, or the fields of a form.
pub const OSSBIND_CLIENT_NO_KEYS: u32 = 128;

/// Bit of ossbind_client_config.flags: go on signing with the clock of this device when OSS says
/// that it is wrong.
pub const OSSBIND_CLIENT_KEEP_CLOCK: u32 = 256;
/// Bit of ossbind_client_config.flags: DANGEROUS. Takes any certificate of a server, so that anybody on
/// the way can read and change everything, keys of the client excepted. For tests. Each client that
/// has it logs a warning.
pub const OSSBIND_CLIENT_DANGER_ACCEPT_ANY_CERTIFICATE: u32 = 512;

const DEFAULT_LOW_SPEED_WINDOW: Duration = Duration::from_secs(30);

const KNOWN_FLAGS: u32 = OSSBIND_CLIENT_PLAIN_HTTP
    | OSSBIND_CLIENT_PATH_STYLE
    | OSSBIND_CLIENT_CNAME
    | OSSBIND_CLIENT_INTERNAL
    | OSSBIND_CLIENT_DUAL_STACK
    | OSSBIND_CLIENT_ACCELERATE
    | OSSBIND_CLIENT_NO_CRC64
    | OSSBIND_CLIENT_NO_KEYS
    | OSSBIND_CLIENT_KEEP_CLOCK
    | OSSBIND_CLIENT_DANGER_ACCEPT_ANY_CERTIFICATE;

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
    /// told by the endpoint. Signature V4 needs it.
    pub region: *const c_char,
    /// Access key id. NULL together with access_key_secret: OSS_ACCESS_KEY_ID,
    /// OSS_ACCESS_KEY_SECRET and OSS_SESSION_TOKEN of the environment.
    pub access_key_id: *const c_char,
    /// Access key secret. Wiped from memory with the client.
    pub access_key_secret: *const c_char,
    /// Token of temporary (STS) keys; NULL or empty for permanent ones.
    pub security_token: *const c_char,
    /// "scheme://[user:password@]host[:port]" with http, https, socks5 or socks5h, user and password
    /// percent-encoded; without a scheme it is http. Every request goes through it, in a tunnel. With
    /// socks5 this device resolves the host and offers its first address, with socks5h the proxy does.
    /// NULL: the first of ALL_PROXY, HTTPS_PROXY and HTTP_PROXY in the environment, except for the hosts in
    /// NO_PROXY. Empty: no proxy.
    pub proxy: *const c_char,
    /// Path of a PEM file with the only certificate authorities to trust; bytes, not necessarily
    /// UTF-8. NULL: those of the system, or bundled ones on a system that has none.
    pub ca_file: *const c_char,
    /// Added to the User-Agent header. NULL for nothing.
    pub user_agent: *const c_char,
    /// OSSBIND_SIGNATURE_VERSION_*.
    pub signature_version: ossbind_signature_version,
    /// OSSBIND_CLIENT_*; unknown bits are refused.
    pub flags: u32,
    /// Milliseconds for DNS, again for TCP, and again for the talk with a proxy. 0: 10 000.
    pub connect_timeout_ms: u32,
    /// Longest time in milliseconds in which no byte moves in either direction, also while a body is
    /// sent. A byte has moved when the other side acknowledges it, so the time that a slow uplink takes
    /// for the buffers of the kernel is not silence. 0: 20 000. OSS may spend 5 000 on the callback before it answers, so do not go below
    /// 10 000.
    pub idle_timeout_ms: u32,
    /// Gets messages of the library. NULL: nobody.
    pub log: ossbind_log_fn,
    /// First argument of `log`; must live as long as the client.
    pub log_userdata: *mut c_void,
    /// OSSBIND_LOG_LEVEL_*: the messages that `log` gets, with those of the levels before it.
    pub log_level: ossbind_log_level,
    /// OSSBIND_CREDENTIALS_KIND_*: where the keys come from.
    pub credentials: ossbind_credentials_kind,
    /// What the kind needs: name of the role, name of the profile, command, or URL. NULL: its default.
    pub credentials_argument: *const c_char,
    /// CLI_PROFILE, INI_PROFILE: path of the file. NULL: as the environment says, else the one in the
    /// home folder.
    pub credentials_file: *const c_char,
    /// FUNCTION: gives the keys.
    pub credentials_function: ossbind_credentials_fn,
    /// First argument of `credentials_function`. Must live until `credentials_free` was called, or,
    /// without that, until no call of the function can be under way after the client was freed.
    pub credentials_userdata: *mut c_void,
    /// Called once, from any thread, when the library needs `credentials_userdata` no more. It is
    /// also called when no client could be made. NULL: nothing is called.
    pub credentials_free: ossbind_free_fn,
    /// Hosts that are reached without `proxy`, as in NO_PROXY: "localhost,.internal,10.0.0.1". NULL:
    /// those of NO_PROXY when the proxy is that of the environment, else none.
    pub no_proxy: *const c_char,
    /// IP address or network interface that connections leave from, on boards with several uplinks.
    /// Host names are still resolved as the system decides; an IP address as endpoint, or as proxy,
    /// needs no resolving. NULL: as the system decides.
    pub source: *const c_char,
    /// Folder with PEM files of further certificate authorities to trust; bytes. Authorities given
    /// here or in ca_file or ca_pem replace those of the system. NULL: none.
    pub ca_dir: *const c_char,
    /// Certificate authorities to trust as PEM text. NULL: none.
    pub ca_pem: *const c_char,
    /// SHA-256 of public keys (SubjectPublicKeyInfo) in Base64. With any of them, one must be that of a
    /// certificate in the verified chain of the server, besides all other checks. NULL when pin_count
    /// is 0.
    pub pins: *const *const c_char,
    /// Number of pins.
    pub pin_count: usize,
    /// Path of a PEM file with the certificate of this device, for servers that ask for one; bytes.
    /// NULL: none.
    pub client_certificate_file: *const c_char,
    /// Path of a PEM file with its private key, not encrypted; bytes. NULL: in the same file.
    pub client_key_file: *const c_char,
    /// Certificate of this device as PEM text, instead of the file. NULL: none.
    pub client_certificate_pem: *const c_char,
    /// Its private key as PEM text. NULL: in the same text.
    pub client_key_pem: *const c_char,
    /// Milliseconds for each TLS handshake. 0: 10 000.
    pub tls_timeout_ms: u32,
    /// TCP_USER_TIMEOUT in milliseconds: how long the kernel waits for an acknowledgement. 0: its
    /// default.
    pub tcp_user_timeout_ms: u32,
    /// How long in milliseconds a connection is kept for the next upload. 0: 15 000.
    pub keep_alive_ms: u32,
    /// How often a request is tried at most. 0: 3. With 1 nothing is tried again. A client makes no more
    /// retries than it has left: ten to begin with, and one more for five requests that succeed at once
    /// or for ten minutes, so that a fleet does not storm a service that comes back.
    pub attempts: u32,
    /// Half of the longest wait in milliseconds before the second attempt. The longest wait doubles with
    /// each further one, and a random part of it is waited. 0: 200, so less than 400, then 800.
    pub retry_base_ms: u32,
    /// Longest wait in milliseconds before any attempt, unless OSS asks for more. 0: 20 000.
    pub retry_max_ms: u32,
    /// The time over which low_speed_bytes_per_s is measured, in milliseconds. 0: 30 000.
    pub low_speed_window_ms: u32,
    /// How far in seconds the time of OSS may differ from the clock of this device (or from the date
    /// the library was built, when the clock is before that) to be taken over after OSS refused a
    /// request for its time. 0: 315 360 000 (10 years). See OSSBIND_CLIENT_KEEP_CLOCK.
    pub clock_limit_s: u32,
    /// Slower connections than this are given up. 0: none.
    pub low_speed_bytes_per_s: u64,
    /// Bytes per second of all uploads of the client together. 0: no limit.
    pub rate_limit_bytes_per_s: u64,
}

// SAFETY: pointers and integers; struct_size is first.
unsafe impl SizedStruct for ossbind_client_config {
    const NAME: &'static str = "client_config";
    // 0.1.0 ended with rate_limit_bytes_per_s.
    const FIRST_SIZE: usize = offset_of!(Self, rate_limit_bytes_per_s) + size_of::<u64>();
}

impl ossbind_client_config {
    /// # Safety
    /// The texts are NULL or NUL-terminated strings, the arrays as long as they say, the functions
    /// those of the program.
    pub(super) unsafe fn to_config(self) -> Result<ClientConfig> {
        // First, so that the program's function is freed whatever comes next.
        // SAFETY: as the caller promises.
        let function = unsafe { CallerCredentials::new(&self) };
        check_flags("flags", self.flags, KNOWN_FLAGS)?;
        // SAFETY: as the caller promises.
        let owned = |field: &str, pointer| -> Result<Option<String>> {
            Ok(unsafe { optional_text(field, pointer) }?.map(str::to_owned))
        };
        // SAFETY: as the caller promises.
        let http = unsafe { self.http_options() }?;
        // SAFETY: as the caller promises.
        let credentials = unsafe { credentials(&self, function, &http) }?;
        Ok(ClientConfig {
            endpoint: owned("endpoint", self.endpoint)?,
            region: owned("region", self.region)?,
            credentials,
            without_keys: self.has(OSSBIND_CLIENT_NO_KEYS),
            signature_version: self.signature_version.convert()?,
            endpoint_options: self.endpoint_options(),
            http,
            user_agent: owned("user_agent", self.user_agent)?,
            skip_crc64: self.has(OSSBIND_CLIENT_NO_CRC64),
            log: logger(self.log, self.log_userdata, self.log_level)?,
            retry: self.retry_policy(),
            clock_limit: self.clock_limit()?,
        })
    }

    fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    unsafe fn http_options(&self) -> Result<HttpOptions> {
        let default = HttpOptions::default();
        let or = |value, default| milliseconds(value).unwrap_or(default);
        // SAFETY: as the caller promises.
        let (proxy, no_proxy, source, tls) = unsafe {
            (
                optional_text("proxy", self.proxy)?.map(str::to_owned),
                optional_text("no_proxy", self.no_proxy)?.map(str::to_owned),
                optional_text("source", self.source)?.map(str::to_owned),
                self.tls_options()?,
            )
        };
        let window = or(self.low_speed_window_ms, DEFAULT_LOW_SPEED_WINDOW);
        let bytes_per_second = self.low_speed_bytes_per_s;
        Ok(HttpOptions {
            connect_timeout: or(self.connect_timeout_ms, default.connect_timeout),
            tls_timeout: or(self.tls_timeout_ms, default.tls_timeout),
            idle_timeout: or(self.idle_timeout_ms, default.idle_timeout),
            low_speed: (bytes_per_second > 0).then_some(LowSpeed { bytes_per_second, window }),
            tcp_user_timeout: milliseconds(self.tcp_user_timeout_ms),
            source,
            proxy,
            no_proxy,
            max_idle_age: or(self.keep_alive_ms, default.max_idle_age),
            rate_limit: NonZeroU64::new(self.rate_limit_bytes_per_s),
            tls,
            ..default
        })
    }

    unsafe fn tls_options(&self) -> Result<TlsOptions> {
        // SAFETY: as the caller promises.
        let (ca_pem, pins, client_certificate) = unsafe {
            (
                optional_text("ca_pem", self.ca_pem)?,
                texts("pins", "pin_count", self.pins, self.pin_count)?,
                self.client_certificate()?,
            )
        };
        Ok(TlsOptions {
            // SAFETY: as the caller promises.
            ca_file: unsafe { path(self.ca_file) },
            // SAFETY: as the caller promises.
            ca_dir: unsafe { path(self.ca_dir) },
            ca_pem: ca_pem.map(|text| text.as_bytes().to_vec()),
            pins: pins.into_iter().map(str::to_owned).collect(),
            client_certificate,
            danger_accept_any_certificate: self.has(OSSBIND_CLIENT_DANGER_ACCEPT_ANY_CERTIFICATE),
            ..TlsOptions::default()
        })
    }

    unsafe fn client_certificate(&self) -> Result<Option<ClientCertificate>> {
        // SAFETY: as the caller promises.
        let (chain_file, key_file, chain_pem, key_pem) = unsafe {
            (
                path(self.client_certificate_file),
                path(self.client_key_file),
                optional_text("client_certificate_pem", self.client_certificate_pem)?,
                optional_text("client_key_pem", self.client_key_pem)?,
            )
        };
        let memory = |text: &str| Pem::Memory(Zeroizing::new(text.as_bytes().to_vec()));
        match (chain_file, chain_pem) {
            (Some(_), Some(_)) => {
                let fault = "is set together with client_certificate_file; use one of them";
                Err(Error::invalid("client_certificate_pem", fault))
            }
            (Some(file), None) => Ok(Some(ClientCertificate {
                key: Pem::File(key_file.unwrap_or_else(|| file.clone())),
                chain: Pem::File(file),
            })),
            (None, Some(text)) => {
                let (chain, key) = (memory(text), memory(key_pem.unwrap_or(text)));
                Ok(Some(ClientCertificate { chain, key }))
            }
            (None, None) if key_file.is_some() || key_pem.is_some() => {
                let fault = "is not set, but its private key is";
                Err(Error::invalid("client_certificate_file", fault))
            }
            (None, None) => Ok(None),
        }
    }

    fn retry_policy(&self) -> RetryPolicy {
        let default = RetryPolicy::default();
        RetryPolicy {
            attempts: if self.attempts > 0 { self.attempts } else { default.attempts },
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
        let is_set = |flag| self.has(flag);
        EndpointOptions {
            plain_http: is_set(OSSBIND_CLIENT_PLAIN_HTTP),
            path_style: is_set(OSSBIND_CLIENT_PATH_STYLE),
            cname: is_set(OSSBIND_CLIENT_CNAME),
            internal: is_set(OSSBIND_CLIENT_INTERNAL),
            dual_stack: is_set(OSSBIND_CLIENT_DUAL_STACK),
            accelerate: is_set(OSSBIND_CLIENT_ACCELERATE),
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

fn milliseconds(value: u32) -> Option<Duration> {
    (value > 0).then(|| Duration::from_millis(value.into()))
}

/// A path is bytes.
///
/// # Safety
/// `pointer` is NULL or a NUL-terminated string.
pub(super) unsafe fn path(pointer: *const c_char) -> Option<PathBuf> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: not NULL, and NUL-terminated as the caller promises.
    let bytes = unsafe { CStr::from_ptr(pointer) }.to_bytes();
    Some(PathBuf::from(OsStr::from_bytes(bytes)))
}
