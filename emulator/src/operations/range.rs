//! The part of an object that a download asks for. (Source: "How to obtain OSS resources by segmenting
//! HTTP Range requests" and the GetObject page of the vendor.)

use std::ops::Range;

use hyper::HeaderMap;

use super::upload_headers::text;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Selected {
    /// Also when what was asked for makes no sense.
    Whole,
    Part(Range<u64>),
    /// The range is not in the object.
    Nothing,
}

pub(super) fn selected(headers: &HeaderMap, size: u64) -> Selected {
    let standard = text(headers, "x-oss-range-behavior").as_deref() == Some("standard");
    selected_by(headers, "range", standard, size)
}

/// What the header of this name selects, by the standard or as the service does it usually.
pub(super) fn selected_by(headers: &HeaderMap, name: &str, standard: bool, size: u64) -> Selected {
    match text(headers, name).as_deref().and_then(parse) {
        None => Selected::Whole,
        Some(asked) => {
            let within = asked.within(size);
            match within {
                Some(part) if standard || asked.fits(size) => Selected::Part(part),
                None if standard => Selected::Nothing,
                // A range that leaves the object has no effect at all, unless asked for by the standard.
                _ => Selected::Whole,
            }
        }
    }
}

/// How an answer tells which part of an object of this size it is about.
pub(super) fn content_range(range: &Range<u64>, size: u64) -> String {
    format!("bytes {}-{}/{size}", range.start, range.end - 1)
}

/// A range as it was asked for.
#[derive(Clone, Copy, Debug)]
enum Asked {
    From { first: u64, last: Option<u64> },
    Last(u64),
}

/// Of several ranges only the first counts.
fn parse(header: &str) -> Option<Asked> {
    let first = header.strip_prefix("bytes=")?.split(',').next()?.trim();
    let number = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok())?
    };
    match first.split_once('-')? {
        ("", length) => Some(Asked::Last(number(length)?)),
        (first, "") => Some(Asked::From { first: number(first)?, last: None }),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Asked::From { first, last: Some(last) })
        }
    }
}

impl Asked {
    /// Whether nothing outside of the object is asked for.
    fn fits(self, size: u64) -> bool {
        match self {
            Asked::From { first, last } => last.unwrap_or(first) < size,
            Asked::Last(length) => (1..=size).contains(&length),
        }
    }

    /// What there is of it in the object.
    fn within(self, size: u64) -> Option<Range<u64>> {
        let range = match self {
            Asked::From { first, last } => {
                first..last.map_or(size, |last| last.saturating_add(1).min(size))
            }
            Asked::Last(length) => size.saturating_sub(length)..size,
        };
        (!range.is_empty()).then_some(range)
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderValue, RANGE};

    use super::*;

    fn select(range: &str, behavior: &'static str, size: u64) -> Selected {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_str(range).unwrap());
        headers.insert("x-oss-range-behavior", HeaderValue::from_static(behavior));
        selected(&headers, size)
    }

    #[test]
    fn ranges_of_a_thousand_bytes() {
        use Selected::{Nothing, Part, Whole};
        // What is asked for, the usual behavior, and the standard one.
        let cases = [
            ("bytes=0-499", Part(0..500), Part(0..500)),
            ("bytes=999-999", Part(999..1000), Part(999..1000)),
            ("bytes=500-", Part(500..1000), Part(500..1000)),
            ("bytes=-500", Part(500..1000), Part(500..1000)),
            ("bytes=0-499,500-999", Part(0..500), Part(0..500)),
            ("bytes=500-2000", Whole, Part(500..1000)),
            ("bytes=0-1000", Whole, Part(0..1000)),
            ("bytes=1000-2000", Whole, Nothing),
            ("bytes=1000-", Whole, Nothing),
            ("bytes=-2000", Whole, Part(0..1000)),
            ("bytes=-0", Whole, Nothing),
            ("bytes=0-18446744073709551615", Whole, Part(0..1000)),
            ("byte=0-499", Whole, Whole),
            ("bytes=499-0", Whole, Whole),
            ("bytes=-", Whole, Whole),
            ("bytes=", Whole, Whole),
            ("bytes=+1-2", Whole, Whole),
            ("bytes=a-b", Whole, Whole),
            ("bytes=0-99999999999999999999", Whole, Whole),
        ];
        for (range, usual, standard) in cases {
            assert_eq!(select(range, "", 1000), usual, "{range}");
            assert_eq!(select(range, "standard", 1000), standard, "{range}");
        }
        for range in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
            assert_eq!(select(range, "", 0), Whole, "{range}");
            assert_eq!(select(range, "standard", 0), Nothing, "{range}");
        }
    }
}
