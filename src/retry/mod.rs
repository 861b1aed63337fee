//! When a failed request is sent again, and when not (docs/retries.md).
//!
//! Pure: time and randomness come in as values, so that tests and the simulation are exact.
//! [`random01`] is the source of randomness for everybody else.

mod budget;
mod policy;
mod random;
mod retry_after;

pub use budget::{BudgetSettings, BudgetUsedUp, RetryBudget};
pub use policy::RetryPolicy;
pub(crate) use random::random_bits;
pub use random::random01;
pub use retry_after::{MAX_RETRY_AFTER, retry_after};

use std::time::Duration;

/// The seconds must fit, as those of a part or the whole of some duration do.
fn from_nanos(nanos: u128) -> Duration {
    Duration::new((nanos / 1_000_000_000) as u64, (nanos % 1_000_000_000) as u32)
}
