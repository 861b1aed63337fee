//! Moments as the service writes them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::signing::time::Timestamp;

/// What the clock of the device says, since 1970. A clock before 1970 counts as 1970.
pub(super) fn device_clock() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// `YYYY-MM-DDTHH:MM:SSZ`.
pub(super) fn iso_extended(seconds: u64) -> String {
    let basic = Timestamp(seconds).iso_basic();
    // A year beyond 9999 makes the date longer, at its beginning.
    let (date, time) = basic.split_at(basic.len() - "T172057Z".len());
    let (year, day) = date.split_at(date.len() - "1216".len());
    format!("{year}-{}-{}{}:{}:{}", &day[..2], &day[2..], &time[..3], &time[3..5], &time[5..])
}

/// Seconds since 1970 of an RFC 3339 moment; parts of a second are dropped.
pub(super) fn parse_rfc3339(text: &str) -> Option<u64> {
    let (date, rest) = text.split_at_checked("2023-12-16T".len())?;
    let (time, rest) = rest.split_at_checked("17:20:57".len())?;
    let day = day_number(date)?;
    let seconds = seconds_of_day(time, 60)?;
    let fraction = rest.strip_prefix('.').unwrap_or("");
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let zone = match digits {
        0 => rest,
        _ => &fraction[digits..],
    };
    let local = i64::try_from(day * 86_400 + seconds).ok()?;
    u64::try_from(local - offset(zone)?).ok()
}

/// `2023-12-16T` as a number of days since 1970, after Howard Hinnant's "chrono-compatible
/// low-level date algorithms": years begin in March, so that the leap day is the last of its year.
fn day_number(date: &str) -> Option<u64> {
    let fields = date.strip_suffix(['T', 't', ' '])?;
    let mut fields = fields.split('-').map(number);
    let (year, month, day) = (fields.next()??, fields.next()??, fields.next()??);
    if fields.next().is_some() || year < 1970 || !(1..=12).contains(&month) {
        return None;
    }
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year / 400, year % 400);
    let march_month = (month + 9) % 12;
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// `17:20:57`, or `17:20` when `last_second` is zero.
fn seconds_of_day(time: &str, last_second: u64) -> Option<u64> {
    let mut fields = time.split(':').map(number);
    let (hour, minute) = (fields.next()??, fields.next()??);
    let second = match last_second {
        0 => 0,
        _ => fields.next()??,
    };
    let fits = hour <= 23 && minute <= 59 && second <= last_second && fields.next().is_none();
    fits.then_some(hour * 3600 + minute * 60 + second)
}

/// `Z`, `+08:00` or `-05:30` in seconds.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, distance) = match zone.as_bytes().first()? {
        b'+' => (1, &zone[1..]),
        b'-' => (-1, &zone[1..]),
        _ => return None,
    };
    Some(sign * i64::try_from(seconds_of_day(distance, 0)?).ok()?)
}

/// Digits only: the parser of the language takes a sign as well.
fn number(text: &str) -> Option<u64> {
    let digits = (2..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_rfc_3339() {
        for (text, seconds) in [
            ("2023-12-16T17:20:57Z", 1_702_747_257),
            ("2023-12-16T17:20:57.123456789Z", 1_702_747_257),
            ("2023-12-17T01:20:57+08:00", 1_702_747_257),
            ("2023-12-16T11:50:57-05:30", 1_702_747_257),
            ("2023-12-16t17:20:57z", 1_702_747_257),
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2024-03-01T00:00:00Z", 1_709_251_200),
        ] {
            assert_eq!(parse_rfc3339(text), Some(seconds), "{text}");
        }
        assert_eq!(iso_extended(1_702_747_257), "2023-12-16T17:20:57Z");
    }

    #[test]
    fn what_is_no_moment() {
        for text in [
            "",
            "2023-12-16",
            "2023-12-16T17:20:57",
            "2023-12-16T17:20Z",
            "2023-13-16T17:20:57Z",
            "2023-02-29T17:20:57Z",
            "2023-12-16T24:20:57Z",
            "2023-12-16T17:20:57.Z",
            "2023-12-16T17:20:57+0800",
            "2023-12-16T17:20:57Zjunk",
            "+023-12-16T17:20:57Z",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+08:00",
            "2023-12-1é7:20:57Z",
            "1702747257",
        ] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
    }
}
