//! Why an exchange failed, in the words of its user.

use std::{fmt, io};

use super::exchange::{State, Stopped};
use crate::error::{Error, Status};
use crate::metrics::Metrics;

/// An exchange that brought no whole answer.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    /// The fact and, where there is one, the thing to do.
    pub(crate) message: String,
    /// The server may have all of the request: what it did with it is not known.
    pub(crate) request_complete: bool,
    /// The server had closed a kept connection before it had all of the request, or the request may
    /// be repeated in any case. It can be sent again at once, from the beginning of its body.
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

impl FailureKind {
    /// What the program is told.
    pub(crate) fn status(&self) -> Status {
        match self {
            Self::Caller(error) => error.status(),
            Self::Cancelled => Status::Cancelled,
            Self::Timeout | Self::Deadline | Self::LowSpeed => Status::Timeout,
            Self::Tls => Status::Tls,
            Self::Transport => Status::Transport,
            Self::BadResponse => Status::BadResponse,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Failure {
    pub(super) fn of(error: ureq::Error, state: &mut State) -> Self {
        let mut failure = Self::new(reason(error), state);
        let is_lost = matches!(failure.kind, FailureKind::Transport);
        failure.stale = is_lost
            && state.is_reused()
            && !state.answer_begun
            && (state.terms.is_repeatable || !failure.request_complete);
        failure
    }

    fn new(reason: Stopped, state: &mut State) -> Self {
        let Stopped { kind, message } = reason;
        let metrics = Box::new(state.metrics());
        Self { kind, message, request_complete: state.all_written, stale: false, metrics }
    }

    /// The request could not be made at all.
    pub(crate) fn of_caller(error: Error) -> Self {
        let Stopped { kind, message } = Stopped::by_caller(error);
        let metrics = Box::default();
        Self { kind, message, request_complete: false, stale: false, metrics }
    }

    /// Says who was talked to, unless the program's own function failed.
    pub(super) fn with_peer(mut self, peer: &str) -> Self {
        if !matches!(self.kind, FailureKind::Caller(_)) {
            self.message = format!("{peer}: {}", self.message);
        }
        self
    }

    pub(super) fn out_of_memory(asked: usize, state: &mut State) -> Self {
        let message = format!("memory ran out: {asked} bytes were asked for to hold the answer");
        Self::new(Stopped::transport(message), state)
    }

    pub(super) fn too_long(limit: usize, state: &mut State) -> Self {
        let message = format!("the answer has more than {limit} bytes; the rest was not read");
        Self::new(Stopped::new(FailureKind::BadResponse, message), state)
    }
}

/// An error of I/O may be only the wrapping of another one.
fn reason(error: ureq::Error) -> Stopped {
    match error {
        ureq::Error::Io(error) => error.downcast::<Stopped>().unwrap_or_else(|error| {
            match error.downcast::<ureq::Error>() {
                Ok(error) => reason(error),
                Err(error) => Stopped::transport(io_message(&error)),
            }
        }),
        ureq::Error::LargeResponseHeader(_, limit) => Stopped::new(
            FailureKind::BadResponse,
            format!("the head of the answer has more than {limit} bytes; this is not OSS"),
        ),
        ureq::Error::Protocol(error) => Stopped::new(
            FailureKind::BadResponse,
            format!("the answer is not proper HTTP/1.1 ({error}); a port for TLS needs https://"),
        ),
        other => Stopped::transport(other.to_string()),
    }
}

pub(super) fn io_message(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::OutOfMemory if error.raw_os_error().is_none() => {
            "memory ran out while the answer was read".to_owned()
        }
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionAborted => {
            "the server closed the connection before it answered".to_owned()
        }
        _ => error.to_string(),
    }
}
