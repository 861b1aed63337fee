//! `x-oss-traffic-limit` (spec: put-object.md 1). Its value is checked; faults can slow requests down.

use std::ops::RangeInclusive;

use hyper::HeaderMap;

use super::upload_headers::text;
use crate::error::OssError;
use crate::error::catalogue::invalid_argument;
use crate::protocol::query::Query;

const NAME: &str = "x-oss-traffic-limit";
/// By the documents; a comment in an SDK has a smaller least.
const BITS_PER_SECOND: RangeInclusive<u64> = 819_200..=838_860_800;

pub(super) fn check(headers: &HeaderMap, query: &Query) -> Result<(), OssError> {
    let (in_header, in_query) = (text(headers, NAME), query.value(NAME));
    if in_header.is_some() && in_query.is_some() {
        let message = "Only one of header and query may limit the traffic.";
        return Err(invalid_argument(message).argument(NAME, in_query.unwrap_or_default()));
    }
    let Some(limit) = in_header.as_deref().or(in_query) else {
        return Ok(());
    };
    if limit.parse().is_ok_and(|limit| BITS_PER_SECOND.contains(&limit)) {
        return Ok(());
    }
    let message = "The traffic limit must be between 819200 and 838860800 bits per second.";
    Err(invalid_argument(message).argument(NAME, limit))
}
