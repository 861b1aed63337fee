//! What is true after an upload: stored and acknowledged, stored without acknowledgement, not
//! stored, or unknown.

use std::fmt;

use super::error_document::ErrorDocument;
use super::session::Signed;
use crate::clock;
use crate::effort::Effort;
use crate::error::{Error, Hints, ObjectState, Status};
use crate::http::{Failure, FailureKind, HttpResponse};
use crate::retry::retry_after;
use crate::signing::encode_query;
use crate::text::quoted;

/// What the service said of the stored object.
#[derive(Debug, Clone)]
pub struct UploadResult {
    http_status: u16,
    headers: Vec<(String, Vec<u8>)>,
    callback_answer: Vec<u8>,
    effort: Effort,
}

impl UploadResult {
    /// HTTP status of the answer: 200, or 203 when the callback failed.
    pub fn http_status(&self) -> u16 {
        self.http_status
    }

    /// ETag without quotes.
    pub fn etag(&self) -> Option<&str> {
        self.header("etag").map(|text| text.trim_matches('"'))
    }

    /// Version id, in a versioned bucket.
    pub fn version_id(&self) -> Option<&str> {
        self.header("x-oss-version-id")
    }

    /// Request id of the service, for its support.
    pub fn request_id(&self) -> Option<&str> {
        self.header("x-oss-request-id")
    }

    /// CRC-64 that the service computed of the whole object.
    pub fn crc64(&self) -> Option<u64> {
        self.header("x-oss-hash-crc64ecma")?.parse().ok()
    }

    /// What the application server answered to the callback, byte for byte. Empty without one.
    pub fn callback_answer(&self) -> &[u8] {
        &self.callback_answer
    }

    /// What the call took.
    pub fn effort(&self) -> &Effort {
        &self.effort
    }

    pub(super) fn set_effort(&mut self, effort: Effort) {
        self.effort = effort;
    }

    /// A header of the answer, when it is text. The case of `name` does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .and_then(|(_, value)| std::str::from_utf8(value).ok())
    }

    /// All headers of the answer; names are lowercase.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// A result that no service has given.
    #[cfg(test)]
    pub(crate) fn of_parts(http_status: u16, headers: &[(&str, &[u8])], answer: &[u8]) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec()));
        let (headers, callback_answer) = (headers.collect(), answer.to_vec());
        Self { http_status, headers, callback_answer, effort: Effort::default() }
    }
}

/// An upload that did not end well. `result` is there when the object is stored nevertheless.
#[derive(Debug, Clone)]
pub struct UploadError {
    /// Why.
    pub error: Error,
    /// What exists.
    pub result: Option<Box<UploadResult>>,
}

impl From<Error> for UploadError {
    fn from(error: Error) -> Self {
        Self { error, result: None }
    }
}

impl fmt::Display for UploadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for UploadError {}

/// What an answer is judged by.
pub(super) struct Expectation<'a> {
    pub(super) has_callback: bool,
    /// A form, which the service answers with 204 unless it was asked for something else
    /// (spec: post-object.md 3).
    pub(super) is_form: bool,
    /// CRC-64 of the bytes that were sent, when it is to be compared.
    pub(super) crc64: Option<u64>,
    /// What it was signed with, when it was signed here.
    pub(super) signed: Option<&'a Signed>,
    /// What no message may show, besides the token that it was signed with: those of what was signed
    /// elsewhere.
    pub(super) secrets: &'a [String],
}

impl Expectation<'_> {
    /// Whatever the peer repeats of the request, secrets are not shown, encoded or not.
    fn mask(&self, error: Error) -> Error {
        let token = self.signed.and_then(|signed| signed.security_token.as_ref());
        self.secrets
            .iter()
            .chain(token)
            .fold(error, |error, secret| error.masking(secret).masking(&encode_query(secret)))
    }
}

/// Judges an answer.
pub(super) fn of_response(
    response: HttpResponse,
    expected: &Expectation<'_>,
) -> Result<UploadResult, UploadError> {
    let hints = hints(&response, expected);
    judge(response, expected).map_err(|failed| UploadError {
        error: expected.mask(failed.error).with_hints(hints),
        result: failed.result,
    })
}

fn judge(response: HttpResponse, expected: &Expectation<'_>) -> Result<UploadResult, UploadError> {
    let document = ErrorDocument::of(&response);
    // The service answers 2xx to a whole request only, and always tells its request id.
    let is_success = matches!(response.status, 200..=299) && !response.before_end_of_body;
    let is_failed_callback =
        document.as_ref().is_some_and(|document| document.get("Code") == Some("CallbackFailed"));
    match document {
        document if is_success && is_failed_callback => {
            Err(callback_failure(response, document, expected))
        }
        document if is_success && response.status == 203 && is_of_oss(&response) => {
            match expected.has_callback {
                true => Err(callback_failure(response, document, expected)),
                false => of_success(response, expected),
            }
        }
        None if is_success && response.status == 200 && is_of_oss(&response) => {
            of_success(response, expected)
        }
        None if expected.is_form && is_success_of_form(&response) => {
            of_form_success(response, expected)
        }
        // With a callback, the application server's own words may be an XML document.
        Some(_) if is_success && expected.has_callback && is_of_oss(&response) => {
            of_success(response, expected)
        }
        Some(document) if !matches!(response.status, 200..=299) => {
            Err(refusal(&response, document, expected).into())
        }
        None if response.status >= 400 && is_of_oss(&response) => {
            Err(refusal(&response, ErrorDocument::default(), expected).into())
        }
        _ => Err(foreign_answer(&response).into()),
    }
}

/// A redirection is what `success_action_redirect` asked for; failures are not redirected.
fn is_success_of_form(response: &HttpResponse) -> bool {
    let is_success = matches!(response.status, 201 | 204 | 303);
    is_success && !response.before_end_of_body && is_of_oss(response)
}

/// With a callback the answer is 200 and what the application server said; another one tells nothing
/// of it (spec: post-object.md 3).
fn of_form_success(
    response: HttpResponse,
    expected: &Expectation<'_>,
) -> Result<UploadResult, UploadError> {
    if !expected.has_callback {
        return of_success(response, expected);
    }
    let message = format!(
        "the object is stored, but OSS answered {} instead of what the application server said to \
         the callback; ask there, and do not upload again",
        response.status
    );
    let result = stored(response, false);
    Err(stored_but(Error::new(Status::BadResponse, message), result))
}

/// Every answer of the service has a request id (spec: errors.md 1, put-object.md 4); an ETag comes
/// from any web server.
fn is_of_oss(response: &HttpResponse) -> bool {
    response.header("x-oss-request-id").is_some()
}

/// Judges an answer that is about no finished object: anything but 2xx of the service is an error,
/// and stores nothing.
pub(super) fn check(
    response: &HttpResponse,
    expected: &Expectation<'_>,
) -> crate::error::Result<()> {
    let error = match (response.status, ErrorDocument::of(response)) {
        (_, Some(document)) => refusal(response, document, expected),
        (400.., None) if is_of_oss(response) => {
            refusal(response, ErrorDocument::default(), expected)
        }
        (200..=299, None) if is_of_oss(response) && !response.before_end_of_body => {
            match &response.cut_off {
                None => return Ok(()),
                Some(failure) => Error::new(status_of(&failure.kind), failure.message.clone()),
            }
        }
        (_, None) => foreign_answer(response),
    };
    let error = expected.mask(error.with_object_state(ObjectState::NotStored));
    Err(error.with_hints(hints(response, expected)))
}

/// What the answer says of the next attempt.
fn hints(response: &HttpResponse, expected: &Expectation<'_>) -> Hints {
    let document = ErrorDocument::of(response);
    let server_time = document.as_ref().and_then(|document| document.get("ServerTime"));
    let date = response.header("date");
    Hints {
        retry_after: response.header("retry-after").and_then(|text| retry_after(text, date)),
        server_time: clock::answer::server_time(server_time, date),
        generation: expected.signed.map(|signed| signed.generation),
        stale: false,
    }
}

/// What is known of an object that was asked for.
pub(super) fn of_stored_object(head: HttpResponse) -> UploadResult {
    stored(head, false)
}

/// The object was found although its answer was lost. Without a callback nothing is missing; with
/// one its answer is lost for good.
pub(super) fn of_found_object(
    head: HttpResponse,
    has_callback: bool,
    doubt: &Error,
) -> Result<UploadResult, UploadError> {
    let result = of_stored_object(head);
    if !has_callback {
        return Ok(result);
    }
    let message = format!(
        "the object is stored, but the answer of OSS is lost, and with it what the application \
         server said to the callback; do not upload again ({doubt})"
    );
    let error = Error::new(doubt.status(), message).with_object_state(ObjectState::Stored);
    Err(UploadError { error, result: Some(Box::new(result)) })
}

/// A request that neither stores nor calls back says nothing about an object when it fails.
pub(super) fn of_failed_question(failure: Failure) -> Error {
    if let FailureKind::Caller(error) = failure.kind {
        return error;
    }
    let stale = failure.stale;
    Error::new(status_of(&failure.kind), failure.message).with_hints(of_stale(stale))
}

fn of_stale(stale: bool) -> Hints {
    Hints { stale, ..Hints::default() }
}

/// A part that did not arrive makes no object.
pub(super) fn of_part_failure(failure: Failure, number: u32) -> Error {
    if let FailureKind::Caller(error) = failure.kind {
        return error;
    }
    let message = format!("part {number}: {}; the object is not stored", failure.message);
    Error::new(status_of(&failure.kind), message).with_hints(of_stale(failure.stale))
}

/// Judges a failed exchange.
pub(super) fn of_failure(failure: Failure) -> Error {
    let state = state_of(&failure);
    if let FailureKind::Caller(error) = failure.kind {
        return error;
    }
    let consequence = match state {
        ObjectState::Unknown => {
            "; the request had been sent completely, so the object may be stored and its callback \
             made: look before you try again"
        }
        _ => "; the object is not stored",
    };
    let message = format!("{}{consequence}", failure.message);
    Error::new(status_of(&failure.kind), message)
        .with_object_state(state)
        .with_hints(of_stale(failure.stale))
}

fn state_of(failure: &Failure) -> ObjectState {
    if failure.request_complete { ObjectState::Unknown } else { ObjectState::NotStored }
}

fn status_of(kind: &FailureKind) -> Status {
    match kind {
        FailureKind::Caller(error) => error.status(),
        FailureKind::Cancelled => Status::Cancelled,
        FailureKind::Timeout | FailureKind::Deadline | FailureKind::LowSpeed => Status::Timeout,
        FailureKind::Tls => Status::Tls,
        FailureKind::Transport => Status::Transport,
        FailureKind::BadResponse => Status::BadResponse,
    }
}

fn of_success(
    response: HttpResponse,
    expected: &Expectation<'_>,
) -> Result<UploadResult, UploadError> {
    let cut_off = response.cut_off.as_ref().map(|failure| {
        let message = format!(
            "the object is stored, but the answer is cut off: {}{}; do not upload again",
            failure.message,
            if expected.has_callback { "; the callback was made" } else { "" }
        );
        Error::new(status_of(&failure.kind), message)
    });
    let result = stored(response, expected.has_callback);
    match checksum_mismatch(&result, expected).or(cut_off) {
        None => Ok(result),
        Some(error) => Err(stored_but(error, result)),
    }
}

/// The object is stored, and yet something is wrong.
fn stored_but(error: Error, result: UploadResult) -> UploadError {
    let request_id = result.request_id().map(str::to_owned);
    let error = error
        .with_object_state(ObjectState::Stored)
        .with_http_status(result.http_status())
        .with_request_id(request_id);
    UploadError { error, result: Some(Box::new(result)) }
}

fn stored(response: HttpResponse, has_callback: bool) -> UploadResult {
    UploadResult {
        http_status: response.status,
        headers: response.headers,
        callback_answer: if has_callback { response.body } else { Vec::new() },
        effort: Effort::default(),
    }
}

fn checksum_mismatch(result: &UploadResult, expected: &Expectation<'_>) -> Option<Error> {
    let (sent, stored) = (expected.crc64?, result.crc64()?);
    if sent == stored {
        return None;
    }
    let message = format!(
        "the object is stored with CRC-64 {stored}, but the bytes that were sent have {sent}: it \
         was damaged on the way, or the source changed while it was read; upload it again"
    );
    Some(Error::new(Status::ChecksumMismatch, message))
}

/// HTTP 203, or a `CallbackFailed` document with another 2xx (spec: callback.md 8.2). The body is the
/// error document, and not an answer of the application server.
fn callback_failure(
    response: HttpResponse,
    document: Option<ErrorDocument>,
    expected: &Expectation<'_>,
) -> UploadError {
    let document = document.unwrap_or_default();
    let text = |name: &str| document.get(name).map(str::to_owned);
    let reason = text("Message").unwrap_or_else(|| "(the service gave no reason)".to_owned());
    let ec = text("EC").or_else(|| header(&response, "x-oss-ec"));
    let request_id = text("RequestId").or_else(|| header(&response, "x-oss-request-id"));
    let result = stored(response, false);
    if let Some(error) = checksum_mismatch(&result, expected) {
        return stored_but(error, result);
    }
    let message = format!(
        "the object is stored, but its callback failed: {reason} Do not upload again; the service \
         does not repeat the callback, so tell the application server yourself{}",
        identification(&ec, &request_id)
    );
    let error = Error::new(Status::CallbackFailed, message)
        .with_code("CallbackFailed")
        .with_ec(ec)
        .with_document(document.into_elements());
    stored_but(error, result)
}

/// The service refused: nothing is stored (spec: errors.md, callback.md 1).
fn refusal(response: &HttpResponse, document: ErrorDocument, expected: &Expectation<'_>) -> Error {
    let text = |name: &str| document.get(name).map(str::to_owned);
    // Without a document, which a cut-off answer lacks, the headers still tell something.
    let code = text("Code").unwrap_or_else(|| "BadErrorResponse".to_owned());
    let ec = text("EC").or_else(|| header(response, "x-oss-ec"));
    let request_id = text("RequestId").or_else(|| header(response, "x-oss-request-id"));
    let message = format!(
        "OSS refused the upload with {} {code}: {}{}{}",
        response.status,
        text("Message").unwrap_or_default(),
        hint(&code, &document, expected),
        identification(&ec, &request_id)
    );
    Error::new(Status::Service, message)
        .with_http_status(response.status)
        .with_code(code)
        .with_ec(ec)
        .with_request_id(request_id)
        .with_document(document.into_elements())
}

fn identification(ec: &Option<String>, request_id: &Option<String>) -> String {
    match (ec, request_id) {
        (Some(ec), Some(id)) => format!(" (EC {ec}, request id {id})"),
        (Some(ec), None) => format!(" (EC {ec})"),
        (None, Some(id)) => format!(" (request id {id})"),
        (None, None) => String::new(),
    }
}

/// What the user can do about the commonest refusals.
fn hint(code: &str, document: &ErrorDocument, expected: &Expectation<'_>) -> String {
    match code {
        "SignatureDoesNotMatch" => match expected.signed {
            Some(ours) => signature_hint(document, &ours.string_to_sign),
            _ if expected.is_form => {
                " The fields of the form are not those that were signed.".to_owned()
            }
            _ => " The URL was signed for another method or other headers: Content-Type, \
                     Content-MD5 and x-oss-* must be exactly those that were signed."
                .to_owned(),
        },
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
        "AccessDenied" => match document.get("Endpoint") {
            Some(endpoint) => format!(" Use endpoint {}.", quoted(endpoint)),
            None => String::new(),
        },
        _ => String::new(),
    }
}

/// A signed URL or policy ran out (spec: presigned-url.md 2, 3, post-object.md 4).
fn is_expiry(document: &ErrorDocument) -> bool {
    let message = document.get("Message").unwrap_or_default();
    message.contains("Request has expired") || message.contains("Policy expired")
}

/// The service prints the text that it signed. When it is ours, only the secret can be wrong.
fn signature_hint(document: &ErrorDocument, ours: &str) -> String {
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
            quoted(our),
            quoted(their)
        ),
        None => " The sides signed texts of different length.".to_owned(),
    }
}

/// An answer that is not of OSS: a proxy, a login page, another server.
fn foreign_answer(response: &HttpResponse) -> Error {
    const SHOWN: usize = 256;
    let body = String::from_utf8_lossy(&response.body[..response.body.len().min(SHOWN)]);
    // A refusal or redirection by something on the way stored nothing. All else may have been said after OSS had
    // the request, or instead of what OSS said.
    let is_refusal = matches!(response.status, 300..=303 | 305..=407 | 409..=498);
    let (state, consequence) = match is_refusal || response.before_end_of_body {
        true => (ObjectState::NotStored, "the object is not stored"),
        false => (
            ObjectState::Unknown,
            "the object may be stored and its callback made: look before you try again",
        ),
    };
    let what = match response.before_end_of_body && is_of_oss(response) {
        true => "before all of the body was sent, so it cannot be the truth",
        false => "without anything that OSS would say, perhaps from a proxy or a login page",
    };
    let message = format!(
        "HTTP {} came back {what}; it begins with {}; {consequence}",
        response.status,
        quoted(body.trim())
    );
    Error::new(Status::BadResponse, message)
        .with_object_state(state)
        .with_http_status(response.status)
        .with_request_id(header(response, "x-oss-request-id"))
}

fn header(response: &HttpResponse, name: &str) -> Option<String> {
    response.header(name).map(str::to_owned)
}
