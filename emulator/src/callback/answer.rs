//! What the application server may answer (spec: callback.md 7, 8.2 and 11.4).

use serde_json::Value;

use crate::documents;
use crate::wire::{Head, StatusLine};

/// 1 MB, the limit that has an error message (spec: callback.md 7).
const MAX_BODY_BYTES: u64 = 1 << 20;

/// An accepted answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// As the uploading client gets it.
    pub(crate) content_type: &'static str,
    pub(crate) body: Vec<u8>,
}

/// Why a callback failed: message and EC of the 203 document. Several numbers are not published;
/// those follow the neighbours named in spec: callback.md 8.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) ec: String,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>, number: u32) -> Failure {
        Failure { message: message.into(), ec: format!("0007-{number:08}") }
    }

    pub(crate) fn status(status: u16) -> Failure {
        Failure::new(format!("Error status : {status}."), 203)
    }

    pub(crate) fn no_connection() -> Failure {
        let message =
            "Error status : -1. OSS can not connect to your callbackUrl, please check it.";
        Failure::new(message, 204)
    }

    /// The connection was made, but no proper answer came over it.
    pub(crate) fn no_answer() -> Failure {
        Failure::status(502)
    }

    pub(crate) fn reply_timeout(peer: &str, cost_ms: u128, timeout_ms: u128) -> Failure {
        let message = format!(
            "Error status : -1 {peer} reply timeout, cost:{cost_ms}ms, timeout:{timeout_ms}ms"
        );
        Failure::new(message, 202)
    }

    pub(crate) fn too_slow() -> Failure {
        Failure::new("Cost too long time.", 202)
    }

    pub(crate) fn image_info() -> Failure {
        Failure::new("Get image info failed.", 302)
    }

    pub(crate) fn not_json() -> Failure {
        Failure::new("Response body is not valid json format.", 205)
    }

    fn length(what: &str) -> Failure {
        Failure::new(format!("Error Status : 400.User server {what}"), 206)
    }
}

/// Judges the head: status first, then Content-Length. Gives the number of body bytes to read.
pub(crate) fn check_head(head: &Head<StatusLine>) -> Result<usize, Failure> {
    if head.start.status != 200 {
        return Err(Failure::status(head.start.status));
    }
    let mut lengths = head.values("content-length").map(str::trim);
    let first = lengths.next().ok_or_else(|| Failure::length("missing content-length."))?;
    let positive = first.bytes().all(|b| b.is_ascii_digit()) && first.bytes().any(|b| b != b'0');
    if !positive || lengths.any(|other| other != first) {
        // The spelling is that of the wire.
        return Err(Failure::length("return invalid conent-length value."));
    }
    match first.parse::<u64>() {
        Ok(length) if length <= MAX_BODY_BYTES => Ok(length as usize),
        _ => Err(Failure::length("return too long content-length value.")),
    }
}

/// Judges the body: JSON, or XML if the answer says so; no BOM.
pub(crate) fn check_body(content_type: &str, body: Vec<u8>) -> Result<Answer, Failure> {
    if serde_json::from_slice::<Value>(&body).is_ok() {
        return Ok(Answer { content_type: "application/json", body });
    }
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/xml") && is_xml(&body) {
        return Ok(Answer { content_type: "application/xml", body });
    }
    Err(Failure::not_json())
}

fn is_xml(body: &[u8]) -> bool {
    let without_bom = !body.starts_with(b"\xEF\xBB\xBF");
    let text = std::str::from_utf8(body).unwrap_or_default();
    without_bom && documents::parse(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16, lengths: &[&str]) -> Head<StatusLine> {
        let headers =
            lengths.iter().map(|v| ("Content-Length".to_owned(), (*v).to_owned())).collect();
        Head { start: StatusLine { status }, headers, rest: Vec::new() }
    }

    #[test]
    fn the_status_is_judged_before_the_length() {
        for status in [201, 204, 301, 400, 500] {
            let failure = check_head(&head(status, &[])).unwrap_err();
            assert_eq!(failure.message, format!("Error status : {status}."));
            assert_eq!(failure.ec, "0007-00000203");
        }
    }

    #[test]
    fn the_length_must_be_one_positive_integer_up_to_1_mb() {
        let message = |lengths: &[&str]| check_head(&head(200, lengths)).unwrap_err().message;
        assert_eq!(message(&[]), "Error Status : 400.User server missing content-length.");
        let invalid = "Error Status : 400.User server return invalid conent-length value.";
        for lengths in [&["0"][..], &["-1"], &["+1"], &["1.0"], &["nine"], &[""], &["1", "2"]] {
            assert_eq!(message(lengths), invalid, "{lengths:?}");
        }
        let long = "Error Status : 400.User server return too long content-length value.";
        assert_eq!(message(&["1048577"]), long);
        assert_eq!(message(&["99999999999999999999999"]), long);
        assert_eq!(check_head(&head(200, &["1048576"])), Ok(1 << 20));
        assert_eq!(check_head(&head(200, &["9", "9"])), Ok(9));
    }

    #[test]
    fn the_body_must_be_json_or_declared_xml() {
        let accepted = |content_type: &str, body: &[u8]| {
            check_body(content_type, body.to_vec()).map(|answer| answer.content_type)
        };
        for body in [&b"{}"[..], b"[1]", b"\"a\"", b" 1 ", b"null"] {
            assert_eq!(accepted("text/plain", body), Ok("application/json"));
        }
        let xml = b"<?xml version=\"1.0\"?><a>1</a>";
        assert_eq!(accepted("Application/XML; charset=utf-8", xml), Ok("application/xml"));
        for (content_type, body) in [
            ("application/json", &xml[..]),
            ("application/xml", b"<a>"),
            ("application/xml", b"\xEF\xBB\xBF<a/>"),
            ("application/json", b"\xEF\xBB\xBF{}"),
            ("application/json", b"{"),
            ("application/json", b"\"\xFF\""),
        ] {
            let failure = accepted(content_type, body).unwrap_err();
            assert_eq!(failure.message, "Response body is not valid json format.");
            assert_eq!(failure.ec, "0007-00000205");
        }
    }
}
