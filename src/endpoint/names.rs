//! Rules for names (spec: endpoints.md 3).

use crate::error::{Error, Result};
use crate::text::quoted;

const BUCKET_LEN: std::ops::RangeInclusive<usize> = 3..=63;
const MAX_KEY_LEN: usize = 1023;

/// 3 to 63 characters: lowercase letters, digits, `-`, not at the ends.
pub(crate) fn check_bucket(bucket: &str) -> Result<()> {
    let fault = if !BUCKET_LEN.contains(&bucket.len()) {
        format!("has {} bytes; a bucket name has 3 to 63", bucket.len())
    } else if let Some(bad) = bucket.chars().find(|c| !is_lower_alnum(*c) && *c != '-') {
        format!(
            "{} has {}; a bucket name has lowercase letters, digits and '-'",
            quoted(bucket),
            quoted(&bad.to_string())
        )
    } else if bucket.starts_with('-') || bucket.ends_with('-') {
        format!("{} begins or ends with '-'", quoted(bucket))
    } else {
        return Ok(());
    };
    Err(Error::invalid("bucket", fault))
}

/// 1 to 1023 bytes, not beginning with `/` or `\`.
pub(crate) fn check_key(key: &str) -> Result<()> {
    check_key_in("key", key)
}

/// The same of a name, or the beginning of one, that another field has.
pub(crate) fn check_key_in(field: &str, key: &str) -> Result<()> {
    let fault = if key.is_empty() {
        "is empty; it is the name of the object, for example \"dir/photo.jpg\"".to_owned()
    } else if key.len() > MAX_KEY_LEN {
        format!("has {} bytes; the service takes {MAX_KEY_LEN}", key.len())
    } else if key.starts_with(['/', '\\']) {
        format!("{} begins with a slash or backslash; leave it out", quoted(key))
    } else {
        return Ok(());
    };
    Err(Error::invalid(field, fault))
}

/// A region id. `oss-cn-hangzhou`, as endpoints and the console spell it, means `cn-hangzhou`.
pub(super) fn region(text: &str) -> Result<String> {
    let region = text.strip_prefix("oss-").unwrap_or(text);
    let fault = if let Some(public) = region.strip_suffix("-internal") {
        format!("{} is an endpoint; give {} and the flag INTERNAL", quoted(text), quoted(public))
    } else if matches!(region, "accelerate" | "accelerate-overseas") {
        let cure = "give the region of the bucket, and the flag ACCELERATE";
        format!("{} is an endpoint of all regions; {cure}", quoted(text))
    } else if region.is_empty() || !region.chars().all(|c| is_lower_alnum(c) || c == '-') {
        format!("{} is not a region id such as \"cn-hangzhou\"", quoted(text))
    } else {
        return Ok(region.to_owned());
    };
    Err(Error::invalid("region", fault))
}

fn is_lower_alnum(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}
