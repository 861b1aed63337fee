//! What an emulator remembers of its requests, callbacks and faults.

mod changes;
mod claim;
pub(crate) mod json;
mod ring;
mod timeline;
pub(crate) mod underway;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use crate::protocol::Operation;
use crate::protocol::SignatureVersion;

pub(crate) use changes::Changes;
pub use claim::{SignatureClaim, SignatureMismatch, SignaturePlace};
pub(crate) use ring::{Ring, Weigh};
pub use timeline::{CallbackTimes, RequestTimes};
pub(crate) use underway::{Underway, UnderwayRequest};

/// A request the emulator has answered, or would have if the connection had lasted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestRecord {
    /// `x-oss-request-id` of the answer.
    pub request_id: String,
    /// When its head had arrived, by the clock of the emulator.
    pub begun: SystemTime,
    /// What took how long.
    pub times: RequestTimes,
    /// Number of the connection, unique within the emulator.
    pub connection: u64,
    /// Address of the client.
    pub peer: SocketAddr,
    /// HTTP method.
    pub method: String,
    /// `Host` header.
    pub host: String,
    /// Path and query as sent.
    pub target: String,
    /// Bucket addressed, if any.
    pub bucket: Option<String>,
    /// Key addressed, decoded, if any.
    pub key: Option<String>,
    /// The operation it asks for; `None` when it asks for none of the service.
    pub operation: Option<Operation>,
    /// The multipart upload it speaks of or, when it is InitiateMultipartUpload, begins.
    pub upload_id: Option<String>,
    /// The number of the part it uploads.
    pub part_number: Option<u32>,
    /// All headers in order, names in lowercase.
    pub headers: Vec<(String, String)>,
    /// Version of the signature that was verified; `None` when none was, or it was wrong.
    pub signature_version: Option<SignatureVersion>,
    /// AccessKeyId the request claims.
    pub access_key_id: Option<String>,
    /// The signature it carries, if it could be read.
    pub signature: Option<SignatureClaim>,
    /// Bytes of the body that arrived.
    pub body_bytes: u64,
    /// The rate, in bits per second, to which its body or that of its answer was held back.
    pub traffic_limit: Option<u64>,
    /// What it has stored: an object that can be seen from now on or, when it is UploadPart, a part.
    pub stored: Option<StoredContent>,
    /// What came of its callback, if it had one that was due.
    pub callback: Option<CallbackResult>,
    /// Status of the answer; 0 when the connection ended before there was one.
    pub status: u16,
    /// OSS error code of the answer.
    pub code: Option<String>,
    /// EC of the answer.
    pub ec: Option<String>,
    /// Headers of the answer.
    pub answer_headers: Vec<(String, String)>,
    /// What the answer says, if it is neither empty nor the content of an object; of a long text the
    /// beginning.
    pub answer_text: Option<String>,
    /// How much of the answer went out.
    pub answer: AnswerFate,
    /// The faults that were taken for it, in the order in which they were added.
    pub faults: Vec<AppliedFault>,
}

/// What a request has stored, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredContent {
    /// Size in bytes.
    pub size: u64,
    /// CRC-64 of the content.
    pub crc64: u64,
}

/// What came of the callback of a request; the [`CallbackRecord`]s of its request id tell more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallbackResult {
    /// Whether it was sent to an application server to its last byte.
    pub delivered: bool,
    /// Whether an answer was accepted.
    pub acknowledged: bool,
}

/// How much of an answer went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerFate {
    /// It is on its way.
    Pending,
    /// The operating system took all of it.
    Sent,
    /// The connection ended before.
    Cut {
        /// How much the operating system took, with the head.
        bytes: u64,
    },
}

/// A fault that was taken for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppliedFault {
    /// Number of the fault.
    pub id: u64,
    /// Its text form.
    pub text: Arc<str>,
    /// Whether it came to that.
    pub happened: bool,
}

/// A fault that has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultRecord {
    /// Number of the fault.
    pub id: u64,
    /// Its text form.
    pub text: Arc<str>,
    /// Number of the connection that it happened on.
    pub connection: u64,
    /// Address of the client.
    pub peer: SocketAddr,
    /// The request, unless it happened before there was one.
    pub request_id: Option<String>,
    /// The operation of the request.
    pub operation: Option<Operation>,
    /// The key of the request.
    pub key: Option<String>,
}

/// A request whose answer may still be on its way.
#[derive(Clone, Debug)]
pub(crate) struct SharedRecord {
    record: Arc<Mutex<RequestRecord>>,
    /// When its head had arrived.
    since: Instant,
}

impl SharedRecord {
    pub(crate) fn new(record: RequestRecord, since: Instant) -> SharedRecord {
        SharedRecord { record: Arc::new(Mutex::new(record)), since }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, RequestRecord> {
        // A panic while the lock was held cannot leave a field half written.
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing will change any more.
    pub(crate) fn end(&self, fate: AnswerFate) {
        let mut record = self.lock();
        record.answer = fate;
        record.times.ended = Some(self.since.elapsed());
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.lock().times.ended.is_some()
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.lock().answer != AnswerFate::Pending
    }
}

impl RequestRecord {
    /// The first value of a header, by its lowercase name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// One URL that was tried for a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallbackRecord {
    /// Request id of the upload.
    pub request_id: String,
    /// The URL, as the client gave it.
    pub url: String,
    /// Headers sent, in order.
    pub headers: Vec<(String, String)>,
    /// `Content-Type` sent.
    pub content_type: String,
    /// The template of the body, as the client gave it.
    pub template: String,
    /// The custom variables of the template, with their `x:`.
    pub variables: BTreeMap<String, String>,
    /// Body sent.
    pub body: String,
    /// Whether all of it was sent to the application server.
    pub delivered: bool,
    /// What the application server answered, if the head of an answer came.
    pub answer: Option<CallbackAnswer>,
    /// What came of it.
    pub outcome: CallbackOutcome,
    /// What took how long.
    pub times: CallbackTimes,
}

/// An answer of an application server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallbackAnswer {
    /// HTTP status.
    pub status: u16,
    /// Headers, as they came.
    pub headers: Vec<(String, String)>,
    /// The body, as far as it was read: that of an answer that is refused by its head may be cut off.
    pub body: Vec<u8>,
}

/// What came of a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallbackOutcome {
    /// The application server's answer was accepted; this is its body.
    Acknowledged {
        /// The body, byte for byte.
        body: Vec<u8>,
    },
    /// It was not.
    Failed {
        /// Message of the 203 document.
        message: String,
        /// EC of the 203 document.
        ec: String,
    },
}

impl Weigh for SharedRecord {
    fn bytes(&self) -> usize {
        let record = self.lock();
        let faults: usize =
            record.faults.iter().map(|fault| size_of_val(fault) + fault.text.len()).sum();
        let mismatch = record.signature.as_ref().and_then(|claim| claim.mismatch.as_ref());
        size_of::<RequestRecord>()
            + record.target.len()
            + header_bytes(&record.headers)
            + header_bytes(&record.answer_headers)
            + record.answer_text.as_ref().map_or(0, String::len)
            + mismatch.map_or(0, SignatureMismatch::bytes)
            + faults
    }
}

impl Weigh for CallbackRecord {
    fn bytes(&self) -> usize {
        let outcome = match &self.outcome {
            CallbackOutcome::Acknowledged { body } => body.len(),
            CallbackOutcome::Failed { message, .. } => message.len(),
        };
        let answer = self.answer.as_ref();
        let variables = self.variables.iter().map(|(name, value)| name.len() + value.len());
        size_of::<Self>()
            + self.url.len()
            + header_bytes(&self.headers)
            + self.template.len()
            + variables.sum::<usize>()
            + self.body.len()
            + answer.map_or(0, |answer| header_bytes(&answer.headers) + answer.body.len())
            + outcome
    }
}

impl Weigh for FaultRecord {
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.text.len() + self.key.as_ref().map_or(0, String::len)
    }
}

pub(crate) fn header_bytes(headers: &[(String, String)]) -> usize {
    headers.iter().map(|(name, value)| name.len() + value.len()).sum()
}
