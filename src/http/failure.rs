//! Why an exchange failed, in the words of its user.

use std::{fmt, io};

use ureq::Timeout;

use super::CallerError;
use super::exchange::Exchange;
use crate::error::Error;

/// An exchange that brought no whole answer.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    /// The fact and, where there is one, the thing to do.
    pub(crate) message: String,
    /// The server may have all of the request: what it did with it is not known.
    pub(crate) request_complete: bool,
}

#[derive(Debug)]
pub(crate) enum FailureKind {
    /// The caller's body or progress function stopped the exchange.
    Caller(Error),
    Timeout,
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
        let request_complete = exchange.all_written();
        let (kind, message) = match exchange.take_tls_error() {
            Some(error) => (FailureKind::Tls, tls_message(&error)),
            None => match exchange.take_write_error() {
                Some(error) => (FailureKind::Transport, io_message(&error)),
                None => classify(error),
            },
        };
        Self { kind, message, request_complete }
    }

    /// Says who was talked to, unless the program's own function failed.
    pub(super) fn with_peer(mut self, peer: &str) -> Self {
        if !matches!(self.kind, FailureKind::Caller(_)) {
            self.message = format!("{peer}: {}", self.message);
        }
        self
    }

    pub(super) fn too_long(limit: usize) -> Self {
        Self {
            kind: FailureKind::BadResponse,
            message: format!("the answer has more than {limit} bytes; the rest was not read"),
            request_complete: true,
        }
    }
}

fn classify(error: &ureq::Error) -> (FailureKind, String) {
    match error {
        ureq::Error::Timeout(timeout) => (FailureKind::Timeout, timeout_message(*timeout).into()),
        ureq::Error::Io(error) => classify_io(error),
        ureq::Error::Tls(text) => (FailureKind::Tls, format!("TLS failed: {text}")),
        ureq::Error::HostNotFound => {
            (FailureKind::Transport, "the host name has no address; check it and the DNS".into())
        }
        ureq::Error::ConnectProxyFailed(text) => {
            (FailureKind::Transport, format!("the proxy refused the connection: {text}"))
        }
        ureq::Error::ConnectionFailed => {
            (FailureKind::Transport, "no connection could be made".into())
        }
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
    (FailureKind::Transport, io_message(error))
}

fn io_message(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionAborted => {
            "the server closed the connection before it answered".to_owned()
        }
        io::ErrorKind::ConnectionRefused => {
            format!("{error}: nothing listens at this address and port")
        }
        _ => error.to_string(),
    }
}

fn timeout_message(timeout: Timeout) -> &'static str {
    match timeout {
        Timeout::Resolve => "the host name was not resolved within the connect time-out",
        Timeout::Connect => "no connection was made within the connect time-out",
        Timeout::PerWrite => "the server took no byte for the idle time-out",
        Timeout::RecvResponse => {
            "the head of the answer was not whole after twice the idle time-out"
        }
        Timeout::RecvBody => "the answer was not whole after six times the idle time-out",
        _ => "the server sent no byte for the idle time-out",
    }
}

fn tls_message(error: &rustls::Error) -> String {
    use rustls::CertificateError as Fault;
    let advice = match error {
        rustls::Error::InvalidCertificate(fault) => match fault {
            Fault::NotValidYet | Fault::NotValidYetContext { .. } => {
                "; is the clock of this device right?"
            }
            Fault::Expired | Fault::ExpiredContext { .. } => {
                "; is the clock of this device right, or has the server's certificate run out?"
            }
            Fault::UnknownIssuer => {
                "; its authority is not among the trusted ones: install the system's CA \
                 certificates, or set ca_file"
            }
            Fault::NotValidForName | Fault::NotValidForNameContext { .. } => {
                "; the certificate is for another host"
            }
            _ => "",
        },
        rustls::Error::InvalidMessage(_) => {
            "; this port does not speak TLS: give the endpoint with http://"
        }
        _ => "",
    };
    format!("TLS failed: {error}{advice}")
}
