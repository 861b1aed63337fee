//! A client: where to, as whom, and the connections that are kept.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::credentials::{Credentials, variable};
use crate::endpoint::{Endpoint, EndpointOptions};
use crate::error::{Error, Result};
use crate::http::{HttpClient, HttpOptions, TlsOptions};
use crate::signing::SignatureVersion;

const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The service may spend 5 s on the callback before it answers (spec: sdk-behaviour.md 1).
const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// How a client is made. What is `None` comes from the environment, or is the default.
#[derive(Default)]
pub struct ClientConfig {
    /// Host of the service, with or without scheme; else `OSS_ENDPOINT`; else made of the region.
    pub endpoint: Option<String>,
    /// Region such as `cn-hangzhou`; else `OSS_REGION`; else told by the endpoint.
    pub region: Option<String>,
    /// Key pair; else `OSS_ACCESS_KEY_ID`, `OSS_ACCESS_KEY_SECRET`, `OSS_SESSION_TOKEN`.
    pub credentials: Option<Credentials>,
    /// Signature of the requests.
    pub signature_version: SignatureVersion,
    /// How the endpoint is read.
    pub endpoint_options: EndpointOptions,
    /// Bound on DNS, and again on TCP and TLS together. Default 10 s.
    pub connect_timeout: Option<Duration>,
    /// Longest silence in either direction. Default 20 s.
    pub idle_timeout: Option<Duration>,
    /// `http://[user:password@]host:port`; empty for none; else as the environment says.
    pub proxy: Option<String>,
    /// PEM file with the only authorities to trust; else those of the system.
    pub ca_file: Option<PathBuf>,
    /// Added to the `User-Agent` header.
    pub user_agent: Option<String>,
    /// Leaves out the comparison of CRC-64 values.
    pub skip_crc64: bool,
}

/// Uploads objects. Threads may use one client at the same time.
pub struct Client {
    pub(crate) endpoint: Endpoint,
    /// For signature V4; empty with V1, which has none.
    pub(crate) region: String,
    pub(crate) credentials: Credentials,
    pub(crate) signature_version: SignatureVersion,
    pub(crate) check_crc64: bool,
    pub(crate) http: HttpClient,
}

impl Client {
    /// Checks the configuration. Nothing is sent.
    pub fn new(config: ClientConfig) -> Result<Self> {
        let endpoint = endpoint(&config)?;
        let region = match config.signature_version {
            SignatureVersion::V4 => endpoint.region()?.to_owned(),
            SignatureVersion::V1 => String::new(),
        };
        let credentials = match config.credentials {
            Some(credentials) => credentials,
            None => Credentials::from_environment()?,
        };
        let connect_timeout =
            time_limit("connect_timeout", config.connect_timeout, DEFAULT_CONNECT_TIMEOUT)?;
        let http = HttpClient::new(HttpOptions {
            connect_timeout,
            tls_timeout: connect_timeout,
            idle_timeout: time_limit("idle_timeout", config.idle_timeout, DEFAULT_IDLE_TIMEOUT)?,
            proxy: config.proxy,
            tls: TlsOptions { ca_file: config.ca_file, ..TlsOptions::default() },
            user_agent: user_agent(config.user_agent.as_deref())?,
            ..HttpOptions::default()
        })?;
        Ok(Self {
            endpoint,
            region,
            credentials,
            signature_version: config.signature_version,
            check_crc64: !config.skip_crc64,
            http,
        })
    }
}

/// Leaves out the proxy, which may have a password.
impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.endpoint)
            .field("credentials", &self.credentials)
            .field("signature_version", &self.signature_version)
            .finish_non_exhaustive()
    }
}

fn endpoint(config: &ClientConfig) -> Result<Endpoint> {
    let from_environment = |given: &Option<String>, name: &str| -> Result<Option<String>> {
        match given {
            Some(text) => Ok(Some(text.clone())),
            None => Ok(variable(name)?.map(|text| text.to_string())),
        }
    };
    let endpoint = from_environment(&config.endpoint, "OSS_ENDPOINT")?;
    let region = from_environment(&config.region, "OSS_REGION")?;
    Endpoint::new(endpoint.as_deref(), region.as_deref(), config.endpoint_options)
}

fn time_limit(field: &str, given: Option<Duration>, default: Duration) -> Result<Duration> {
    match given {
        None => Ok(default),
        Some(limit) if limit.is_zero() => Err(Error::invalid(field, "is zero")),
        Some(limit) => Ok(limit),
    }
}

fn user_agent(addition: Option<&str>) -> Result<String> {
    let own = format!(
        "ossbind/{} ({}; {})",
        crate::VERSION,
        std::env::consts::OS,
        std::env::consts::ARCH
    );
    match addition {
        None | Some("") => Ok(own),
        Some(text) if text.chars().all(|c| c == ' ' || c.is_ascii_graphic()) => {
            Ok(format!("{own} {text}"))
        }
        Some(_) => Err(Error::invalid("user_agent", "has a control or non-ASCII character")),
    }
}
