//! Request ids, version ids and upload ids.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use rsa::rand_core::{OsRng, RngCore};

/// Makes identifiers that are unique within one emulator and unlikely to repeat in another.
#[derive(Debug)]
pub(crate) struct Identifiers {
    next: AtomicU64,
    /// Those that the next multipart uploads get.
    given: Mutex<VecDeque<String>>,
}

impl Identifiers {
    pub(crate) fn new() -> Identifiers {
        Identifiers { next: AtomicU64::new(OsRng.next_u64()), given: Mutex::default() }
    }

    /// 24 uppercase hex digits (spec: put-object.md 2).
    pub(crate) fn request_id(&self, now: SystemTime) -> String {
        let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |age| age.as_secs());
        format!("{:08X}{:016X}", seconds & 0xFFFF_FFFF, self.next())
    }

    /// An opaque version id.
    pub(crate) fn version_id(&self) -> String {
        format!("CAEQ{:016x}{:016x}", OsRng.next_u64(), self.next())
    }

    /// An opaque upload id of 32 uppercase hex digits (spec: multipart.md 2).
    pub(crate) fn upload_id(&self) -> String {
        let given = self.given().pop_front();
        given.unwrap_or_else(|| format!("{:016X}{:016X}", OsRng.next_u64(), self.next()))
    }

    /// Whether it can be one.
    pub(crate) fn give_next_upload_id(&self, id: &str) -> bool {
        let digit = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
        let is_one = id.len() == 32 && id.bytes().all(digit);
        if is_one {
            self.given().push_back(id.to_owned());
        }
        is_one
    }

    fn given(&self) -> MutexGuard<'_, VecDeque<String>> {
        // A panic while the lock was held cannot leave the list half changed.
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_has_24_uppercase_hex_digits() {
        let identifiers = Identifiers::new();
        let first = identifiers.request_id(SystemTime::now());
        assert_eq!(first.len(), 24);
        assert!(first.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b)));
        assert_ne!(first, identifiers.request_id(SystemTime::now()));
    }
}
