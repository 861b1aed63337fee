//! Signatures of forms (spec: post-object.md 5, 6): what is signed is the text of the `policy` field,
//! which is the Base64 of the policy.

use super::v1;
use super::v4::SigningKey;

/// Value of the field `x-oss-signature`.
pub fn sign_v4(policy: &str, key: &SigningKey) -> String {
    key.sign(policy)
}

/// Value of the field `Signature`.
pub fn sign_v1(policy: &str, secret: &str) -> String {
    v1::hmac_sha1_base64(secret, policy)
}
