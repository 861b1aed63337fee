//! A callback parameter that the caller wrote as JSON text (spec: callback.md 2 and 9).

use std::borrow::Cow;
use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::template::{self, byte_offset, plain_reason};
use super::{Audience, BodyType, Problem, url};
use crate::text::quoted;

const FIELD: &str = "callback.parameter";
const MAX_ADDITIONAL_HEADERS: usize = 10;

/// Checks ready JSON text in the order in which the service does.
pub(super) fn check(
    text: &str,
    audience: Audience,
    rules: &template::Rules<'_>,
    out: &mut Vec<Problem>,
) {
    let object = match serde_json::from_str(text) {
        Ok(Value::Object(object)) => object,
        Ok(_) => {
            let message = "is JSON, but not an object with a callbackUrl and a callbackBody";
            return out.push(Problem::new(FIELD, "0007-00000003", message));
        }
        Err(error) => return out.push(not_json(text, &error)),
    };
    if let Some(name) = repeated_member(text) {
        let message =
            format!("{} is given twice, and readers differ in which they take", quoted(&name));
        return out.push(Problem::new(FIELD, "0007-00000003", message));
    }
    if object.contains_key("callbackPolicy") {
        return check_policy(&object, out);
    }
    check_urls(&object, audience, out);
    check_host(&object, out);
    let body_type = check_body_type(&object, out);
    check_body(&object, body_type, rules, out);
    check_sni(&object, out);
    check_signature_version(&object, out);
    check_additional_headers(&object, out);
}

fn member(name: &str) -> String {
    format!("{FIELD}: {name}")
}

/// The JSON text of a parameter, which may be in Base64, as the vendor's SDKs make it.
pub(super) fn plain(parameter: &str) -> Cow<'_, str> {
    if parameter.trim_start().starts_with('{') {
        return parameter.into();
    }
    let decoded =
        BASE64.decode(parameter.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.map_or(parameter.into(), Cow::Owned)
}

/// Where the service calls; empty when a policy of the bucket says so.
pub(super) fn urls(text: &str) -> String {
    let object: Option<Value> = serde_json::from_str(text).ok();
    object.and_then(|object| object["callbackUrl"].as_str().map(str::to_owned)).unwrap_or_default()
}

fn not_json(text: &str, error: &serde_json::Error) -> Problem {
    let message = format!("is not JSON, nor Base64 of it: {}", plain_reason(error));
    Problem::new(FIELD, "0007-00000003", message).at(byte_offset(
        text,
        error.line(),
        error.column(),
    ))
}

/// A name that the object has more than once.
fn repeated_member(text: &str) -> Option<String> {
    struct Repeated(Option<String>);
    impl<'de> Visitor<'de> for Repeated {
        type Value = Option<String>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut seen = HashSet::new();
            while let Some((name, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
                if !seen.insert(name.clone()) {
                    self.0 = Some(name);
                }
            }
            Ok(self.0)
        }
    }
    serde_json::Deserializer::from_str(text).deserialize_map(Repeated(None)).ok().flatten()
}

/// A stored policy of the bucket is named instead of everything else (spec: callback.md 2).
fn check_policy(object: &Map<String, Value>, out: &mut Vec<Problem>) {
    if object["callbackPolicy"].as_str().is_none_or(str::is_empty) {
        let message = "must be the name of a callback policy of the bucket";
        out.push(Problem::new(member("callbackPolicy"), None, message));
    }
}

fn check_urls(object: &Map<String, Value>, audience: Audience, out: &mut Vec<Problem>) {
    let field = member("callbackUrl");
    match object.get("callbackUrl") {
        Some(Value::String(list)) => url::check_list(&field, list, audience, out),
        Some(_) => out.push(Problem::new(field, "0007-00000004", "must be a string")),
        None => out.push(Problem::new(field, "0007-00000004", "is missing")),
    }
}

fn check_host(object: &Map<String, Value>, out: &mut Vec<Problem>) {
    let field = member("callbackHost");
    match object.get("callbackHost") {
        None => {}
        Some(Value::String(host)) => url::check_host(&field, host, out),
        Some(_) => out.push(Problem::new(field, "0007-00000009", "must be a string")),
    }
}

fn check_body_type(object: &Map<String, Value>, out: &mut Vec<Problem>) -> BodyType {
    let field = member("callbackBodyType");
    match object.get("callbackBodyType") {
        None => BodyType::UrlEncoded,
        Some(Value::String(text)) if text == BodyType::UrlEncoded.mime() => BodyType::UrlEncoded,
        Some(Value::String(text)) if text == BodyType::Json.mime() => BodyType::Json,
        Some(Value::String(text)) => {
            let message = format!(
                "{} is not \"{}\" or \"{}\"",
                quoted(text),
                BodyType::UrlEncoded.mime(),
                BodyType::Json.mime()
            );
            out.push(Problem::new(field, "0007-00000013", message));
            BodyType::UrlEncoded
        }
        Some(_) => {
            out.push(Problem::new(field, "0007-00000012", "must be a string"));
            BodyType::UrlEncoded
        }
    }
}

fn check_body(
    object: &Map<String, Value>,
    body_type: BodyType,
    rules: &template::Rules<'_>,
    out: &mut Vec<Problem>,
) {
    let field = member("callbackBody");
    match object.get("callbackBody") {
        Some(Value::String(body)) => template::check(&field, body, body_type, rules, out),
        Some(_) => {
            let message = "must be a string; a JSON body is JSON text inside a string";
            out.push(Problem::new(field, "0007-00000010", message));
        }
        None => out.push(Problem::new(field, "0007-00000011", "is missing")),
    }
}

fn check_sni(object: &Map<String, Value>, out: &mut Vec<Problem>) {
    if object.get("callbackSNI").is_some_and(|value| !value.is_boolean()) {
        out.push(Problem::new(
            member("callbackSNI"),
            None,
            "must be true or false, without quotes",
        ));
    }
}

fn check_signature_version(object: &Map<String, Value>, out: &mut Vec<Problem>) {
    let Some(value) = object.get("signatureVersion") else {
        return;
    };
    if !matches!(value.as_str(), Some("1.0" | "2.0")) {
        let message = "must be the string \"1.0\" or \"2.0\"";
        out.push(Problem::new(member("signatureVersion"), "0007-00000019", message));
    }
}

fn check_additional_headers(object: &Map<String, Value>, out: &mut Vec<Problem>) {
    let field = member("additionalHeaders");
    let headers = match object.get("additionalHeaders") {
        None => return,
        Some(Value::Object(headers)) => headers,
        Some(_) => return out.push(Problem::new(field, "0007-00000021", "must be an object")),
    };
    if headers.len() > MAX_ADDITIONAL_HEADERS {
        let message = format!("has {} entries; the service takes 10", headers.len());
        out.push(Problem::new(&field, "0007-00000022", message));
    }
    for (name, value) in headers {
        if let Some((ec, message)) = additional_header_fault(name, value) {
            out.push(Problem::new(&field, ec, message));
        }
    }
}

fn additional_header_fault(name: &str, value: &Value) -> Option<(&'static str, String)> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if name.is_empty() {
        return Some(("0007-00000023", "has an empty name".to_owned()));
    }
    if !name.bytes().all(allowed) {
        let message = format!("{} may hold only a-z, 0-9 and '-'", quoted(name));
        return Some(("0007-00000024", message));
    }
    if name.starts_with("x-oss-") {
        return Some(("0007-00000026", format!("{} begins with x-oss-", quoted(name))));
    }
    match value.as_str() {
        Some(text) if !text.contains(['\r', '\n']) => None,
        _ => {
            let message =
                format!("the value of {} must be a string without line breaks", quoted(name));
            Some(("0007-00000025", message))
        }
    }
}
