//! What ends an exchange before its time, and how that is said.

use std::fmt;
use std::io;
use std::time::Duration;

use super::{Phase, State};
use crate::error::Error;
use crate::http::failure::FailureKind;

/// Why an exchange is over. It passes unharmed through what knows only errors of I/O.
#[derive(Debug)]
pub(in crate::http) struct Stopped {
    pub(in crate::http) kind: FailureKind,
    pub(in crate::http) message: String,
}

impl Stopped {
    pub(in crate::http) fn new(kind: FailureKind, message: String) -> Self {
        Self { kind, message }
    }

    pub(in crate::http) fn transport(message: String) -> Self {
        Self::new(FailureKind::Transport, message)
    }

    pub(in crate::http) fn by_caller(error: Error) -> Self {
        let message = error.message().to_owned();
        Self::new(FailureKind::Caller(error), message)
    }

    pub(in crate::http) fn is_in(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }
}

impl State {
    pub(super) fn idle_message(&self, limit: Duration) -> String {
        let silence = match self.phase {
            Phase::Sending => "took no byte",
            _ => "sent no byte",
        };
        let activity = self.activity();
        format!("the server {silence} for the idle time-out of {limit:?}, {activity}")
    }

    pub(super) fn phase_message(&self, limit: Duration) -> String {
        let subject = &self.subject;
        match self.phase {
            Phase::Resolving => {
                format!("{subject} was not resolved within the connect time-out of {limit:?}")
            }
            Phase::Tls => format!(
                "the TLS handshake with {subject} was not done within the TLS time-out of {limit:?}"
            ),
            Phase::Proxy => {
                format!("{subject} gave no connection within the connect time-out of {limit:?}")
            }
            Phase::Waiting | Phase::ReceivingHead => format!(
                "the head of the answer was not whole after {limit:?}, twice the idle time-out"
            ),
            Phase::ReceivingBody => {
                format!("the answer was not whole after {limit:?}, six times the idle time-out")
            }
            _ => format!("no connection to {subject} within the connect time-out of {limit:?}"),
        }
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Stopped {}

impl From<Stopped> for io::Error {
    fn from(stopped: Stopped) -> Self {
        Self::other(stopped)
    }
}

impl From<Stopped> for ureq::Error {
    fn from(stopped: Stopped) -> Self {
        Self::Io(stopped.into())
    }
}
