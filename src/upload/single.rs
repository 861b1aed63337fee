//! Objects that are stored with a single request.

use super::Outcome;
use super::attempt::Attempt;
use super::body::OpenBody;
use super::checksum::{Meter, Report, reborrow};
use super::retry::Tries;
use crate::error::{Error, Result, Status};
use crate::service::MAX_PUT_SIZE;

/// Makes attempts until one succeeds, or fails for good. Each gets the body from its beginning, and a
/// meter that sees what is sent of it.
pub(super) fn store(
    tries: Tries<'_>,
    body: &mut OpenBody<'_>,
    mut report: Report<'_>,
    mut attempt: impl FnMut(&mut OpenBody<'_>, &mut Meter<'_>) -> Attempt,
) -> Outcome {
    let size = body.length().unwrap_or_default();
    let attempt =
        |body: &mut OpenBody<'_>| attempt(body, &mut Meter::new(size, reborrow(&mut report)));
    Ok(tries.run_with(body, attempt, OpenBody::restart)?)
}

/// A body that goes in one request must say its length, and not be too long for one.
pub(super) fn check_single(body: &OpenBody<'_>, destination: &str) -> Result<()> {
    match body.length() {
        None => {
            let fault = format!(
                "is not known, but {destination} is one request, which begins with its length: \
                 set it, with the flag HAS_CONTENT_LENGTH"
            );
            Err(Error::invalid("content_length", fault))
        }
        Some(length) if length > MAX_PUT_SIZE => {
            let message = format!(
                "body: has {length} bytes, but {destination} is one request, which stores \
                 {MAX_PUT_SIZE} (5 GiB) at most"
            );
            Err(Error::new(Status::Body, message).with_field("body"))
        }
        Some(_) => Ok(()),
    }
}
