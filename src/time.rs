//! Moments, and the forms in which OSS, HTTP and key servers write them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SECONDS_PER_DAY: u64 = 86_400;
const LEAP_SECOND: u64 = 60;
/// The end of the year 9999, beyond which no form goes; a later clock is as wrong as this.
const LAST: u64 = 253_402_300_799;

/// A moment in whole seconds since 1970, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub u64);

impl From<SystemTime> for Timestamp {
    /// A clock before 1970 counts as 1970.
    fn from(time: SystemTime) -> Self {
        Self(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
    }
}

impl Timestamp {
    /// What the clock of the device says, which may be wrong by decades.
    pub fn of_device() -> Self {
        SystemTime::now().into()
    }

    /// `YYYYMMDD`, for the scope of signature V4.
    pub fn date(self) -> String {
        let (year, month, day) = self.civil();
        digits([(year, 4), (month, 2), (day, 2)])
    }

    /// `YYYYMMDD'T'HHMMSS'Z'`, for `x-oss-date`.
    pub fn iso_basic(self) -> String {
        let (hour, minute, second) = self.time_of_day();
        [&*self.date(), "T", &digits([(hour, 2), (minute, 2), (second, 2)]), "Z"].concat()
    }

    /// `YYYY-MM-DD'T'HH:MM:SS'Z'`.
    pub fn iso_extended(self) -> String {
        let (year, month, day) = self.civil();
        let (hour, minute, second) = self.time_of_day();
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }

    /// `YYYY-MM-DD'T'HH:MM:SS.000Z`, as OSS itself writes times, and wants the expiration of policies.
    pub fn iso_milliseconds(self) -> String {
        self.iso_extended().replace('Z', ".000Z")
    }

    /// RFC 1123 in GMT, for the `Date` header of signature V1.
    pub fn http_date(self) -> String {
        httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(self.0.min(LAST)))
    }

    /// Reads the three forms of a date in HTTP headers.
    pub fn parse_http(text: &str) -> Option<Self> {
        httpdate::parse_http_date(text.trim()).ok().map(Self::from)
    }

    /// Reads ISO 8601 in the extended form, as RFC 3339 has it. Parts of a second are dropped, and a
    /// leap second is the next second.
    pub fn parse_iso(text: &str) -> Option<Self> {
        let (date, time) = text.trim().split_once(['T', 't'])?;
        let (time, zone) = time.split_at_checked("17:20:57".len())?;
        let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
        let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
        let seconds = days_from_civil(year, month, day)? * SECONDS_PER_DAY
            + seconds_of_day(hour, minute, second)?;
        let moment = seconds.checked_add_signed(-zone_offset(without_fraction(zone)?)?)?;
        // A leap second ends a day in UTC, whatever the zone.
        (second < LEAP_SECOND || moment % SECONDS_PER_DAY == 0).then_some(Self(moment))
    }

    fn civil(self) -> (u64, u64, u64) {
        civil_from_days(self.0.min(LAST) / SECONDS_PER_DAY)
    }

    fn time_of_day(self) -> (u64, u64, u64) {
        (self.0 / 3600 % 24, self.0 / 60 % 60, self.0 % 60)
    }
}

/// Numbers of so many digits each. Part of every signature, where a formatter costs much.
fn digits<const N: usize>(numbers: [(u64, u32); N]) -> String {
    let digit = |number: u64, place| char::from(b'0' + (number / 10_u64.pow(place) % 10) as u8);
    let of_one = |(number, width)| (0..width).rev().map(move |place| digit(number, place));
    numbers.into_iter().flat_map(of_one).collect()
}

fn seconds_of_day(hour: u64, minute: u64, second: u64) -> Option<u64> {
    let is_time = hour <= 23 && minute <= 59 && second <= LEAP_SECOND;
    is_time.then_some(hour * 3600 + minute * 60 + second)
}

/// What stands behind `.123`, if there is such a fraction.
fn without_fraction(text: &str) -> Option<&str> {
    match text.strip_prefix('.') {
        Some(fraction) => {
            let rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            (rest.len() < fraction.len()).then_some(rest)
        }
        None => Some(text),
    }
}

/// `Z`, `+08:00` or `-05:30` in seconds.
fn zone_offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, distance) = match zone.strip_prefix('+') {
        Some(distance) => (1, distance),
        None => (-1, zone.strip_prefix('-')?),
    };
    let [hour, minute] = numbers(distance, ':', [2, 2])?;
    Some(sign * i64::try_from(seconds_of_day(hour, minute, 0)?).ok()?)
}

/// Numbers of exactly so many digits.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[u64; N]> {
    let mut pieces = text.split(separator);
    let mut numbers = [0; N];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        // A sign, which the parser would take, is no digit.
        let is_number =
            |piece: &&str| piece.len() == digits && piece.bytes().all(|byte| byte.is_ascii_digit());
        *number = pieces.next().filter(is_number)?.parse().ok()?;
    }
    pieces.next().is_none().then_some(numbers)
}

const DAYS_FROM_YEAR_ZERO: u64 = 719_468;
const DAYS_PER_ERA: u64 = 146_097;

/// Year, month and day of a day counted from 1970-01-01, after Howard Hinnant's
/// "chrono-compatible low-level date algorithms": years begin in March, so that the leap day is
/// the last of its year, and repeat every 400 years (one era).
fn civil_from_days(days: u64) -> (u64, u64, u64) {
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

/// The inverse. None for days that do not exist, and for those before 1970.
fn days_from_civil(year: u64, month: u64, day: u64) -> Option<u64> {
    let march_year = if month <= 2 { year.checked_sub(1)? } else { year };
    let (era, year_of_era) = (march_year / 400, march_year % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day.checked_sub(1)?;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = (era * DAYS_PER_ERA + day_of_era).checked_sub(DAYS_FROM_YEAR_ZERO)?;
    // A month or a day that does not exist is another date.
    (civil_from_days(days) == (year, month, day)).then_some(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_all_forms() {
        let table = [
            (0, "19700101T000000Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_399, "20000228T235959Z", "Mon, 28 Feb 2000 23:59:59 GMT"),
            (951_782_400, "20000229T000000Z", "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_702_743_657, "20231216T162057Z", "Sat, 16 Dec 2023 16:20:57 GMT"),
            (4_107_542_400, "21000301T000000Z", "Mon, 01 Mar 2100 00:00:00 GMT"),
        ];
        for (seconds, iso, http) in table {
            assert_eq!(Timestamp(seconds).iso_basic(), iso);
            assert_eq!(Timestamp(seconds).http_date(), http);
        }
        assert_eq!(Timestamp(1_702_747_257).iso_extended(), "2023-12-16T17:20:57Z");
        assert_eq!(Timestamp(1_702_747_257).iso_milliseconds(), "2023-12-16T17:20:57.000Z");
    }

    #[test]
    fn every_day_is_read_as_it_is_written() {
        // Two eras, with all kinds of leap years, and the ends of the days.
        for day in 0..2 * DAYS_PER_ERA {
            let timestamp = Timestamp(day * SECONDS_PER_DAY + day % SECONDS_PER_DAY);
            assert_eq!(Timestamp::parse_iso(&timestamp.iso_extended()), Some(timestamp));
        }
    }

    #[test]
    fn iso_with_fractions_and_zones() {
        for (text, seconds) in [
            ("2023-12-16T17:20:57Z", 1_702_747_257),
            ("2023-12-16T17:20:57.123456789Z", 1_702_747_257),
            ("2023-12-17T01:20:57+08:00", 1_702_747_257),
            ("2023-12-16T11:50:57-05:30", 1_702_747_257),
            ("2023-12-16t17:20:57z", 1_702_747_257),
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2024-02-29T00:00:00Z", 1_709_164_800),
            ("2024-03-01T00:00:00Z", 1_709_251_200),
            ("2022-09-04T08:11:37.000Z", 1_662_279_097),
            ("2022-09-04T08:11:37.999Z", 1_662_279_097),
            ("2022-09-04T08:11:37.5Z", 1_662_279_097),
            ("2022-09-04T08:11:37.99999999999999999999999999Z", 1_662_279_097),
            ("\n 2022-09-04T08:11:37.000Z\t", 1_662_279_097),
            ("1970-01-01T00:00:00.000Z", 0),
            ("9999-12-31T23:59:59.000Z", 253_402_300_799),
            ("2016-12-31T23:59:60Z", 1_483_228_800),
            ("2016-12-31T23:59:60.999Z", 1_483_228_800),
            ("2017-01-01T07:59:60+08:00", 1_483_228_800),
            ("2017-01-01T05:29:60+05:30", 1_483_228_800),
        ] {
            assert_eq!(Timestamp::parse_iso(text), Some(Timestamp(seconds)), "{text}");
        }
    }

    #[test]
    fn iso_that_is_no_moment() {
        let long = format!("{}-09-04T08:11:37Z", "2".repeat(100_000));
        for text in [
            "",
            "Z",
            "T",
            "TZ",
            "2022-09-04",
            "2022-09-04T08:11:37",
            "2022-09-04T08:11:37.000",
            "2022-09-04 08:11:37Z",
            "2022-09-04T08:11:37+02",
            "2022-09-04T08:11:37+0200",
            "2022-09-04T08:11:37+02:60",
            "20220904T081137Z",
            "2022-09-04T08:11Z",
            "2022-09-04T08:11:37.Z1",
            "2022-09-04T08:11:37.Z",
            "2022-09-04T08:11:37.-1Z",
            "2022-09-04T08:11:37:00Z",
            "2022-09-04T08:11:37Zjunk",
            "2022-09-04-01T08:11:37Z",
            "22-09-04T08:11:37Z",
            "12022-09-04T08:11:37Z",
            "2022-9-4T8:11:37Z",
            "+022-09-04T08:11:37Z",
            "-022-09-04T08:11:37Z",
            "2022-00-04T08:11:37Z",
            "2022-13-04T08:11:37Z",
            "2022-99-99T08:11:37Z",
            "2022-09-00T08:11:37Z",
            "2022-09-31T08:11:37Z",
            "2022-02-29T08:11:37Z",
            "2023-02-29T17:20:57Z",
            "2100-02-29T08:11:37Z",
            "2022-09-04T8:11:37Z",
            "2022-09-04T24:00:00Z",
            "2022-09-04T99:00:00Z",
            "2022-09-04T08:60:00Z",
            "2022-09-04T08:11:60Z",
            "2016-12-31T23:59:60+08:00",
            "2016-12-31T23:59:61Z",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+08:00",
            "0000-01-01T00:00:00Z",
            "0000-03-01T00:00:00Z",
            "٢٠٢٢-09-04T08:11:37Z",
            "2023-12-1é7:20:57Z",
            "2022-09-04T08:11:3é7Z",
            "2022-09-04T08:11:37\u{0}Z",
            "1702747257",
            &long,
        ] {
            assert_eq!(Timestamp::parse_iso(text), None, "{}", text.escape_debug());
        }
    }

    #[test]
    fn http_dates_in_their_three_forms() {
        for text in [
            "Sun, 04 Sep 2022 08:11:38 GMT",
            " Sun, 04 Sep 2022 08:11:38 GMT\r",
            "Sunday, 04-Sep-22 08:11:38 GMT",
            "Sun Sep  4 08:11:38 2022",
        ] {
            assert_eq!(Timestamp::parse_http(text), Some(Timestamp(1_662_279_098)), "{text}");
        }
        let long = "S".repeat(100_000);
        for text in ["", "now", "1662279098", "Sun, 04 Sep 2022", "2022-09-04T08:11:37Z", &long] {
            assert_eq!(Timestamp::parse_http(text), None, "{}", text.escape_debug());
        }
    }
}
