//! The fields of the body of a callback: url-encoded or JSON (spec: callback.md 5).

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::callback::{BodyType, read_object};
use crate::error::{Error, Result, Status};

/// Names and values in the order of the body. Types other than form and JSON have none.
pub(super) fn read(content_type: &str, body: &[u8]) -> Result<Vec<(String, String)>> {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let fields = match BodyType::of_mime(&media_type.to_ascii_lowercase()) {
        Some(BodyType::Json) => of_json(body)?,
        Some(BodyType::UrlEncoded) => of_form(body),
        None => Vec::new(),
    };
    Ok(fields.into_iter().map(without_quotes).collect())
}

fn of_form(body: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(body);
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (form_decoded(name), form_decoded(value))
        })
        .collect()
}

/// A blank may come as `+` or as `%20`.
fn form_decoded(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8_lossy().into_owned()
}

/// Texts as they are, all else as JSON.
fn of_json(body: &[u8]) -> Result<Vec<(String, String)>> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let malformed = |reason: String| {
        let message = format!(
            "the signature is right, but the body is not a JSON object ({reason}): look at the \
             callback's body template; a variable of an image is empty when the object is none"
        );
        Error::new(Status::Malformed, message)
    };
    let text = std::str::from_utf8(body).map_err(|error| malformed(error.to_string()))?;
    let members = read_object::<Value>(text, "an object").map_err(|e| malformed(e.to_string()))?;
    let plain = |value: Value| match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    };
    Ok(members.into_iter().map(|(name, value)| (name, plain(value))).collect())
}

/// Whether OSS puts quotes around an ETag is not documented (spec: callback.md 5.4).
fn without_quotes((name, value): (String, String)) -> (String, String) {
    let inside = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    match inside.filter(|_| name.eq_ignore_ascii_case("etag")) {
        Some(inside) => (name, inside.to_owned()),
        None => (name, value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "application/x-www-form-urlencoded";
    const JSON: &str = "application/json; charset=utf-8";

    fn fields(content_type: &str, body: &str) -> Vec<(String, String)> {
        read(content_type, body.as_bytes()).unwrap()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn forms() {
        let body = "object=a%2Fb+c%20d%2B.jpg&size=10&etag=%22AB%22&e&=x&&x=%E4%BD%A0=1";
        let expected = pairs(&[
            ("object", "a/b c d+.jpg"),
            ("size", "10"),
            ("etag", "AB"),
            ("e", ""),
            ("", "x"),
            ("x", "你=1"),
        ]);
        assert_eq!(fields(FORM, body), expected);
        assert_eq!(fields(FORM, ""), []);
    }

    #[test]
    fn json() {
        let body = "\u{FEFF}{\"object\":\"a+b\",\"size\":114020,\"etag\":\"\\\"AB\\\"\",\"n\":null,\
                    \"more\":{\"a\":[1]},\"big\":18446744073709551615}";
        let expected = pairs(&[
            ("object", "a+b"),
            ("size", "114020"),
            ("etag", "AB"),
            ("n", ""),
            ("more", "{\"a\":[1]}"),
            ("big", "18446744073709551615"),
        ]);
        assert_eq!(fields(JSON, body), expected);
        for body in ["", "[]", "{\"w\":}", "{} x"] {
            let error = read(JSON, body.as_bytes()).unwrap_err();
            assert_eq!(error.status(), Status::Malformed, "{body}");
        }
    }

    #[test]
    fn other_types_have_no_fields() {
        assert_eq!(fields("text/plain", "object=a"), []);
        assert_eq!(fields("", "object=a"), []);
    }
}
