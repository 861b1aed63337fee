//! `ossbind_client_config`: how a client is made.

use std::ffi::{CStr, OsStr, c_char, c_void};
use std::mem::offset_of;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::time::Duration;

use super::convert::{SizedStruct, check_flags, optional_text, unknown_choice};
use super::log::{logger, ossbind_log_fn, ossbind_log_level};
use crate::client::ClientConfig;
use crate::credentials::Credentials;
use crate::endpoint::EndpointOptions;
use crate::error::{Error, Result};
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

const KNOWN_FLAGS: u32 = OSSBIND_CLIENT_PLAIN_HTTP
    | OSSBIND_CLIENT_PATH_STYLE
    | OSSBIND_CLIENT_CNAME
    | OSSBIND_CLIENT_INTERNAL
    | OSSBIND_CLIENT_DUAL_STACK
    | OSSBIND_CLIENT_ACCELERATE
    | OSSBIND_CLIENT_NO_CRC64
    | OSSBIND_CLIENT_NO_KEYS;

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
    /// "http://[user:password@]host:port", with user and password percent-encoded. Every request goes
    /// through it, in a tunnel (CONNECT). NULL: the first of ALL_PROXY, HTTPS_PROXY and HTTP_PROXY in
    /// the environment, except for the hosts in NO_PROXY. Empty: no proxy.
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
    /// Milliseconds for DNS, and again for TCP and TLS together. 0: 10 000.
    pub connect_timeout_ms: u32,
    /// Longest time in milliseconds in which no byte moves in either direction. 0: 20 000. OSS may
    /// spend 5 000 on the callback before it answers, so do not go below 10 000.
    pub idle_timeout_ms: u32,
    /// Gets messages of the library. NULL: nobody.
    pub log: ossbind_log_fn,
    /// First argument of `log`; must live as long as the client.
    pub log_userdata: *mut c_void,
    /// OSSBIND_LOG_LEVEL_*: the messages that `log` gets, with those of the levels before it.
    pub log_level: ossbind_log_level,
    /// Zero.
    pub reserved: u32,
}

// SAFETY: pointers and integers; struct_size is first.
unsafe impl SizedStruct for ossbind_client_config {
    const NAME: &'static str = "client_config";
    // 0.1.0 ended with reserved.
    const FIRST_SIZE: usize = offset_of!(Self, reserved) + size_of::<u32>();
}

impl ossbind_client_config {
    /// # Safety
    /// The texts are NULL or NUL-terminated strings.
    pub(super) unsafe fn to_config(self) -> Result<ClientConfig> {
        check_flags("flags", self.flags, KNOWN_FLAGS)?;
        check_flags("reserved", self.reserved, 0)?;
        // SAFETY: as the caller promises.
        let text = |field: &str, pointer| unsafe { optional_text(field, pointer) };
        let owned = |field: &str, pointer| -> Result<Option<String>> {
            Ok(text(field, pointer)?.map(str::to_owned))
        };
        // SAFETY: as the caller promises.
        let credentials = unsafe { self.credentials() }?;
        Ok(ClientConfig {
            endpoint: owned("endpoint", self.endpoint)?,
            region: owned("region", self.region)?,
            credentials,
            without_keys: self.flags & OSSBIND_CLIENT_NO_KEYS != 0,
            signature_version: self.signature_version.convert()?,
            endpoint_options: self.endpoint_options(),
            connect_timeout: milliseconds(self.connect_timeout_ms),
            idle_timeout: milliseconds(self.idle_timeout_ms),
            proxy: owned("proxy", self.proxy)?,
            // SAFETY: as the caller promises.
            ca_file: unsafe { path(self.ca_file) },
            user_agent: owned("user_agent", self.user_agent)?,
            log: logger(self.log, self.log_userdata, self.log_level)?,
            skip_crc64: self.flags & OSSBIND_CLIENT_NO_CRC64 != 0,
        })
    }

    /// None when the environment shall be asked.
    unsafe fn credentials(&self) -> Result<Option<Credentials>> {
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

    fn endpoint_options(&self) -> EndpointOptions {
        let is_set = |flag| self.flags & flag != 0;
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
