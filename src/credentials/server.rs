//! A server that gives credentials: small questions to it, and its bounded answers.

use std::time::Duration;

use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::document::{self, KeyDocument, MAX_DOCUMENT};
use super::provider::{Fetched, Limits, unusable};
use crate::error::Result;
use crate::http::{self, HttpClient, HttpOptions, HttpRequest, HttpResponse, Unwatched};
use crate::time::Timestamp;
use crate::wait::Deadline;

pub(super) struct KeyServer {
    /// The provider, for messages.
    who: &'static str,
    http: HttpClient,
}

pub(super) struct Question<'a> {
    pub(super) method: &'static str,
    pub(super) url: &'a str,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: &'a [u8],
}

#[derive(Debug)]
pub(super) struct Answer {
    who: &'static str,
    /// Method and address of the question.
    pub(super) question: String,
    pub(super) status: u16,
    pub(super) body: Zeroizing<Vec<u8>>,
    /// The clock of the server.
    server_time: Option<Timestamp>,
}

/// For servers near by. What they say must never pass a proxy, which would learn the keys.
pub(super) fn direct() -> HttpOptions {
    HttpOptions { proxy: Some(String::new()), ..HttpOptions::default() }
}

impl KeyServer {
    /// `network` tells the way to the server.
    pub(super) fn new(
        who: &'static str,
        network: &HttpOptions,
        connect_timeout: Duration,
        idle_timeout: Duration,
    ) -> Result<Self> {
        let http = HttpClient::new(HttpOptions {
            connect_timeout,
            idle_timeout,
            low_speed: None,
            rate_limit: None,
            ..network.clone()
        })?;
        Ok(Self { who, http })
    }

    /// Redirections are not followed.
    pub(super) fn ask(&self, question: &Question<'_>, limits: &Limits) -> Result<Answer> {
        let who = self.who;
        limits.check(who)?;
        let request = HttpRequest {
            method: question.method,
            url: question.url,
            headers: question.headers,
            content_length: question.body.len() as u64,
            max_response_body: MAX_DOCUMENT,
            limits: http::Limits {
                deadline: Deadline::after(limits.remaining()),
                cancel: Some(&limits.cancel),
                ..http::Limits::default()
            },
        };
        let mut body = question.body;
        let question = format!("{} {}", question.method, without_query(question.url));
        match self.http.exchange(&request, &mut body, &mut Unwatched) {
            Ok(HttpResponse { cut_off: Some(failure), .. }) | Err(failure) => {
                Err(unusable(format!("{who}: {question}: {}", failure.message)))
            }
            Ok(response) => Ok(Answer {
                who,
                question,
                status: response.status,
                server_time: response.header("date").and_then(Timestamp::parse_http),
                body: Zeroizing::new(response.body),
            }),
        }
    }
}

impl Answer {
    /// Refuses an answer with another status than 200.
    pub(super) fn expect_ok(self) -> Result<Self> {
        let reason = match self.status {
            200 => return Ok(self),
            300..=399 => " (redirections are not followed)",
            _ => "",
        };
        let (who, question, status) = (self.who, &self.question, self.status);
        Err(unusable(format!("{who}: {question} was answered {status}{reason}")))
    }

    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        let (who, question) = (self.who, &self.question);
        document::parse(&self.body)
            .map_err(|fault| unusable(format!("{who}: the answer to {question} has {fault}")))
    }

    /// The temporary keys that were in the answer.
    pub(super) fn fetched(&self, keys: KeyDocument) -> Result<Fetched> {
        keys.check_temporary(self.who)?;
        keys.into_fetched(self.who, self.server_time)
    }
}

/// An address without the query, which may hold secrets.
pub(super) fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}
