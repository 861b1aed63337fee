//! The forms of a moment that signatures need.

use std::time::{Duration, UNIX_EPOCH};

const SECONDS_PER_DAY: u64 = 86_400;

/// A moment in whole seconds since 1970, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// `YYYYMMDD'T'HHMMSS'Z'`, for `x-oss-date`.
    pub fn iso_basic(self) -> String {
        let (hour, minute, second) = (self.0 / 3600 % 24, self.0 / 60 % 60, self.0 % 60);
        format!("{}T{hour:02}{minute:02}{second:02}Z", self.date())
    }

    /// `YYYYMMDD`, for the scope of signature V4.
    pub fn date(self) -> String {
        let (year, month, day) = civil_from_days(self.0 / SECONDS_PER_DAY);
        format!("{year:04}{month:02}{day:02}")
    }

    /// `YYYY-MM-DD'T'HH:MM:SS.000Z`, for the expiration of policies.
    pub fn iso_extended(self) -> String {
        let (year, month, day) = civil_from_days(self.0 / SECONDS_PER_DAY);
        let (hour, minute, second) = (self.0 / 3600 % 24, self.0 / 60 % 60, self.0 % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000Z")
    }

    /// RFC 1123 in GMT, for the `Date` header of signature V1.
    pub fn http_date(self) -> String {
        // The formatter knows years up to 9999; a clock beyond that is as wrong as one at its end.
        const LAST: u64 = 253_402_300_799;
        httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(self.0.min(LAST)))
    }
}

/// Year, month and day of a day counted from 1970-01-01, after Howard Hinnant's
/// "chrono-compatible low-level date algorithms": years begin in March, so that the leap day is
/// the last of its year, and repeat every 400 years (one era).
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    const DAYS_FROM_YEAR_ZERO: u64 = 719_468;
    const DAYS_PER_ERA: u64 = 146_097;
    let days = days + DAYS_FROM_YEAR_ZERO;
    let (era, day_of_era) = (days / DAYS_PER_ERA, days % DAYS_PER_ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}
