//! Telling the application server again what it may not know: that an object is stored, when its callback
//! failed or what became of it is lost.
//!
//! It is a message of the library, and no callback of OSS: it has other headers, another signature and, if
//! the program wants, another URL. The caller tells again, later, until the server answers 2xx.

use std::fmt;
use std::ops::RangeInclusive;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Serialize, Serializer};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::item::Item;
use super::receipt;
use crate::error::{Error, Result, Status};
use crate::http::{
    Failure, FailureKind, HttpClient, HttpRequest, HttpResponse, Limits, Unwatched, check_url,
};
use crate::text::hex;
use crate::time::Timestamp;
use crate::upload::asked_pause;

/// A shorter key could be guessed; a longer one is a mistake.
const KEY_BYTES: RangeInclusive<usize> = 16..=1024;
/// The body of the answer is of no interest, but a connection is kept only when it was read.
const MAX_ANSWER: usize = 64 * 1024;

/// Whom to tell, and the key by which the server recognizes who does.
pub(crate) struct Teller {
    url: String,
    key: Zeroizing<Vec<u8>>,
}

/// What the server is told of an object. What is not known is left out.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(tag = "objectState", rename = "stored", rename_all = "camelCase")]
pub(crate) struct Facts<'a> {
    /// Of the item.
    pub(crate) id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) caller_id: Option<&'a str>,
    /// Not known of a bundle, as the key may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bucket: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) etag: Option<&'a str>,
    pub(crate) size: u64,
    /// A text: as a number it would lose digits wherever numbers are floating point.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub(crate) crc64: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<&'a str>,
    /// Of the upload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version_id: Option<&'a str>,
    /// Those of the callback, with their names: `x:camera`.
    #[serde(serialize_with = "as_object")]
    pub(crate) variables: &'a [(String, String)],
}

fn as_text<S: Serializer>(
    number: &Option<u64>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_str(&number.unwrap_or_default())
}

fn as_object<S: Serializer>(
    pairs: &[(String, String)],
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}

impl<'a> Facts<'a> {
    pub(super) fn of(id: u64, item: &'a Item, facts: &'a receipt::Facts) -> Self {
        let (bucket, key) = item.target.object();
        Self {
            id,
            caller_id: item.options.caller_id.as_deref(),
            bucket,
            key,
            etag: facts.etag.as_deref(),
            size: item.size(),
            crc64: facts.crc64,
            content_type: item.content_type(),
            request_id: facts.request_id.as_deref(),
            version_id: facts.version_id.as_deref(),
            variables: item.variables(),
        }
    }
}

impl Teller {
    /// `key` is the program's own, and known to its server.
    pub(crate) fn new(url: &str, key: &[u8]) -> Result<Self> {
        check_url(url).map_err(|fault| Error::invalid("tell_url", fault))?;
        if !KEY_BYTES.contains(&key.len()) {
            let (least, most) = (KEY_BYTES.start(), KEY_BYTES.end());
            let fault = format!("has {} bytes; a key has {least} to {most}", key.len());
            return Err(Error::invalid("tell_key", fault));
        }
        Ok(Self { url: url.to_owned(), key: key.to_vec().into() })
    }

    /// Tells it once. What an error says of the object state is about this request, which stores nothing;
    /// its advice and its pause are those of telling.
    pub(crate) fn tell(
        &self,
        http: &HttpClient,
        facts: &Facts<'_>,
        now: Timestamp,
        limits: Limits<'_>,
    ) -> Result<()> {
        let body = serde_json::to_vec(facts).expect("texts and numbers always serialize");
        let timestamp = now.0.to_string();
        let signature = self.signature(&timestamp, &body);
        let request = HttpRequest {
            method: "POST",
            url: &self.url,
            headers: &[
                ("content-type", "application/json"),
                ("x-ossbind-timestamp", &timestamp),
                ("x-ossbind-signature", &signature),
            ],
            content_length: body.len() as u64,
            max_response_body: MAX_ANSWER,
            limits,
        };
        let send = || http.exchange(&request, &mut body.as_slice(), &mut Unwatched);
        let outcome = match send() {
            // The server had closed a kept connection. To be told twice does no harm.
            Err(Failure { kind: FailureKind::Transport, metrics, .. })
                if metrics.reused_connection =>
            {
                send()
            }
            outcome => outcome,
        };
        self.judge(outcome.map_err(failed)?)
    }

    /// Of the time and the body together, so that an old message cannot be given a new time.
    fn signature(&self, timestamp: &str, body: &[u8]) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        let mac = mac.chain_update(timestamp).chain_update(".").chain_update(body);
        format!("v1={}", hex(&mac.finalize().into_bytes()))
    }

    /// The status is the answer, also when its body is cut off.
    fn judge(&self, response: HttpResponse) -> Result<()> {
        let status = response.status;
        let remark = match status {
            // It cannot have checked the signature of what it has not read.
            200..=299 if response.before_end_of_body => " before it had all of the request",
            200..=299 => return Ok(()),
            300..=399 => " (redirections are not followed)",
            _ => "",
        };
        let message = format!("{} answered {status}{remark}; {ONLY_TELLING}", self.host());
        Err(Error::new(Status::BadResponse, message)
            .with_http_status(status)
            .with_retry_after(asked_pause(&response)))
    }

    /// The rest of the URL may have a secret in it.
    fn host(&self) -> &str {
        self.url.split(['/', '?']).nth(2).unwrap_or_default()
    }
}

impl fmt::Debug for Teller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Teller").field("host", &self.host()).finish_non_exhaustive()
    }
}

const ONLY_TELLING: &str =
    "the object is stored, and only telling the application server of it has failed";

fn failed(failure: Failure) -> Error {
    let message = format!("{}; {ONLY_TELLING}", failure.message);
    Error::new(failure.kind.status(), message)
}

#[cfg(test)]
mod tests;
