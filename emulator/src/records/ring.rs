//! A bounded memory.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

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

/// Something with a size worth limiting, which stays the same.
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

    /// Gives all records away.
    pub(crate) fn take(&self) -> Vec<T> {
        self.take_where(|_| true)
    }

    /// Gives these records away and keeps the others.
    pub(crate) fn take_where(&self, wanted: impl Fn(&T) -> bool) -> Vec<T> {
        let mut kept = self.lock();
        let (taken, left): (Vec<T>, Vec<T>) =
            std::mem::take(&mut kept.records).into_iter().partition(wanted);
        kept.bytes = left.iter().map(Weigh::bytes).sum();
        kept.records = left.into();
        taken
    }

    fn lock(&self) -> MutexGuard<'_, Kept<T>> {
        // A panic while the lock was held cannot leave a record half written.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
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

    #[test]
    fn what_is_taken_makes_room() {
        let ring = Ring::new(100);
        for bytes in [1, MAX_RING_BYTES / 2, 2] {
            ring.push(Sized(bytes));
        }
        assert_eq!(ring.take_where(|record| record.0 > 2), [Sized(MAX_RING_BYTES / 2)]);
        ring.push(Sized(MAX_RING_BYTES - 3));
        assert_eq!(ring.take(), [Sized(1), Sized(2), Sized(MAX_RING_BYTES - 3)]);
        assert_eq!(ring.to_vec(), []);
    }
}
