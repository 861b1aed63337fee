//! Where the signature of a request is.

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

use super::authorization::Authorization;
use super::{header, presigned};
use crate::error::OssError;
use crate::protocol::query::Query;

/// Looks into headers and query. `None` is an anonymous request; both is an error (spec:
/// presigned-url.md 1).
pub(crate) fn find_authorization(
    headers: &HeaderMap,
    query: &Query,
) -> Result<Option<Authorization>, OssError> {
    let in_header = headers.get(AUTHORIZATION);
    let in_url = presigned::version(query);
    match (in_header, in_url) {
        (None, None) => Ok(None),
        (None, Some(version)) => presigned::parse(version, query).map(Some),
        (Some(value), None) => header::parse(&String::from_utf8_lossy(value.as_bytes())).map(Some),
        (Some(value), Some(_)) => Err(header::malformed(
            "Only one of the Authorization header and the query string may carry a signature.",
            &String::from_utf8_lossy(value.as_bytes()),
        )),
    }
}
