//! How many retries a client can afford.
//!
//! Delays alone do not save a server that is overloaded: they move the retries, and each failed request
//! still becomes as many as the policy has attempts. A budget makes the number of retries follow
//! the number of successes, so that they die down when nothing succeeds.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::from_nanos;

/// Tokens are counted in thousandths, exactly.
const TOKEN: u64 = 1000;

/// What a budget is made of. The defaults come from the simulation in docs/retries.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetSettings {
    /// Retries that a client may make at once, when it has made none for a while.
    pub capacity: u32,
    /// Thousandths of a retry that a request gains which succeeds at once.
    pub gain_per_success: u32,
    /// Time in which one retry is gained without any success, for clients that rarely upload.
    pub refill_time: Duration,
}

impl Default for BudgetSettings {
    fn default() -> Self {
        Self { capacity: 10, gain_per_success: 200, refill_time: Duration::from_secs(600) }
    }
}

/// The retries of one client: a bucket of tokens, full at the beginning. Threads may share it.
#[derive(Debug)]
pub struct RetryBudget {
    settings: BudgetSettings,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// In thousandths.
    tokens: u64,
    /// Until when time was turned into tokens.
    refilled: Instant,
}

/// A retry that the client cannot afford.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetUsedUp {
    /// When time alone will have brought the next retry; None when it never does.
    pub next: Option<Duration>,
}

impl RetryBudget {
    /// A full one.
    pub fn new(settings: BudgetSettings, now: Instant) -> Self {
        let state = State { tokens: settings.limit(), refilled: now };
        Self { settings, state: Mutex::new(state) }
    }

    /// Takes one retry. To be asked only when everything else speaks for the retry.
    pub fn try_spend(&self, now: Instant) -> Result<(), BudgetUsedUp> {
        let mut state = self.refilled(now);
        match state.tokens.checked_sub(TOKEN) {
            Some(left) => {
                state.tokens = left;
                Ok(())
            }
            None => Err(BudgetUsedUp { next: self.settings.until_next(&state, now) }),
        }
    }

    /// A request succeeded at its first attempt. Successes of retries gain nothing: a server that takes
    /// every second request would keep all of them going.
    pub fn first_attempt_succeeded(&self, now: Instant) {
        let mut state = self.refilled(now);
        // What exceeds the limit is cut when the tokens are looked at.
        state.tokens += u64::from(self.settings.gain_per_success);
    }

    /// The state with the time until `now` turned into tokens. Threads may come with moments that
    /// are a little older than the last one; those change nothing.
    fn refilled(&self, now: Instant) -> MutexGuard<'_, State> {
        // No code that holds the lock can panic, and the state is whole at any time.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(state.refilled).as_nanos();
        let gained = passed / self.settings.nanos_per_thousandth();
        let missing = self.settings.limit().saturating_sub(state.tokens);
        if gained >= u128::from(missing) {
            // What a full bucket does not take is lost.
            state.tokens = self.settings.limit();
            state.refilled = state.refilled.max(now);
        } else {
            // The rest of the time counts later; less than `passed` fits, since that does.
            let rest = passed % self.settings.nanos_per_thousandth();
            state.tokens += gained as u64;
            state.refilled += from_nanos(passed - rest);
        }
        state
    }
}

impl BudgetSettings {
    fn limit(&self) -> u64 {
        u64::from(self.capacity) * TOKEN
    }

    fn nanos_per_thousandth(&self) -> u128 {
        (self.refill_time.as_nanos() / u128::from(TOKEN)).max(1)
    }

    fn until_next(&self, state: &State, now: Instant) -> Option<Duration> {
        if self.capacity == 0 {
            return None;
        }
        let missing = TOKEN.saturating_sub(state.tokens);
        let total = from_nanos(self.nanos_per_thousandth() * u128::from(missing));
        Some(total.saturating_sub(now.saturating_duration_since(state.refilled)))
    }
}

impl fmt::Display for BudgetUsedUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not tried again: the retry budget of the client is used up")?;
        match self.next {
            // Rounded up: asking earlier would be refused again.
            Some(next) => {
                let seconds = next.as_secs().saturating_add(u64::from(next.subsec_nanos() > 0));
                write!(f, "; time alone brings the next retry in {seconds} s")
            }
            None => Ok(()),
        }
    }
}

impl std::error::Error for BudgetUsedUp {}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn spend_all(budget: &RetryBudget, now: Instant) -> u32 {
        let mut spent = 0;
        while budget.try_spend(now).is_ok() {
            spent += 1;
        }
        spent
    }

    fn spent(now: Instant) -> RetryBudget {
        let budget = RetryBudget::new(BudgetSettings::default(), now);
        spend_all(&budget, now);
        budget
    }

    /// Whole retries that are left.
    fn left(budget: &RetryBudget, now: Instant) -> u64 {
        budget.refilled(now).tokens / TOKEN
    }

    fn settings(capacity: u32, gain_per_success: u32, refill_time: Duration) -> BudgetSettings {
        BudgetSettings { capacity, gain_per_success, refill_time }
    }

    #[test]
    fn a_new_client_has_all_of_it_and_no_more() {
        let now = Instant::now();
        let budget = RetryBudget::new(BudgetSettings::default(), now);
        assert_eq!(left(&budget, now), 10);
        assert_eq!(spend_all(&budget, now), 10);
        assert_eq!(left(&budget, now), 0);
    }

    #[test]
    fn five_successes_bring_one_retry() {
        let now = Instant::now();
        let budget = spent(now);
        for _ in 0..4 {
            budget.first_attempt_succeeded(now);
        }
        assert!(budget.try_spend(now).is_err());
        budget.first_attempt_succeeded(now);
        assert_eq!(spend_all(&budget, now), 1);
    }

    #[test]
    fn successes_fill_it_up_to_its_capacity() {
        let now = Instant::now();
        let budget = RetryBudget::new(BudgetSettings::default(), now);
        for _ in 0..1000 {
            budget.first_attempt_succeeded(now);
        }
        assert_eq!(spend_all(&budget, now), 10);
    }

    #[test]
    fn time_refills_it_slowly_and_exactly() {
        let start = Instant::now();
        let budget = spent(start);
        // Being asked often loses nothing of the time.
        for second in 1..600 {
            let now = start + SECOND * second;
            assert!(budget.try_spend(now).is_err(), "{second}");
        }
        assert!(budget.try_spend(start + SECOND * 600 - Duration::from_nanos(1)).is_err());
        assert!(budget.try_spend(start + SECOND * 600).is_ok());
        assert!(budget.try_spend(start + SECOND * 1199).is_err());
        assert!(budget.try_spend(start + SECOND * 1200).is_ok());
    }

    #[test]
    fn time_fills_it_up_to_its_capacity() {
        let start = Instant::now();
        let budget = RetryBudget::new(BudgetSettings::default(), start);
        let late = start + SECOND * 1_000_000;
        assert_eq!(spend_all(&budget, late), 10);
        // The time at which it was full is gone.
        assert_eq!(spend_all(&budget, late + SECOND * 599), 0);
        assert_eq!(spend_all(&budget, late + SECOND * 600), 1);
    }

    #[test]
    fn a_moment_in_the_past_changes_nothing() {
        let start = Instant::now() + SECOND * 10_000;
        let budget = spent(start);
        assert_eq!(left(&budget, start - SECOND * 5000), 0);
        assert_eq!(left(&budget, start + SECOND * 599), 0);
        assert_eq!(left(&budget, start + SECOND * 600), 1);
        assert_eq!(left(&budget, start), 1);
        let full = RetryBudget::new(BudgetSettings::default(), start);
        assert!(full.try_spend(start - SECOND * 5000).is_ok());
        assert_eq!(left(&full, start), 9);
    }

    #[test]
    fn the_refusal_says_when_time_brings_the_next_one() {
        let start = Instant::now();
        let budget = spent(start);
        let now = start + SECOND * 100 + Duration::from_millis(300);
        let refusal = budget.try_spend(now).unwrap_err();
        assert_eq!(refusal.next, Some(Duration::from_millis(499_700)));
        assert_eq!(
            refusal.to_string(),
            "not tried again: the retry budget of the client is used up; time alone brings the next \
             retry in 500 s"
        );
        assert!(budget.try_spend(now + refusal.next.unwrap()).is_ok());
        let whole = budget.try_spend(now + refusal.next.unwrap()).unwrap_err();
        assert!(whole.to_string().ends_with("next retry in 600 s"), "{whole}");
    }

    #[test]
    fn without_capacity_there_is_no_retry_ever() {
        let now = Instant::now();
        let budget = RetryBudget::new(settings(0, u32::MAX, Duration::ZERO), now);
        budget.first_attempt_succeeded(now);
        let refusal = budget.try_spend(now + SECOND).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "not tried again: the retry budget of the client is used up"
        );
    }

    #[test]
    fn no_setting_overflows() {
        let start = Instant::now();
        for capacity in [0, 1, u32::MAX] {
            for gain in [0, 1, u32::MAX] {
                for refill in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
                    let settings = settings(capacity, gain, refill);
                    let budget = RetryBudget::new(settings, start);
                    for _ in 0..3 {
                        let _ = budget.try_spend(start);
                        budget.first_attempt_succeeded(start + SECOND);
                    }
                    assert!(
                        left(&budget, start + SECOND * u32::MAX) <= u64::from(capacity),
                        "{settings:?}"
                    );
                }
            }
        }
        let never = RetryBudget::new(settings(1, 0, Duration::MAX), start);
        assert_eq!(spend_all(&never, start), 1);
        let refusal = never.try_spend(start + SECOND * u32::MAX).unwrap_err();
        assert!(refusal.next.unwrap() > Duration::from_secs(1 << 60));
        let no_limit = RetryBudget::new(settings(1, 0, Duration::ZERO), start);
        for second in 0..1000 {
            assert!(no_limit.try_spend(start + SECOND * second).is_ok(), "{second}");
        }
    }

    #[test]
    fn threads_share_it_and_spend_each_retry_once() {
        let now = Instant::now();
        let budget = RetryBudget::new(settings(1000, 0, Duration::MAX), now);
        let spent: u32 = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..8).map(|_| scope.spawn(|| spend_all(&budget, now))).collect();
            workers.into_iter().map(|worker| worker.join().unwrap()).sum()
        });
        assert_eq!(spent, 1000);
    }
}
