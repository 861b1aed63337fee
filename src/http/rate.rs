//! A bound on the bytes per second, shared by all who send under it.

use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What may be sent at once after a pause.
const BURST: Duration = Duration::from_millis(100);
/// Smaller pieces cost more than they smooth: a segment holds about as much.
const MIN_PIECE: u64 = 1400;
const MAX_PIECE: u64 = 128 * 1024;

/// A token bucket. Clones share it.
#[derive(Debug, Clone)]
pub struct RateLimiter(Arc<Bucket>);

#[derive(Debug)]
struct Bucket {
    bytes_per_second: NonZeroU64,
    /// When all that was taken so far will have been paid for.
    paid: Mutex<Instant>,
}

impl RateLimiter {
    /// Head and body of requests count, what TLS and TCP add does not.
    pub fn new(bytes_per_second: NonZeroU64) -> Self {
        Self(Arc::new(Bucket { bytes_per_second, paid: Mutex::new(Instant::now()) }))
    }

    /// Longest piece that is to be sent in one go.
    pub(super) fn piece(&self) -> usize {
        let in_a_burst = self.0.bytes_per_second.get() / (1000 / BURST.as_millis() as u64);
        in_a_burst.clamp(MIN_PIECE, MAX_PIECE) as usize
    }

    /// Takes `count` bytes, and says how long to wait before they are sent.
    pub(super) fn take(&self, count: usize) -> Duration {
        let now = Instant::now();
        let nanoseconds =
            u128::from(count as u64) * 1_000_000_000 / u128::from(self.0.bytes_per_second.get());
        let price = Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
        let mut paid = self.0.paid.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = paid.max(now.checked_sub(BURST).unwrap_or(now));
        *paid = begin.checked_add(price).unwrap_or(begin);
        begin.saturating_duration_since(now)
    }
}
