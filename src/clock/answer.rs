//! What an answer says of the time (spec: errors.md 3).

use std::time::UNIX_EPOCH;

use super::DAY;
use crate::signing::time::Timestamp;

/// Whether an answer says that the time of the request is too far from the service's: by its code, or, when
/// that is missing, by its EC (spec: signing-v4.md 7, presigned-url.md 2). The EC for a URL or form that
/// ran out is not among them, since what is sent late runs out with a right clock as well.
pub(crate) fn is_skew(http_status: u16, code: Option<&str>, ec: Option<&str>) -> bool {
    /// More than 15 minutes off; and a URL or form that was signed in the future.
    const SKEWED: [&str; 2] = ["0002-00000504", "0002-00000235"];
    let by_code = code == Some("RequestTimeTooSkewed");
    (400..=499).contains(&http_status) && (by_code || ec.is_some_and(|ec| SKEWED.contains(&ec)))
}

/// The service's time: from the element `ServerTime` of its error document, else from the header `Date`,
/// which something between may have set.
pub(crate) fn server_time(element: Option<&str>, date: Option<&str>) -> Option<Timestamp> {
    element.and_then(parse_iso).or_else(|| date.and_then(parse_http))
}

fn parse_http(text: &str) -> Option<Timestamp> {
    let since = httpdate::parse_http_date(text.trim()).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Timestamp(since.as_secs()))
}

/// `2022-09-04T08:11:37.000Z`, with or without a fraction of the second.
fn parse_iso(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let time = match time.split_once('.') {
        Some((whole, fraction)) => Some(whole).filter(|_| is_digits(fraction))?,
        None => time,
    };
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    if minute > 59 || second > 59 {
        return None;
    }
    let days = days_from_civil(year, month, day)?;
    let timestamp = Timestamp(days * DAY + hour * 3600 + minute * 60 + second);
    // Months, days and hours that do not exist would be of another date.
    (timestamp.date() == date.replace('-', "")).then_some(timestamp)
}

/// Three numbers of exactly so many digits.
fn numbers(text: &str, separator: char, digits: [usize; 3]) -> Option<[u64; 3]> {
    let mut pieces = text.split(separator);
    let mut numbers = [0; 3];
    for (value, digits) in numbers.iter_mut().zip(digits) {
        *value = pieces.next().filter(|piece| piece.len() == digits).and_then(number)?;
    }
    pieces.next().is_none().then_some(numbers)
}

fn number(text: &str) -> Option<u64> {
    // A sign, which the parser would take, is no digit.
    is_digits(text).then(|| text.parse().ok())?
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Days since 1970-01-01; the inverse of what `signing::time` has, after the same source.
fn days_from_civil(year: u64, month: u64, day: u64) -> Option<u64> {
    const DAYS_FROM_YEAR_ZERO: u64 = 719_468;
    const DAYS_PER_ERA: u64 = 146_097;
    // Years begin in March, so that the leap day is the last of its year.
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let march_month = (month + 9) % 12;
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * march_month + 2) / 5 + day.checked_sub(1)?;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * DAYS_PER_ERA + day_of_era).checked_sub(DAYS_FROM_YEAR_ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTTP_DATE: &str = "Sun, 04 Sep 2022 08:11:38 GMT";

    fn of_element(text: &str) -> Option<u64> {
        server_time(Some(text), None).map(|timestamp| timestamp.0)
    }

    fn of_header(text: &str) -> Option<u64> {
        server_time(None, Some(text)).map(|timestamp| timestamp.0)
    }

    #[test]
    fn the_element_has_precedence() {
        let element = Some("2022-09-04T08:11:37.000Z");
        assert_eq!(server_time(element, Some(HTTP_DATE)), Some(Timestamp(1_662_279_097)));
        assert_eq!(server_time(element, None), Some(Timestamp(1_662_279_097)));
        assert_eq!(server_time(None, Some(HTTP_DATE)), Some(Timestamp(1_662_279_098)));
        for garbage in ["", "soon"] {
            let of_header = server_time(Some(garbage), Some(HTTP_DATE));
            assert_eq!(of_header, Some(Timestamp(1_662_279_098)), "{garbage}");
        }
        assert_eq!(server_time(None, None), None);
    }

    #[test]
    fn the_element_is_understood_with_and_without_a_fraction() {
        for text in [
            "2022-09-04T08:11:37.000Z",
            "2022-09-04T08:11:37.999Z",
            "2022-09-04T08:11:37.5Z",
            "2022-09-04T08:11:37.99999999999999999999999999Z",
            "2022-09-04T08:11:37Z",
            "\n 2022-09-04T08:11:37.000Z\t",
        ] {
            assert_eq!(of_element(text), Some(1_662_279_097), "{text}");
        }
        assert_eq!(of_element("1970-01-01T00:00:00.000Z"), Some(0));
        assert_eq!(of_element("9999-12-31T23:59:59.000Z"), Some(253_402_300_799));
    }

    #[test]
    fn every_day_is_read_as_it_is_written() {
        // Two eras, with all kinds of leap years, and the ends of the days.
        for day in 0..2 * 146_097 {
            let timestamp = Timestamp(day * DAY + day % DAY);
            assert_eq!(of_element(&timestamp.iso_extended()), Some(timestamp.0), "{timestamp:?}");
        }
    }

    #[test]
    fn an_element_that_is_no_time() {
        let long = format!("{}-09-04T08:11:37Z", "2".repeat(100_000));
        for text in [
            "",
            "Z",
            "T",
            "TZ",
            "2022-09-04",
            "2022-09-04T08:11:37.000",
            "2022-09-04 08:11:37Z",
            "2022-09-04T08:11:37+02:00",
            "20220904T081137Z",
            "2022-09-04T08:11Z",
            "2022-09-04T08:11:37.Z1",
            "2022-09-04T08:11:37.Z",
            "2022-09-04T08:11:37.-1Z",
            "2022-09-04T08:11:37:00Z",
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
            "2100-02-29T08:11:37Z",
            "2022-09-04T8:11:37Z",
            "2022-09-04T24:00:00Z",
            "2022-09-04T99:00:00Z",
            "2022-09-04T08:60:00Z",
            "2022-09-04T08:11:60Z",
            "1969-12-31T23:59:59Z",
            "0000-01-01T00:00:00Z",
            "0000-03-01T00:00:00Z",
            "٢٠٢٢-09-04T08:11:37Z",
            "2022-09-04T08:11:37\u{0}Z",
            &long,
        ] {
            assert_eq!(of_element(text), None, "{}", text.escape_debug());
        }
        assert_eq!(of_element("2024-02-29T00:00:00Z"), Some(1_709_164_800));
    }

    #[test]
    fn the_header_is_understood_in_its_three_forms() {
        for text in [
            HTTP_DATE,
            " Sun, 04 Sep 2022 08:11:38 GMT\r",
            "Sunday, 04-Sep-22 08:11:38 GMT",
            "Sun Sep  4 08:11:38 2022",
        ] {
            assert_eq!(of_header(text), Some(1_662_279_098), "{text}");
        }
        let long = "S".repeat(100_000);
        for text in ["", "now", "1662279098", "Sun, 04 Sep 2022", "2022-09-04T08:11:37Z", &long] {
            assert_eq!(of_header(text), None, "{}", text.escape_debug());
        }
    }

    #[test]
    fn skew_is_told_by_code_or_ec() {
        let code = Some("RequestTimeTooSkewed");
        assert!(is_skew(403, code, None));
        assert!(is_skew(403, code, Some("0002-00000504")));
        assert!(is_skew(400, code, None));
        assert!(is_skew(403, None, Some("0002-00000504")));
        assert!(is_skew(403, Some("AccessDenied"), Some("0002-00000235")));
        for (status, code, ec) in [
            (403, None, None),
            (403, Some(""), Some("")),
            (403, Some("requesttimetooskewed"), None),
            (403, Some("AccessDenied"), Some("0002-00000236")),
            (403, Some("SignatureDoesNotMatch"), Some("0002-00000201")),
            (403, Some("AccessDenied"), Some("0002-00000505")),
            (400, Some("RequestTimeout"), None),
            (200, code, None),
            (203, code, Some("0002-00000504")),
            (302, code, None),
            (503, code, None),
            (0, code, None),
            (u16::MAX, code, None),
        ] {
            assert!(!is_skew(status, code, ec), "{status} {code:?} {ec:?}");
        }
    }
}
