//! One gateway behind a network that loses requests: what the budget takes from those who are no fleet.

use std::time::{Duration, Instant};

use ossbind::retry::{BudgetSettings, RetryBudget, RetryPolicy};

use crate::random::Random;

const CALLS: u32 = 100_000;
/// A busy one, such as a large upload in small parts; for a quiet one time refills the budget.
const INTERVAL: Duration = Duration::from_secs(1);

/// Share of the calls that fail when the network loses the share `loss` of the requests.
pub fn failed_share(loss: f64, settings: BudgetSettings) -> f64 {
    let policy = RetryPolicy::default();
    let mut now = Instant::now();
    let budget = RetryBudget::new(settings, now);
    let mut random = Random::new();
    let mut failed = 0;
    for _ in 0..CALLS {
        now += INTERVAL;
        let mut made = 1;
        let mut is_lost = random.next() < loss;
        if !is_lost {
            budget.first_attempt_succeeded(now);
        }
        while is_lost && policy.allows_another(made) && budget.try_spend(now).is_ok() {
            made += 1;
            is_lost = random.next() < loss;
        }
        failed += u32::from(is_lost);
    }
    f64::from(failed) / f64::from(CALLS)
}
