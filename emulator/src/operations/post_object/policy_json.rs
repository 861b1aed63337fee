//! The JSON of policies, which has one escape more than others, and its faults in the words of the
//! service (spec: post-object.md 4).

use serde_json::Value;

use crate::error::OssError;
use crate::error::catalogue::invalid_policy_document;

pub(super) fn invalid(reason: &str) -> OssError {
    invalid_policy_document(&format!("Invalid Policy: {reason}"))
}

pub(super) fn parse(text: &str) -> Result<Value, OssError> {
    let text = without_dollar_escapes(text);
    serde_json::from_str(&text).map_err(|error| {
        let reason = reason(&error, &text);
        invalid(&format!("Invalid JSON: {reason}"))
    })
}

/// `\$` is a literal dollar. Backslashes stand in strings only, or are an error anyway.
fn without_dollar_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('$') => plain.push('$'),
                escaped => {
                    plain.push('\\');
                    plain.extend(escaped);
                }
            },
            other => plain.push(other),
        }
    }
    plain
}

fn reason(error: &serde_json::Error, text: &str) -> String {
    let description = error.to_string();
    let description = description.split(" at line ").next().unwrap_or_default();
    match description {
        "expected `,` or `]`" => ", or ] expected".to_owned(),
        "expected `,` or `}`" => ", or } expected".to_owned(),
        "expected value" | "expected ident" => {
            let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
            let at = line.as_bytes().get(error.column().saturating_sub(1));
            format!("unknown char {}", at.map_or('?', |byte| char::from(*byte)))
        }
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        let value = parse(r#""\$\/\\\"\b\f\n\r\t\u4e2d$\\$""#).unwrap();
        assert_eq!(value, Value::from("$/\\\"\u{8}\u{c}\n\r\t中$\\$"));
    }

    #[test]
    fn faults_have_the_words_of_the_service() {
        let cases = [
            ("{\"a\": [1 2]}", "Invalid Policy: Invalid JSON: , or ] expected"),
            ("{\"a\": 1 2}", "Invalid Policy: Invalid JSON: , or } expected"),
            ("{\"a\": \n e}", "Invalid Policy: Invalid JSON: unknown char e"),
            ("{\"a\": \"\\x\"}", "Invalid Policy: Invalid JSON: invalid escape"),
        ];
        for (text, message) in cases {
            let error = parse(text).unwrap_err();
            assert_eq!((&*error.code, error.message.as_str()), ("InvalidPolicyDocument", message));
        }
    }
}
