//! Bytes at a limited rate.

use std::time::Duration;

use tokio::time::Instant;

const PIECES_PER_SECOND: u64 = 10;

/// Says when the next bytes may follow. What was late once may be made up for.
#[derive(Clone, Debug)]
pub(crate) struct Pacer {
    bits_per_second: u64,
    /// When the first bytes went.
    begun: Option<Instant>,
    bytes: u64,
}

impl Pacer {
    /// The rate must not be zero.
    pub(crate) fn new(bits_per_second: u64) -> Pacer {
        Pacer { bits_per_second, begun: None, bytes: 0 }
    }

    pub(crate) fn bits_per_second(&self) -> u64 {
        self.bits_per_second
    }

    /// How much should go at a time.
    pub(crate) fn piece(&self) -> usize {
        let bytes = self.bits_per_second / 8 / PIECES_PER_SECOND;
        usize::try_from(bytes.max(1)).unwrap_or(usize::MAX)
    }

    /// When others may follow the bytes that go now.
    pub(crate) fn after(&mut self, bytes: u64, now: Instant) -> Instant {
        let begun = *self.begun.get_or_insert(now);
        self.bytes += bytes;
        let nanoseconds = u128::from(self.bytes) * 8_000_000_000 / u128::from(self.bits_per_second);
        begun + Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_kept_from_the_first_byte() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut pacer = Pacer::new(819_200);
        assert_eq!(pacer.piece(), 10_240);
        assert_eq!(pacer.after(10_240, start), at(100));
        assert_eq!(pacer.after(10_240, at(100)), at(200));
        // A pause of the client is no loss for the next bytes.
        assert_eq!(pacer.after(51_200, at(1000)), at(700));
        assert_eq!(pacer.after(51_200, at(1000)), at(1200));
    }

    #[test]
    fn extremes_are_no_matter() {
        let start = Instant::now();
        assert_eq!(Pacer::new(1).piece(), 1);
        let mut pacer = Pacer::new(838_860_800);
        assert_eq!(pacer.piece(), 10_485_760);
        let day = pacer.after(104_857_600 * 86_400, start);
        assert_eq!(day, start + Duration::from_secs(86_400));
    }
}
