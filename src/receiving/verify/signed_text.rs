//! What the signature of a callback covers (spec: callback-verification.md 1).

use std::borrow::Cow;

use md5::{Digest as _, Md5};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::callback::read_object;
use crate::signing::{encode_key, encode_query};

/// Longer than the body of any callback that its server means to get. A signature that was seen once comes with
/// any body, and reading JSON takes many times its length.
const MAX_SEARCHED: usize = 16 * 1024;

/// The MD5 of what is signed: the path, decoded once; the query as it is, with its `?`; a line feed; the
/// body.
pub(super) fn digest(target: &str, body: &[u8]) -> [u8; 16] {
    let (path, query) = parts(target);
    let mut md5 = Md5::new();
    md5.update(Cow::from(percent_decode_str(path)));
    md5.update(query);
    md5.update(b"\n");
    md5.update(body);
    md5.finalize().into()
}

/// The path, and the query with its `?`.
fn parts(target: &str) -> (&str, &str) {
    target.split_at(target.find('?').unwrap_or(target.len()))
}

/// Whether the path has the line feed that stands before the body in what is signed.
pub(super) fn has_line_feed(target: &str) -> bool {
    percent_decode_str(parts(target).0).any(|byte| byte == b'\n')
}

/// Why the signature does not fit, when what was signed can be found by undoing a usual mistake.
pub(super) fn usual_mistake(signed: [u8; 16], target: &str, body: &[u8]) -> Option<&'static str> {
    if body.len() > MAX_SEARCHED {
        return None;
    }
    let (path, query) = parts(target);
    let fits = |target: &str, body: &[u8]| digest(target, body) == signed;
    let encoded_again = encode_key(path) + query;
    if rewritten(body).iter().any(|original| fits(target, original.as_bytes())) {
        Some(
            "it fits the same body in another form: a parsed or decoded body was passed; pass the bytes \
             that came over the network, before anything reads them",
        )
    } else if !query.is_empty() && fits(path, body) {
        Some(
            "it fits the target without its query: callbackUrl has none, so something on the way has \
             added it; pass the target that OSS has sent",
        )
    } else if fits(&encoded_again, body) {
        Some("it fits the path decoded once less: pass the target as it was received, not decoded")
    } else {
        None
    }
}

/// The body as OSS may have sent it, if it was read and written again.
fn rewritten(body: &[u8]) -> Vec<String> {
    let Ok(text) = std::str::from_utf8(body) else {
        return Vec::new();
    };
    let trimmed = text.trim_end_matches(['\r', '\n']);
    let mut forms = vec![trimmed.to_owned(), format!("{text}\n")];
    forms.push(match compact_json(text) {
        Some(json) => json,
        None => form_encoded(trimmed),
    });
    forms
}

/// A JSON object without the blanks between its members.
fn compact_json(text: &str) -> Option<String> {
    let members = read_object::<Value>(text, "an object").ok()?;
    let member = |(name, value): (String, Value)| format!("{}:{value}", Value::from(name));
    Some(format!("{{{}}}", members.into_iter().map(member).collect::<Vec<_>>().join(",")))
}

/// A form whose values were decoded, encoded again.
fn form_encoded(text: &str) -> String {
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, value)) => format!("{name}={}", encode_query(value)),
        None => pair.to_owned(),
    };
    text.split('&').map(pair).collect::<Vec<_>>().join("&")
}
