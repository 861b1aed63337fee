//! Signatures in the URL (spec: presigned-url.md).

use std::time::{Duration, UNIX_EPOCH};

use super::authorization::{Authorization, Carrier, Method};
use super::v4;
use super::window::Window;
use crate::clock;
use crate::error::OssError;
use crate::error::catalogue::{access_denied, invalid_argument, invalid_date};
use crate::protocol::SignatureVersion;
use crate::protocol::query::Query;

const V1_PARAMETERS: [&str; 3] = ["Signature", "Expires", "OSSAccessKeyId"];
const V4_PARAMETERS: [&str; 3] = ["x-oss-signature-version", "x-oss-credential", "x-oss-signature"];
const V4_EXPIRES: std::ops::RangeInclusive<u64> = 1..=604_800;

/// The version of the signature that a query carries, be it whole or in pieces.
pub(super) fn version(query: &Query) -> Option<SignatureVersion> {
    let has = |name: &&str| query.value(name).is_some();
    if V4_PARAMETERS.iter().any(has) {
        return Some(SignatureVersion::V4);
    }
    V1_PARAMETERS.iter().any(has).then_some(SignatureVersion::V1)
}

pub(super) fn parse(version: SignatureVersion, query: &Query) -> Result<Authorization, OssError> {
    match version {
        SignatureVersion::V1 => parse_v1(query),
        SignatureVersion::V4 => parse_v4(query),
    }
}

fn parse_v1(query: &Query) -> Result<Authorization, OssError> {
    let [Some(signature), Some(expires), Some(access_key_id)] =
        V1_PARAMETERS.map(|name| query.value(name))
    else {
        return Err(access_denied(
            "Query-string authentication requires the Signature, Expires and OSSAccessKeyId \
             parameters.",
        ));
    };
    let until = expires.parse().ok().and_then(|n| UNIX_EPOCH.checked_add(Duration::from_secs(n)));
    let until = until.ok_or_else(|| {
        access_denied("Invalid date (should be seconds since epoch).").ec("0002-00000070")
    })?;
    Ok(Authorization {
        access_key_id: access_key_id.to_owned(),
        signature: signature.to_owned(),
        method: Method::V1,
        carrier: Carrier::Url(Window { date_line: expires.to_owned(), from: None, until }),
    })
}

fn parse_v4(query: &Query) -> Result<Authorization, OssError> {
    let version = query.value("x-oss-signature-version").unwrap_or_default();
    if version != v4::ALGORITHM {
        return Err(refuse(
            "The signature version is not supported.",
            "x-oss-signature-version",
            version,
        )
        .ec("0002-00000066"));
    }
    let credential = present(query, "x-oss-credential").ok_or_else(|| {
        refuse("The credential must not be blank.", "x-oss-credential", "").ec("0002-00000218")
    })?;
    let signature = present(query, "x-oss-signature").ok_or_else(|| {
        refuse("The signature must not be blank.", "x-oss-signature", "").ec("0002-00000220")
    })?;
    let additional_headers = match query.value("x-oss-additional-headers") {
        None => Vec::new(),
        Some(list) => v4::parse_additional_headers(list, "0002-00000076")?,
    };
    let (access_key_id, scope) = v4::parse_credential(credential)?;
    Ok(Authorization {
        access_key_id,
        signature: signature.to_owned(),
        method: Method::V4 { scope, additional_headers },
        carrier: Carrier::Url(v4_window(query)?),
    })
}

fn v4_window(query: &Query) -> Result<Window, OssError> {
    let name = "x-oss-expires";
    let text = present(query, name)
        .ok_or_else(|| refuse("x-oss-expires is missing.", name, "").ec("0002-00000215"))?;
    let seconds = text.parse().ok().filter(|seconds| V4_EXPIRES.contains(seconds));
    let seconds = seconds.ok_or_else(|| {
        refuse("x-oss-expires must be between 1 and 604800 seconds.", name, text)
            .ec("0002-00000232")
    })?;
    let date_line = query.value("x-oss-date").unwrap_or_default();
    let from = clock::parse_basic(date_line).ok_or_else(invalid_date)?;
    let until = from.checked_add(Duration::from_secs(seconds)).ok_or_else(invalid_date)?;
    Ok(Window { date_line: date_line.to_owned(), from: Some(from), until })
}

/// A parameter with a value in it.
fn present<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    query.value(name).filter(|value| !value.trim().is_empty())
}

fn refuse(message: &str, name: &str, value: &str) -> OssError {
    invalid_argument(message).argument(name, value)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    const V4: &str = "x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-date=20231216T162057Z\
                      &x-oss-credential=ak/20231216/cn-hangzhou/oss/aliyun_v4_request\
                      &x-oss-expires=599&x-oss-signature=00ff";

    fn read(raw: &str) -> Result<Authorization, OssError> {
        let query = Query::parse(raw);
        parse(version(&query).expect("a signature is there"), &query)
    }

    fn refusal(raw: &str) -> (u16, &'static str, String, String) {
        let error = read(raw).unwrap_err();
        let code = if error.code == "InvalidArgument" { "InvalidArgument" } else { "AccessDenied" };
        assert_eq!(error.code, code);
        (error.status.as_u16(), code, error.message, error.ec.unwrap_or_default())
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_query_without_a_signature_is_recognized() {
        assert_eq!(version(&Query::parse("uploads&x-oss-traffic-limit=1&signature=1")), None);
    }

    #[test]
    fn mistakes_of_v1_are_named() {
        let incomplete = "Query-string authentication requires the Signature, Expires and \
                          OSSAccessKeyId parameters.";
        for raw in ["Signature=a", "Expires=1&OSSAccessKeyId=ak", "Signature=a&Expires=1"] {
            let expected = (403, "AccessDenied", incomplete.to_owned(), String::new());
            assert_eq!(refusal(raw), expected, "{raw}");
        }
        for expires in ["", "tomorrow", "-1", "1.5", "99999999999999999999"] {
            let message = "Invalid date (should be seconds since epoch).".to_owned();
            let expected = (403, "AccessDenied", message, "0002-00000070".to_owned());
            let raw = format!("Signature=a&OSSAccessKeyId=ak&Expires={expires}");
            assert_eq!(refusal(&raw), expected, "{expires}");
        }
    }

    #[test]
    fn the_first_of_repeated_v1_parameters_counts() {
        let twice = "Expires=1&Expires=2&Signature=a&Signature=b&OSSAccessKeyId=c&OSSAccessKeyId=d";
        let read = read(twice).unwrap();
        assert_eq!((read.access_key_id.as_str(), read.signature.as_str()), ("c", "a"));
        let Carrier::Url(window) = read.carrier else { panic!("not in the URL") };
        assert_eq!((window.date_line.as_str(), window.until), ("1", at(1)));
    }

    #[test]
    fn mistakes_of_v4_are_named() {
        let cases = [
            ("OSS4-HMAC-SHA256", "OSS4-HMAC-SM3", "0002-00000066"),
            ("x-oss-signature-version=OSS4-HMAC-SHA256&", "", "0002-00000066"),
            ("ak/20231216/cn-hangzhou/oss/aliyun_v4_request", "", "0002-00000218"),
            ("00ff", "%20", "0002-00000220"),
            ("&x-oss-signature=00ff", "", "0002-00000220"),
            ("00ff", "00ff&x-oss-additional-headers", "0002-00000076"),
            ("00ff", "00ff&x-oss-additional-headers=host;", "0002-00000210"),
            ("&x-oss-expires=599", "", "0002-00000215"),
            ("=599", "=0", "0002-00000232"),
            ("=599", "=604801", "0002-00000232"),
            ("=599", "=-1", "0002-00000232"),
            ("=599", "=soon", "0002-00000232"),
        ];
        for (from, to, ec) in cases {
            let raw = V4.replace(from, to);
            let (status, code, _, found) = refusal(&raw);
            assert_eq!((status, code, found.as_str()), (400, "InvalidArgument", ec), "{raw}");
        }
        let (status, code, _, ec) = refusal(&V4.replace("20231216T162057Z", "yesterday"));
        assert_eq!((status, code, ec.as_str()), (403, "AccessDenied", "0002-00000505"));
        let malformed = read(&V4.replace("ak/", "")).unwrap_err();
        assert_eq!(malformed.code, "InvalidArgument");
    }

    #[test]
    fn a_v4_window_has_a_grace_at_its_beginning_only() {
        let Carrier::Url(window) = read(V4).unwrap().carrier else { panic!("not in the URL") };
        let ec = |now| window.check(now).err().and_then(|error| error.ec);
        let signed = 1_702_743_657;
        assert_eq!(ec(at(signed - 901)).as_deref(), Some("0002-00000235"));
        assert_eq!(ec(at(signed - 900)), None);
        assert_eq!(ec(at(signed + 599)), None);
        let after = at(signed + 599) + Duration::from_nanos(1);
        assert_eq!(ec(after).as_deref(), Some("0002-00000236"));
        assert_eq!(window.check(after).unwrap_err().message, "Request has expired.");
    }

    #[test]
    fn a_v1_url_ends_exactly() {
        let read = read("Signature=a&OSSAccessKeyId=ak&Expires=100").unwrap();
        let Carrier::Url(window) = read.carrier else { panic!("not in the URL") };
        assert_eq!(window.check(at(0)).unwrap(), "100");
        assert!(window.check(at(100)).is_ok());
        let error = window.check(at(101)).unwrap_err();
        assert_eq!(
            (&*error.code, error.message.as_str()),
            ("AccessDenied", "Request has expired.")
        );
    }
}
