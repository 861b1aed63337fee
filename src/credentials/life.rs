//! How long credentials are used, measured with a clock that nobody sets.

use std::time::{Duration, Instant};

use super::provider::{Expiration, unusable};
use crate::error::Result;
use crate::time::Timestamp;

/// The longest life that a role can give (spec: credentials.md 3). Longer ones are a wrong clock, or
/// renewed earlier than need be, which does no harm.
const LONGEST: Duration = Duration::from_secs(43_200);
/// The shortest one, which is assumed when the clock of the device is of no use.
const ASSUMED: Duration = Duration::from_secs(900);
/// A clock before 2025 was never set.
const FIRST_PLAUSIBLE: Timestamp = Timestamp(1_735_689_600);

/// Credentials are renewed in the background when less than this, or a fifth of their life, is left.
const RENEWAL: Duration = Duration::from_secs(300);
/// Credentials are used until this long before they expire: the service has to take them still.
const MARGIN: Duration = Duration::from_secs(30);

const LONGEST_PAUSE: Duration = Duration::from_secs(60);
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// The stages of credentials that expire.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    length: Duration,
    /// From here on they are renewed in the background.
    pub(super) renew_at: Instant,
    /// From here on new ones are waited for.
    pub(super) usable_until: Instant,
    /// From here on the service refuses them.
    pub(super) expires: Instant,
}

impl Life {
    /// `now` and `device_clock` are of the same moment. None for credentials that do not expire.
    pub(super) fn of(
        expiration: Expiration,
        now: Instant,
        device_clock: Timestamp,
    ) -> Result<Option<Self>> {
        let length = match expiration {
            Expiration::Never => return Ok(None),
            Expiration::After(life) => life,
            Expiration::At { moment, server_time: Some(server_time) } => {
                if moment <= server_time {
                    return Err(unusable(format!(
                        "the credentials expired at {}, but the server that gave them says that \
                         it is {}",
                        moment.iso_extended(),
                        server_time.iso_extended()
                    )));
                }
                Duration::from_secs(moment.0 - server_time.0)
            }
            Expiration::At { moment, server_time: None } => by_device_clock(moment, device_clock),
        };
        let length = length.min(LONGEST);
        let expires = now + length;
        let renewal = (length / 5).max(RENEWAL.min(length / 3));
        let margin = MARGIN.min(length / 10);
        let life =
            Self { length, renew_at: expires - renewal, usable_until: expires - margin, expires };
        Ok(Some(life))
    }

    /// How long to wait after a renewal that failed: ever shorter pauses until there is no time
    /// left, but never a loop.
    pub(super) fn pause(&self, now: Instant) -> Duration {
        let left = self.usable_until.saturating_duration_since(now);
        (left / 4).min(LONGEST_PAUSE).max(SHORTEST_PAUSE.min(self.length / 10))
    }
}

/// What is left of a life by the clock of the device, which may be wrong by decades. The service
/// has the last word: it refuses a token that has expired, and then it is renewed.
fn by_device_clock(expires: Timestamp, clock: Timestamp) -> Duration {
    match expires.0.checked_sub(clock.0).map(Duration::from_secs) {
        // Decades are left: the clock was never set, and says nothing.
        Some(left) if left > LONGEST && clock < FIRST_PLAUSIBLE => ASSUMED,
        Some(left) => left,
        // They were given just now, so the clock is ahead, or they are stale. The more it is, the
        // likelier it is the clock's fault, and renewing them at once would never end.
        None => Duration::from_secs(clock.0 - expires.0).min(ASSUMED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    /// 2026-01-01.
    const CLOCK: Timestamp = Timestamp(1_767_225_600);

    fn life(expiration: Expiration, clock: Timestamp) -> Life {
        Life::of(expiration, Instant::now(), clock).unwrap().unwrap()
    }

    fn after(clock: Timestamp, time: Duration) -> Timestamp {
        Timestamp(clock.0 + time.as_secs())
    }

    fn at(moment: Timestamp, server_time: Option<Timestamp>) -> Expiration {
        Expiration::At { moment, server_time }
    }

    #[test]
    fn stages_of_a_life() {
        for (length, renewal, margin) in [
            (Duration::from_secs(43_200), Duration::from_secs(8640), MARGIN),
            (60 * MINUTE, 12 * MINUTE, MARGIN),
            (15 * MINUTE, 5 * MINUTE, MARGIN),
            (Duration::from_secs(150), Duration::from_secs(50), Duration::from_secs(15)),
            (Duration::from_secs(3), Duration::from_secs(1), Duration::from_millis(300)),
        ] {
            let life = life(Expiration::After(length), CLOCK);
            assert_eq!(life.expires - life.renew_at, renewal, "{length:?}");
            assert_eq!(life.expires - life.usable_until, margin, "{length:?}");
        }
        let never = Life::of(Expiration::Never, Instant::now(), CLOCK).unwrap();
        assert!(never.is_none());
    }

    #[test]
    fn the_clock_of_the_server_comes_first() {
        for clock in [Timestamp(0), CLOCK, Timestamp(2 * CLOCK.0)] {
            let life = life(at(after(CLOCK, 60 * MINUTE), Some(CLOCK)), clock);
            assert_eq!(life.length, 60 * MINUTE);
        }
        let stale =
            Life::of(at(CLOCK, Some(after(CLOCK, MINUTE))), Instant::now(), CLOCK).unwrap_err();
        assert!(stale.message().contains("expired at 2026-01-01T00:00:00Z"), "{stale}");
        let endless = life(at(Timestamp(u64::MAX), Some(CLOCK)), CLOCK);
        assert_eq!(endless.length, LONGEST);
    }

    #[test]
    fn a_clock_in_1970_makes_no_token_eternal() {
        let life = life(at(after(CLOCK, 60 * MINUTE), None), Timestamp(100));
        assert_eq!(life.length, ASSUMED);
    }

    #[test]
    fn a_clock_far_ahead_does_not_renew_without_end() {
        assert_eq!(life(at(CLOCK, None), Timestamp(CLOCK.0 * 2)).length, ASSUMED);
        assert_eq!(life(at(CLOCK, None), after(CLOCK, MINUTE)).length, MINUTE);
    }

    #[test]
    fn a_right_clock_is_believed() {
        assert_eq!(life(at(after(CLOCK, 20 * MINUTE), None), CLOCK).length, 20 * MINUTE);
        let a_week = 7 * 24 * 60 * MINUTE;
        assert_eq!(life(at(after(CLOCK, a_week), None), CLOCK).length, LONGEST);
        // The program counts from its own 1970, and so do we.
        let unset = Timestamp(50);
        assert_eq!(life(at(after(unset, 20 * MINUTE), None), unset).length, 20 * MINUTE);
    }

    #[test]
    fn pauses_shrink_but_do_not_vanish() {
        let hour = life(Expiration::After(60 * MINUTE), CLOCK);
        assert_eq!(hour.pause(hour.renew_at), LONGEST_PAUSE);
        assert_eq!(hour.pause(hour.usable_until), SHORTEST_PAUSE);
        let second = life(Expiration::After(Duration::from_secs(1)), CLOCK);
        assert_eq!(second.pause(second.expires), Duration::from_millis(100));
    }
}
