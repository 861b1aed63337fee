//! What an emulator remembers of its requests and callbacks.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::auth::SignatureVersion;
use crate::operations::Operation;

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
    /// Bytes of the body that arrived.
    pub body_bytes: u64,
    /// Status of the answer.
    pub status: u16,
    /// OSS error code of the answer.
    pub code: Option<String>,
    /// EC of the answer.
    pub ec: Option<String>,
    /// Whether the answer was kept from the client, because a test had asked for that.
    pub answer_lost: bool,
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
    /// Body sent.
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

/// The newest records, up to a number of them and up to a size.
#[derive(Debug)]
pub(crate) struct Ring<T> {
    limit: usize,
    kept: Mutex<Kept<T>>,
}

#[derive(Debug)]
struct Kept<T> {
    records: VecDeque<T>,
    bytes: usize,
}

/// Something with a size worth limiting.
pub(crate) trait Weigh {
    /// Roughly the memory it takes.
    fn bytes(&self) -> usize;
}

/// Headers and bodies are bounded one by one, but there may be thousands of them.
const MAX_RING_BYTES: usize = 64 << 20;

impl<T: Clone + Weigh> Ring<T> {
    pub(crate) fn new(limit: usize) -> Ring<T> {
        Ring { limit, kept: Mutex::new(Kept { records: VecDeque::new(), bytes: 0 }) }
    }

    pub(crate) fn push(&self, record: T) {
        let mut kept = self.lock();
        kept.bytes += record.bytes();
        kept.records.push_back(record);
        while kept.records.len() > self.limit || kept.bytes > MAX_RING_BYTES {
            let Some(oldest) = kept.records.pop_front() else {
                break;
            };
            kept.bytes -= oldest.bytes();
        }
    }

    pub(crate) fn to_vec(&self) -> Vec<T> {
        self.lock().records.iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Kept<T>> {
        // A panic while the lock was held cannot leave a record half written.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Weigh for RequestRecord {
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.target.len() + header_bytes(&self.headers)
    }
}

impl Weigh for CallbackRecord {
    fn bytes(&self) -> usize {
        let answer = match &self.outcome {
            CallbackOutcome::Acknowledged { body } => body.len(),
            CallbackOutcome::Failed { message, .. } => message.len(),
        };
        size_of::<Self>() + self.url.len() + header_bytes(&self.headers) + self.body.len() + answer
    }
}

pub(crate) fn header_bytes(headers: &[(String, String)]) -> usize {
    headers.iter().map(|(name, value)| name.len() + value.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Sized(usize);

    impl Weigh for Sized {
        fn bytes(&self) -> usize {
            self.0
        }
    }

    #[test]
    fn a_ring_keeps_the_newest() {
        let ring = Ring::new(2);
        for number in 1..=3 {
            ring.push(Sized(number));
        }
        assert_eq!(ring.to_vec(), [Sized(2), Sized(3)]);
    }

    #[test]
    fn a_ring_is_bounded_in_size() {
        let ring = Ring::new(100);
        for bytes in [MAX_RING_BYTES - 10, 6, 5] {
            ring.push(Sized(bytes));
        }
        assert_eq!(ring.to_vec(), [Sized(6), Sized(5)]);
        ring.push(Sized(MAX_RING_BYTES + 1));
        assert_eq!(ring.to_vec(), []);
    }
}
