//! The head of a part, and values with parameters (spec: post-object.md 1 and 7).

use crate::error::OssError;
use crate::error::catalogue::{invalid_argument, malformed_post_request};

const MAX_HEADERS: usize = 16;

/// What a head says about its part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PartHead {
    /// Name of the form field.
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) content_type: Option<String>,
}

impl PartHead {
    pub(super) fn parse(lines: &[u8]) -> Result<PartHead, OssError> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let lines = [lines, b"\r\n\r\n"].concat();
        let parsed = httparse::parse_headers(&lines, &mut headers);
        let Ok(httparse::Status::Complete((_, headers))) = parsed else {
            return Err(malformed_post_request());
        };
        let header = |name: &str| {
            let header = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
            Some(String::from_utf8_lossy(header.value).trim().to_owned())
        };
        let disposition = header("content-disposition").unwrap_or_default();
        let (kind, parameters) = with_parameters(&disposition);
        let parameter = |name: &str| {
            let found = parameters.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone())
        };
        let name = parameter("name").filter(|_| kind.eq_ignore_ascii_case("form-data"));
        let name = name.ok_or_else(|| {
            invalid_argument("The bucket POST must contain the specified field name.")
        })?;
        if name.is_empty() || name.chars().any(char::is_control) {
            let message = "The bucket POST contains unrecognized field name.";
            return Err(invalid_argument(message).argument("name", name));
        }
        let content_type = header("content-type").filter(|value| !value.is_empty());
        Ok(PartHead { name, file_name: parameter("filename"), content_type })
    }
}

/// Splits `value; name=text; name="quoted text"`; names come out in lowercase.
pub(super) fn with_parameters(text: &str) -> (&str, Vec<(String, String)>) {
    let (value, mut rest) = text.split_once(';').unwrap_or((text, ""));
    let mut parameters = Vec::new();
    while let Some((name, behind)) = rest.split_once('=') {
        let name = name.trim_matches([' ', '\t', ';']).to_ascii_lowercase();
        let behind = behind.trim_start();
        let (parameter, left) = match behind.strip_prefix('"') {
            Some(quoted) => unquote(quoted),
            None => {
                let (token, left) = behind.split_once(';').unwrap_or((behind, ""));
                (token.trim_end().to_owned(), left)
            }
        };
        parameters.push((name, parameter));
        rest = left;
    }
    (value.trim(), parameters)
}

/// The text up to the closing quote, and what follows it. Only quote and backslash are escaped by a
/// backslash: old browsers send whole paths with single ones.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &text[at + 1..]),
            '\\' => match characters.next_if(|(_, next)| ['"', '\\'].contains(next)) {
                Some((_, escaped)) => value.push(escaped),
                None => value.push('\\'),
            },
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read() {
        let head = |name: &str, file_name: Option<&str>, content_type: Option<&str>| PartHead {
            name: name.to_owned(),
            file_name: file_name.map(str::to_owned),
            content_type: content_type.map(str::to_owned),
        };
        let cases = [
            ("Content-Disposition: form-data; name=\"key\"", head("key", None, None)),
            ("content-disposition:Form-Data;NAME=key", head("key", None, None)),
            (
                "Content-Type: text/plain; charset=utf-8\r\n\
                 Content-Disposition: form-data; name=\"file\"; filename=\"a;b=\\\"中\\\".txt\"",
                head("file", Some("a;b=\"中\".txt"), Some("text/plain; charset=utf-8")),
            ),
            (
                "Content-Disposition: form-data; filename=\"C:\\dir\\a\"; name=\"file\"",
                head("file", Some("C:\\dir\\a"), None),
            ),
            (
                "Content-Disposition: form-data; name=\"file\"; filename=\"\"",
                head("file", Some(""), None),
            ),
        ];
        for (lines, expected) in cases {
            assert_eq!(PartHead::parse(lines.as_bytes()), Ok(expected), "{lines}");
        }
    }

    #[test]
    fn bad_heads_are_named() {
        let cases = [
            ("", "InvalidArgument", "must contain the specified field name"),
            ("A: b", "InvalidArgument", "must contain the specified field name"),
            ("Content-Disposition: form-data", "InvalidArgument", "must contain"),
            ("Content-Disposition: attachment; name=\"a\"", "InvalidArgument", "must contain"),
            ("Content-Disposition: form-data; name=\"\"", "InvalidArgument", "unrecognized"),
            ("Content-Disposition form-data", "MalformedPOSTRequest", "not well-formed"),
        ];
        for (lines, code, message) in cases {
            let error = PartHead::parse(lines.as_bytes()).unwrap_err();
            assert_eq!(error.code, code, "{lines}");
            assert!(error.message.contains(message), "{lines}: {}", error.message);
        }
        let many = "A: b\r\n".repeat(MAX_HEADERS + 1);
        let error = PartHead::parse(many.trim_end().as_bytes()).unwrap_err();
        assert_eq!(error.code, "MalformedPOSTRequest");
    }
}
