//! The clock, with sources that the tests move.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use super::*;

/// 2026-01-01.
const BUILD_DATE: Timestamp = Timestamp(1_767_225_600);
const HOUR: u64 = 3600;
const YEAR: u64 = 365 * DAY;

/// Seconds after 1970, which may be negative, and seconds after `start`.
struct Moved {
    start: Instant,
    moved: Mutex<(i64, u64)>,
}

impl TimeSource for Arc<Moved> {
    fn wall(&self) -> SystemTime {
        let seconds = self.moved.lock().unwrap().0;
        let distance = Duration::from_secs(seconds.unsigned_abs());
        if seconds < 0 { UNIX_EPOCH - distance } else { UNIX_EPOCH + distance }
    }

    fn monotonic(&self) -> Instant {
        self.start + Duration::from_secs(self.moved.lock().unwrap().1)
    }
}

impl Moved {
    fn to(&self, wall: i64, monotonic: u64) {
        *self.moved.lock().unwrap() = (wall, monotonic);
    }
}

/// A clock of a device that believes it is `wall`, and what moves it.
fn clock_at(wall: i64) -> (Clock, Arc<Moved>) {
    let moved = Arc::new(Moved { start: Instant::now(), moved: Mutex::new((wall, 0)) });
    (Clock::with_source(BUILD_DATE, Box::new(Arc::clone(&moved))), moved)
}

fn seconds(timestamp: Timestamp) -> i64 {
    i64::try_from(timestamp.0).unwrap()
}

fn later(timestamp: Timestamp, seconds: u64) -> Timestamp {
    Timestamp(timestamp.0 + seconds)
}

#[test]
fn without_a_correction_it_is_the_clock_of_the_device() {
    let (clock, moved) = clock_at(1_700_000_000);
    assert_eq!(clock.now(), Timestamp(1_700_000_000));
    moved.to(1_600_000_000, 10);
    assert_eq!(clock.now(), Timestamp(1_600_000_000));
}

#[test]
fn before_1970_counts_as_1970() {
    for wall in [-1, -10_000_000_000, 0] {
        assert_eq!(clock_at(wall).0.now(), Timestamp(0), "{wall}");
    }
}

#[test]
fn what_was_learned_goes_on_whatever_the_device_believes() {
    let (clock, moved) = clock_at(0);
    let server = later(BUILD_DATE, 90 * DAY);
    let correction = clock.learn(server, Clock::DEFAULT_LIMIT).unwrap();
    assert_eq!(
        correction.to_string(),
        "the clock of this device says 1970-01-01T00:00:00.000Z, the service says \
         2026-04-01T00:00:00.000Z: 20544 days behind; signing with the service's time"
    );
    assert_eq!(clock.now(), server);
    for (wall, passed) in [(5, 5), (seconds(server), 60), (-3, HOUR), (i64::from(u32::MAX), DAY)] {
        moved.to(wall, passed);
        assert_eq!(clock.now(), later(server, passed), "{wall} {passed}");
    }
}

#[test]
fn without_tls_only_a_clock_that_was_never_set_is_moved_far() {
    for (device, is_proven, limit) in [
        (later(BUILD_DATE, DAY), true, Clock::DEFAULT_LIMIT),
        (later(BUILD_DATE, DAY), false, Clock::UNPROVEN_LIMIT),
        (Timestamp(5), false, Clock::DEFAULT_LIMIT),
    ] {
        let clock = clock_at(seconds(device)).0;
        assert_eq!(clock.default_limit(is_proven), limit, "{device:?}");
    }
}

#[test]
fn it_learns_again() {
    let start = later(BUILD_DATE, YEAR);
    let (clock, moved) = clock_at(seconds(start) + 2 * 3600);
    let correction = clock.learn(start, Clock::DEFAULT_LIMIT).unwrap();
    assert!(correction.to_string().contains("2 h ahead"), "{correction}");
    // The device slept for a day.
    moved.to(seconds(start) + 26 * 3600, 10);
    clock.learn(later(start, DAY), Clock::DEFAULT_LIMIT).unwrap();
    assert_eq!(clock.now(), later(start, DAY));
    moved.to(seconds(start), 15);
    assert_eq!(clock.now(), later(start, DAY + 5));
}

#[test]
fn the_limit_is_exact_in_both_directions() {
    let device = later(BUILD_DATE, 20 * YEAR);
    let limit = Duration::from_secs(10 * YEAR);
    let (clock, _) = clock_at(seconds(device));
    for distance in [10 * YEAR, 10 * YEAR + 1] {
        for server in [Timestamp(device.0 - distance), later(device, distance)] {
            let accepted = clock.learn(server, limit).is_ok();
            assert_eq!(accepted, distance == 10 * YEAR, "{server:?}");
        }
    }
    // A limit finer than a second, and none at all.
    let half = Duration::from_millis(1500);
    assert!(clock.learn(later(device, 1), half).is_ok());
    assert!(clock.learn(later(device, 2), half).is_err());
    assert!(clock.learn(device, Duration::ZERO).is_ok());
    assert!(clock.learn(later(device, 1), Duration::ZERO).is_err());
    assert!(clock.learn(Timestamp(u64::MAX), Duration::MAX).is_ok());
}

#[test]
fn a_device_in_1970_is_measured_from_the_build_date() {
    for wall in [0, -5, seconds(BUILD_DATE) - 1] {
        let (clock, _) = clock_at(wall);
        let limit = Duration::from_secs(10 * YEAR);
        assert!(clock.learn(later(BUILD_DATE, 10 * YEAR), limit).is_ok(), "{wall}");
        assert!(clock.learn(later(BUILD_DATE, 10 * YEAR + 1), limit).is_err(), "{wall}");
    }
}

#[test]
fn nothing_before_the_build_date_less_a_day_is_believed() {
    let (clock, _) = clock_at(0);
    let first = Timestamp(BUILD_DATE.0 - DAY);
    assert!(clock.learn(Timestamp(first.0 - 1), Duration::MAX).is_err());
    assert!(clock.learn(Timestamp(0), Duration::MAX).is_err());
    assert_eq!(clock.now(), Timestamp(0));
    assert!(clock.learn(first, Clock::DEFAULT_LIMIT).is_ok());
    // A build without a date knows nothing.
    let moved = Arc::new(Moved { start: Instant::now(), moved: Mutex::new((100, 0)) });
    let clock = Clock::with_source(Timestamp(0), Box::new(moved));
    assert!(clock.learn(Timestamp(0), Clock::DEFAULT_LIMIT).is_ok());
}

#[test]
fn a_refused_correction_changes_nothing() {
    let device = later(BUILD_DATE, YEAR);
    let (clock, _) = clock_at(seconds(device));
    let limit = Duration::from_secs(DAY);
    assert!(clock.learn(later(device, 2 * DAY), limit).is_err());
    assert_eq!(clock.now(), device);
    clock.learn(later(device, HOUR), limit).unwrap();
    assert!(clock.learn(Timestamp(u64::MAX), limit).is_err());
    assert!(clock.learn(Timestamp(0), limit).is_err());
    assert_eq!(clock.now(), later(device, HOUR));
}

#[test]
fn small_corrections_do_not_add_up() {
    let device = later(BUILD_DATE, YEAR);
    let (clock, _) = clock_at(seconds(device));
    let limit = Duration::from_secs(DAY);
    clock.learn(later(device, DAY), limit).unwrap();
    assert!(clock.learn(later(device, DAY + 1), limit).is_err());
    assert_eq!(clock.now(), later(device, DAY));
}

#[test]
fn a_refusal_says_both_times_and_the_rule() {
    let (clock, _) = clock_at(seconds(BUILD_DATE) + 60);
    let refusal = clock.learn(later(BUILD_DATE, 30 * YEAR), Clock::DEFAULT_LIMIT).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "the clock of this device says 2026-01-01T00:01:00.000Z, the service says \
         2055-12-25T00:00:00.000Z, which is 10949 days away; a correction of more than 3650 days is \
         refused: set the clock of this device"
    );
    let (clock, _) = clock_at(0);
    let refusal = clock.learn(later(BUILD_DATE, 30 * YEAR), Clock::DEFAULT_LIMIT).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "the clock of this device says 1970-01-01T00:00:00.000Z, the service says \
         2055-12-25T00:00:00.000Z, which is 10950 days from 2026-01-01, when the library was built; \
         a correction of more than 3650 days is refused: set the clock of this device"
    );
    let refusal = clock.learn(Timestamp(86_399), Clock::DEFAULT_LIMIT).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "the clock of this device says 1970-01-01T00:00:00.000Z, the service says \
         1970-01-01T23:59:59.000Z, which is refused because the library was built later, on \
         2026-01-01: set the clock of this device"
    );
}

#[test]
fn no_moment_overflows() {
    let (clock, moved) = clock_at(i64::from(u32::MAX));
    clock.learn(Timestamp(u64::MAX), Duration::MAX).unwrap();
    moved.to(0, 1_000_000);
    assert_eq!(clock.now(), Timestamp(u64::MAX));
    let clock = Clock::with_source(Timestamp(u64::MAX), Box::new(moved));
    assert!(clock.learn(Timestamp(0), Duration::MAX).is_err());
    assert!(clock.learn(Timestamp(u64::MAX - DAY), Duration::from_secs(DAY)).is_ok());
}

#[test]
fn spans_are_said_in_the_largest_unit() {
    for (seconds, expected) in [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (172_799, "47 h"),
        (172_800, "2 days"),
        (u64::MAX, "213503982334601 days"),
    ] {
        assert_eq!(span(seconds), expected);
    }
}

#[test]
fn the_clock_of_the_system_is_read() {
    let clock = Clock::new(Timestamp(0));
    let since = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let before = since();
    let now = clock.now().0;
    assert!((before..=since()).contains(&now), "{now}");
    clock.learn(Timestamp(before + HOUR), Clock::DEFAULT_LIMIT).unwrap();
    assert!(clock.now().0 >= before + HOUR);
}

#[test]
fn threads_share_it() {
    let (clock, _) = clock_at(seconds(BUILD_DATE));
    let (first, second) = (later(BUILD_DATE, 10), later(BUILD_DATE, 20));
    std::thread::scope(|scope| {
        for server in [first, second] {
            let clock = &clock;
            scope.spawn(move || {
                for _ in 0..1000 {
                    clock.learn(server, Clock::DEFAULT_LIMIT).unwrap();
                    assert!([first, second].contains(&clock.now()));
                }
            });
        }
    });
}
