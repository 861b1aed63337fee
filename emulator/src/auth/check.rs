//! The order in which a signed request is checked (spec: signing-v1.md 4, signing-v4.md 7).

use std::time::{Duration, SystemTime};

use super::authorization::{Authorization, Method};
use super::v4::{self, Scope};
use super::{SignedRequest, v1};
use crate::clock;
use crate::error::OssError;
use crate::error::catalogue::{
    access_denied, invalid_access_key_id, invalid_argument, invalid_security_token,
    request_time_too_skewed, security_token_not_match,
};
use crate::options::AccessKey;

const MAX_SKEW: Duration = Duration::from_secs(15 * 60);

/// What the server knows about itself and its users.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Authority<'a> {
    pub(crate) access_keys: &'a [AccessKey],
    pub(crate) region: &'a str,
    pub(crate) now: SystemTime,
}

/// Accepts or refuses the request as signed by `authorization`.
pub(crate) fn authenticate(
    request: &SignedRequest<'_>,
    authorization: &Authorization,
    authority: Authority<'_>,
) -> Result<(), OssError> {
    let date = SigningDate::of(request, &authorization.method)?;
    if let Method::V4 { scope, .. } = &authorization.method {
        check_v4_requirements(request, scope, &date, authority.region)?;
    }
    let access_key = find_access_key(request, authorization, authority.access_keys)?;
    check_skew(date.time, authority.now)?;
    check_signature(request, authorization, &access_key.secret, &date.line)
}

/// The time a request claims to be signed at.
struct SigningDate {
    time: SystemTime,
    /// As it stands in the string to sign.
    line: String,
}

impl SigningDate {
    /// `x-oss-date` has precedence over `Date`. V1 accepts both known forms of it (spec:
    /// signing-v1.md 1); V4 has one form, and turns a `Date` into that.
    fn of(request: &SignedRequest<'_>, method: &Method) -> Result<SigningDate, OssError> {
        let oss_date = request.header("x-oss-date");
        let text = oss_date.clone().or_else(|| request.header("date")).unwrap_or_default();
        let rfc1123 = || httpdate::parse_http_date(&text).ok();
        let time = match method {
            Method::V1 => rfc1123().or_else(|| clock::parse_basic(&text)),
            Method::V4 { .. } if oss_date.is_some() => clock::parse_basic(&text),
            Method::V4 { .. } => rfc1123(),
        };
        let time = time.ok_or_else(|| {
            access_denied("OSS authentication requires a valid Date.").ec("0002-00000505")
        })?;
        let line = match method {
            Method::V1 => text,
            Method::V4 { .. } => clock::basic(time),
        };
        Ok(SigningDate { time, line })
    }
}

fn check_v4_requirements(
    request: &SignedRequest<'_>,
    scope: &Scope,
    date: &SigningDate,
    region: &str,
) -> Result<(), OssError> {
    let payload = request.header("x-oss-content-sha256").unwrap_or_default();
    if payload != v4::UNSIGNED_PAYLOAD {
        let message = "The x-oss-content-sha256 header must be UNSIGNED-PAYLOAD.";
        return Err(invalid_argument(message).argument("x-oss-content-sha256", payload));
    }
    let day = date.line.get(..8).unwrap_or_default();
    let checks = [
        ("date", scope.date.as_str(), day),
        ("region", scope.region.as_str(), region),
        ("product", scope.product.as_str(), "oss"),
        ("terminator", scope.terminator.as_str(), v4::TERMINATOR),
    ];
    for (part, given, expected) in checks {
        if given != expected {
            let message = format!(
                "Invalid signing {part} in Authorization header: '{given}', expected '{expected}'."
            );
            return Err(invalid_argument(message).argument("Credential", given));
        }
    }
    Ok(())
}

/// The key that signed, if the request also carries the token that belongs to it. An empty token
/// is the same as none (spec: signing-v4.md 6).
fn find_access_key<'a>(
    request: &SignedRequest<'_>,
    authorization: &Authorization,
    access_keys: &'a [AccessKey],
) -> Result<&'a AccessKey, OssError> {
    let access_key = access_keys
        .iter()
        .find(|key| key.id == authorization.access_key_id)
        .ok_or_else(invalid_access_key_id)?;
    let token = request.header("x-oss-security-token").filter(|token| !token.is_empty());
    if token == access_key.security_token {
        return Ok(access_key);
    }
    Err(match token {
        None => invalid_access_key_id(),
        Some(_) if access_keys.iter().any(|key| key.security_token == token) => {
            security_token_not_match()
        }
        Some(_) => invalid_security_token(),
    })
}

fn check_skew(request_time: SystemTime, now: SystemTime) -> Result<(), OssError> {
    let distance = match now.duration_since(request_time) {
        Ok(behind) => behind,
        Err(ahead) => ahead.duration(),
    };
    if distance > MAX_SKEW {
        return Err(request_time_too_skewed(clock::extended(request_time), clock::extended(now)));
    }
    Ok(())
}

fn check_signature(
    request: &SignedRequest<'_>,
    authorization: &Authorization,
    secret: &str,
    date_line: &str,
) -> Result<(), OssError> {
    let (expected, string_to_sign, canonical_request, ec) = match &authorization.method {
        Method::V1 => {
            let string_to_sign = v1::string_to_sign(request, date_line);
            (v1::signature(secret, &string_to_sign), string_to_sign, None, "0002-00000040")
        }
        Method::V4 { scope, additional_headers } => {
            let canonical = v4::canonical_request(request, additional_headers);
            let string_to_sign = v4::string_to_sign(date_line, scope, &canonical);
            let expected = v4::signature(&v4::signing_key(secret, scope), &string_to_sign);
            (expected, string_to_sign.into_bytes(), Some(canonical), "0002-00000201")
        }
    };
    if expected == authorization.signature {
        return Ok(());
    }
    let error = signature_does_not_match(authorization, &string_to_sign).ec(ec);
    Err(match canonical_request {
        None => error,
        Some(text) => error.element("CanonicalRequest", String::from_utf8_lossy(&text)),
    })
}

/// The document that helps to find a signing mistake (spec: signing-v1.md 4).
fn signature_does_not_match(authorization: &Authorization, string_to_sign: &[u8]) -> OssError {
    let message = "The request signature we calculated does not match the signature you provided. \
                   Check your key and signing method.";
    let bytes: Vec<String> = string_to_sign.iter().map(|byte| format!("{byte:02X}")).collect();
    OssError::new(hyper::StatusCode::FORBIDDEN, "SignatureDoesNotMatch", message)
        .element("OSSAccessKeyId", &authorization.access_key_id)
        .element("SignatureProvided", &authorization.signature)
        .element("StringToSign", String::from_utf8_lossy(string_to_sign))
        .element("StringToSignBytes", bytes.join(" "))
}
