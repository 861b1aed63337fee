//! What an emulator remembers of its requests and callbacks.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use crate::auth::SignatureVersion;

/// A request the emulator has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestRecord {
    /// `x-oss-request-id` of the answer.
    pub request_id: String,
    /// Address of the client; equal ports mean the same connection.
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
    /// All headers in order, names in lowercase.
    pub headers: Vec<(String, String)>,
    /// Version of the signature that was verified; `None` when none was, or it was wrong.
    pub signature_version: Option<SignatureVersion>,
    /// AccessKeyId the request claims.
    pub access_key_id: Option<String>,
    /// Bytes of the body that arrived.
    pub body_bytes: u64,
    /// Status of the answer.
    pub status: u16,
    /// OSS error code of the answer.
    pub code: Option<String>,
    /// EC of the answer.
    pub ec: Option<String>,
}

impl RequestRecord {
    /// The first value of a header, by its lowercase name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
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
    /// Body sent, at most its first MiB.
    pub body: String,
    /// What came of it.
    pub outcome: CallbackOutcome,
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

/// The newest records, up to a limit.
#[derive(Debug)]
pub(crate) struct Ring<T> {
    limit: usize,
    records: Mutex<VecDeque<T>>,
}

impl<T: Clone> Ring<T> {
    pub(crate) fn new(limit: usize) -> Ring<T> {
        Ring {
            limit,
            records: Mutex::new(VecDeque::new()),
        }
    }

    pub(crate) fn push(&self, record: T) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.push_back(record);
        while records.len() > self.limit {
            records.pop_front();
        }
    }

    pub(crate) fn to_vec(&self) -> Vec<T> {
        self.records
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_keeps_the_newest() {
        let ring = Ring::new(2);
        for number in 1..=3 {
            ring.push(number);
        }
        assert_eq!(ring.to_vec(), [2, 3]);
    }
}
