//! What a server asks for with `Retry-After` (RFC 9110, 10.2.3).

use std::time::Duration;

use crate::time::Timestamp;

/// No server keeps a call waiting for longer than this by asking.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(120);

/// The time that the header asks for: seconds, or a date, which is compared with the `Date` header of the
/// same answer, since the clock of the device may be wrong. At most [`MAX_RETRY_AFTER`]; None when the
/// header says nothing that can be understood.
pub fn retry_after(value: &str, date: Option<&str>) -> Option<Duration> {
    let value = value.trim();
    let asked = match !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // All digits, so what does not fit is large.
        true => value.parse().map_or(MAX_RETRY_AFTER, Duration::from_secs),
        // A date that is over asks for nothing.
        false => {
            let (until, now) = (Timestamp::parse_http(value)?, Timestamp::parse_http(date?)?);
            Duration::from_secs(until.0.saturating_sub(now.0))
        }
    };
    Some(asked.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Sun, 04 Sep 2022 08:11:37 GMT";

    fn seconds(value: &str, date: Option<&str>) -> Option<u64> {
        let asked = retry_after(value, date)?;
        assert_eq!(asked.subsec_nanos(), 0);
        Some(asked.as_secs())
    }

    #[test]
    fn seconds_are_taken_as_they_are() {
        for (value, expected) in [("0", 0), ("1", 1), (" 30\t", 30), ("007", 7), ("120", 120)] {
            assert_eq!(seconds(value, None), Some(expected), "{value}");
        }
    }

    #[test]
    fn no_server_makes_a_call_wait_for_long() {
        let many_digits = "9".repeat(10_000);
        for value in ["121", "86400", "18446744073709551615", "18446744073709551616", &many_digits]
        {
            assert_eq!(seconds(value, None), Some(120), "{value}");
        }
        assert_eq!(seconds("Fri, 31 Dec 9999 23:59:59 GMT", Some(DATE)), Some(120));
    }

    #[test]
    fn a_date_is_relative_to_that_of_the_answer() {
        for (value, expected) in [
            ("Sun, 04 Sep 2022 08:12:07 GMT", 30),
            ("Sunday, 04-Sep-22 08:12:07 GMT", 30),
            ("Sun Sep  4 08:12:07 2022", 30),
            (DATE, 0),
            ("Sun, 04 Sep 2022 08:11:36 GMT", 0),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ] {
            assert_eq!(seconds(value, Some(DATE)), Some(expected), "{value}");
        }
        let early = "Thu, 01 Jan 1970 00:00:00 GMT";
        assert_eq!(seconds("Thu, 01 Jan 1970 00:00:05 GMT", Some(early)), Some(5));
    }

    #[test]
    fn a_date_means_nothing_without_that_of_the_answer() {
        for date in [None, Some(""), Some("yesterday"), Some("12"), Some("\u{0}")] {
            assert_eq!(seconds("Sun, 04 Sep 2022 08:12:07 GMT", date), None, "{date:?}");
        }
    }

    #[test]
    fn garbage_asks_for_nothing() {
        let long = "x".repeat(100_000);
        for value in [
            "",
            " ",
            "-1",
            "+1",
            "1.5",
            "1e3",
            "0x10",
            "30 s",
            "30, 60",
            "soon",
            "١٢",
            "\u{0}",
            "NaN",
            "Sun, 04 Sep 2022",
            "Sun, 04 Sep 2022 25:12:07 GMT",
            "Sun, 31 Feb 2022 08:12:07 GMT x",
            "Mon, 01 Jan 0000 00:00:00 GMT",
            &long,
        ] {
            assert_eq!(seconds(value, Some(DATE)), None, "{}", value.escape_debug());
        }
    }
}
