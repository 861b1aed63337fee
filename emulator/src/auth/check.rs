//! The order in which a signed request is checked (spec: signing-v1.md 4, signing-v4.md 7,
//! presigned-url.md 2 and 3).

use std::time::SystemTime;

use super::access_key::AccessKey;
use super::authorization::{Authorization, Carrier, Method};
use super::request::SignedRequest;
use super::v1;
use super::v4::{self, Scope};
use super::window::MAX_SKEW;
use crate::clock;
use crate::error::OssError;
use crate::error::catalogue::{
    invalid_access_key_id, invalid_argument, invalid_date, invalid_request, invalid_security_token,
    request_time_too_skewed, security_token_not_match, signature_does_not_match,
};

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
    let date_line = date_line(request, authorization, authority.now)?;
    if let Method::V4 { scope, additional_headers } = &authorization.method {
        if authorization.carrier == Carrier::Header {
            check_payload(request)?;
        }
        check_scope(scope, &date_line, authority.region)
            .map_err(|mismatch| mismatch.refusal(&authorization.carrier))?;
        check_additional_headers(request, additional_headers)?;
    }
    let token = security_token(request, authorization);
    let access_key = find_access_key(&authorization.access_key_id, token, authority.access_keys)?;
    check_signature(request, authorization, &access_key.secret, &date_line)
}

/// The date as it stands in the string to sign, if the signature is valid now.
pub(super) fn date_line(
    request: &SignedRequest<'_>,
    authorization: &Authorization,
    now: SystemTime,
) -> Result<String, OssError> {
    match &authorization.carrier {
        Carrier::Header => header_date(request, &authorization.method, now),
        Carrier::Url(window) => Ok(window.check(now)?.to_owned()),
    }
}

/// The date of a request signed in the header, as it stands in the string to sign. `x-oss-date` has
/// precedence over `Date`. V1 accepts both known forms of it (spec: signing-v1.md 1); V4 has one
/// form, and turns a `Date` into that.
fn header_date(
    request: &SignedRequest<'_>,
    method: &Method,
    now: SystemTime,
) -> Result<String, OssError> {
    let oss_date = request.header("x-oss-date");
    let text = oss_date.clone().or_else(|| request.header("date")).unwrap_or_default();
    let rfc1123 = || httpdate::parse_http_date(&text).ok();
    let time = match method {
        Method::V1 => rfc1123().or_else(|| clock::parse_basic(&text)),
        Method::V4 { .. } if oss_date.is_some() => clock::parse_basic(&text),
        Method::V4 { .. } => rfc1123(),
    };
    let time = time.ok_or_else(invalid_date)?;
    check_skew(time, now)?;
    Ok(match method {
        Method::V1 => text,
        Method::V4 { .. } => clock::basic(time),
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

fn check_payload(request: &SignedRequest<'_>) -> Result<(), OssError> {
    let payload = request.header("x-oss-content-sha256").unwrap_or_default();
    if payload == v4::UNSIGNED_PAYLOAD {
        return Ok(());
    }
    let message = "The x-oss-content-sha256 header must be UNSIGNED-PAYLOAD.";
    Err(invalid_argument(message).argument("x-oss-content-sha256", payload))
}

/// What is listed as signed has to be there (spec: signing-v4.md 2.4).
fn check_additional_headers(request: &SignedRequest<'_>, names: &[String]) -> Result<(), OssError> {
    match names.iter().find(|name| request.header(name).is_none()) {
        None => Ok(()),
        Some(name) => {
            let message = "A header of the additional headers is not in the request.";
            Err(invalid_argument(message).argument("AdditionalHeaders", name))
        }
    }
}

/// What of a scope is not as it should be.
pub(crate) struct ScopeMismatch {
    part: &'static str,
    given: String,
    expected: String,
}

impl ScopeMismatch {
    /// The texts of the service, which clients compare. What it expects is in an element of its own.
    fn refusal(self, carrier: &Carrier) -> OssError {
        match (carrier, self.part) {
            (Carrier::Url(_), _) => self.in_credential(),
            (Carrier::Header, part) => {
                let message = format!("Invalid signing {part} in Authorization header.");
                let error = self.explained(invalid_argument(message));
                // The numbers of the other parts are not known.
                if part == "region" { error.ec("0002-00000226") } else { error }
            }
        }
    }

    /// The refusal of a credential that stands by itself.
    pub(crate) fn in_credential(self) -> OssError {
        let message = format!("The signing {} in credential is invalid.", self.part);
        self.explained(invalid_argument(message))
    }

    fn explained(self, error: OssError) -> OssError {
        error.argument("Credential", self.given).element("Expected", self.expected)
    }
}

/// The scope must be that of this server and of the day of signing (spec: signing-v4.md 7).
pub(crate) fn check_scope(
    scope: &Scope,
    date_line: &str,
    region: &str,
) -> Result<(), ScopeMismatch> {
    let day = date_line.get(..8).unwrap_or_default();
    let checks = [
        ("date", scope.date.as_str(), day),
        ("region", scope.region.as_str(), region),
        ("product", scope.product.as_str(), product(region)),
        ("terminator", scope.terminator.as_str(), v4::TERMINATOR),
    ];
    for (part, given, expected) in checks {
        if given != expected {
            let (given, expected) = (given.to_owned(), expected.to_owned());
            return Err(ScopeMismatch { part, given, expected });
        }
    }
    Ok(())
}

/// A CloudBox has its id as region, and is a product of its own (spec: signing-v4.md 1).
fn product(region: &str) -> &'static str {
    if region.starts_with("cb-") { "oss-cloudbox" } else { "oss" }
}

/// What a request says about the token of a temporary key.
pub(crate) struct Token {
    pub(crate) value: Option<String>,
    /// The refusal of a temporary key without its token.
    pub(crate) missing: fn() -> OssError,
}

/// The token travels beside the signature (spec: presigned-url.md 2 and 3).
fn security_token(request: &SignedRequest<'_>, authorization: &Authorization) -> Token {
    let in_query = |name| request.query.value(name).map(str::to_owned);
    match (&authorization.carrier, &authorization.method) {
        (Carrier::Header, _) => {
            Token { value: request.header("x-oss-security-token"), missing: invalid_access_key_id }
        }
        (Carrier::Url(_), Method::V1) => {
            Token { value: in_query("security-token"), missing: security_token_not_in_query }
        }
        (Carrier::Url(_), Method::V4 { .. }) => {
            Token { value: in_query("x-oss-security-token"), missing: invalid_access_key_id }
        }
    }
}

fn security_token_not_in_query() -> OssError {
    invalid_request("Security-token must be provided by query string parameter.")
}

/// The key that signed, if the request also carries the token that belongs to it. An empty token
/// is the same as none (spec: signing-v4.md 6); with one, only temporary keys are looked at.
pub(crate) fn find_access_key<'a>(
    access_key_id: &str,
    token: Token,
    access_keys: &'a [AccessKey],
) -> Result<&'a AccessKey, OssError> {
    let access_key =
        access_keys.iter().find(|key| key.id == access_key_id).ok_or_else(invalid_access_key_id)?;
    let value = token.value.filter(|value| !value.is_empty());
    if value == access_key.security_token {
        return Ok(access_key);
    }
    Err(match value {
        None => (token.missing)(),
        Some(_) if access_key.security_token.is_none() => invalid_access_key_id(),
        Some(_) if access_keys.iter().any(|key| key.security_token == value) => {
            security_token_not_match()
        }
        Some(_) => invalid_security_token(),
    })
}

fn check_signature(
    request: &SignedRequest<'_>,
    authorization: &Authorization,
    secret: &str,
    date_line: &str,
) -> Result<(), OssError> {
    let (expected, string_to_sign, canonical_request, ec) = match &authorization.method {
        Method::V1 => {
            let string_to_sign = v1::Canonical::of(request, date_line).text();
            (v1::signature(secret, &string_to_sign), string_to_sign, None, "0002-00000040")
        }
        Method::V4 { scope, additional_headers } => {
            let canonical = v4::Canonical::of(request, additional_headers).text();
            let string_to_sign = v4::string_to_sign(date_line, scope, &canonical);
            let expected = v4::signature(&v4::signing_key(secret, scope), &string_to_sign);
            (expected, string_to_sign.into_bytes(), Some(canonical), "0002-00000201")
        }
    };
    if expected == authorization.signature {
        return Ok(());
    }
    let error = signature_does_not_match(
        &authorization.access_key_id,
        &authorization.signature,
        &string_to_sign,
    )
    .ec(ec);
    Err(match canonical_request {
        None => error,
        Some(text) => error.element("CanonicalRequest", String::from_utf8_lossy(&text)),
    })
}
