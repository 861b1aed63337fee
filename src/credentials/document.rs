//! JSON documents with keys, as the metadata service, STS, and external processes write them.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::provider::{Expiration, Fetched, unusable};
use crate::error::Result;
use crate::text::quoted;
use crate::time::Timestamp;

/// More than any document with keys.
pub(super) const MAX_DOCUMENT: usize = 64 * 1024;

/// Keys of a document. The lowercase names are those of the command line tool
/// (spec: credentials.md 7).
#[derive(Deserialize)]
pub(super) struct KeyDocument {
    #[serde(alias = "AccessKeyId")]
    access_key_id: Option<Zeroizing<String>>,
    #[serde(alias = "AccessKeySecret")]
    access_key_secret: Option<Zeroizing<String>>,
    #[serde(alias = "SecurityToken")]
    sts_token: Option<Zeroizing<String>>,
    #[serde(alias = "Expiration")]
    expiration: Option<String>,
    #[serde(alias = "Code")]
    pub(super) code: Option<String>,
}

impl KeyDocument {
    /// Refuses keys that are not temporary.
    pub(super) fn check_temporary(&self, who: &str) -> Result<()> {
        let is_there = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
        let missing = match &self.sts_token {
            _ if !is_there(self.expiration.as_deref()) => "Expiration",
            token if !is_there(token.as_ref().map(|text| text.as_str())) => "SecurityToken",
            _ => return Ok(()),
        };
        Err(unusable(format!("{who}: the answer has no {missing}")))
    }

    pub(super) fn into_fetched(self, who: &str, server_time: Option<Timestamp>) -> Result<Fetched> {
        let expiration = match self.expiration.as_deref() {
            None | Some("") => Expiration::Never,
            Some(text) => {
                let moment = Timestamp::parse_iso(text).ok_or_else(|| {
                    unusable(format!(
                        "{who}: the expiration {} is not of the form 2023-12-16T17:20:57Z (RFC 3339)",
                        quoted(text)
                    ))
                })?;
                Expiration::At { moment, server_time }
            }
        };
        let texts = [self.access_key_id, self.access_key_secret, self.sts_token];
        Fetched::from_texts(who, texts, expiration)
    }
}

/// Parses a document. The fault says where it is, and never repeats the text: it holds secrets.
pub(super) fn parse<T: DeserializeOwned>(text: &[u8]) -> std::result::Result<T, String> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    serde_json::from_slice(text).map_err(|error| {
        let fault = match error.classify() {
            serde_json::error::Category::Data => "a value of the wrong kind",
            _ => "no proper JSON",
        };
        format!("{fault} at line {}, column {}", error.line(), error.column())
    })
}
