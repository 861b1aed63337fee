//! One HTTP exchange at a time, and how much of it is known to have happened.
//!
//! The only place that knows the HTTP library. Nothing here knows about OSS, but for the name in `head`.
//!
//! From the outside in: `options` and `limits` say what is wanted; `exchange` is the state of an
//! exchange, with all its waits; `transport` is what the HTTP library sees of a `connection`, which is
//! a `stream`, which is TLS and a `socket`; it comes from the `pool`, or `connect` opens it, by means of
//! `dns`, `proxy` and `tls`.

mod connect;
mod connection;
mod dns;
mod exchange;
mod failure;
mod head;
mod limits;
mod options;
mod pool;
mod proxy;
mod rate;
mod socket;
mod speed;
mod stream;
mod tls;
mod transport;
mod url;

#[cfg(test)]
mod tests;

use std::io::{self, Read};
use std::sync::Arc;

use ureq::Agent;

use connect::{Dialer, SocketOptions, Source, Target};
use dns::Resolver;
use exchange::{BodyReader, Exchange, Phase, Stopped, Terms};
pub(crate) use exchange::{Progress, Unwatched};
pub(crate) use failure::{Failure, FailureKind};
pub(crate) use limits::Limits;
pub use options::HttpOptions;
use pool::Pool;
use proxy::Proxies;
pub use rate::RateLimiter;
pub use speed::LowSpeed;
use speed::SpeedMeter;
pub(crate) use tls::BUILD_DATE;
use tls::Tls;
pub use tls::{ClientCertificate, Pem, TlsOptions};
use transport::{NoResolver, Way};
use ureq::config::Config;
use url::origin;
pub(crate) use url::{check_url, query_pairs};

use crate::error::{Error, Result, Status};
use crate::metrics::Metrics;

/// Longest head of an answer.
const MAX_RESPONSE_HEAD: usize = 32 * 1024;
/// What is kept of an answer that is longer than allowed: enough to tell what it is.
const KEPT_OF_TOO_LONG: usize = 16 * 1024;

/// Sends requests, and keeps connections. Threads may use it at the same time.
#[derive(Debug)]
pub(crate) struct HttpClient {
    /// Of every agent.
    config: Config,
    dialer: Arc<Dialer>,
    options: HttpOptions,
    rate: Option<RateLimiter>,
}

/// A request whose body has a known length.
pub(crate) struct HttpRequest<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) content_length: u64,
    /// Longest body of the answer. Of a longer one only the beginning is kept.
    pub(crate) max_response_body: usize,
    pub(crate) limits: Limits<'a>,
}

impl HttpRequest<'_> {
    /// Changes nothing at the server.
    fn is_repeatable(&self) -> bool {
        matches!(self.method, "GET" | "HEAD") && self.content_length == 0
    }
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
    pub(crate) metrics: Metrics,
}

impl HttpResponse {
    /// Value of a header, when it is text. `name` is lowercase.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(n, _)| n == name)?;
        std::str::from_utf8(value).ok()
    }
}

impl HttpClient {
    pub(crate) fn new(options: HttpOptions) -> Result<Self> {
        Self::with_resolver(options, Resolver::of_system())
    }

    fn with_resolver(options: HttpOptions, resolver: Resolver) -> Result<Self> {
        let dialer = Arc::new(Dialer {
            resolver,
            socket_options: SocketOptions {
                source: options.source.as_deref().map(Source::parse).transpose()?,
                user_timeout: options.tcp_user_timeout,
            },
            proxies: Proxies::new(options.proxy.as_deref(), options.no_proxy.as_deref())?,
            tls: Tls::new(&options.tls)?,
            user_agent: options.user_agent.clone(),
            pool: Pool::new(options.max_idle_age),
        });
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(&options.user_agent)
            .accept("")
            .accept_encoding("")
            .max_response_header_size(MAX_RESPONSE_HEAD)
            // All time-outs, proxies and connections are ours.
            .proxy(None)
            .build();
        let rate = options.rate_limit.map(RateLimiter::new);
        Ok(Self { config, dialer, options, rate })
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
        match self.attempt(request, body, progress, false) {
            Err(failure) if failure.stale && request.is_repeatable() => {
                self.attempt(request, body, progress, true)
            }
            outcome => outcome,
        }
    }

    fn attempt(
        &self,
        request: &HttpRequest<'_>,
        body: &mut dyn Read,
        progress: &mut dyn Progress,
        fresh_only: bool,
    ) -> std::result::Result<HttpResponse, Failure> {
        let exchange = Exchange::begin(self.terms(request, fresh_only));
        let mut reader = BodyReader::new(body, progress, &exchange);
        match self.run(request, &mut reader, &exchange) {
            Ok(response) => Ok(read_response(response, request.max_response_body, &exchange)),
            Err(error) => {
                let failure = Failure::of(error, &mut exchange.state());
                Err(failure.with_peer(&self.peer(request)))
            }
        }
    }

    fn terms(&self, request: &HttpRequest<'_>, fresh_only: bool) -> Terms {
        let (options, limits) = (&self.options, request.limits);
        let connect_timeout = limits.connect_timeout.unwrap_or(options.connect_timeout);
        Terms {
            content_length: request.content_length,
            connect_timeout,
            tls_timeout: limits.connect_timeout.unwrap_or(options.tls_timeout),
            idle_timeout: limits.idle_timeout.unwrap_or(options.idle_timeout),
            speed: options.low_speed.map(SpeedMeter::new),
            deadline: limits.deadline,
            cancel: limits.cancel.cloned(),
            rates: self.rate.iter().chain(limits.rate).cloned().collect(),
            bypass_proxy: limits.bypass_proxy,
            is_repeatable: request.is_repeatable(),
            fresh_only,
        }
    }

    /// Where a request goes, for messages.
    fn peer(&self, request: &HttpRequest<'_>) -> String {
        let origin = origin(request.url);
        let target = request.url.parse().ok().as_ref().and_then(Target::of);
        let proxy = target
            .as_ref()
            .and_then(|target| self.dialer.proxy_for(target, request.limits.bypass_proxy));
        match proxy {
            Some(proxy) => format!("{origin} through {proxy}"),
            None => origin.to_owned(),
        }
    }

    fn run(
        &self,
        request: &HttpRequest<'_>,
        body: &mut dyn Read,
        exchange: &Exchange,
    ) -> std::result::Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        let mut builder = ureq::http::Request::builder().method(request.method).uri(request.url);
        for (name, value) in request.headers {
            builder = builder.header(*name, value.as_bytes());
        }
        let builder = builder.header("content-length", request.content_length);
        let way = Way { dialer: Arc::clone(&self.dialer), exchange: exchange.clone() };
        let agent = Agent::with_parts(self.config.clone(), way, NoResolver);
        agent.run(builder.body(ureq::SendBody::from_reader(body))?)
    }
}

fn read_response(
    response: ureq::http::Response<ureq::Body>,
    limit: usize,
    exchange: &Exchange,
) -> HttpResponse {
    let (head, body) = response.into_parts();
    exchange.state().enter(Phase::ReceivingBody, "");
    let (body, cut_off) = read_body(body, limit, exchange);
    let mut state = exchange.state();
    HttpResponse {
        status: head.status.as_u16(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect(),
        body,
        cut_off,
        before_end_of_body: !state.all_written,
        metrics: state.metrics(),
    }
}

/// Reads a body of at most `limit` bytes. What came before a failure is kept, but of a body that is
/// too long only its beginning.
fn read_body(body: ureq::Body, limit: usize, exchange: &Exchange) -> (Vec<u8>, Option<Failure>) {
    let declared = body.content_length();
    let is_too_long = declared.is_some_and(|length| length > limit as u64);
    let wanted = if is_too_long { KEPT_OF_TOO_LONG.min(limit) } else { limit };
    // In one piece when its length is known: pieces that grow leave holes in the heap.
    let expected = declared.and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    let expected = expected.min(wanted);
    let mut bytes = Vec::new();
    if bytes.try_reserve_exact(expected).is_err() {
        return (bytes, Some(Failure::out_of_memory(expected, &mut exchange.state())));
    }
    let mut reader = body.into_reader();
    let cut_off = match reader.by_ref().take(wanted as u64).read_to_end(&mut bytes) {
        Err(error) => Some(Failure::of(error.into(), &mut exchange.state())),
        Ok(_) if is_too_long => Some(Failure::too_long(limit, &mut exchange.state())),
        Ok(_) if bytes.len() < limit => None,
        Ok(_) => match reader.read(&mut [0]) {
            Ok(0) => None,
            _ => {
                bytes.truncate(KEPT_OF_TOO_LONG);
                Some(Failure::too_long(limit, &mut exchange.state()))
            }
        },
    };
    bytes.shrink_to_fit();
    (bytes, cut_off)
}

/// Lets a caller's failure through the HTTP library unharmed.
pub(crate) fn caller_error(error: Error) -> io::Error {
    Stopped::by_caller(error).into()
}

/// The caller's failure again.
pub(crate) fn failed_by_caller(error: io::Error) -> Error {
    match error.downcast() {
        Ok(Stopped { kind: FailureKind::Caller(error), .. }) => error,
        Ok(stopped) => Error::new(Status::Body, stopped.message),
        Err(error) => Error::new(Status::Body, error.to_string()),
    }
}
