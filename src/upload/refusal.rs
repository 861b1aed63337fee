//! Answers to requests that stored nothing: refusals of OSS, with what the user can do about them, and
//! answers that are not from OSS.

use std::time::Duration;

use super::attempt::{Cause, Failed};
use super::error_document::ErrorDocument;
use super::expectation::Expectation;
use crate::clock::answer::{is_skew, server_time};
use crate::credentials::is_token_refusal;
use crate::error::{Error, ObjectState, Status};
use crate::http::HttpResponse;
use crate::retry::retry_after;
use crate::text::{quoted, sentence};

/// So much of a page that is not from OSS is searched for secrets before its first words are shown. It is
/// more than those words take in any encoding.
const SEARCHED_FOR_SECRETS: usize = 64 * 1024;

/// The service refused: nothing is stored (spec: errors.md, callback.md 1).
pub(super) fn refusal(
    response: &HttpResponse,
    document: ErrorDocument,
    expected: &Expectation<'_>,
) -> Failed {
    let text = |name: &str| document.get(name).map(str::to_owned);
    // An answer that is cut off has no document, but its headers are complete.
    let code = text("Code").unwrap_or_else(|| "BadErrorResponse".to_owned());
    let ec = text("EC").or_else(|| header(response, "x-oss-ec"));
    let request_id = text("RequestId").or_else(|| header(response, "x-oss-request-id"));
    let message = format!(
        "OSS refused the request with {} {code}: {}{}{}",
        response.status,
        reason(&document),
        hint(&code, response, &document, expected),
        identification(&ec, &request_id)
    );
    let cause = cause(response, &document, expected);
    let error = Error::new(Status::Service, message)
        .with_http_status(response.status)
        .with_code(code)
        .with_ec(ec)
        .with_request_id(request_id)
        .with_retry_after(asked_pause(response))
        .with_document(document.into_elements());
    Failed::new(error, cause).saying_not_stored()
}

/// Why the service refused, as far as it matters to the next attempt. Only what was signed here can be
/// signed anew.
fn cause(response: &HttpResponse, document: &ErrorDocument, expected: &Expectation<'_>) -> Cause {
    let (status, code) = (response.status, document.get("Code"));
    let ec = document.get("EC").or_else(|| response.header("x-oss-ec"));
    // The form was signed for this request, so it can only be expired or early if the clock is wrong.
    let is_misdated_form =
        expected.is_form && status == 403 && (is_expiry(document) || is_early(document));
    let time = server_time(document.get("ServerTime"), response.header("date"));
    match (expected.signed, time) {
        (Some(signed), _) if is_token_refusal(status, code.unwrap_or_default()) => {
            Cause::RefusedToken { generation: signed.generation }
        }
        (Some(_), Some(server)) if is_misdated_form || is_skew(status, code, ec) => {
            Cause::WrongTime { server }
        }
        _ if is_skew(status, code, ec) => Cause::Final,
        _ if matches!(status, 401 | 408 | 429 | 500..=599) || code == Some("RequestTimeout") => {
            Cause::Passing { retry_after: asked_pause(response) }
        }
        _ => Cause::Final,
    }
}

/// The pause that the server asks for.
pub(crate) fn asked_pause(response: &HttpResponse) -> Option<Duration> {
    retry_after(response.header("retry-after")?, response.header("date"))
}

/// What the service says of it.
pub(super) fn reason(document: &ErrorDocument) -> String {
    let message = document.get("Message").filter(|message| !message.trim().is_empty());
    sentence(message.unwrap_or("(the service gave no reason)"))
}

/// EC and request id, for the end of a message.
pub(super) fn identification(ec: &Option<String>, request_id: &Option<String>) -> String {
    match (ec, request_id) {
        (Some(ec), Some(id)) => format!(" (EC {ec}, request id {id})"),
        (Some(ec), None) => format!(" (EC {ec})"),
        (None, Some(id)) => format!(" (request id {id})"),
        (None, None) => String::new(),
    }
}

/// What the user can do about the commonest refusals.
fn hint(
    code: &str,
    response: &HttpResponse,
    document: &ErrorDocument,
    expected: &Expectation<'_>,
) -> String {
    match code {
        "SignatureDoesNotMatch" => match expected.signed {
            Some(ours) => signature_hint(document, &ours.string_to_sign, expected),
            _ if expected.is_form => {
                " The fields of the form are not those that were signed.".to_owned()
            }
            _ => " The URL was signed for another method or other headers: Content-Type, \
                     Content-MD5 and x-oss-* must be exactly those that were signed."
                .to_owned(),
        },
        "InvalidArgument" if document.get("EC") == Some("0007-00000007") => {
            " This is the host of the callback URL, not the endpoint: set callback.url to an \
             address that OSS can reach."
                .to_owned()
        }
        // Of a signature of this call, the attempt to correct the time says both times.
        "RequestTimeTooSkewed" if expected.signed.is_some() => {
            " Set the clock of this device.".to_owned()
        }
        "RequestTimeTooSkewed" => match (document.get("RequestTime"), document.get("ServerTime")) {
            (Some(ours), Some(theirs)) => format!(
                " The clock of this device says {ours}, the service says {theirs}: set the clock."
            ),
            _ => " Set the clock of this device.".to_owned(),
        },
        "AccessDenied" if is_expiry(document) => {
            " Ask for a new one; if this device has just been given it, its signer's clock is \
             wrong."
                .to_owned()
        }
        "InvalidAccessKeyId" => " Check access_key_id: it may be deleted or disabled.".to_owned(),
        "NoSuchBucket" => {
            " Check its name and the region of the endpoint, or create it.".to_owned()
        }
        // AccessDenied, and redirections.
        _ => match (document.get("Endpoint"), response.header("location")) {
            (Some(endpoint), _) => format!(" Use endpoint {}.", quoted(endpoint)),
            (None, Some(url)) => {
                let (_, rest) = url.split_once("://").unwrap_or(("", url));
                let host = rest.split(['/', '?']).next().unwrap_or_default();
                format!(" It is at {}: use the endpoint of its region.", quoted(host))
            }
            (None, None) if code == "AccessDenied" => {
                " The keys may lack a right for this: see docs/permissions.md.".to_owned()
            }
            (None, None) => String::new(),
        },
    }
}

/// Whether the service refused what was signed elsewhere because it ran out.
pub(crate) fn is_expired(error: &Error) -> bool {
    error.document().any(|(name, text)| name == "Message" && says_expired(text))
}

/// A signed URL or policy ran out (spec: presigned-url.md 2, 3, post-object.md 4).
fn is_expiry(document: &ErrorDocument) -> bool {
    document.get("Message").is_some_and(says_expired)
}

fn says_expired(message: &str) -> bool {
    message.contains("Request has expired") || message.contains("Policy expired")
}

fn is_early(document: &ErrorDocument) -> bool {
    document.get("Message").is_some_and(|message| message.contains("not valid yet"))
}

/// The service prints the text that it signed. When it is ours, only the secret can be wrong.
fn signature_hint(document: &ErrorDocument, ours: &str, expected: &Expectation<'_>) -> String {
    let Some(theirs) = document.get("StringToSign") else {
        return String::new();
    };
    if theirs.trim_end() == ours.trim_end() {
        return " Both sides signed the same text, so the access key secret is wrong.".to_owned();
    }
    let mut lines = ours.lines().zip(theirs.lines());
    match lines.find(|(our, their)| our != their) {
        Some((our, _)) if our.starts_with("x-oss-security-token") => {
            " The sides signed different security tokens.".to_owned()
        }
        Some((our, their)) => format!(
            " The sides signed different texts: {} here, {} at the service; something on the way \
             changed the request.",
            quoted(&expected.conceal(our)),
            quoted(&expected.conceal(their))
        ),
        None => " The sides signed texts of different length.".to_owned(),
    }
}

/// An answer that is not from OSS but from a proxy, a login page or another server.
pub(super) fn foreign_answer(response: &HttpResponse, expected: &Expectation<'_>) -> Failed {
    // A page may be as long as what an application server says.
    let start = &response.body[..response.body.len().min(SEARCHED_FOR_SECRETS)];
    let start = expected.conceal(&String::from_utf8_lossy(start));
    // A refusal or redirection by something on the way stored nothing. All else may have been said after OSS had
    // the request, or instead of what OSS said.
    let is_refusal = matches!(response.status, 300..=303 | 305..=407 | 409..=498);
    let state = match is_refusal || response.before_end_of_body {
        true => ObjectState::NotStored,
        false => ObjectState::Unknown,
    };
    let what = match response.before_end_of_body && is_of_oss(response) {
        true => "before all of the body was sent, so it cannot be the truth",
        false => "without anything that OSS would say, perhaps from a proxy or a login page",
    };
    let content = match start.trim() {
        "" => "it has no body".to_owned(),
        text => format!("it begins with {}", quoted(text)),
    };
    let message = format!("HTTP {} came back {what}; {content}", response.status);
    let error = Error::new(Status::BadResponse, message)
        .with_object_state(state)
        .with_http_status(response.status)
        .with_request_id(header(response, "x-oss-request-id"))
        .with_retry_after(asked_pause(response));
    // Something on the way cannot reach the service for now, or has said "fine" in its place.
    let is_passing = matches!(response.status, 200..=299 | 408 | 429 | 500..=599);
    let cause = match is_passing || state == ObjectState::Unknown {
        true => Cause::Passing { retry_after: asked_pause(response) },
        false => Cause::Final,
    };
    let failed = Failed::new(error, cause).saying_not_stored();
    match state {
        ObjectState::NotStored if response.status == 413 => failed.with_remark(
            "it was too large for one request there: raise that limit, or lower multipart_threshold and \
             part_size",
        ),
        ObjectState::NotStored => {
            failed.with_remark("look what stands between this device and OSS")
        }
        _ => failed,
    }
}

/// Every answer of the service has a request id (spec: errors.md 1, put-object.md 4); an ETag comes
/// from any web server.
pub(super) fn is_of_oss(response: &HttpResponse) -> bool {
    response.header("x-oss-request-id").is_some()
}

pub(super) fn header(response: &HttpResponse, name: &str) -> Option<String> {
    response.header(name).map(str::to_owned)
}
