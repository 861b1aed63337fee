//! What was signed, as text: the way from the one who has keys to the device that has none.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::{Kind, Signed};
use crate::error::{Error, Result, Status};
use crate::text::quoted;

/// Changes when older libraries could not use the bundle any more.
const VERSION: u32 = 1;
/// Longer than what the longest URL, or form, comes to.
const MAX_BUNDLE: usize = 256 * 1024;
/// More than the metadata of an object can be.
const MAX_HEADERS: usize = 1000;

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

impl Signed {
    /// JSON text for a browser or a device, with which it can upload in one call. None when the
    /// signature is in a header: such a request is to be sent at once.
    pub fn to_bundle(&self) -> Option<String> {
        let pairs = self.pairs.iter().cloned().collect();
        let (headers, fields) = match self.kind {
            Kind::Url => (pairs, BTreeMap::new()),
            Kind::Form => (BTreeMap::new(), pairs),
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
        Some(serde_json::to_string(&text).expect("texts and numbers always serialize"))
    }

    /// Reads a bundle. The text is never repeated in messages.
    pub(crate) fn of_bundle(json: &str) -> Result<Self> {
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
        let (kind, pairs) = match (text.fields.is_empty(), text.headers.is_empty()) {
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
            pairs: pairs.into_iter().collect(),
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
