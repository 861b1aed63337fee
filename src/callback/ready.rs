//! A callback parameter that the caller wrote as JSON text (spec: callback.md 2 and 9).

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::json::{byte_offset, plain_reason, read_object};
use super::url::Urls;
use super::{BodyType, Problem, template, url};
use crate::text::quoted;

const FIELD: &str = "callback.parameter";
const MAX_ADDITIONAL_HEADERS: usize = 10;

/// All that the service reads, in this spelling only.
const MEMBERS: [&str; 8] = [
    "callbackUrl",
    "callbackHost",
    "callbackBody",
    "callbackBodyType",
    "callbackSNI",
    "callbackPolicy",
    "signatureVersion",
    "additionalHeaders",
];

/// Checks ready JSON text in the order in which the service does. A policy of the bucket says by itself
/// where the service calls.
pub(super) fn check(text: &str, rules: &template::Rules<'_>) -> Result<Urls, Problem> {
    let object = Object::read(text)?;
    if !rules.relaxed {
        object.check_names()?;
    }
    if object.0.contains_key("callbackPolicy") {
        object.check_policy()?;
        return Ok(Urls::default());
    }
    let list = object.required("callbackUrl", "0007-00000004", "0007-00000004")?;
    let urls = url::check_list(&member("callbackUrl"), list, rules.relaxed)?;
    if let Some(host) = object.text("callbackHost", "0007-00000009")? {
        url::check_host(&member("callbackHost"), host)?;
    }
    let body_type = object.body_type()?;
    let body = object.required("callbackBody", "0007-00000010", "0007-00000011")?;
    template::check(&member("callbackBody"), body, body_type, rules)?;
    object.check_sni(urls.any_https && !rules.relaxed)?;
    object.check_signature_version()?;
    object.check_additional_headers()?;
    Ok(urls)
}

fn member(name: &str) -> String {
    format!("{FIELD}: {name}")
}

struct Object(Map<String, Value>);

impl Object {
    fn read(text: &str) -> Result<Self, Problem> {
        let expected = "an object with a callbackUrl and a callbackBody";
        let members = read_object::<Value>(text, expected).map_err(|error| {
            let reason = plain_reason(&error);
            let message = format!("is not a JSON object, nor Base64 of it: {reason}");
            Problem::new(FIELD, "0007-00000003", message).at(byte_offset(text, &error))
        })?;
        let mut seen = HashSet::new();
        if let Some((name, _)) = members.iter().find(|(name, _)| !seen.insert(name)) {
            let message =
                format!("{} is given twice, and readers differ in which they take", quoted(name));
            return Err(Problem::new(FIELD, "0007-00000003", message));
        }
        Ok(Self(members.into_iter().collect()))
    }

    fn check_names(&self) -> Result<(), Problem> {
        let Some(unknown) = self.0.keys().find(|name| !MEMBERS.contains(&name.as_str())) else {
            return Ok(());
        };
        let right = MEMBERS.iter().find(|known| known.eq_ignore_ascii_case(unknown));
        let cure = match right {
            Some(right) => format!("it is written {right}"),
            None => format!("OSS knows {}", MEMBERS.join(", ")),
        };
        let message = format!("has {}, which OSS would pass over; {cure}", quoted(unknown));
        Err(Problem::new(FIELD, None, message))
    }

    /// A text that may be left out. `ec` is that of another type.
    fn text(&self, name: &str, ec: &'static str) -> Result<Option<&str>, Problem> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Object(_)) => {
                let message = "must be a string; a JSON body is JSON text inside a string";
                Err(Problem::new(member(name), ec, message))
            }
            Some(_) => Err(Problem::new(member(name), ec, "must be a string")),
        }
    }

    fn required(
        &self,
        name: &str,
        type_ec: &'static str,
        missing_ec: &'static str,
    ) -> Result<&str, Problem> {
        let text = self.text(name, type_ec)?;
        text.ok_or_else(|| Problem::new(member(name), missing_ec, "is missing"))
    }

    /// A stored policy of the bucket is named instead of everything else (spec: callback.md 2).
    fn check_policy(&self) -> Result<(), Problem> {
        if self.0["callbackPolicy"].as_str().is_some_and(|name| !name.is_empty()) {
            return Ok(());
        }
        let message = "must be the name of a callback policy of the bucket";
        Err(Problem::new(member("callbackPolicy"), None, message))
    }

    fn body_type(&self) -> Result<BodyType, Problem> {
        let types = [BodyType::UrlEncoded, BodyType::Json];
        let Some(text) = self.text("callbackBodyType", "0007-00000012")? else {
            return Ok(BodyType::default());
        };
        types.into_iter().find(|known| known.mime() == text).ok_or_else(|| {
            let [url_encoded, json] = types.map(BodyType::mime);
            let message = format!("{} is not \"{url_encoded}\" or \"{json}\"", quoted(text));
            Problem::new(member("callbackBodyType"), "0007-00000013", message)
        })
    }

    /// The service leaves the name of the host out of the TLS handshake unless it is told.
    fn check_sni(&self, must_be_said: bool) -> Result<(), Problem> {
        let message = match self.0.get("callbackSNI") {
            Some(Value::Bool(_)) => return Ok(()),
            Some(_) => "must be true or false, without quotes",
            None if must_be_said => {
                "is missing, though a URL is https: without \"callbackSNI\":true a server with several \
                 certificates answers with the wrong one; write false if that is meant"
            }
            None => return Ok(()),
        };
        Err(Problem::new(member("callbackSNI"), None, message))
    }

    fn check_signature_version(&self) -> Result<(), Problem> {
        match self.0.get("signatureVersion").map(Value::as_str) {
            None | Some(Some("1.0" | "2.0")) => Ok(()),
            Some(_) => {
                let message = "must be the string \"1.0\" or \"2.0\"";
                Err(Problem::new(member("signatureVersion"), "0007-00000019", message))
            }
        }
    }

    fn check_additional_headers(&self) -> Result<(), Problem> {
        let refuse = |ec, message| Err(Problem::new(member("additionalHeaders"), ec, message));
        let headers = match self.0.get("additionalHeaders") {
            None => return Ok(()),
            Some(Value::Object(headers)) => headers,
            Some(_) => return refuse("0007-00000021", "must be an object".to_owned()),
        };
        if headers.len() > MAX_ADDITIONAL_HEADERS {
            let message = format!("has {} entries; the service takes 10", headers.len());
            return refuse("0007-00000022", message);
        }
        let faults = headers.iter().find_map(|(name, value)| additional_header_fault(name, value));
        faults.map_or(Ok(()), |(ec, message)| refuse(ec, message))
    }
}

fn additional_header_fault(name: &str, value: &Value) -> Option<(&'static str, String)> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let is_value = value.as_str().is_some_and(|text| !text.contains(['\r', '\n']));
    let quoted = quoted(name);
    if name.is_empty() {
        Some(("0007-00000023", "has an empty name".to_owned()))
    } else if !name.bytes().all(allowed) {
        Some(("0007-00000024", format!("{quoted} may hold only a-z, 0-9 and '-'")))
    } else if name.starts_with("x-oss-") {
        Some(("0007-00000026", format!("{quoted} begins with x-oss-")))
    } else if !is_value {
        let message = format!("the value of {quoted} must be a string without line breaks");
        Some(("0007-00000025", message))
    } else {
        None
    }
}
