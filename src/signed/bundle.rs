//! What was signed, as text: the way from the one who has keys to the device that has none.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::{SignedForm, SignedRequest};
use crate::error::{Error, Result, Status};
use crate::text::quoted;

/// Changes when older libraries could not use the bundle any more.
const VERSION: u32 = 1;
/// Longer than what the longest URL, or form, comes to.
const MAX_BUNDLE: usize = 256 * 1024;
/// More than the metadata of an object can be.
const MAX_HEADERS: usize = 1000;

/// A signed request or form.
#[derive(Debug, Clone)]
pub(crate) enum Bundle {
    Request(SignedRequest),
    Form(SignedForm),
}

/// The JSON text. Members that a later library adds are passed over.
#[derive(Serialize, Deserialize)]
struct Text {
    ossbind: u32,
    method: String,
    url: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, String>,
    expires: u64,
}

/// What every version has.
#[derive(Deserialize)]
struct Version {
    ossbind: u32,
}

impl Bundle {
    pub(crate) fn to_json(&self) -> String {
        let map = |pairs: &[(String, String)]| pairs.iter().cloned().collect();
        let text = match self {
            Self::Request(request) => Text {
                ossbind: VERSION,
                method: request.method.clone(),
                url: request.url.clone(),
                headers: map(&request.headers),
                fields: BTreeMap::new(),
                expires: request.expires,
            },
            Self::Form(form) => Text {
                ossbind: VERSION,
                method: "POST".to_owned(),
                url: form.url.clone(),
                headers: BTreeMap::new(),
                fields: map(&form.fields),
                expires: form.expires,
            },
        };
        serde_json::to_string(&text).expect("texts and numbers always serialize")
    }

    /// Reads a bundle. The text is never repeated in messages.
    pub(crate) fn parse(json: &str) -> Result<Self> {
        if json.len() > MAX_BUNDLE {
            return Err(Error::invalid("bundle", "has more than 256 KiB"));
        }
        let fault = |error: serde_json::Error| fault_of(json, &error);
        check_version(serde_json::from_str(json).map_err(fault)?)?;
        let text: Text = serde_json::from_str(json).map_err(fault)?;
        if text.headers.len() > MAX_HEADERS {
            let count = text.headers.len();
            let fault =
                format!("has {count} headers; more than {MAX_HEADERS} are no request of OSS");
            return Err(Error::invalid("bundle", fault));
        }
        let pairs = |map: BTreeMap<String, String>| map.into_iter().collect();
        match (text.fields.is_empty(), text.headers.is_empty()) {
            (false, false) => Err(Error::invalid("bundle", "has headers and fields; use one")),
            (false, true) if text.method != "POST" => Err(Self::other_method(&text.method)),
            (false, true) => {
                let (url, expires) = (text.url, text.expires);
                Ok(Self::Form(SignedForm { url, fields: pairs(text.fields), expires }))
            }
            (true, _) => Ok(Self::Request(SignedRequest {
                method: text.method,
                url: text.url,
                headers: pairs(text.headers),
                expires: text.expires,
            })),
        }
    }

    /// For a method that stores no object.
    pub(crate) fn other_method(method: &str) -> Error {
        let fault = format!(
            "is for a {} request; an upload needs one that was presigned for PUT, or a form",
            quoted(method)
        );
        Error::invalid("bundle", fault)
    }
}

/// Comes first: a newer bundle may lack what this version must have.
fn check_version(Version { ossbind }: Version) -> Result<()> {
    if ossbind == VERSION {
        return Ok(());
    }
    let message = format!(
        "bundle: its version is {ossbind}, and ossbind {} knows {VERSION} only; use a newer library",
        crate::VERSION
    );
    Err(Error::new(Status::UnknownField, message).with_field("bundle"))
}

fn fault_of(json: &str, error: &serde_json::Error) -> Error {
    let at = byte_offset(json, error.line(), error.column());
    let what = match error.classify() {
        serde_json::error::Category::Data => {
            "has not the members of a bundle (ossbind, method, url, headers or fields, expires)"
        }
        _ => "is not JSON; give the text of the bundle as it was made",
    };
    Error::invalid("bundle", format!("{what}; the fault is at byte {at}")).with_offset(Some(at))
}

/// Lines and columns count from 1, columns in bytes.
fn byte_offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    before + column.saturating_sub(1)
}
