//! Signature V4, OSS4-HMAC-SHA256 (spec: signing-v4.md).

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{SignableRequest, Signature, encode_key, encode_query, select_headers};
use crate::text::hex;
use crate::time::Timestamp;

pub(crate) const ALGORITHM: &str = "OSS4-HMAC-SHA256";
/// The only value that the service supports for the hash of the body.
pub const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// What a signing key is good for: one day, one region, one product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// `YYYYMMDD`, UTC.
    pub date: String,
    /// Region id such as `cn-hangzhou`, without `oss-`.
    pub region: String,
    /// `oss`, or `oss-cloudbox`.
    pub product: String,
}

impl Scope {
    pub(crate) fn text(&self) -> String {
        [&*self.date, &self.region, &self.product, "aliyun_v4_request"].join("/")
    }
}

/// The key derived from a secret for one scope, as HMAC uses it: the block that every signature begins with
/// is hashed already. Wiped when dropped.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

impl SigningKey {
    /// Derives the key (spec: signing-v4.md 4).
    pub fn derive(secret: &str, scope: &Scope) -> Self {
        let first = Zeroizing::new([b"aliyun_v4", secret.as_bytes()].concat());
        let date = hmac_sha256(&first, scope.date.as_bytes());
        let region = hmac_sha256(&*date, scope.region.as_bytes());
        let product = hmac_sha256(&*region, scope.product.as_bytes());
        Self::from_bytes(&hmac_sha256(&*product, b"aliyun_v4_request"))
    }

    /// Takes a key that was derived elsewhere.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(keyed(bytes))
    }

    /// Signs `text`, in lowercase hexadecimal.
    pub fn sign(&self, text: &str) -> String {
        hex(&self.0.clone().chain_update(text).finalize().into_bytes())
    }
}

/// Signs a request for the `Authorization` header. `request.headers` must already hold
/// `x-oss-date` and `x-oss-content-sha256`.
///
/// `additional` names further headers to sign; those that are absent, or signed anyway, are
/// passed over (spec: signing-v4.md 2.4).
pub fn sign(
    request: &SignableRequest<'_>,
    access_key_id: &str,
    key: &SigningKey,
    scope: &Scope,
    time: Timestamp,
    additional: &[&str],
) -> Signature {
    let additional = additional_headers(request, additional);
    // It has the security token.
    let canonical_request = Zeroizing::new(canonical_request(request, &additional));
    let string_to_sign = string_to_sign(&canonical_request, scope, &time.iso_basic());
    let listed = if additional.is_empty() { "" } else { ",AdditionalHeaders=" };
    let signature = key.sign(&string_to_sign);
    let scope = scope.text();
    let credential = [ALGORITHM, " Credential=", access_key_id, "/", &scope];
    let rest = [listed, &additional, ",Signature=", &signature];
    let authorization = [&credential[..], &rest].concat().concat();
    Signature { authorization, signature, string_to_sign }
}

pub(super) fn string_to_sign(canonical_request: &str, scope: &Scope, time: &str) -> String {
    let hash = hex(&Sha256::digest(canonical_request));
    [ALGORITHM, time, &scope.text(), &hash].join("\n")
}

/// The text whose hash is signed (spec: signing-v4.md 2).
pub(super) fn canonical_request(request: &SignableRequest<'_>, additional: &str) -> String {
    let extra: Vec<&str> = additional.split(';').collect();
    let headers =
        select_headers(request.headers, |name| is_always_signed(name) || extra.contains(&name));
    let (uri, query) = (canonical_uri(request), canonical_query(request.query));
    let head = [request.method, "\n", &uri, "\n", &query, "\n"];
    let tail = ["\n", additional, "\n", UNSIGNED_PAYLOAD];
    let headers = headers.iter().flat_map(|(name, value)| [*name, ":", value, "\n"]);
    let pieces: Vec<&str> = head.into_iter().chain(headers).chain(tail).collect();
    pieces.concat()
}

/// Bucket and key, whatever the style of the URL is.
fn canonical_uri(request: &SignableRequest<'_>) -> String {
    match (request.bucket, request.key) {
        (None, _) => "/".to_owned(),
        (Some(bucket), key) => {
            ["/", &encode_key(bucket), "/", &encode_key(key.unwrap_or_default())].concat()
        }
    }
}

fn canonical_query(query: &[(&str, &str)]) -> String {
    let mut pairs: Vec<_> =
        query.iter().map(|(name, value)| (encode_query(name), encode_query(value))).collect();
    pairs.sort_unstable();
    let texts: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| if value.is_empty() { name } else { format!("{name}={value}") })
        .collect();
    texts.join("&")
}

fn is_always_signed(name: &str) -> bool {
    matches!(name, "content-type" | "content-md5") || name.starts_with("x-oss-")
}

pub(super) fn additional_headers(request: &SignableRequest<'_>, asked: &[&str]) -> String {
    let present = |name: &str| request.headers.iter().any(|(n, _)| *n == name);
    let mut names: Vec<String> = asked.iter().map(|name| name.to_ascii_lowercase()).collect();
    names.retain(|name| present(name) && !is_always_signed(name));
    names.sort_unstable();
    names.dedup();
    names.join(";")
}

fn hmac_sha256(key: &[u8], text: &[u8]) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(keyed(key).chain_update(text).finalize().into_bytes().into())
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}
