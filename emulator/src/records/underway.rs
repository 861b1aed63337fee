//! The requests that are between their head and the end of their answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::changes::Changes;

/// Knows what is under way, and tells when nothing is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Underway {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    requests: Mutex<Requests>,
    none: Condvar,
    changes: Changes,
}

#[derive(Debug, Default)]
struct Requests {
    begun: BTreeMap<u64, Begun>,
    next: u64,
}

/// What is known of a request when its head has arrived.
#[derive(Clone, Debug)]
pub(crate) struct Begun {
    pub(crate) request_id: String,
    pub(crate) method: String,
    pub(crate) target: String,
}

/// A request that counts until it is dropped.
#[derive(Debug)]
pub(crate) struct UnderwayRequest {
    number: u64,
    shared: Arc<Shared>,
}

impl Underway {
    /// Notes as a change what begins and ends.
    pub(crate) fn new(changes: Changes) -> Underway {
        Underway { shared: Arc::new(Shared { changes, ..Shared::default() }) }
    }

    pub(crate) fn begin(&self, begun: Begun) -> UnderwayRequest {
        let mut requests = self.shared.lock();
        let number = requests.next;
        requests.next += 1;
        requests.begun.insert(number, begun);
        drop(requests);
        self.shared.changes.note();
        UnderwayRequest { number, shared: Arc::clone(&self.shared) }
    }

    /// The oldest requests, with their numbers.
    pub(crate) fn oldest(&self, count: usize) -> Vec<(u64, Begun)> {
        let requests = self.shared.lock();
        requests.begun.iter().take(count).map(|(number, begun)| (*number, begun.clone())).collect()
    }

    /// Waits until there are none; false if the time is up before.
    pub(crate) fn wait_none(&self, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let mut requests = self.shared.lock();
        while !requests.begun.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.shared.none.wait_timeout(requests, left);
            requests = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Requests> {
        // A panic while the lock was held cannot leave an entry half written.
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderwayRequest {
    fn drop(&mut self) {
        let mut requests = self.shared.lock();
        requests.begun.remove(&self.number);
        if requests.begun.is_empty() {
            self.shared.none.notify_all();
        }
        drop(requests);
        self.shared.changes.note();
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn begun() -> Begun {
        Begun { request_id: "1".to_owned(), method: "GET".to_owned(), target: "/".to_owned() }
    }

    #[test]
    fn the_end_of_the_last_request_is_awaited() {
        let underway = Underway::default();
        let requests = [underway.begin(begun()), underway.begin(begun())];
        assert!(!underway.wait_none(Duration::ZERO));
        let other = std::thread::spawn(move || drop(requests));
        assert!(underway.wait_none(Duration::from_secs(60)));
        other.join().unwrap();
    }
}
