//! What became of an item.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use super::age::Moment;
use super::item::Item;
use crate::error::Error;
use crate::record::{Record, record};
use crate::upload::UploadResult;

/// What became of an item. The numbers are those of the C face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemOutcome {
    /// It is stored, and the application server has answered, if it had a callback.
    Acknowledged = 0,
    /// It is stored; its callback failed, or the answer is lost.
    NotAcknowledged = 1,
    /// It cannot be stored as it is.
    Refused = 2,
    /// It was too old when it was its turn.
    Expired = 3,
    /// It had to make room.
    Dropped = 4,
}

impl Record for ItemOutcome {
    fn to_json(&self) -> Value {
        let name = match self {
            Self::Acknowledged => "acknowledged",
            Self::NotAcknowledged => "not_acknowledged",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Dropped => "dropped",
        };
        name.into()
    }

    fn from_json(json: Value) -> Option<Self> {
        match json.as_str()? {
            "acknowledged" => Some(Self::Acknowledged),
            "not_acknowledged" => Some(Self::NotAcknowledged),
            "refused" => Some(Self::Refused),
            "expired" => Some(Self::Expired),
            "dropped" => Some(Self::Dropped),
            _ => None,
        }
    }
}

/// Longest answer of an application server that a receipt keeps.
const MAX_ANSWER: usize = 64 * 1024;
/// Longest message that a receipt keeps.
const MAX_MESSAGE: usize = 2000;

/// What is written of it.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) outcome: ItemOutcome,
    pub(super) status: i32,
    pub(super) http_status: u16,
    pub(super) etag: Option<String>,
    pub(super) version_id: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) crc64: Option<u64>,
    /// Base64, since it is bytes.
    pub(super) answer: String,
    pub(super) message: Option<String>,
    pub(super) attempts: u32,
    pub(super) told: bool,
    pub(super) at: Moment,
}

record!(Facts {
    outcome,
    status,
    http_status,
    etag,
    version_id,
    request_id,
    crc64,
    answer,
    message,
    attempts,
    told,
    at,
});

impl Facts {
    pub(super) fn new(outcome: ItemOutcome, attempts: u32) -> Self {
        Self {
            outcome,
            status: 0,
            http_status: 0,
            etag: None,
            version_id: None,
            request_id: None,
            crc64: None,
            answer: String::new(),
            message: None,
            attempts,
            told: false,
            at: Moment::now(),
        }
    }

    pub(super) fn with_message(self, message: &str) -> Self {
        let message = message.chars().take(MAX_MESSAGE).collect();
        Self { message: Some(message), ..self }
    }

    pub(super) fn with_error(self, error: &Error) -> Self {
        let facts = self.with_message(error.message());
        Self {
            status: error.status() as i32,
            http_status: error.http_status().unwrap_or(0),
            request_id: error.request_id().map(str::to_owned),
            ..facts
        }
    }

    pub(super) fn with_result(self, result: &UploadResult) -> Self {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let answer = result.callback_answer();
        Self {
            http_status: result.http_status(),
            etag: text(result.etag()),
            version_id: text(result.version_id()),
            request_id: text(result.request_id()).or(self.request_id),
            crc64: result.crc64(),
            answer: BASE64.encode(&answer[..answer.len().min(MAX_ANSWER)]),
            ..self
        }
    }

    /// Without what makes it long.
    pub(super) fn shortened(&self) -> Self {
        Self { answer: String::new(), ..self.clone() }
    }
}

/// What became of an item, and all that an application server needs to know of it.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Of the item.
    pub id: u64,
    /// What became of it.
    pub outcome: ItemOutcome,
    /// That the program gave.
    pub caller_id: Option<String>,
    /// Where it was to go; none for a bundle.
    pub bucket: Option<String>,
    /// Its name; none for a bundle that has it.
    pub key: Option<String>,
    /// That the program gave.
    pub content_type: Option<String>,
    /// Of the body, in bytes.
    pub size: u64,
    /// Names and values of the callback's variables.
    pub variables: Vec<(String, String)>,
    /// Status of the last attempt, by its number; 0 if it was fine.
    pub status: i32,
    /// Of the last answer; 0 for none.
    pub http_status: u16,
    /// ETag without quotes.
    pub etag: Option<String>,
    /// In a versioned bucket.
    pub version_id: Option<String>,
    /// For the service's support.
    pub request_id: Option<String>,
    /// That the service has computed.
    pub crc64: Option<u64>,
    /// What the application server has answered to the callback; the first 64 KiB.
    pub callback_answer: Vec<u8>,
    /// Why it is not as it should be.
    pub message: Option<String>,
    /// Attempts of the process that ended it.
    pub attempts: u32,
    /// Whether the application server was told of it later.
    pub told: bool,
    /// When it ended, in seconds since 1970, if the clock was set.
    pub ended_unix_s: Option<u64>,
}

impl Receipt {
    pub(super) fn new(id: u64, item: &Item, facts: Facts) -> Self {
        let (bucket, key) = item.target.object();
        Self {
            id,
            outcome: facts.outcome,
            caller_id: item.options.caller_id.clone(),
            bucket: bucket.map(str::to_owned),
            key: key.map(str::to_owned),
            content_type: item.content_type().map(str::to_owned),
            size: item.size(),
            variables: item.variables().to_vec(),
            status: facts.status,
            http_status: facts.http_status,
            etag: facts.etag,
            version_id: facts.version_id,
            request_id: facts.request_id,
            crc64: facts.crc64,
            callback_answer: BASE64.decode(&facts.answer).unwrap_or_default(),
            message: facts.message,
            attempts: facts.attempts,
            told: facts.told,
            ended_unix_s: facts.at.unix_s(),
        }
    }
}
