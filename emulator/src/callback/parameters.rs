//! Decoding and checking the callback parameters (spec: callback.md 2, 3, 9 and 11).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::addresses::Addresses;
use super::carrier::Carried;
use super::fault::fault;
use super::template::{BodyType, Template};
use super::url::CallbackUrl;
use crate::error::OssError;

const MAX_BASE64_BYTES: usize = 5 * 1024;
const MAX_URLS: usize = 5;
const MAX_ADDITIONAL_HEADERS: usize = 10;

/// A callback that can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Callback {
    /// 1 to 5, to be tried in this order.
    pub(crate) urls: Vec<CallbackUrl>,
    pub(crate) host: Option<String>,
    pub(crate) body: Template,
    pub(crate) body_type: BodyType,
    pub(crate) sni: bool,
    pub(crate) additional_headers: Vec<(String, String)>,
    /// The custom variables, with their `x:`.
    pub(crate) variables: BTreeMap<String, String>,
}

impl Callback {
    /// Checks everything, in the order of spec: callback.md 11. Without a callback the variables
    /// have no effect, not even a wrong one.
    pub(crate) async fn prepare(
        carried: &Carried,
        addresses: &Addresses,
    ) -> Result<Option<Callback>, OssError> {
        let Some(text) = &carried.callback else {
            return Ok(None);
        };
        let fields = decode_callback(text)?;
        let urls = read_urls(&fields)?;
        for url in &urls {
            addresses.check(url).await?;
        }
        let host = read_host(&fields)?;
        let body = read_body(&fields)?;
        let body_type = read_body_type(&fields)?;
        check_signature_version(&fields)?;
        let additional_headers = read_additional_headers(&fields)?;
        let variables = match &carried.callback_var {
            Some(text) => decode_variables(text)?,
            None => carried.variables.clone(),
        };
        let body = Template::parse(&body)?;
        let sni = fields.get("callbackSNI") == Some(&Value::Bool(true));
        Ok(Some(Callback { urls, host, body, body_type, sni, additional_headers, variables }))
    }
}

fn decode_callback(text: &str) -> Result<Map<String, Value>, OssError> {
    if text.len() > MAX_BASE64_BYTES {
        return Err(fault(1, "The length of callback exceed max value."));
    }
    let bytes = STANDARD.decode(text).map_err(|_| {
        fault(2, "The callback configuration is not base64 encoded.").argument("callback", text)
    })?;
    serde_json::from_slice(&bytes).map_err(|_| {
        let decoded = String::from_utf8_lossy(&bytes);
        fault(3, "The callback configuration is not json format.").argument("callback", decoded)
    })
}

fn read_urls(fields: &Map<String, Value>) -> Result<Vec<CallbackUrl>, OssError> {
    let refuse = |text: &str| {
        fault(4, "The callback url configuration is invalid.").argument("callbackUrl", text)
    };
    let text = match fields.get("callbackUrl") {
        Some(Value::String(text)) => text.as_str(),
        Some(other) => return Err(refuse(&other.to_string())),
        None => return Err(refuse("")),
    };
    let items: Vec<&str> = text.split(';').map(str::trim).filter(|item| !item.is_empty()).collect();
    if items.is_empty() {
        return Err(refuse(text));
    }
    if items.len() > MAX_URLS {
        let message = "The number of callback url exceed max value.";
        return Err(fault(5, message).argument("callbackUrl", text));
    }
    items.into_iter().map(|item| CallbackUrl::parse(item).ok_or_else(|| refuse(item))).collect()
}

fn read_host(fields: &Map<String, Value>) -> Result<Option<String>, OssError> {
    let message = "The callback host configuration is invalid.";
    match fields.get("callbackHost") {
        None => Ok(None),
        Some(Value::String(host)) if host.is_empty() => Ok(None),
        // Anything else would end the header line before its time.
        Some(Value::String(host)) if host.chars().all(|c| !c.is_control() && c != ' ') => {
            Ok(Some(host.clone()))
        }
        Some(other) => Err(fault(9, message).argument("callbackHost", other.to_string())),
    }
}

fn read_body(fields: &Map<String, Value>) -> Result<String, OssError> {
    match fields.get("callbackBody") {
        Some(Value::String(body)) if !body.is_empty() => Ok(body.clone()),
        None | Some(Value::String(_)) => Err(fault(11, "The callback body is empty.")),
        Some(other) => {
            Err(fault(10, "The callback body is invalid.")
                .argument("callbackBody", other.to_string()))
        }
    }
}

fn read_body_type(fields: &Map<String, Value>) -> Result<BodyType, OssError> {
    match fields.get("callbackBodyType") {
        None => Ok(BodyType::Form),
        Some(Value::String(text)) if text == BodyType::Form.content_type() => Ok(BodyType::Form),
        Some(Value::String(text)) if text == BodyType::Json.content_type() => Ok(BodyType::Json),
        Some(Value::String(text)) => Err(fault(13, "The body type of callback is not supported.")
            .argument("callbackBodyType", text)),
        Some(other) => Err(fault(12, "The callback body type configuration is invalid.")
            .argument("callbackBodyType", other.to_string())),
    }
}

/// "2.0" exists, but what it signs is not published; it is accepted and signed like "1.0" (spec:
/// callback.md 2).
fn check_signature_version(fields: &Map<String, Value>) -> Result<(), OssError> {
    let message = "The callback signature version is invalid.";
    match fields.get("signatureVersion") {
        None => Ok(()),
        Some(Value::String(version)) if version == "1.0" || version == "2.0" => Ok(()),
        Some(Value::String(other)) => Err(fault(20, message).argument("signatureVersion", other)),
        Some(other) => Err(fault(19, message).argument("signatureVersion", other.to_string())),
    }
}

/// The numbers are documented, the texts are not (spec: callback.md 9).
fn read_additional_headers(fields: &Map<String, Value>) -> Result<Vec<(String, String)>, OssError> {
    let refuse = |number, what: &str| {
        Err(fault(number, &format!("The callback additional headers are invalid: {what}.")))
    };
    let headers = match fields.get("additionalHeaders") {
        None => return Ok(Vec::new()),
        Some(Value::Object(headers)) => headers,
        Some(_) => return refuse(21, "not an object"),
    };
    if headers.len() > MAX_ADDITIONAL_HEADERS {
        return refuse(22, "more than 10");
    }
    let mut read = Vec::new();
    for (name, value) in headers {
        let character = |b: u8| b.is_ascii_digit() || b.is_ascii_lowercase() || b == b'-';
        if name.is_empty() {
            return refuse(23, "a name is empty");
        }
        if !name.bytes().all(character) {
            return refuse(
                24,
                "a name has other characters than digits, lowercase letters and '-'",
            );
        }
        match value {
            Value::String(value) if !value.contains(['\r', '\n']) => {
                read.push((name.clone(), value.clone()));
            }
            _ => return refuse(25, "a value is not a string on one line"),
        }
        if name.starts_with("x-oss-") {
            return refuse(26, "a name starts with x-oss-");
        }
    }
    Ok(read)
}

fn decode_variables(text: &str) -> Result<BTreeMap<String, String>, OssError> {
    if text.len() > MAX_BASE64_BYTES {
        return Err(fault(101, "The length of callback var exceed max value."));
    }
    let bytes = STANDARD.decode(text).map_err(|_| {
        // The number is documented, the text follows its sibling for the callback.
        fault(102, "The callback var is not base64 encoded.").argument("callback-var", text)
    })?;
    let variables: BTreeMap<String, String> =
        serde_json::from_slice(&bytes).map_err(|_| unexpected_variables(&bytes))?;
    // Every name is `x:` and something in lowercase (spec: callback.md 3).
    let valid = |name: &String| {
        name.len() > 2 && name.starts_with("x:") && !name.chars().any(char::is_uppercase)
    };
    if variables.keys().all(valid) { Ok(variables) } else { Err(unexpected_variables(&bytes)) }
}

/// The spelling is that of the wire.
fn unexpected_variables(bytes: &[u8]) -> OssError {
    fault(103, "The callback var is not expecten json.")
        .argument("callback-var", String::from_utf8_lossy(bytes))
}

#[cfg(test)]
#[path = "parameters_tests.rs"]
mod tests;
