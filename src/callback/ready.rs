//! A callback parameter that the caller wrote as JSON text (spec: callback.md 2 and 9).

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::check::Check;
use super::json::{byte_offset, plain_reason, read_object};
use super::{BodyType, Problem, Sni, template, url};
use crate::text::quoted;

const FIELD: &str = "callback.parameter";
const INVALID_JSON: &str = "0007-00000003";
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

/// What ready JSON text says, as far as it can be used.
pub(super) struct Ready {
    object: Option<Map<String, Value>>,
}

/// The body that it asks for.
pub(super) type Body = Option<(String, BodyType)>;

impl Ready {
    /// Reads the text. A member that is given twice counts as the last one.
    pub(super) fn read(text: &str, check: &mut Check) -> Self {
        let expected = "an object with a callbackUrl and a callbackBody";
        let members = match read_object::<Value>(text, expected) {
            Ok(members) => members,
            Err(error) => {
                let rule =
                    format!("is not a JSON object, nor Base64 of it: {}", plain_reason(&error));
                let cure = "write {\"callbackUrl\":\"http://app.example.com/\",\"callbackBody\":\
                            \"object=${object}\"}";
                let problem = Problem::new(FIELD, Some(INVALID_JSON), &rule, cure);
                check.refuse(problem.at(byte_offset(text, &error)));
                return Self { object: None };
            }
        };
        let mut seen = HashSet::new();
        for (name, _) in members.iter().filter(|(name, _)| !seen.insert(name)) {
            let rule =
                format!("{} is given twice, and readers differ in which they take", quoted(name));
            check.refuse(Problem::new(FIELD, Some(INVALID_JSON), &rule, "leave one of them out"));
        }
        Self { object: Some(members.into_iter().collect()) }
    }

    /// Whether a member is this text.
    pub(super) fn says(&self, name: &str, text: Option<&str>) -> bool {
        self.get(name).and_then(Value::as_str) == text
    }

    pub(super) fn says_sni(&self, sni: Sni) -> bool {
        self.get("callbackSNI").and_then(Value::as_bool) == Some(sni == Sni::On)
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.object.as_ref()?.get(name)
    }

    /// Checks the members in the order in which the service does. A policy of the bucket says by itself
    /// where the service calls, and with what.
    pub(super) fn check(&self, check: &mut Check) -> Body {
        let members = Members { object: self.object.as_ref()? };
        members.check_names(check);
        if let Some(policy) = members.object.get("callbackPolicy") {
            check_policy(policy, check);
            return None;
        }
        let list = members.required("callbackUrl", url::INVALID_URL, url::INVALID_URL, check);
        let any_https =
            list.is_some_and(|list| url::check_list(&member("callbackUrl"), list, check));
        if let Some(host) = members.text("callbackHost", "0007-00000009", check) {
            url::check_host(&member("callbackHost"), host, check);
        }
        let body_type = members.body_type(check);
        let body = members.required("callbackBody", "0007-00000010", "0007-00000011", check);
        if let Some(body) = body {
            template::check(&member("callbackBody"), body, body_type, check);
        }
        members.check_sni(any_https, check);
        members.check_signature_version(check);
        members.check_additional_headers(check);
        Some((body?.to_owned(), body_type?))
    }
}

/// A stored policy of the bucket is named instead of everything else (spec: callback.md 2).
fn check_policy(policy: &Value, check: &mut Check) {
    if policy.as_str().is_none_or(str::is_empty) {
        let rule = "must be the name of a callback policy of the bucket";
        let cure = "write it as a string, or leave callbackPolicy out";
        check.refuse(Problem::new(&member("callbackPolicy"), None, rule, cure));
    }
}

fn member(name: &str) -> String {
    format!("{FIELD}: {name}")
}

struct Members<'a> {
    object: &'a Map<String, Value>,
}

impl<'a> Members<'a> {
    fn check_names(&self, check: &mut Check) {
        for unknown in self.object.keys().filter(|name| !MEMBERS.contains(&name.as_str())) {
            let cure = match MEMBERS.iter().find(|known| known.eq_ignore_ascii_case(unknown)) {
                Some(right) => format!("it is written {right}"),
                None => format!("OSS knows {}", MEMBERS.join(", ")),
            };
            let rule = format!("has {}, which OSS would pass over", quoted(unknown));
            check.mistake(Problem::new(FIELD, None, &rule, &cure));
        }
    }

    /// A text that may be left out. `ec` is that of another type.
    fn text(&self, name: &str, ec: &'static str, check: &mut Check) -> Option<&'a str> {
        let cure = match self.object.get(name)? {
            Value::String(text) => return Some(text),
            Value::Object(_) => {
                "a JSON body is JSON text inside a string, with \\\" for its quotes"
            }
            _ => "write quotes around it",
        };
        check.refuse(Problem::new(&member(name), Some(ec), "must be a string", cure));
        None
    }

    fn required(
        &self,
        name: &str,
        type_ec: &'static str,
        missing_ec: &'static str,
        check: &mut Check,
    ) -> Option<&'a str> {
        if !self.object.contains_key(name) {
            let cure = format!("add \"{name}\":\"...\"");
            check.refuse(Problem::new(&member(name), Some(missing_ec), "is missing", &cure));
        }
        self.text(name, type_ec, check)
    }

    /// None when it is at fault.
    fn body_type(&self, check: &mut Check) -> Option<BodyType> {
        const NAME: &str = "callbackBodyType";
        if !self.object.contains_key(NAME) {
            return Some(BodyType::default());
        }
        let text = self.text(NAME, "0007-00000012", check)?;
        let known = BodyType::of_mime(text);
        if known.is_none() {
            let [url_encoded, json] = [BodyType::UrlEncoded, BodyType::Json].map(BodyType::mime);
            let rule = format!("{} is not \"{url_encoded}\" or \"{json}\"", quoted(text));
            let cure = "write one of them, without anything behind it";
            check.refuse(Problem::new(&member(NAME), Some("0007-00000013"), &rule, cure));
        }
        known
    }

    /// The service leaves the name of the host out of the TLS handshake unless it is told.
    fn check_sni(&self, any_https: bool, check: &mut Check) {
        let field = member("callbackSNI");
        match self.object.get("callbackSNI") {
            Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) if any_https => check.warn(without_sni(&field)),
            Some(Value::Bool(false)) => {}
            Some(_) => {
                let rule = "must be true or false";
                check.refuse(Problem::new(&field, None, rule, "write it without quotes"));
            }
            None if any_https => {
                let rule = "is missing, though a URL is https: a server with several certificates \
                            then answers with the wrong one";
                let cure = "write \"callbackSNI\":true, or false if that is meant";
                check.mistake(Problem::new(&field, None, rule, cure));
            }
            None => {}
        }
    }

    fn check_signature_version(&self, check: &mut Check) {
        if let None | Some(Some("1.0" | "2.0")) =
            self.object.get("signatureVersion").map(Value::as_str)
        {
            return;
        }
        let rule = "must be the string \"1.0\" or \"2.0\"";
        let cure = "leave it out for \"1.0\"";
        check.refuse(Problem::new(&member("signatureVersion"), Some("0007-00000019"), rule, cure));
    }

    fn check_additional_headers(&self, check: &mut Check) {
        let mut refuse = |(ec, rule, cure): HeaderFault| {
            check.refuse(Problem::new(&member("additionalHeaders"), Some(ec), &rule, cure));
        };
        let headers = match self.object.get("additionalHeaders") {
            None => return,
            Some(Value::Object(headers)) => headers,
            Some(_) => {
                let cure = "write {\"name\":\"value\"}";
                return refuse(("0007-00000021", "must be an object".to_owned(), cure));
            }
        };
        if headers.len() > MAX_ADDITIONAL_HEADERS {
            let rule = format!("has {} entries; the service takes 10", headers.len());
            refuse(("0007-00000022", rule, "leave some out"));
        }
        let faults =
            headers.iter().filter_map(|(name, value)| additional_header_fault(name, value));
        faults.for_each(refuse);
    }
}

/// What a server with several certificates does.
pub(super) fn without_sni(field: &str) -> Problem {
    let rule = "is off, though a URL is https: a server with several certificates then answers with the \
                wrong one";
    Problem::new(field, None, rule, "switch it on, unless your server has one certificate only")
}

/// EC, rule and cure.
type HeaderFault = (&'static str, String, &'static str);

fn additional_header_fault(name: &str, value: &Value) -> Option<HeaderFault> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let is_value = value.as_str().is_some_and(|text| !text.contains(['\r', '\n']));
    let quoted = quoted(name);
    if name.is_empty() {
        Some(("0007-00000023", "has an empty name".to_owned(), "give the header a name"))
    } else if !name.bytes().all(allowed) {
        let rule = format!("{quoted} may hold only a-z, 0-9 and '-'");
        Some(("0007-00000024", rule, "write it in lowercase, without other characters"))
    } else if name.starts_with("x-oss-") {
        let rule = format!("{quoted} begins with x-oss-, which belongs to OSS");
        Some(("0007-00000026", rule, "give the header another name"))
    } else if !is_value {
        let rule = format!("the value of {quoted} must be a string without line breaks");
        Some(("0007-00000025", rule, "write it on one line, in quotes"))
    } else {
        None
    }
}
