//! What was signed, as text: the way from the one who has keys to the device that has none.

use serde_json::{Map, Value};

use super::{Kind, Signed};
use crate::error::{Error, Result, Status};
use crate::record::{Record, put, record};
use crate::text::quoted;

/// Changes when older libraries could not use the bundle any more.
const VERSION: u32 = 1;
/// Longer than what the longest URL, or form, comes to.
const MAX_BUNDLE: usize = 256 * 1024;
/// More than the metadata of an object can be.
const MAX_HEADERS: usize = 1000;

/// The JSON text. Members that a later library adds are passed over.
struct Text {
    ossbind: u32,
    method: String,
    url: String,
    headers: Pairs,
    fields: Pairs,
    expires: u64,
}

/// Names and values, as an object.
#[derive(Default)]
struct Pairs(Vec<(String, String)>);

impl Record for Pairs {
    fn to_json(&self) -> Value {
        let mut object = Map::new();
        for (name, value) in &self.0 {
            put(&mut object, name, value);
        }
        if object.is_empty() { Value::Null } else { object.into() }
    }

    fn from_json(json: Value) -> Option<Self> {
        let pair = |(name, value)| Some((name, String::from_json(value)?));
        match json {
            Value::Null => Some(Self::default()),
            Value::Object(object) => object.into_iter().map(pair).collect::<Option<_>>().map(Self),
            _ => None,
        }
    }
}

record!(Text { ossbind, method, url, headers, fields, expires });

impl Signed {
    /// JSON text for a browser or a device, with which it can upload in one call. None when the
    /// signature is in a header: such a request is to be sent at once.
    pub fn to_bundle(&self) -> Option<String> {
        let pairs = Pairs(self.pairs.clone());
        let (headers, fields) = match self.kind {
            Kind::Url => (pairs, Pairs::default()),
            Kind::Form => (Pairs::default(), pairs),
            Kind::Headers => return None,
        };
        let text = Text {
            ossbind: VERSION,
            method: self.method.clone(),
            url: self.url.clone(),
            headers,
            fields,
            expires: self.expires_at,
        };
        Some(text.to_json().to_string())
    }

    /// Reads a bundle. The text is never repeated in messages.
    pub(crate) fn of_bundle(json: &str) -> Result<Self> {
        if json.len() > MAX_BUNDLE {
            return Err(Error::invalid("bundle", "has more than 256 KiB"));
        }
        let value: Value = serde_json::from_str(json).map_err(|error| no_json(json, &error))?;
        check_version(value["ossbind"].as_u64().ok_or_else(no_bundle)?)?;
        let text = Text::from_json(value).ok_or_else(no_bundle)?;
        if text.headers.0.len() > MAX_HEADERS {
            let count = text.headers.0.len();
            let fault =
                format!("has {count} headers; more than {MAX_HEADERS} are no request of OSS");
            return Err(Error::invalid("bundle", fault));
        }
        let (kind, pairs) = match (text.fields.0.is_empty(), text.headers.0.is_empty()) {
            (false, false) => {
                return Err(Error::invalid("bundle", "has headers and fields; use one"));
            }
            (false, true) => (Kind::Form, text.fields),
            (true, _) => (Kind::Url, text.headers),
        };
        Ok(Self {
            kind,
            method: text.method,
            url: text.url,
            pairs: pairs.0,
            expires_at: text.expires,
        })
    }

    /// Refuses a method that stores no object.
    pub(crate) fn check_method(&self) -> Result<()> {
        let needed = if self.kind == Kind::Form { "POST" } else { "PUT" };
        if self.method == needed {
            return Ok(());
        }
        let fault = format!(
            "is for a {} request; an upload needs a URL that was signed for PUT, or a form",
            quoted(&self.method)
        );
        Err(Error::invalid("bundle", fault))
    }
}

/// Comes first: a newer bundle may lack what this version must have.
fn check_version(version: u64) -> Result<()> {
    if version == u64::from(VERSION) {
        return Ok(());
    }
    let message = format!(
        "bundle: its version is {version}, and ossbind {} knows {VERSION} only; use a newer library",
        crate::VERSION
    );
    Err(Error::new(Status::UnknownField, message).with_field("bundle"))
}

fn no_bundle() -> Error {
    let members = "ossbind, method, url, headers or fields, expires";
    Error::invalid(
        "bundle",
        format!("has not the members of a bundle ({members}), or other values"),
    )
}

fn no_json(json: &str, error: &serde_json::Error) -> Error {
    let at = byte_offset(json, error.line(), error.column());
    let fault = format!(
        "is not JSON; give the text of the bundle as it was made; the fault is at byte {at}"
    );
    Error::invalid("bundle", fault).with_offset(Some(at))
}

/// Lines and columns count from 1, columns in bytes.
fn byte_offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    before + column.saturating_sub(1)
}
