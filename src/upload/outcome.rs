//! What is true after an upload: stored and acknowledged, stored without acknowledgement, not
//! stored, or unknown.

use super::attempt::{Attempt, Cause, Failed};
use super::error_document::ErrorDocument;
use super::expectation::Expectation;
use super::refusal::{foreign_answer, header, identification, is_of_oss, reason, refusal};
use super::{Outcome, UploadResult};
use crate::error::{Error, ObjectState, Status};
use crate::http::{Failure, FailureKind, HttpResponse};

/// Judges an answer.
pub(super) fn of_response(response: HttpResponse, expected: &Expectation<'_>) -> Attempt {
    judge(response, expected).map_err(|failed| expected.mask(failed))
}

fn judge(response: HttpResponse, expected: &Expectation<'_>) -> Attempt {
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
            Err(refusal(&response, document, expected))
        }
        None if response.status >= 300 && is_of_oss(&response) => {
            Err(refusal(&response, ErrorDocument::default(), expected))
        }
        _ => Err(foreign_answer(&response, expected)),
    }
}

/// A redirection is a success as well (`success_action_redirect`); failures are not redirected.
fn is_success_of_form(response: &HttpResponse) -> bool {
    let is_success = matches!(response.status, 201 | 204 | 303);
    is_success && !response.before_end_of_body && is_of_oss(response)
}

/// With a callback the answer is 200 and what the application server said; another one tells nothing
/// of it (spec: post-object.md 3).
fn of_form_success(response: HttpResponse, expected: &Expectation<'_>) -> Attempt {
    if !expected.has_callback {
        return of_success(response, expected);
    }
    let message = format!(
        "the object is stored, but OSS answered {} instead of what the application server said to \
         the callback; ask there, and do not upload again",
        response.status
    );
    let result = UploadResult::of_response(response, false);
    Err(stored_but(Error::new(Status::BadResponse, message), result))
}

/// Judges an answer that is about no finished object: anything but 2xx of the service is an error,
/// and stores nothing.
pub(super) fn check(response: &HttpResponse, expected: &Expectation<'_>) -> Result<(), Failed> {
    let failed = match (response.status, ErrorDocument::of(response)) {
        (_, Some(document)) => refusal(response, document, expected),
        (300.., None) if is_of_oss(response) => {
            refusal(response, ErrorDocument::default(), expected)
        }
        (200..=299, None) if is_of_oss(response) && !response.before_end_of_body => {
            match &response.cut_off {
                None => return Ok(()),
                Some(failure) => Failed::new(
                    Error::new(failure.kind.status(), failure.message.clone()),
                    cause_of(failure, ObjectState::NotStored),
                ),
            }
        }
        (_, None) => foreign_answer(response, expected),
    };
    Err(expected.mask(failed.with_object_state(ObjectState::NotStored)))
}

/// The object was found although its answer was lost. Without a callback nothing is missing; with
/// one its answer is lost for good.
pub(super) fn stored_without_answer(
    head: HttpResponse,
    has_callback: bool,
    unclear: &Failed,
) -> Attempt {
    let result = UploadResult::of_response(head, false);
    if !has_callback {
        return Ok(result);
    }
    let message = format!(
        "the object is stored, but the answer of OSS is lost, and with it what became of the callback; \
         ask the application server, and do not upload again ({unclear})"
    );
    Err(Failed::stored(Error::new(unclear.error.status(), message), result))
}

/// The object was stored by an earlier attempt, of this call or another one. Nobody here knows whether
/// its callback succeeded then: the object of one that failed is stored as well.
pub(super) fn of_earlier_attempt(result: UploadResult, has_callback: bool) -> Outcome {
    if !has_callback {
        return Ok(result);
    }
    let message = "the object was stored by an earlier attempt, and what became of its callback is lost \
                   with the answer; ask the application server, and do not upload again";
    Err(Failed::stored(Error::new(Status::Transport, message), result).into())
}

/// A request that neither stores nor calls back says nothing about an object when it fails.
pub(super) fn of_failed_request(failure: Failure) -> Failed {
    judge_failure(failure, ObjectState::NotStored)
}

/// A part that did not arrive makes no object.
pub(super) fn of_failed_part(failure: Failure, number: u32) -> Failed {
    let message = format!("part {number}: {}", failure.message);
    judge_failure(Failure { message, ..failure }, ObjectState::NotStored).saying_not_stored()
}

/// Judges a failed exchange.
pub(super) fn of_failure(failure: Failure) -> Failed {
    match failure.request_complete {
        true => {
            let message = failure.message + "; the request had been sent completely";
            judge_failure(Failure { message, ..failure }, ObjectState::Unknown)
        }
        false => judge_failure(failure, ObjectState::NotStored).saying_not_stored(),
    }
}

fn judge_failure(failure: Failure, state: ObjectState) -> Failed {
    let cause = cause_of(&failure, state);
    if let FailureKind::Caller(error) = failure.kind {
        return error.into();
    }
    let error = Error::new(failure.kind.status(), failure.message);
    Failed::new(error.with_object_state(state), cause)
}

/// Failures of the network are temporary. TLS errors and answers that are not HTTP are permanent, unless the
/// service may have received the whole request.
fn cause_of(failure: &Failure, state: ObjectState) -> Cause {
    match failure.kind {
        FailureKind::Caller(_) | FailureKind::Cancelled => Cause::Final,
        _ if failure.stale => Cause::StaleConnection,
        FailureKind::Tls | FailureKind::BadResponse if state == ObjectState::NotStored => {
            Cause::Final
        }
        _ => Cause::Passing { retry_after: None },
    }
}

fn of_success(response: HttpResponse, expected: &Expectation<'_>) -> Attempt {
    let cut_off = response.cut_off.as_ref().map(|failure| {
        let message = format!(
            "the object is stored, but the answer is cut off: {}{}; do not upload again",
            failure.message,
            if expected.has_callback { "; the callback was made" } else { "" }
        );
        Error::new(failure.kind.status(), message)
    });
    let result = UploadResult::of_response(response, expected.has_callback);
    match checksum_mismatch(&result, expected).or(cut_off) {
        None => Ok(result),
        Some(error) => Err(stored_but(error, result)),
    }
}

/// The object is stored, and yet something is wrong.
fn stored_but(error: Error, result: UploadResult) -> Failed {
    let request_id = result.request_id().map(str::to_owned);
    let error = error.with_http_status(result.http_status()).with_request_id(request_id);
    Failed::stored(error, result)
}

fn checksum_mismatch(result: &UploadResult, expected: &Expectation<'_>) -> Option<Error> {
    let (sent, stored) = (expected.crc64?, result.crc64()?);
    if sent == stored {
        return None;
    }
    let message = format!(
        "the object is stored with CRC-64 {stored}, but the bytes that were sent have {sent}: it \
         was damaged on the way, or the source changed while it was read; upload it again, and delete \
         it first if the upload must not overwrite"
    );
    Some(Error::new(Status::ChecksumMismatch, message))
}

/// HTTP 203, or a `CallbackFailed` document with another 2xx (spec: callback.md 8.2). The body is the
/// error document, and not an answer of the application server.
fn callback_failure(
    response: HttpResponse,
    document: Option<ErrorDocument>,
    expected: &Expectation<'_>,
) -> Failed {
    let document = document.unwrap_or_default();
    let text = |name: &str| document.get(name).map(str::to_owned);
    let ec = text("EC").or_else(|| header(&response, "x-oss-ec"));
    let request_id = text("RequestId").or_else(|| header(&response, "x-oss-request-id"));
    let result = UploadResult::of_response(response, false);
    if let Some(error) = checksum_mismatch(&result, expected) {
        return stored_but(error, result);
    }
    let message = format!(
        "the object is stored, but its callback failed: {} Do not upload again; the service \
         does not repeat the callback, so tell the application server yourself{}",
        reason(&document),
        identification(&ec, &request_id)
    );
    let error = Error::new(Status::CallbackFailed, message)
        .with_code("CallbackFailed")
        .with_ec(ec)
        .with_document(document.into_elements());
    stored_but(error, result)
}
