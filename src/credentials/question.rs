//! A small question to a server that gives credentials, and its bounded answer.

use std::time::Duration;

use zeroize::Zeroizing;

use super::document::MAX_DOCUMENT;
use super::provider::{Limits, unusable};
use crate::error::{Error, Result};
use crate::http::{
    self, Failure, FailureKind, HttpClient, HttpOptions, HttpRequest, HttpResponse, TlsOptions,
    Unwatched,
};
use crate::time::Timestamp;
use crate::wait::Deadline;

/// How to reach servers on the internet.
#[derive(Clone, Default)]
pub struct NetworkOptions {
    /// As that of the client.
    pub proxy: Option<String>,
    /// As that of the client.
    pub no_proxy: Option<String>,
    /// IP address or network interface that connections leave from.
    pub source: Option<String>,
    /// Whom to trust.
    pub tls: TlsOptions,
}

impl NetworkOptions {
    /// For servers near by. What they say must never pass a proxy, which would learn the keys.
    pub(super) fn direct() -> Self {
        Self { proxy: Some(String::new()), ..Self::default() }
    }
}

/// Puts questions to servers.
pub(super) struct Messenger {
    http: HttpClient,
}

pub(super) struct Question<'a> {
    pub(super) method: &'static str,
    pub(super) url: &'a str,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: &'a [u8],
}

/// What a server said.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Zeroizing<Vec<u8>>,
    /// Its clock.
    pub(super) server_time: Option<Timestamp>,
}

/// Why there is no answer.
pub(super) struct Silence {
    pub(super) error: Error,
    /// Nobody is there, as opposed to somebody who says strange things.
    pub(super) is_unreachable: bool,
}

impl Messenger {
    pub(super) fn new(
        network: &NetworkOptions,
        connect_timeout: Duration,
        idle_timeout: Duration,
    ) -> Result<Self> {
        let http = HttpClient::new(HttpOptions {
            connect_timeout,
            idle_timeout,
            proxy: network.proxy.clone(),
            no_proxy: network.no_proxy.clone(),
            source: network.source.clone(),
            tls: network.tls.clone(),
            ..HttpOptions::default()
        })?;
        Ok(Self { http })
    }

    /// Redirections are not followed.
    pub(super) fn ask(
        &self,
        who: &str,
        question: &Question<'_>,
        limits: &Limits,
    ) -> std::result::Result<Answer, Silence> {
        limits.check(who).map_err(|error| Silence { error, is_unreachable: false })?;
        let request = HttpRequest {
            method: question.method,
            url: question.url,
            headers: question.headers,
            content_length: question.body.len() as u64,
            max_response_body: MAX_DOCUMENT,
            limits: http::Limits {
                deadline: Deadline::after(limits.remaining()),
                ..http::Limits::default()
            },
        };
        let mut body = question.body;
        match self.http.exchange(&request, &mut body, &mut Unwatched) {
            Ok(HttpResponse { cut_off: Some(failure), .. }) | Err(failure) => {
                Err(Silence::of(who, question, failure))
            }
            Ok(response) => Ok(Answer {
                status: response.status,
                server_time: response.header("date").and_then(Timestamp::parse_http),
                body: Zeroizing::new(response.body),
            }),
        }
    }
}

impl Silence {
    fn of(who: &str, question: &Question<'_>, failure: Failure) -> Self {
        let is_unreachable = matches!(
            failure.kind,
            FailureKind::Transport | FailureKind::Timeout | FailureKind::Deadline
        );
        let message =
            format!("{who}: {} {}: {}", question.method, question.place(), failure.message);
        Self { error: unusable(message), is_unreachable }
    }
}

impl Question<'_> {
    /// The address without the query, which may hold secrets.
    pub(super) fn place(&self) -> &str {
        self.url.split(['?', '#']).next().unwrap_or_default()
    }
}

impl Answer {
    /// The body of an answer with status 200.
    pub(super) fn expect_ok(self, who: &str, question: &Question<'_>) -> Result<Self> {
        if self.status == 200 {
            return Ok(self);
        }
        let reason = match self.status {
            300..=399 => " (redirections are not followed)",
            _ => "",
        };
        let (method, place) = (question.method, question.place());
        Err(unusable(format!("{who}: {method} {place} was answered {}{reason}", self.status)))
    }
}
