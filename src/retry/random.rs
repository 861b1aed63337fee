//! Randomness that no secret depends on.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// A number from 0 to below 1 that differs from call to call and from device to device: the keys of the
/// standard library's hash maps come from the operating system.
pub fn random01() -> f64 {
    unit(random_bits())
}

pub(crate) fn random_bits() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// The upper 53 bits, which is what a double holds exactly.
fn unit(bits: u64) -> f64 {
    const STEPS: f64 = (1u64 << 53) as f64;
    (bits >> 11) as f64 / STEPS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_from_0_to_below_1() {
        assert_eq!(unit(0), 0.0);
        assert_eq!(unit(1 << 63), 0.5);
        let largest = unit(u64::MAX);
        assert!(largest < 1.0 && largest > 0.999_999, "{largest}");
    }

    #[test]
    fn numbers_differ_and_spread() {
        let numbers: Vec<f64> = (0..1000).map(|_| random01()).collect();
        assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
        // Each tenth of the range has about 100; one with none has a chance of 1 in 10^45.
        for tenth in 0..10 {
            let range = f64::from(tenth) / 10.0..f64::from(tenth + 1) / 10.0;
            assert!(numbers.iter().any(|number| range.contains(number)), "{range:?}");
        }
    }
}
