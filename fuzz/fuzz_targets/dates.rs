//! The dates of HTTP and of ISO 8601. What is read is written the same way.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ossbind::time::Timestamp;

fuzz_target!(|text: &str| {
    if let Some(moment) = Timestamp::parse_iso(text) {
        assert_eq!(Timestamp::parse_iso(&moment.iso_extended()), Some(moment), "{text}");
    }
    if let Some(moment) = Timestamp::parse_http(text) {
        assert_eq!(Timestamp::parse_http(&moment.http_date()), Some(moment), "{text}");
    }
});
