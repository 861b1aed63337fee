//! Headers that a signature covers besides those that it always does (spec: signing-v4.md 2.4).

use crate::error::{Error, Result};
use crate::service::{Headers, Service};
use crate::signing::SignatureVersion;
use crate::text::quoted;

const FIELD: &str = "additional_headers";

/// Adds the `Host` of a request if its signature shall cover it, and refuses names without a value.
pub(super) fn add(
    names: &[&str],
    service: &Service,
    bucket: &str,
    headers: &mut Headers,
) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    if service.signature_version() == SignatureVersion::V1 {
        let fault = "is set, but signature V1 covers no further headers; V4 does";
        return Err(Error::invalid(FIELD, fault));
    }
    for (index, name) in names.iter().map(|name| name.to_ascii_lowercase()).enumerate() {
        if name == "host" && !headers.has("host") {
            headers.add("host", host(&service.url(bucket, "", &[])));
        } else if !headers.has(&name) {
            let fault = format!("{} is not among the headers, so it has no value", quoted(&name));
            return Err(Error::invalid(format!("{FIELD}[{index}]"), fault));
        }
    }
    Ok(())
}

/// Whether the program says how long the body will be.
pub(super) fn has_length(names: &[&str]) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case("content-length"))
}

/// As HTTP clients send it: without the port that goes without saying.
fn host(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let usual = if scheme == "http" { ":80" } else { ":443" };
    authority.strip_suffix(usual).unwrap_or(authority).to_owned()
}
