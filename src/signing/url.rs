//! Signatures in URLs (spec: presigned-url.md).

use super::v4::{self, Scope, SigningKey};
use super::{SignableRequest, v1};
use crate::time::Timestamp;

/// The parameters that are added to the query of a request, which must be sent with exactly the
/// headers that were signed. Names and values are not encoded.
pub type SignedQuery = Vec<(String, String)>;

/// Who signs a URL, and for how long.
#[derive(Clone, Copy)]
pub struct UrlSigner<'a> {
    /// Access key id.
    pub access_key_id: &'a str,
    /// Token of temporary keys.
    pub security_token: Option<&'a str>,
    /// Beginning of the validity.
    pub time: Timestamp,
    /// Length of the validity.
    pub seconds: u64,
}

impl UrlSigner<'_> {
    /// Signs with V4. `additional` names headers to sign besides those that always are.
    pub fn sign_v4(
        &self,
        request: &SignableRequest<'_>,
        key: &SigningKey,
        scope: &Scope,
        additional: &[&str],
    ) -> SignedQuery {
        let additional = v4::additional_headers(request, additional);
        let mut added = vec![
            ("x-oss-signature-version", v4::ALGORITHM.to_owned()),
            ("x-oss-credential", format!("{}/{}", self.access_key_id, scope.text())),
            ("x-oss-date", self.time.iso_basic()),
            ("x-oss-expires", self.seconds.to_string()),
        ];
        if !additional.is_empty() {
            added.push(("x-oss-additional-headers", additional.clone()));
        }
        added.extend(self.security_token.map(|text| ("x-oss-security-token", text.to_owned())));
        let query = joined(request.query, &added);
        let canonical =
            v4::canonical_request(&SignableRequest { query: &query, ..*request }, &additional);
        let text = v4::string_to_sign(&canonical, scope, &self.time.iso_basic());
        added.push(("x-oss-signature", key.sign(&text)));
        owned(added)
    }

    /// Signs with V1.
    pub fn sign_v1(&self, request: &SignableRequest<'_>, secret: &str) -> SignedQuery {
        let expires = self.time.0.saturating_add(self.seconds).to_string();
        let token = self.security_token.map(|text| ("security-token", text.to_owned()));
        let mut added: Vec<(&str, String)> = token.into_iter().collect();
        let query = joined(request.query, &added);
        let text = v1::string_to_sign(&SignableRequest { query: &query, ..*request }, &expires);
        added.push(("OSSAccessKeyId", self.access_key_id.to_owned()));
        added.push(("Expires", expires));
        added.push(("Signature", v1::hmac_sha1_base64(secret, &text)));
        owned(added)
    }
}

fn joined<'a>(
    query: &[(&'a str, &'a str)],
    added: &'a [(&'a str, String)],
) -> Vec<(&'a str, &'a str)> {
    let added = added.iter().map(|(name, value)| (*name, value.as_str()));
    query.iter().copied().chain(added).collect()
}

fn owned(added: Vec<(&str, String)>) -> SignedQuery {
    added.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
