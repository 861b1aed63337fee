//! Signature version 4 (spec: signing-v4.md).

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::canonical::lines;
use super::request::SignedRequest;
use crate::error::OssError;
use crate::error::catalogue::invalid_argument;
use crate::percent::{encode, encode_path};

pub(crate) const ALGORITHM: &str = "OSS4-HMAC-SHA256";
pub(crate) const TERMINATOR: &str = "aliyun_v4_request";
pub(crate) const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";
/// What stands before the secret in the signing key.
const KEY_PREFIX: &str = "aliyun_v4";

/// What a signing key is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) date: String,
    pub(crate) region: String,
    pub(crate) product: String,
    pub(crate) terminator: String,
}

impl Scope {
    fn text(&self) -> String {
        format!("{}/{}/{}/{}", self.date, self.region, self.product, self.terminator)
    }
}

/// Reads `AccessKeyId/date/region/product/aliyun_v4_request`.
pub(crate) fn parse_credential(credential: &str) -> Result<(String, Scope), OssError> {
    let parts: Vec<&str> = credential.split('/').collect();
    let [id, date, region, product, terminator] = parts[..] else {
        let message = "The credential must have the form \
                       AccessKeyId/date/region/product/aliyun_v4_request.";
        return Err(invalid_argument(message).argument("Credential", credential));
    };
    let scope = Scope {
        date: date.to_owned(),
        region: region.to_owned(),
        product: product.to_owned(),
        terminator: terminator.to_owned(),
    };
    Ok((id.to_owned(), scope))
}

/// Reads a list of header names. The EC of a blank one depends on where the list stands.
pub(crate) fn parse_additional_headers(
    list: &str,
    blank_ec: &str,
) -> Result<Vec<String>, OssError> {
    let refuse = |message| invalid_argument(message).argument("AdditionalHeaders", list);
    if list.trim().is_empty() {
        return Err(refuse("The additional headers must not be blank.").ec(blank_ec));
    }
    let mut names: Vec<String> =
        list.split(';').map(|name| name.trim().to_ascii_lowercase()).collect();
    if names.iter().any(String::is_empty) {
        let message = "The additional headers must not have an empty element.";
        return Err(refuse(message).ec("0002-00000210"));
    }
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// A canonical request in its parts (spec: signing-v4.md 2).
#[derive(Clone, Debug)]
pub(super) struct Canonical {
    pub(super) method: String,
    pub(super) uri: String,
    /// Items of the query, encoded.
    pub(super) query: Vec<String>,
    pub(super) headers: BTreeMap<String, Vec<u8>>,
    pub(super) additional_headers: Vec<String>,
}

impl Canonical {
    /// `additional_headers` is lowercase and sorted.
    pub(super) fn of(request: &SignedRequest<'_>, additional_headers: &[String]) -> Canonical {
        let signed = |name: &str| {
            name == "content-type"
                || name == "content-md5"
                || name.starts_with("x-oss-")
                || additional_headers.iter().any(|additional| additional == name)
        };
        let headers = request.headers_where(signed).into_iter();
        Canonical {
            method: request.method.to_owned(),
            uri: encode_path(&request.resource()),
            query: canonical_query(request),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).collect(),
            additional_headers: additional_headers.to_owned(),
        }
    }

    pub(super) fn text(&self) -> Vec<u8> {
        let mut text = lines([&self.method, &self.uri, &self.query.join("&")], &self.headers);
        text.push(b'\n');
        text.extend_from_slice(self.additional_headers.join(";").as_bytes());
        text.push(b'\n');
        text.extend_from_slice(UNSIGNED_PAYLOAD.as_bytes());
        text
    }
}

/// Everything except the signature itself, which stands there only in a presigned URL (spec:
/// presigned-url.md 2).
fn canonical_query(request: &SignedRequest<'_>) -> Vec<String> {
    let pairs = request.query.pairs().iter().filter(|(name, _)| name != "x-oss-signature");
    let mut pairs: Vec<(String, String)> =
        pairs.map(|(name, value)| (encode(name), encode(value))).collect();
    pairs.sort_unstable();
    let items = pairs
        .into_iter()
        .map(|(name, value)| if value.is_empty() { name } else { format!("{name}={value}") });
    items.collect()
}

pub(crate) fn string_to_sign(timestamp: &str, scope: &Scope, canonical_request: &[u8]) -> String {
    let digest = hex(&Sha256::digest(canonical_request));
    format!("{ALGORITHM}\n{timestamp}\n{}\n{digest}", scope.text())
}

pub(crate) fn signing_key(secret: &str, scope: &Scope) -> [u8; 32] {
    derived_key(&format!("{KEY_PREFIX}{secret}"), scope)
}

pub(super) fn derived_key(seed: &str, scope: &Scope) -> [u8; 32] {
    let date_key = hmac_sha256(seed.as_bytes(), &scope.date);
    let region_key = hmac_sha256(&date_key, &scope.region);
    let product_key = hmac_sha256(&region_key, &scope.product);
    hmac_sha256(&product_key, &scope.terminator)
}

pub(crate) fn signature(signing_key: &[u8; 32], string_to_sign: &str) -> String {
    hex(&hmac_sha256(signing_key, string_to_sign))
}

fn hmac_sha256(key: &[u8], message: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[path = "v4_tests.rs"]
mod tests;
