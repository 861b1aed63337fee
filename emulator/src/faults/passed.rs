//! How many requests of a kind have passed.

use std::collections::HashMap;

/// Requests that differ are counted apart; so many that memory stays bounded.
const MAX_COUNTED: usize = 1 << 20;

/// Counts by identity.
#[derive(Debug, Default)]
pub(super) struct Passed {
    counts: HashMap<u64, u32>,
}

impl Passed {
    /// Counts one more; its number among those of its identity, from 1.
    pub(super) fn count(&mut self, identity: u64) -> u32 {
        if self.counts.len() >= MAX_COUNTED && !self.counts.contains_key(&identity) {
            self.counts.clear();
        }
        let number = self.counts.entry(identity).or_default();
        *number = number.saturating_add(1);
        *number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_identity_is_counted_and_not_too_many() {
        let mut passed = Passed::default();
        let numbers: Vec<u32> = [7, 8, 7, 7].map(|identity| passed.count(identity)).into();
        assert_eq!(numbers, [1, 1, 2, 3]);
        for identity in 0..MAX_COUNTED as u64 {
            passed.count(identity + 100);
        }
        assert!(passed.counts.len() <= MAX_COUNTED);
        assert_eq!(passed.count(7), 1);
    }
}
