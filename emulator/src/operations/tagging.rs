//! The tags of objects (spec: put-object.md 1).

use percent_encoding::percent_decode_str;

use crate::error::OssError;
use crate::error::catalogue::{invalid_argument, invalid_tagging_key};

const HEADER: &str = "x-oss-tagging";
const MAX_TAGS: usize = 10;
const MAX_NAME_BYTES: usize = 128;
const MAX_VALUE_BYTES: usize = 256;
/// Besides letters, digits and blanks.
const MARKS: &[u8] = b"+-=._:/";

/// Reads `name=value&name=value`, as it is in a header; a missing `=` means an empty value.
pub(super) fn parse(list: &str) -> Result<Vec<(String, String)>, OssError> {
    let tag = |item: &str| {
        let (name, value) = item.split_once('=').unwrap_or((item, ""));
        let name = decode(name).ok_or_else(|| invalid_tagging_key(HEADER, item))?;
        Ok((name, decode(value).ok_or_else(|| invalid_value(HEADER, item))?))
    };
    let tags = list.split('&').map(tag).collect::<Result<Vec<_>, _>>()?;
    check(&tags, HEADER)?;
    Ok(tags)
}

/// What all tags have to keep to, however they come; `argument` is where they came.
pub(super) fn check(tags: &[(String, String)], argument: &str) -> Result<(), OssError> {
    // First, since each is compared with all others.
    if tags.len() > MAX_TAGS {
        let message = "An object has at most 10 tags.";
        return Err(invalid_argument(message).argument(argument, tags.len().to_string()));
    }
    for (position, (name, value)) in tags.iter().enumerate() {
        let item = format!("{name}={value}");
        if name.is_empty() || !fits(name, MAX_NAME_BYTES) {
            return Err(invalid_tagging_key(argument, &item));
        }
        if !fits(value, MAX_VALUE_BYTES) {
            return Err(invalid_value(argument, &item));
        }
        if tags[..position].iter().any(|(known, _)| known == name) {
            let message = "The names of the tags must differ.";
            return Err(invalid_argument(message).argument(argument, item));
        }
    }
    Ok(())
}

/// Some programs encode as in forms, with `+` for a blank.
fn decode(text: &str) -> Option<String> {
    percent_decode_str(&text.replace('+', " ")).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

fn fits(text: &str, limit: usize) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b' ' || MARKS.contains(&byte);
    text.len() <= limit && text.bytes().all(allowed)
}

fn invalid_value(argument: &str, tag: &str) -> OssError {
    invalid_argument("The value of a tag is invalid.").argument(argument, tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_tags() {
        let tags = parse("a=1&b%20c=%2B-%3D._%3A/&A&d=x=y&e+f=g+h").unwrap();
        let expected = [("a", "1"), ("b c", "+-=._:/"), ("A", ""), ("d", "x=y"), ("e f", "g h")];
        assert_eq!(tags, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));

        let many =
            |count: usize| (0..count).map(|n| format!("t{n}=v")).collect::<Vec<_>>().join("&");
        assert!(parse(&many(10)).is_ok());
        assert!(parse(&format!("{}={}", "n".repeat(128), "v".repeat(256))).is_ok());
        for (list, code) in [
            ("=a&b=a".to_owned(), "InvalidTaggingKey"),
            ("a=1&".to_owned(), "InvalidTaggingKey"),
            (String::new(), "InvalidTaggingKey"),
            ("a*=1".to_owned(), "InvalidTaggingKey"),
            ("%FF=1".to_owned(), "InvalidTaggingKey"),
            (format!("{}=1", "n".repeat(129)), "InvalidTaggingKey"),
            ("a=%26".to_owned(), "InvalidArgument"),
            (format!("a={}", "v".repeat(257)), "InvalidArgument"),
            ("a=1&a=2".to_owned(), "InvalidArgument"),
            (many(11), "InvalidArgument"),
            ("*&".repeat(10), "InvalidArgument"),
        ] {
            assert_eq!(parse(&list).unwrap_err().code, code, "{list}");
        }
    }
}
