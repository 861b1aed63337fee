//! Verifies a callback as an application server does (spec: callback-verification.md 3).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::public_keys::PublicKeys;
use crate::callback::signature::verify;
use crate::wire::{Head, RequestLine};

/// Whether the signature of a callback holds.
pub(super) async fn check(
    head: &Head<RequestLine>,
    body: &[u8],
    keys: &PublicKeys,
) -> Result<(), String> {
    // A request without the header is of an older format and signed in the same way.
    if let Some(version) = head.value("x-oss-signature-version").filter(|value| *value != "1.0") {
        return Err(format!("unknown signature version {version}"));
    }
    let signature = decoded(head, "authorization")?;
    let url = String::from_utf8(decoded(head, "x-oss-pub-key-url")?)
        .map_err(|_| "the public key URL is not UTF-8".to_owned())?;
    let key = keys.get(&url).await?;
    let verdict = verify(&key, &head.start.target, body, &signature);
    if verdict.is_ok() {
        return verdict;
    }
    match keys.renewed(&url, &key).await {
        Some(key) => verify(&key, &head.start.target, body, &signature),
        None => verdict,
    }
}

fn decoded(head: &Head<RequestLine>, name: &str) -> Result<Vec<u8>, String> {
    let value = head.value(name).ok_or_else(|| format!("the {name} header is missing"))?;
    STANDARD.decode(value.trim()).map_err(|_| format!("the {name} header is not Base64"))
}
