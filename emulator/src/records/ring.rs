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
    /// With their numbers, which grow.
    records: VecDeque<(u64, T)>,
    bytes: usize,
    /// The number of the next record.
    next: u64,
    /// All with smaller numbers have made room for others, or were given away.
    oldest: u64,
}

/// Records that somebody has not seen yet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct News<T> {
    pub(crate) records: Vec<T>,
    /// Where to go on.
    pub(crate) next: u64,
    /// How many had to make room before they were seen.
    pub(crate) lost: u64,
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
        let kept = Kept { records: VecDeque::new(), bytes: 0, next: 0, oldest: 0 };
        Ring { limit, kept: Mutex::new(kept) }
    }

    pub(crate) fn push(&self, record: T) {
        let mut kept = self.lock();
        kept.bytes += record.bytes();
        let number = kept.next;
        kept.next += 1;
        kept.records.push_back((number, record));
        while kept.records.len() > self.limit || kept.bytes > MAX_RING_BYTES {
            let Some((number, oldest)) = kept.records.pop_front() else {
                break;
            };
            kept.bytes -= oldest.bytes();
            kept.oldest = number + 1;
        }
    }

    pub(crate) fn to_vec(&self) -> Vec<T> {
        self.lock().records.iter().map(|(_, record)| record.clone()).collect()
    }

    /// The number from which on there are at most so many records.
    pub(crate) fn newest(&self, count: usize) -> u64 {
        let kept = self.lock();
        let first = kept.records.len().saturating_sub(count);
        kept.records.get(first).map_or(kept.next, |(number, _)| *number)
    }

    /// Some of the records from a number on, at most so many.
    pub(crate) fn news(&self, from: u64, count: usize) -> News<T> {
        let kept = self.lock();
        let start = kept.records.partition_point(|(number, _)| *number < from);
        let found: Vec<_> = kept.records.range(start..).take(count).cloned().collect();
        News {
            next: found.last().map_or(kept.next, |(number, _)| number + 1),
            lost: kept.oldest.saturating_sub(from),
            records: found.into_iter().map(|(_, record)| record).collect(),
        }
    }

    /// Gives all records away.
    pub(crate) fn take(&self) -> Vec<T> {
        self.take_where(|_| true)
    }

    /// Gives these records away and keeps the others.
    pub(crate) fn take_where(&self, wanted: impl Fn(&T) -> bool) -> Vec<T> {
        let mut kept = self.lock();
        let (taken, left): (Vec<_>, Vec<_>) =
            std::mem::take(&mut kept.records).into_iter().partition(|(_, record)| wanted(record));
        kept.bytes = left.iter().map(|(_, record)| record.bytes()).sum();
        kept.records = left.into();
        taken.into_iter().map(|(_, record)| record).collect()
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
    fn whoever_comes_too_late_is_told() {
        let ring = Ring::new(3);
        let news = |from, count| ring.news(from, count);
        assert_eq!(news(0, 9), News { records: vec![], next: 0, lost: 0 });
        for number in 1..=5 {
            ring.push(Sized(number));
        }
        assert_eq!(news(1, 2), News { records: vec![Sized(3), Sized(4)], next: 4, lost: 1 });
        assert_eq!(news(4, 2), News { records: vec![Sized(5)], next: 5, lost: 0 });
        assert_eq!((ring.newest(2), ring.newest(9), ring.newest(0)), (3, 2, 5));
        // What somebody else took is not lost.
        ring.take_where(|record| record.0 == 4);
        assert_eq!(news(2, 9), News { records: vec![Sized(3), Sized(5)], next: 5, lost: 0 });
        assert_eq!(ring.newest(1), 4);
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
