//! Downloads and copies that depend on what the client has already. (Source: the GetObject page of the
//! vendor; which header counts when several are there, from RFC 9110 13.2.2.)

use std::time::{SystemTime, UNIX_EPOCH};

use hyper::HeaderMap;

use super::upload_headers::text;
use crate::error::OssError;
use crate::error::catalogue::{not_modified, precondition_failed};

/// The names of the headers begin with `prefix`.
pub(super) fn check(
    headers: &HeaderMap,
    prefix: &str,
    etag: &str,
    last_modified: SystemTime,
) -> Result<(), OssError> {
    let condition = |name: &str| text(headers, &format!("{prefix}{name}"));
    let etag = |name: &str| condition(name).map(|list| matches(&list, etag));
    let modified_since = |name: &str| {
        // A date that cannot be read counts for nothing.
        let date = httpdate::parse_http_date(&condition(name)?).ok()?;
        Some(seconds(last_modified) > seconds(date))
    };
    if etag("if-match").or_else(|| Some(!modified_since("if-unmodified-since")?)) == Some(false) {
        return Err(precondition_failed());
    }
    if etag("if-none-match").or_else(|| Some(!modified_since("if-modified-since")?)) == Some(true) {
        return Err(not_modified());
    }
    Ok(())
}

/// Whether a list of ETags, with or without quotes, has this one.
fn matches(list: &str, etag: &str) -> bool {
    list.split(',').map(str::trim).any(|item| item == "*" || item.trim_matches('"') == etag)
}

/// Dates of HTTP have no fraction.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
