//! How an object is cut into parts (spec: multipart.md 1).

use crate::error::{Error, Result};
use crate::service::{MAX_PART_SIZE, MAX_PARTS, MIN_PART_SIZE};

/// What parts have unless the caller says otherwise.
pub(in crate::upload) const DEFAULT_PART_SIZE: u64 = 6 * 1024 * 1024;

/// One part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::upload) struct Part {
    /// From 1.
    pub(in crate::upload) number: u32,
    pub(in crate::upload) offset: u64,
    pub(in crate::upload) length: u64,
}

/// The parts of an object of known size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::upload) struct Plan {
    pub(in crate::upload) size: u64,
    pub(in crate::upload) part_size: u64,
}

impl Plan {
    /// Both sizes are checked before. `part_size` grows when there would be too many parts.
    pub(in crate::upload) fn new(size: u64, part_size: u64) -> Self {
        Self { size, part_size: part_size.max(size.div_ceil(MAX_PARTS)) }
    }

    /// How many parts there are; an empty object has one.
    pub(in crate::upload) fn count(&self) -> u32 {
        u32::try_from(self.size.div_ceil(self.part_size).max(1)).unwrap_or(u32::MAX)
    }

    /// A part by its number, which is from 1 to `count()`.
    pub(in crate::upload) fn part(&self, number: u32) -> Part {
        let offset = u64::from(number - 1) * self.part_size;
        Part { number, offset, length: self.part_size.min(self.size - offset) }
    }
}

/// The size of an object.
pub(in crate::upload) fn check_size(size: u64) -> Result<()> {
    if size <= MAX_PART_SIZE * MAX_PARTS {
        return Ok(());
    }
    let fault = format!("has {size} bytes; OSS stores at most 10 000 parts of 5 GiB");
    Err(Error::invalid("body", fault))
}

/// The size that a caller asks for.
pub(in crate::upload) fn check_part_size(part_size: u64) -> Result<()> {
    if (MIN_PART_SIZE..=MAX_PART_SIZE).contains(&part_size) {
        return Ok(());
    }
    let fault = format!("is {part_size}; OSS takes parts of 102400 bytes (100 KiB) to 5 GiB");
    Err(Error::invalid("part_size", fault))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_cover_the_object_without_gap() {
        for (size, part_size) in [
            (0, MIN_PART_SIZE),
            (1, MIN_PART_SIZE),
            (MIN_PART_SIZE, MIN_PART_SIZE),
            (MIN_PART_SIZE + 1, MIN_PART_SIZE),
            (10_000_000_000, DEFAULT_PART_SIZE),
            (100_000_000_001, DEFAULT_PART_SIZE),
            (MAX_PART_SIZE * MAX_PARTS, MIN_PART_SIZE),
        ] {
            let plan = Plan::new(size, part_size);
            let mut offset = 0;
            for number in 1..=plan.count() {
                let part = plan.part(number);
                assert_eq!((part.number, part.offset), (number, offset));
                offset += part.length;
                assert!(number == plan.count() || part.length >= MIN_PART_SIZE);
            }
            assert_eq!(offset, size);
            assert!(u64::from(plan.count()) <= MAX_PARTS && plan.part_size <= MAX_PART_SIZE);
        }
    }

    #[test]
    fn limits() {
        assert!(check_size(50_000 << 30).is_ok());
        assert!(check_size((50_000 << 30) + 1).is_err());
        assert_eq!(DEFAULT_PART_SIZE, 6 << 20, "as the header says");
        for wrong in [MIN_PART_SIZE - 1, MAX_PART_SIZE + 1] {
            assert_eq!(check_part_size(wrong).unwrap_err().field(), Some("part_size"));
        }
    }

    proptest! {
        #[test]
        fn parts_cover_any_object(
            size in 0..=MAX_PART_SIZE * MAX_PARTS,
            part_size in MIN_PART_SIZE..=MAX_PART_SIZE,
            at in any::<proptest::sample::Index>(),
        ) {
            let plan = Plan::new(size, part_size);
            prop_assert!(plan.part_size <= MAX_PART_SIZE && u64::from(plan.count()) <= MAX_PARTS);
            let number = at.index(plan.count() as usize) as u32 + 1;
            let part = plan.part(number);
            let end = part.offset + part.length;
            match number == plan.count() {
                true => prop_assert_eq!(end, size),
                false => {
                    prop_assert_eq!(end, plan.part(number + 1).offset);
                    prop_assert!(part.length >= MIN_PART_SIZE);
                }
            }
        }
    }
}
