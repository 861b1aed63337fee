//! How an upload asks for encryption (spec: put-object.md 1). Nothing is encrypted; what was asked for
//! is kept and said.

use hyper::HeaderMap;

use super::upload_headers::text;
use crate::error::OssError;
use crate::error::catalogue::{invalid_argument, invalid_encryption_algorithm};

const METHOD: &str = "x-oss-server-side-encryption";
const ALGORITHM: &str = "x-oss-server-side-data-encryption";
const KEY_ID: &str = "x-oss-server-side-encryption-key-id";
/// Stored with the object.
pub(super) const ENCRYPTION_HEADERS: [&str; 3] = [METHOD, ALGORITHM, KEY_ID];

const METHODS: &[&str] = &["AES256", "KMS", "SM4"];

/// A key, and an algorithm for its data, make sense with KMS only.
pub(super) fn check(headers: &HeaderMap) -> Result<(), OssError> {
    let method = text(headers, METHOD);
    let algorithm = text(headers, ALGORITHM);
    if method.as_deref().is_some_and(|method| !METHODS.contains(&method))
        || algorithm.as_deref().is_some_and(|algorithm| algorithm != "SM4")
    {
        return Err(invalid_encryption_algorithm());
    }
    let of_kms = [ALGORITHM, KEY_ID].into_iter().find(|name| headers.contains_key(*name));
    match of_kms {
        Some(name) if method.as_deref() != Some("KMS") => {
            let message = format!("The {name} header is valid only with KMS.");
            Err(invalid_argument(message).argument(name, text(headers, name).unwrap_or_default()))
        }
        _ => Ok(()),
    }
}
