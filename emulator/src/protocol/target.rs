//! Which bucket and object a request addresses (spec: endpoints.md 2 and 3).

use std::borrow::Cow;
use std::net::IpAddr;

use percent_encoding::percent_decode_str;

use crate::error::OssError;
use crate::error::catalogue::{invalid_argument, invalid_bucket_name, invalid_object_name};

const MAX_KEY_BYTES: usize = 1023;

/// What a request addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Target {
    /// `None` at service level.
    pub(crate) bucket: Option<String>,
    /// `None` at bucket level.
    pub(crate) key: Option<String>,
}

/// A bucket that exists and a key that is valid.
#[derive(Clone, Debug)]
pub(crate) struct ObjectName {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

/// A custom domain bound to a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cname {
    /// Host name without a port.
    pub host: String,
    /// Name of the bucket.
    pub bucket: String,
}

/// How host names map to buckets.
#[derive(Clone, Debug)]
pub(crate) struct Addressing {
    base_domains: Vec<String>,
    cnames: Vec<Cname>,
}

impl Addressing {
    /// The domains of the region, and `localhost`, take a bucket name in front.
    pub(crate) fn new(region: &str, cnames: Vec<Cname>) -> Addressing {
        let base_domains = vec![
            "localhost".to_owned(),
            format!("oss-{region}.aliyuncs.com"),
            format!("oss-{region}-internal.aliyuncs.com"),
            format!("{region}.oss.aliyuncs.com"),
            "oss-accelerate.aliyuncs.com".to_owned(),
            "oss-accelerate-overseas.aliyuncs.com".to_owned(),
        ];
        Addressing { base_domains, cnames }
    }

    /// Resolves the Host header and the raw path of a request.
    pub(crate) fn target(
        &self,
        host: &str,
        path: &str,
        bucket_exists: impl Fn(&str) -> bool,
    ) -> Result<Target, OssError> {
        let path = path.strip_prefix('/').unwrap_or(path);
        match self.bucket_of_host(&host_name(host), bucket_exists) {
            Some(bucket) => Ok(Target { bucket: Some(bucket), key: key_of(&decode(path)?) }),
            None => path_style(path),
        }
    }

    fn bucket_of_host(&self, host: &str, bucket_exists: impl Fn(&str) -> bool) -> Option<String> {
        if let Some(cname) = self.cnames.iter().find(|cname| cname.host.eq_ignore_ascii_case(host))
        {
            return Some(cname.bucket.clone());
        }
        if host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
            return None;
        }
        for domain in &self.base_domains {
            if host == domain {
                return None;
            }
            if let Some(bucket) = host.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.'))
            {
                return Some(bucket.to_owned());
            }
        }
        let (first, rest) = host.split_once('.')?;
        (rest.parse::<IpAddr>().is_err() && bucket_exists(first)).then(|| first.to_owned())
    }
}

/// The host without its port, in lowercase.
fn host_name(host: &str) -> String {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    name.to_ascii_lowercase()
}

/// Letters of any alphabet, digits, `-`, `_` and `.`.
pub(crate) fn is_host_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// The slash behind the bucket may be encoded, as the vendor's C SDK does with every slash when the
/// endpoint is an IP address. Of the service itself its C++ SDK then asks with two slashes.
pub(crate) fn path_style(path: &str) -> Result<Target, OssError> {
    let path = decode(path)?;
    let (bucket, key) = path.split_once('/').unwrap_or((&path, ""));
    match (bucket, key) {
        ("", "") => Ok(Target::default()),
        (bucket, key) => Ok(Target { bucket: Some(bucket.to_owned()), key: key_of(key) }),
    }
}

fn key_of(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A `+` is a blank, which the vendor's Ruby SDK writes so; a plus sign comes as `%2B` (spec:
/// endpoints.md 2).
pub(crate) fn decode(path: &str) -> Result<String, OssError> {
    let path = path.replace('+', " ");
    let decoded = percent_decode_str(&path).decode_utf8().map(Cow::into_owned);
    decoded.map_err(|_| {
        invalid_argument("The object name must be encoded in UTF-8.").argument("ObjectName", path)
    })
}

/// 3 to 63 lowercase letters, digits and `-`, first and last not `-`.
pub(crate) fn check_bucket_name(bucket: &str) -> Result<(), OssError> {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = bucket.as_bytes();
    let ends =
        bytes.first().is_some_and(|b| letter(*b)) && bytes.last().is_some_and(|b| letter(*b));
    let valid =
        (3..=63).contains(&bytes.len()) && ends && bytes.iter().all(|b| letter(*b) || *b == b'-');
    if valid { Ok(()) } else { Err(invalid_bucket_name(bucket)) }
}

/// 1 to 1023 bytes, not starting with `/` or `\`.
pub(crate) fn check_key(key: &str) -> Result<(), OssError> {
    check_key_length(key)?;
    if key.starts_with(['/', '\\']) {
        return Err(invalid_object_name("The specified object is not valid.", key));
    }
    Ok(())
}

pub(crate) fn check_key_length(key: &str) -> Result<(), OssError> {
    let message = match key.len() {
        0 => "The Object name can not be empty.",
        1..=MAX_KEY_BYTES => return Ok(()),
        _ => "The Length of Object name must be less than 1024.",
    };
    Err(invalid_object_name(message, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(host: &str, path: &str) -> (Option<String>, Option<String>) {
        let cnames =
            vec![Cname { host: "img.example.com".to_owned(), bucket: "examplebucket".to_owned() }];
        let addressing = Addressing::new("cn-hangzhou", cnames);
        let target = addressing.target(host, path, |name| name == "examplebucket").unwrap();
        (target.bucket, target.key)
    }

    fn is(bucket: &str, key: &str) -> (Option<String>, Option<String>) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (some(bucket), some(key))
    }

    #[test]
    fn all_url_styles_are_understood() {
        let cases = [
            ("127.0.0.1:9000", "/examplebucket/a/b", "examplebucket", "a/b"),
            ("[::1]:9000", "/examplebucket/a", "examplebucket", "a"),
            ("localhost:9000", "/examplebucket/a", "examplebucket", "a"),
            ("examplebucket.localhost:9000", "/a/b", "examplebucket", "a/b"),
            ("ExampleBucket.LOCALHOST", "/a", "examplebucket", "a"),
            ("unknown.localhost", "/a", "unknown", "a"),
            ("examplebucket.oss-cn-hangzhou.aliyuncs.com", "/a", "examplebucket", "a"),
            ("unknown.oss-cn-hangzhou-internal.aliyuncs.com", "/a", "unknown", "a"),
            ("examplebucket.emulator", "/a", "examplebucket", "a"),
            ("emulator", "/examplebucket/a", "examplebucket", "a"),
            ("img.example.com", "/examplebucket/a", "examplebucket", "examplebucket/a"),
            ("127.0.0.1", "/examplebucket", "examplebucket", ""),
            ("127.0.0.1", "/examplebucket/", "examplebucket", ""),
            ("127.0.0.1", "/", "", ""),
            ("127.0.0.1", "//", "", ""),
            ("127.0.0.1", "/examplebucket%2Fa%2Fb", "examplebucket", "a/b"),
            ("127.0.0.1", "/examplebucket%2F", "examplebucket", ""),
            ("127.0.0.1", "/examplebucket//a", "examplebucket", "/a"),
            ("examplebucket.localhost", "//", "examplebucket", "/"),
            ("examplebucket.localhost", "/", "examplebucket", ""),
        ];
        for (host, path, bucket, key) in cases {
            assert_eq!(resolve(host, path), is(bucket, key), "{host}{path}");
        }
    }

    #[test]
    fn keys_are_decoded_once_and_keep_dots() {
        let path = "/dir/a%20b+c%2Bd%2F../%252e//%E4%B8%AD";
        let expected = is("examplebucket", "dir/a b c+d/../%2e//中");
        assert_eq!(resolve("examplebucket.localhost", path), expected);
    }

    #[test]
    fn names_are_checked() {
        for good in ["abc", "a-1", &"a".repeat(63)] {
            assert!(check_bucket_name(good).is_ok(), "{good}");
        }
        for bad in ["ab", "-ab", "ab-", "Abc", "a_b", "", &"a".repeat(64)] {
            assert_eq!(check_bucket_name(bad).unwrap_err().code, "InvalidBucketName", "{bad}");
        }
        for good in ["a", "..", "a/", &"k".repeat(1023)] {
            assert!(check_key(good).is_ok(), "{good}");
        }
        for bad in ["", "/a", "\\a", &"k".repeat(1024)] {
            assert_eq!(check_key(bad).unwrap_err().code, "InvalidObjectName", "{bad}");
        }
    }

    #[test]
    fn a_key_that_is_not_utf8_is_refused() {
        let addressing = Addressing::new("cn-hangzhou", Vec::new());
        let error = addressing.target("127.0.0.1", "/examplebucket/%FF", |_| true).unwrap_err();
        assert_eq!(error.code, "InvalidArgument");
    }
}
