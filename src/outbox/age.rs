//! How long ago something was, on a device whose clock may never have been set.

use std::fs;

use crate::http::BUILD_DATE;
use crate::record::record;
use crate::sys;
use crate::time::Timestamp;

/// A moment by two clocks: the one of this boot, which nobody sets, and the one on the wall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moment {
    /// Seconds since 1970; none when the clock was before the date of the build, and so never set.
    unix_s: Option<u64>,
    /// Which boot it was.
    boot: String,
    /// Seconds since that boot.
    boot_s: u64,
}

record!(Moment { unix_s, boot, boot_s });

impl Moment {
    pub(super) fn now() -> Self {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        Self::of(Timestamp::of_device(), boot.trim(), sys::seconds_since_boot())
    }

    fn of(device: Timestamp, boot: &str, boot_s: u64) -> Self {
        let is_set = device.0 >= BUILD_DATE;
        Self { unix_s: is_set.then_some(device.0), boot: boot.to_owned(), boot_s }
    }

    pub(super) fn unix_s(&self) -> Option<u64> {
        self.unix_s
    }

    /// Seconds from then to `now`. None when nobody can tell: then nothing expires.
    pub(super) fn age_at(&self, now: &Self) -> Option<u64> {
        if !self.boot.is_empty() && self.boot == now.boot {
            return Some(now.boot_s.saturating_sub(self.boot_s));
        }
        // Since the boot it is at least that.
        let by_wall = now.unix_s?.saturating_sub(self.unix_s?);
        Some(by_wall.max(now.boot_s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_never_set_is_not_believed() {
        let day = 86_400;
        let set = BUILD_DATE + day;
        let at = |unix, boot, boot_s| Moment::of(Timestamp(unix), boot, boot_s);
        for (then, now, age) in [
            // The same boot, whatever the wall says.
            (at(7, "a", 10), at(set, "a", 70), Some(60)),
            (at(set, "a", 10), at(7, "a", 70), Some(60)),
            // Another boot: both have to be believable.
            (at(set, "a", 10), at(set + day, "b", 5), Some(day)),
            (at(set, "a", 10), at(set - 5, "b", 5), Some(5)),
            (at(7, "a", 10), at(set, "b", 5), None),
            (at(set, "a", 10), at(7, "b", 5), None),
        ] {
            assert_eq!(then.age_at(&now), age, "{then:?} {now:?}");
        }
        let now = Moment::now();
        assert_eq!(now.age_at(&now), Some(0));
    }
}
