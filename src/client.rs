//! A client: where to, as whom, and the connections that are kept.

use std::fmt;
use std::time::{Duration, Instant};

use crate::credentials::{CredentialSource, Credentials, variable};
use crate::endpoint::{Endpoint, EndpointOptions};
use crate::error::{Error, Result, Status, refuse_if};
use crate::http::{HttpClient, HttpOptions};
use crate::log::Logger;
use crate::retry::{BudgetSettings, RetryBudget, RetryPolicy};
use crate::service::Service;
use crate::signing::SignatureVersion;
use crate::time::Timestamp;

/// How a client is made. What is `None` comes from the environment, or is the default.
#[derive(Default)]
pub struct ClientConfig {
    /// Host of the service, with or without scheme; else `OSS_ENDPOINT`; else made of the region.
    pub endpoint: Option<String>,
    /// Region such as `cn-hangzhou`; else `OSS_REGION`; else taken from the endpoint.
    pub region: Option<String>,
    /// Who asks; else `OSS_ACCESS_KEY_ID`, `OSS_ACCESS_KEY_SECRET`, `OSS_SESSION_TOKEN`.
    pub credentials: Option<CredentialSource>,
    /// Asks for neither endpoint nor keys: the client can only send what was signed elsewhere.
    pub without_keys: bool,
    /// Signature of the requests.
    pub signature_version: SignatureVersion,
    /// How the endpoint is read.
    pub endpoint_options: EndpointOptions,
    /// How servers are reached; its `user_agent` is passed over.
    pub http: HttpOptions,
    /// Added to the `User-Agent` header.
    pub user_agent: Option<String>,
    /// Leaves out the comparison of CRC-64 values.
    pub skip_crc64: bool,
    /// Where messages go.
    pub log: Logger,
    /// How often, and when, a failed request is sent again.
    pub retry: RetryPolicy,
    /// How far the service may correct the time of this device; zero for never. Default 10 years over
    /// https or for a clock before the date of the build, else 7 days: anybody may have answered.
    pub clock_limit: Option<Duration>,
}

/// Uploads objects. Threads may use one client at the same time.
pub struct Client {
    /// None for a client without keys.
    service: Option<Service>,
    pub(crate) check_crc64: bool,
    pub(crate) log: Logger,
    pub(crate) retry_policy: RetryPolicy,
    pub(crate) retry_budget: RetryBudget,
    pub(crate) http: HttpClient,
}

impl Client {
    /// Checks the configuration. Nothing is sent.
    pub fn new(config: ClientConfig) -> Result<Self> {
        let endpoint = match config.without_keys {
            true => check_unused(&config).map(|()| None)?,
            false => Some(endpoint(&config)?),
        };
        let service = match (endpoint, config.credentials) {
            (None, _) => None,
            (Some(endpoint), credentials) => {
                let credentials = match credentials {
                    Some(credentials) => credentials,
                    None => Credentials::from_environment()?.into(),
                };
                Some(Service::new(
                    endpoint,
                    credentials,
                    config.signature_version,
                    config.clock_limit,
                    &config.http.tls,
                )?)
            }
        };
        let user_agent = user_agent(config.user_agent.as_deref())?;
        check_limits(&config.http)?;
        if config.http.tls.danger_accept_any_certificate {
            config.log.warn(|| {
                "DANGER: this client takes any certificate (DANGER_ACCEPT_ANY_CERTIFICATE): anybody \
                 on the way can read and change what it sends"
                    .to_owned()
            });
        }
        Ok(Self {
            service,
            check_crc64: !config.skip_crc64,
            log: config.log,
            retry_policy: config.retry,
            retry_budget: RetryBudget::new(BudgetSettings::default(), Instant::now()),
            http: HttpClient::new(HttpOptions { user_agent, ..config.http })?,
        })
    }

    /// The time of OSS once it is known, else that of this device.
    pub fn now(&self) -> Timestamp {
        self.service.as_ref().map_or_else(Timestamp::of_device, Service::now)
    }

    /// What requests are signed with.
    pub(crate) fn service(&self) -> Result<&Service> {
        self.service.as_ref().ok_or_else(|| {
            let message = "access_key_id: this client was made without keys (NO_KEYS), and can only \
                           upload to a bundle, url or form that was signed elsewhere";
            Error::new(Status::Credentials, message).with_field("access_key_id")
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
        f.debug_struct("Client").field("service", &self.service).finish_non_exhaustive()
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

/// A client without keys goes where what was signed elsewhere says.
fn check_unused(config: &ClientConfig) -> Result<()> {
    let set = [
        ("endpoint", config.endpoint.is_some()),
        ("region", config.region.is_some()),
        ("access_key_id", config.credentials.is_some()),
    ];
    let fault = "is set, but the client is made without keys (NO_KEYS); use one of them";
    refuse_if(set.map(|(field, is_set)| (is_set, field, fault)))
}

fn check_limits(options: &HttpOptions) -> Result<()> {
    let limits = [
        ("connect_timeout", options.connect_timeout),
        ("tls_timeout", options.tls_timeout),
        ("idle_timeout", options.idle_timeout),
        ("low_speed_window", options.low_speed.map_or(Duration::MAX, |floor| floor.window)),
    ];
    refuse_if(limits.map(|(field, limit)| (limit.is_zero(), field, "is zero")))
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
