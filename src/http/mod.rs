//! One HTTP exchange at a time, and how much of it is known to have happened.
//!
//! The only place that knows the HTTP library. Nothing here knows about OSS.

mod exchange;
mod failure;
mod origin;
mod resolver;
mod tcp;
mod tls;
mod url;

use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use ureq::Agent;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector as _};

pub(crate) use exchange::Progress;
use exchange::{BodyReader, Exchange};
pub(crate) use failure::{Failure, FailureKind};
pub(crate) use url::{check_url, query_pairs};

use crate::error::{Error, Result, Status};

/// Longest head of an answer.
const MAX_RESPONSE_HEAD: usize = 32 * 1024;
const INPUT_BUFFER: usize = 64 * 1024;
/// One read of the source and one write to the network.
const OUTPUT_BUFFER: usize = 128 * 1024;
/// Connections that wait for the next upload.
const MAX_IDLE_CONNECTIONS: usize = 4;

/// How to reach servers.
pub struct HttpOptions {
    /// For DNS, and again for TCP and TLS together.
    pub connect_timeout: Duration,
    /// Longest time in which no byte moves in either direction.
    pub idle_timeout: Duration,
    /// `http://[user:password@]host:port`. None: as the environment says. Empty: no proxy.
    pub proxy: Option<String>,
    /// PEM file with the only authorities to trust. None: those of the system.
    pub ca_file: Option<PathBuf>,
    /// Value of the `User-Agent` header.
    pub user_agent: String,
}

/// A pool of connections. Threads may use it at the same time.
#[derive(Debug)]
pub(crate) struct HttpClient {
    agent: Agent,
}

/// A request whose body has a known length.
pub(crate) struct HttpRequest<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) content_length: u64,
    /// Longest body of the answer; what exceeds it is cut off.
    pub(crate) max_response_body: usize,
}

/// An answer whose head was understood.
#[derive(Debug)]
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    /// Names are lowercase.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    /// Why the body is not all of it.
    pub(crate) cut_off: Option<Failure>,
    /// Whether the server answered before it had all of the body.
    pub(crate) before_end_of_body: bool,
}

impl HttpResponse {
    /// Value of a header, when it is text. `name` is lowercase.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(n, _)| n == name)?;
        std::str::from_utf8(value).ok()
    }
}

impl HttpClient {
    pub(crate) fn new(options: &HttpOptions) -> Result<Self> {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(&options.user_agent)
            .accept("")
            .accept_encoding("")
            .timeout_connect(Some(options.connect_timeout))
            .timeout_per_read(Some(options.idle_timeout))
            .timeout_per_write(Some(options.idle_timeout))
            // Bounds on the whole, for servers that say a byte now and then.
            .timeout_recv_response(Some(2 * options.idle_timeout))
            .timeout_recv_body(Some(6 * options.idle_timeout))
            .max_response_header_size(MAX_RESPONSE_HEAD)
            .input_buffer_size(INPUT_BUFFER)
            .output_buffer_size(OUTPUT_BUFFER)
            .max_idle_connections(MAX_IDLE_CONNECTIONS)
            .max_idle_connections_per_host(MAX_IDLE_CONNECTIONS)
            .proxy(proxy(options.proxy.as_deref())?)
            .build();
        let connector =
            ().chain(ConnectProxyConnector::default())
                .chain(tcp::TcpConnector)
                .chain(tls::TlsConnector::new(options.ca_file.as_deref())?)
                .chain(origin::OriginConnector);
        Ok(Self { agent: Agent::with_parts(config, connector, resolver::LaterResolver) })
    }

    /// Sends a request and reads the answer.
    ///
    /// `body` is read for exactly `content_length` bytes. An answer that comes before the body is
    /// sent ends the sending.
    pub(crate) fn exchange(
        &self,
        request: &HttpRequest<'_>,
        body: &mut dyn Read,
        progress: &mut dyn Progress,
    ) -> std::result::Result<HttpResponse, Failure> {
        let exchange = Exchange::begin(request.url, request.content_length);
        let mut reader = BodyReader::new(body, progress, &exchange);
        let response = self
            .run(request, &mut reader)
            .map_err(|error| Failure::of(&error, &exchange).with_peer(&self.peer(request.url)))?;
        Ok(read_response(response, request.max_response_body, &exchange))
    }

    /// Where a request goes, for messages.
    fn peer(&self, url: &str) -> String {
        let origin: String = url.split_inclusive('/').take(3).collect();
        let origin = origin.trim_end_matches('/');
        let is_direct = |proxy: &ureq::Proxy| url.parse().is_ok_and(|url| proxy.is_no_proxy(&url));
        match self.agent.config().proxy() {
            Some(proxy) if !is_direct(proxy) => {
                format!("{origin} through proxy {}:{}", proxy.host(), proxy.port())
            }
            _ => origin.to_owned(),
        }
    }

    fn run(
        &self,
        request: &HttpRequest<'_>,
        body: &mut dyn Read,
    ) -> std::result::Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        let mut builder = ureq::http::Request::builder().method(request.method).uri(request.url);
        for (name, value) in request.headers {
            builder = builder.header(*name, value.as_bytes());
        }
        let builder = builder.header("content-length", request.content_length);
        self.agent.run(builder.body(ureq::SendBody::from_reader(body))?)
    }
}

fn proxy(option: Option<&str>) -> Result<Option<ureq::Proxy>> {
    match option {
        None => proxy_of_environment(),
        Some("") => Ok(None),
        // The value is not repeated in the message: it may hold a password.
        Some(text) => match ureq::Proxy::new(text) {
            Ok(proxy) if is_http_proxy(&proxy) && has_sound_authority(text) => Ok(Some(proxy)),
            _ => {
                let fault = "is not of the form http://[user:password@]host:port";
                Err(Error::invalid("proxy", fault))
            }
        },
    }
}

fn proxy_of_environment() -> Result<Option<ureq::Proxy>> {
    const NAMES: [&str; 6] =
        ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];
    match ureq::Proxy::try_from_env().filter(is_http_proxy) {
        Some(proxy) => Ok(Some(proxy)),
        None => {
            match NAMES.into_iter().find(|n| std::env::var_os(n).is_some_and(|v| !v.is_empty())) {
                None => Ok(None),
                // To go round a proxy that the environment demands would be worse than to stop.
                Some(name) => {
                    let fault = format!(
                        "{name} in the environment is not of the form \
                     http://[user:password@]host:port; set proxy, to \"\" for none"
                    );
                    Err(Error::invalid("proxy", fault))
                }
            }
        }
    }
}

/// The HTTP library takes a port that is none for the default one, and passes over a path.
fn has_sound_authority(proxy: &str) -> bool {
    let rest = proxy.split_once("://").map_or(proxy, |(_, rest)| rest);
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let host_and_port = rest.rsplit('@').next().unwrap_or_default();
    let port = match host_and_port.rsplit_once(':') {
        Some((_, port)) if !port.ends_with(']') => Some(port),
        _ => None,
    };
    !rest.contains(['/', '?', '#']) && port.is_none_or(|text| text.parse::<u16>().is_ok())
}

fn is_http_proxy(proxy: &ureq::Proxy) -> bool {
    proxy.protocol() == ureq::ProxyProtocol::Http
}

fn read_response(
    response: ureq::http::Response<ureq::Body>,
    limit: usize,
    exchange: &Exchange,
) -> HttpResponse {
    let (head, body) = response.into_parts();
    let (body, cut_off) = read_body(body, limit, exchange);
    HttpResponse {
        status: head.status.as_u16(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect(),
        body,
        cut_off,
        before_end_of_body: !exchange.all_written(),
    }
}

/// Reads at most `limit` bytes. What came before a failure is kept.
fn read_body(body: ureq::Body, limit: usize, exchange: &Exchange) -> (Vec<u8>, Option<Failure>) {
    let mut reader = body.into_reader();
    let mut bytes = Vec::new();
    let cut_off = match reader.by_ref().take(limit as u64).read_to_end(&mut bytes) {
        Err(error) => Some(Failure::of(&ureq::Error::from(error), exchange)),
        Ok(_) if bytes.len() < limit => None,
        Ok(_) => match reader.read(&mut [0]) {
            Ok(0) => None,
            _ => Some(Failure::too_long(limit)),
        },
    };
    (bytes, cut_off)
}

/// Lets a caller's failure through the HTTP library unharmed.
pub(crate) fn caller_error(error: Error) -> io::Error {
    io::Error::other(CallerError(error))
}

/// The caller's failure again.
pub(crate) fn failed_by_caller(error: io::Error) -> Error {
    match error.downcast::<CallerError>() {
        Ok(CallerError(error)) => error,
        Err(error) => Error::new(Status::Body, error.to_string()),
    }
}

#[derive(Debug)]
struct CallerError(Error);

impl std::fmt::Display for CallerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for CallerError {}
