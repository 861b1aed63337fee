//! Why an exchange failed, in the words of its user.

use std::{fmt, io};

use super::CallerError;
use super::exchange::{Exchange, is_stopped};
use super::tls;
use crate::error::Error;
use crate::metrics::Metrics;

/// An exchange that brought no whole answer.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    /// The fact and, where there is one, the thing to do.
    pub(crate) message: String,
    /// The server may have all of the request: what it did with it is not known.
    pub(crate) request_complete: bool,
    /// The server had closed a kept connection before it had all of the request. The same request
    /// can be sent again at once, from the beginning of its body.
    pub(crate) stale: bool,
    /// As far as it went.
    pub(crate) metrics: Box<Metrics>,
}

#[derive(Debug)]
pub(crate) enum FailureKind {
    /// The caller's body or progress function stopped the exchange.
    Caller(Error),
    Cancelled,
    /// That of the call, not of a single wait.
    Deadline,
    Timeout,
    LowSpeed,
    Tls,
    Transport,
    /// The peer does not speak HTTP, or says too much.
    BadResponse,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Failure {
    pub(super) fn of(error: &ureq::Error, exchange: &Exchange) -> Self {
        let (kind, message) = reason(error, exchange);
        let mut failure = Self::bare(kind, message, exchange);
        failure.stale = failure.is_of_kept_connection(exchange) && !failure.request_complete;
        failure
    }

    /// The request could not be made at all.
    pub(crate) fn of_caller(error: Error) -> Self {
        let message = error.message().to_owned();
        let kind = FailureKind::Caller(error);
        let metrics = Box::default();
        Self { kind, message, request_complete: false, stale: false, metrics }
    }

    fn bare(kind: FailureKind, message: String, exchange: &Exchange) -> Self {
        let request_complete = exchange.all_written();
        let metrics = Box::new(exchange.metrics());
        Self { kind, message, request_complete, stale: false, metrics }
    }

    /// The connection was kept, and broke before the server said anything on it.
    pub(super) fn is_of_kept_connection(&self, exchange: &Exchange) -> bool {
        let is_lost = matches!(self.kind, FailureKind::Transport);
        is_lost && exchange.is_reused() && !exchange.is_answer_begun()
    }

    /// Says who was talked to, unless the program's own function failed.
    pub(super) fn with_peer(mut self, peer: &str) -> Self {
        if !matches!(self.kind, FailureKind::Caller(_)) {
            self.message = format!("{peer}: {}", self.message);
        }
        self
    }

    pub(super) fn out_of_memory(asked: usize, exchange: &Exchange) -> Self {
        let message = format!("memory ran out: {asked} bytes were asked for to hold the answer");
        Self::bare(FailureKind::Transport, message, exchange)
    }

    pub(super) fn too_long(limit: usize, exchange: &Exchange) -> Self {
        let message = format!("the answer has more than {limit} bytes; the rest was not read");
        Self::bare(FailureKind::BadResponse, message, exchange)
    }
}

/// What the exchange knows is more than what came through the HTTP library.
fn reason(error: &ureq::Error, exchange: &Exchange) -> (FailureKind, String) {
    if let Some(reason) = exchange.take_stopped() {
        return reason;
    }
    if let Some(error) = exchange.take_tls_error() {
        return (FailureKind::Tls, tls::message(&error));
    }
    match exchange.take_write_error() {
        Some(error) => (FailureKind::Transport, io_message(&error)),
        None => classify(error),
    }
}

fn classify(error: &ureq::Error) -> (FailureKind, String) {
    match error {
        ureq::Error::Io(error) => classify_io(error),
        ureq::Error::LargeResponseHeader(_, limit) => (
            FailureKind::BadResponse,
            format!("the head of the answer has more than {limit} bytes; this is not OSS"),
        ),
        ureq::Error::Protocol(error) => (
            FailureKind::BadResponse,
            format!("the answer is not proper HTTP/1.1 ({error}); a port for TLS needs https://"),
        ),
        other => (FailureKind::Transport, other.to_string()),
    }
}

fn classify_io(error: &io::Error) -> (FailureKind, String) {
    if let Some(CallerError(error)) = error.get_ref().and_then(|e| e.downcast_ref()) {
        return (FailureKind::Caller(error.clone()), error.message().to_owned());
    }
    if let Some(error) = error.get_ref().and_then(|e| e.downcast_ref::<ureq::Error>())
        && !matches!(error, ureq::Error::Io(_))
    {
        return classify(error);
    }
    debug_assert!(!is_stopped(error), "the exchange knows why it was stopped");
    (FailureKind::Transport, io_message(error))
}

fn io_message(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::OutOfMemory => "memory ran out while the answer was read".to_owned(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionAborted => {
            "the server closed the connection before it answered".to_owned()
        }
        _ => error.to_string(),
    }
}
