//! The emulator's idea of now, and the date formats of the protocol.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

/// `20231216T162057Z`, the form of `x-oss-date` (spec: signing-v4.md 1).
const BASIC: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]Z");

/// `2022-09-04T08:11:37.000Z`, the form inside documents (spec: errors.md 3). The fraction is always
/// zero; there are clients that accept no other.
const EXTENDED: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].000Z");

/// For people, in the log.
const MILLISECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// A system clock that can be shifted, so that clients meet a server whose time differs.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset_seconds: AtomicI64,
}

impl Clock {
    pub(crate) fn new(offset_seconds: i64) -> Clock {
        Clock { offset_seconds: AtomicI64::new(offset_seconds) }
    }

    pub(crate) fn set_offset_seconds(&self, offset_seconds: i64) {
        self.offset_seconds.store(offset_seconds, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> SystemTime {
        shifted(SystemTime::now(), self.offset_seconds())
    }

    pub(crate) fn offset_seconds(&self) -> i64 {
        self.offset_seconds.load(Ordering::Relaxed)
    }
}

/// Moves a time, but not before 1970.
pub(crate) fn shifted(time: SystemTime, seconds: i64) -> SystemTime {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let moved = if seconds < 0 { time.checked_sub(distance) } else { time.checked_add(distance) };
    moved.filter(|time| *time >= UNIX_EPOCH).unwrap_or(UNIX_EPOCH)
}

/// Formats a time as `20231216T162057Z`.
pub(crate) fn basic(time: SystemTime) -> String {
    format_with(time, BASIC)
}

/// Formats a time as `2023-12-16T16:20:57.000Z`.
pub(crate) fn extended(time: SystemTime) -> String {
    format_with(time, EXTENDED)
}

/// Formats a time like [`extended`], with its milliseconds.
pub(crate) fn milliseconds(time: SystemTime) -> String {
    format_with(time, MILLISECONDS)
}

/// Reads `20231216T162057Z`.
pub(crate) fn parse_basic(text: &str) -> Option<SystemTime> {
    let date = PrimitiveDateTime::parse(text, BASIC).ok()?;
    Some(date.assume_utc().into())
}

/// Reads `2023-12-16T17:20:57.000Z`, with any fraction or none.
pub(crate) fn parse_extended(text: &str) -> Option<SystemTime> {
    let date = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    text.ends_with('Z').then(|| date.into())
}

fn format_with(time: SystemTime, format: &[BorrowedFormatItem<'_>]) -> String {
    // Years beyond 9999 cannot be written in these forms; the clock never shows one by itself.
    OffsetDateTime::from(time).format(format).unwrap_or_else(|_| "99991231T235959Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn formats_match_the_documents() {
        assert_eq!(basic(at(1_702_743_657)), "20231216T162057Z");
        let with_fraction = at(1_662_279_097) + Duration::from_millis(123);
        assert_eq!(extended(with_fraction), "2022-09-04T08:11:37.000Z");
        assert_eq!(milliseconds(with_fraction), "2022-09-04T08:11:37.123Z");
        assert_eq!(parse_basic("20231216T162057Z"), Some(at(1_702_743_657)));
        assert_eq!(parse_basic("2023-12-16T16:20:57Z"), None);
        assert_eq!(parse_extended("2022-09-04T08:11:37.123Z"), Some(with_fraction));
        assert_eq!(parse_extended("2022-09-04T08:11:37Z"), Some(at(1_662_279_097)));
        assert_eq!(parse_extended("2022-09-04T08:11:37+01:00"), None);
    }

    #[test]
    fn the_offset_moves_now() {
        let clock = Clock::new(-3600);
        assert!(clock.now() < SystemTime::now() - Duration::from_secs(3500));
        clock.set_offset_seconds(3600);
        assert!(clock.now() > SystemTime::now() + Duration::from_secs(3500));
    }

    #[test]
    fn an_absurd_offset_stops_at_the_epoch() {
        assert_eq!(Clock::new(i64::MIN).now(), UNIX_EPOCH);
    }
}
