//! `x-oss-traffic-limit` (spec: put-object.md 1): no more than this rate, for bodies of uploads and
//! downloads.

use std::ops::RangeInclusive;

use super::upload_headers::text;
use crate::error::OssError;
use crate::error::catalogue::invalid_argument;
use crate::exchange::Exchange;
use crate::protocol::Operation;

const NAME: &str = "x-oss-traffic-limit";
/// By the documents; a comment in an SDK has a smaller least.
const BITS_PER_SECOND: RangeInclusive<u64> = 819_200..=838_860_800;

/// What has no content of an object to send knows no limit.
pub(super) fn read(exchange: &Exchange, operation: Operation) -> Result<Option<u64>, OssError> {
    if !operation.has_traffic_limit() {
        return Ok(None);
    }
    let (in_header, in_query) = (text(&exchange.parts.headers, NAME), exchange.query.value(NAME));
    if in_header.is_some() && in_query.is_some() {
        let message = "Only one of header and query may limit the traffic.";
        return Err(invalid_argument(message).argument(NAME, in_query.unwrap_or_default()));
    }
    let Some(limit) = in_header.as_deref().or(in_query) else {
        return Ok(None);
    };
    let number = limit.parse().ok().filter(|limit| BITS_PER_SECOND.contains(limit));
    let message = "The traffic limit must be between 819200 and 838860800 bits per second.";
    number.map(Some).ok_or_else(|| invalid_argument(message).argument(NAME, limit))
}
