//! How many requests are between their head and the end of their answer.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Counts requests, and tells when there are none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Underway {
    counter: Arc<Counter>,
}

#[derive(Debug, Default)]
struct Counter {
    requests: Mutex<usize>,
    none: Condvar,
}

/// A request that counts until it is dropped.
#[derive(Debug)]
pub(crate) struct UnderwayRequest {
    counter: Arc<Counter>,
}

impl Underway {
    pub(crate) fn begin(&self) -> UnderwayRequest {
        *self.counter.lock() += 1;
        UnderwayRequest { counter: Arc::clone(&self.counter) }
    }

    /// Waits until there are none; false if the time is up before.
    pub(crate) fn wait_none(&self, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let mut requests = self.counter.lock();
        while *requests > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.counter.none.wait_timeout(requests, left);
            requests = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

impl Counter {
    fn lock(&self) -> MutexGuard<'_, usize> {
        // A panic while the lock was held cannot leave a number half written.
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderwayRequest {
    fn drop(&mut self) {
        let mut requests = self.counter.lock();
        *requests -= 1;
        if *requests == 0 {
            self.counter.none.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_last_request_is_awaited() {
        let underway = Underway::default();
        let requests = [underway.begin(), underway.begin()];
        assert!(!underway.wait_none(Duration::ZERO));
        let other = std::thread::spawn(move || drop(requests));
        assert!(underway.wait_none(Duration::from_secs(60)));
        other.join().unwrap();
    }
}
