//! How often, and after what delay.

use std::time::Duration;

use super::from_nanos;

/// How often a request is sent, and how long the pauses are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in total, with the first one; 1 is never again. The first one is always made.
    pub attempts: u32,
    /// Half of the longest delay before the first retry; it doubles with each further one.
    pub base_delay: Duration,
    /// No delay is longer, unless the server asks for it.
    pub max_delay: Duration,
}

impl Default for RetryPolicy {
    /// As the vendor's SDKs (spec: errors.md 4).
    fn default() -> Self {
        Self {
            attempts: 3,
            base_delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(20),
        }
    }
}

impl RetryPolicy {
    /// Whether there is another attempt after `made` ones.
    pub fn allows_another(&self, made: u32) -> bool {
        made < self.attempts
    }

    /// The pause before retry number 1, 2, …: `random01`, from 0 to below 1, of the longest delay, so that
    /// devices that failed together do not come back together.
    ///
    /// With `asked`, what the server asked for ([`super::retry_after()`]), it is at least that, and
    /// less than twice as much: a fleet that is told the same number spreads over as long again.
    /// A `random01` that is no such number counts as 1: too late is safer than too early.
    pub fn delay(&self, retry: u32, random01: f64, asked: Option<Duration>) -> Duration {
        let random01 = if (0.0..=1.0).contains(&random01) { random01 } else { 1.0 };
        let asked = asked.unwrap_or_default();
        asked.saturating_add(fraction(self.longest_delay(retry).max(asked), random01))
    }

    fn longest_delay(&self, retry: u32) -> Duration {
        let factor = 1u128.checked_shl(retry).unwrap_or(u128::MAX);
        let nanos = self.base_delay.as_nanos().saturating_mul(factor);
        from_nanos(nanos.min(self.max_delay.as_nanos()))
    }
}

/// In whole numbers: `Duration::mul_f64` panics when the longest durations are rounded up.
fn fraction(duration: Duration, random01: f64) -> Duration {
    const BITS: u32 = 32;
    let numerator = (random01 * f64::from(2u32).powi(BITS as i32)) as u128;
    // Below 2^94 times at most 2^32.
    from_nanos((duration.as_nanos() * numerator) >> BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JUST_BELOW_1: f64 = 1.0 - f64::EPSILON / 2.0;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn attempts_count_the_first_one() {
        let policy = RetryPolicy::default();
        let allowed: Vec<bool> = (1..=4).map(|made| policy.allows_another(made)).collect();
        assert_eq!(allowed, [true, true, false, false]);
        for attempts in [0, 1] {
            let never = RetryPolicy { attempts, ..policy };
            assert!(!never.allows_another(1), "{attempts}");
        }
        let always = RetryPolicy { attempts: u32::MAX, ..policy };
        assert!(always.allows_another(u32::MAX - 1) && !always.allows_another(u32::MAX));
    }

    #[test]
    fn the_longest_delay_doubles_up_to_the_limit() {
        let policy = RetryPolicy::default();
        let longest: Vec<_> = (0..9).map(|retry| policy.delay(retry, 1.0, None)).collect();
        let expected = [200, 400, 800, 1600, 3200, 6400, 12_800, 20_000, 20_000];
        assert_eq!(longest, expected.map(ms));
    }

    #[test]
    fn the_delay_is_a_random_part_of_the_longest() {
        let policy = RetryPolicy::default();
        for (random01, expected) in [(0.0, 0), (0.25, 100), (0.5, 200), (0.75, 300)] {
            assert_eq!(policy.delay(1, random01, None), ms(expected), "{random01}");
        }
        assert!(policy.delay(1, JUST_BELOW_1, None) < ms(400));
    }

    #[test]
    fn no_number_of_retries_overflows() {
        let policy = RetryPolicy::default();
        for retry in [31, 32, 63, 64, 94, 127, 128, 129, u32::MAX] {
            assert_eq!(policy.delay(retry, 1.0, None), ms(20_000), "{retry}");
        }
        let tiny = RetryPolicy { base_delay: Duration::from_nanos(1), ..policy };
        assert_eq!(tiny.delay(32, 1.0, None), Duration::from_nanos(1 << 32));
        assert_eq!(tiny.delay(200, 1.0, None), ms(20_000));
    }

    #[test]
    fn no_setting_overflows() {
        let at = |base_delay, max_delay| RetryPolicy { attempts: 3, base_delay, max_delay };
        let (zero, max) = (Duration::ZERO, Duration::MAX);
        for (policy, expected) in [
            (at(zero, zero), zero),
            (at(zero, max), zero),
            (at(max, zero), zero),
            (at(max, max), max),
            (at(ms(1000), ms(300)), ms(300)),
        ] {
            for retry in [1, 2, 128, u32::MAX] {
                assert_eq!(policy.delay(retry, 1.0, None), expected, "{policy:?} {retry}");
                assert_eq!(policy.delay(retry, 0.0, None), zero, "{policy:?} {retry}");
            }
        }
        assert_eq!(at(max, max).delay(1, 0.5, None), max / 2);
        assert_eq!(at(max, max).delay(1, 0.5, Some(max)), max);
    }

    #[test]
    fn what_is_no_random_number_gives_the_longest_delay() {
        let hostile = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.1, -1e300, 1.1, 1e300];
        for random01 in hostile {
            let delay = RetryPolicy::default().delay(1, random01, None);
            assert_eq!(delay, ms(400), "{random01}");
        }
        for nothing in [-0.0, f64::MIN_POSITIVE] {
            assert_eq!(RetryPolicy::default().delay(1, nothing, None), ms(0), "{nothing}");
        }
    }

    #[test]
    fn the_server_gets_the_time_it_asked_for_and_the_fleet_spreads() {
        let policy = RetryPolicy::default();
        let asked = Some(ms(30_000));
        for (random01, expected) in [(0.0, 30_000), (0.5, 45_000), (1.0, 60_000)] {
            assert_eq!(policy.delay(1, random01, asked), ms(expected), "{random01}");
        }
        // Less than the policy has in store: that is added.
        for (random01, expected) in [(0.0, 100), (0.5, 500), (1.0, 900)] {
            assert_eq!(policy.delay(2, random01, Some(ms(100))), ms(expected), "{random01}");
        }
        assert_eq!(policy.delay(2, 0.5, Some(ms(0))), policy.delay(2, 0.5, None));
    }
}
