//! One fault that was added, and how far it has got.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::fault::Fault;
use super::passed::Passed;
use super::selection::{Candidate, hash};

/// A fault with its account.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) id: u64,
    pub(super) fault: Fault,
    /// The fault as text, made once.
    pub(super) text: Arc<str>,
    /// Lets different faults of the same seed hit different requests.
    salt: u64,
    account: Mutex<Account>,
    changed: Condvar,
}

#[derive(Debug)]
struct Account {
    /// How often it can still happen; `None` has no limit.
    left: Option<u64>,
    taken: u64,
    happened: u64,
    /// Where attempts matter.
    passed: Passed,
}

/// How far a fault has got.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultStatus {
    /// Its number.
    pub id: u64,
    /// Its text form.
    pub text: String,
    /// For how many requests it still waits; `None` is all.
    pub left: Option<u64>,
    /// For how many requests it was taken.
    pub taken: u64,
    /// How often it has happened. A fault that was taken may not happen: an answer can be shorter
    /// than the place of the fault, or the request be refused for a reason of its own.
    pub happened: u64,
}

impl Waiting {
    pub(super) fn new(id: u64, fault: Fault) -> Waiting {
        let account =
            Account { left: fault.limit(), taken: 0, happened: 0, passed: Passed::default() };
        Waiting {
            id,
            text: fault.to_string().into(),
            salt: hash([Fault::new(fault.kind.clone()).to_string().as_bytes()]),
            fault,
            account: Mutex::new(account),
            changed: Condvar::new(),
        }
    }

    /// Whether it is for this request, which is the `number`th of its identity.
    pub(super) fn is_due(&self, candidate: &Candidate<'_>, number: u32) -> bool {
        self.fault.fits(candidate)
            && self.fault.selection.attempt.is_none_or(|attempt| {
                // Counted from when it was added, and of those that it fits.
                self.account().passed.count(candidate.identity()) == attempt
            })
            && self.is_hit(candidate.identity(), number)
    }

    /// Whether it is for this connection.
    pub(super) fn is_due_for_connection(&self, connection: u64) -> bool {
        self.is_hit(connection, 1)
    }

    fn is_hit(&self, identity: u64, number: u32) -> bool {
        self.fault.chance.is_none_or(|chance| chance.hits(identity ^ self.salt, number))
    }

    /// Takes it once; false if it is used up.
    pub(super) fn claim(&self) -> bool {
        let mut account = self.account();
        if account.left == Some(0) {
            return false;
        }
        account.left = account.left.map(|left| left - 1);
        account.taken += 1;
        true
    }

    pub(super) fn is_spent(&self) -> bool {
        self.account().left == Some(0)
    }

    pub(super) fn note_happened(&self) {
        self.account().happened += 1;
        self.changed.notify_all();
    }

    pub(super) fn status(&self) -> FaultStatus {
        let account = self.account();
        FaultStatus {
            id: self.id,
            text: self.text.to_string(),
            left: account.left,
            taken: account.taken,
            happened: account.happened,
        }
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        // A panic while the lock was held cannot leave numbers half written.
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A fault that was added, for looking at it later.
#[derive(Clone, Debug)]
pub struct FaultHandle {
    pub(super) waiting: Arc<Waiting>,
}

impl FaultHandle {
    /// The number of the fault, unique within its emulator.
    pub fn id(&self) -> u64 {
        self.waiting.id
    }

    /// How far it has got.
    pub fn status(&self) -> FaultStatus {
        self.waiting.status()
    }

    /// How often it has happened.
    pub fn happened(&self) -> u64 {
        self.waiting.account().happened
    }

    /// Waits until it has happened this often; false if the time is up before.
    pub fn wait_happened(&self, count: u64, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let mut account = self.waiting.account();
        while account.happened < count {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.waiting.changed.wait_timeout(account, left);
            account = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Operation;

    fn candidate(key: &str) -> Candidate<'_> {
        Candidate {
            operation: Operation::PutObject,
            bucket: Some("b"),
            key: Some(key),
            part: None,
            body_length: Some(1),
            token: None,
        }
    }

    fn waiting(text: &str) -> Waiting {
        Waiting::new(1, text.parse().unwrap())
    }

    #[test]
    fn attempts_are_counted_for_each_key() {
        let second = waiting("wrong-crc attempt=2 times=always");
        let hits: Vec<bool> =
            ["a", "b", "a", "a", "b"].map(|key| second.is_due(&candidate(key), 9)).into();
        assert_eq!(hits, [false, false, true, false, true]);
    }

    #[test]
    fn a_fault_is_spent_when_its_times_are_over() {
        let twice = waiting("wrong-crc times=2");
        assert!(twice.is_due(&candidate("a"), 1) && twice.claim() && !twice.is_spent());
        assert!(twice.claim() && twice.is_spent());
        assert!(!twice.claim());
        let status = twice.status();
        assert_eq!((status.taken, status.left, status.happened), (2, Some(0), 0));
    }

    #[test]
    fn a_handle_waits_for_an_event() {
        let waiting = Arc::new(waiting("wrong-crc"));
        let handle = FaultHandle { waiting: Arc::clone(&waiting) };
        assert!(!handle.wait_happened(1, Duration::ZERO));
        let other = std::thread::spawn(move || waiting.note_happened());
        assert!(handle.wait_happened(1, Duration::from_secs(60)));
        assert_eq!(handle.happened(), 1);
        other.join().unwrap();
    }
}
