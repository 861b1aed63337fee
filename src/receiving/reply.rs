//! The answer to a callback (spec: callback.md 7).

use serde::de::IgnoredAny;

use crate::error::{Error, Result, Status};

/// Longest body that OSS takes.
const MAX_BODY: usize = 1024 * 1024;

/// What an application server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    http_status: u16,
    bytes: Vec<u8>,
    body_at: usize,
}

impl Reply {
    /// To a callback with this verdict, None for a good one. `body` is JSON, which OSS hands to the uploader;
    /// empty for a short one that says what happened.
    pub fn new(verdict: Option<Status>, body: &[u8]) -> Result<Self> {
        let (http_status, phrase) = match verdict {
            None => (200, "OK"),
            Some(Status::NotSigned) => (401, "Unauthorized"),
            Some(Status::KeyUrlRefused | Status::SignatureWrong | Status::SealWrong) => {
                (403, "Forbidden")
            }
            Some(Status::Replayed | Status::TooOld) => (409, "Conflict"),
            Some(Status::Malformed) => (400, "Bad Request"),
            Some(Status::KeyUnavailable) => (503, "Service Unavailable"),
            Some(_) => (500, "Internal Server Error"),
        };
        let short = format!("{{\"Status\":\"{phrase}\"}}");
        let body = if body.is_empty() { short.as_bytes() } else { check(body)? };
        let mut bytes = format!(
            "HTTP/1.1 {http_status} {phrase}\r\nContent-Type: application/json\r\nContent-Length: \
             {}\r\nConnection: close\r\n\r\n",
            body.len()
        )
        .into_bytes();
        let body_at = bytes.len();
        bytes.extend_from_slice(body);
        Ok(Self { http_status, bytes, body_at })
    }

    /// Status of the answer: 200, or what fits the verdict.
    pub fn http_status(&self) -> u16 {
        self.http_status
    }

    /// All of the answer: status line, headers and body.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The body alone.
    pub fn body(&self) -> &[u8] {
        &self.bytes[self.body_at..]
    }
}

fn check(body: &[u8]) -> Result<&[u8]> {
    if body.len() > MAX_BODY {
        let fault = format!("has {} bytes; OSS takes at most {MAX_BODY}", body.len());
        return Err(Error::invalid("body", fault));
    }
    let refuse = |reason: String| {
        let fault = format!("is not JSON, which OSS would report as a failed callback: {reason}");
        Err(Error::invalid("body", fault))
    };
    match std::str::from_utf8(body).map(serde_json::from_str::<IgnoredAny>) {
        Ok(Ok(_)) => Ok(body),
        Ok(Err(error)) => refuse(error.to_string()),
        Err(error) => refuse(error.to_string()),
    }
}
