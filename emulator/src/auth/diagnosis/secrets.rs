//! Mistakes that are not in the text: another secret, or the right signature written otherwise.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::access_key::AccessKey;

/// Secrets that might have signed instead, with what that means.
pub(super) fn others(
    access_key_id: &str,
    secret: &str,
    access_keys: &[AccessKey],
) -> Vec<(String, String)> {
    let blank = "The secret was used with white space around it; cut it off where it is read.";
    let quotes = "The secret was used with quotation marks around it.";
    let mut secrets: Vec<(String, String)> = [
        (blank, format!("{secret}\n")),
        (blank, format!("{secret}\r\n")),
        (blank, format!("{secret} ")),
        (blank, format!(" {secret}")),
        (quotes, format!("\"{secret}\"")),
        (quotes, format!("'{secret}'")),
        ("The secret was empty.", String::new()),
        ("The id of the key was used as its secret.", access_key_id.to_owned()),
    ]
    .map(|(cause, secret)| (cause.to_owned(), secret))
    .into();
    let foreign = access_keys.iter().filter(|key| key.id != access_key_id);
    secrets.extend(foreign.map(|key| {
        (format!("The secret is that of the access key {}.", key.id), key.secret.clone())
    }));
    secrets
}

/// What is wrong with the way in which the right signature is written.
pub(super) fn misspelt(given: &str, expected: &str) -> Option<&'static str> {
    if given.eq_ignore_ascii_case(expected) && is_hex(expected) {
        return Some("The signature has uppercase digits; V4 wants lowercase ones.");
    }
    if given.replace(' ', "+") == expected {
        return Some("A + of the signature came unencoded in the URL, where it means a blank.");
    }
    if is_hex(expected) {
        let wrong = from_base64(given).map(|bytes| hex(&bytes));
        return (wrong.as_deref() == Some(expected))
            .then_some("The signature is in Base64; V4 wants hexadecimal digits.");
    }
    let wrong = from_base64(expected).map(|bytes| hex(&bytes));
    wrong
        .is_some_and(|wrong| wrong.eq_ignore_ascii_case(given))
        .then_some("The signature is in hexadecimal digits; V1 wants Base64.")
}

pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

fn is_hex(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
