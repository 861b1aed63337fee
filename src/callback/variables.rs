//! The custom variables (spec: callback.md 3).

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserializer as _, Serializer as _};

use super::Problem;
use crate::text::quoted;

const INVALID_VARIABLES: &str = "0007-00000103";

/// Checks names; values may be any text.
pub(super) fn check(variables: &[(String, String)], out: &mut Vec<Problem>) {
    for (index, (name, _)) in variables.iter().enumerate() {
        let duplicate = variables[..index].iter().any(|(earlier, _)| earlier == name);
        let fault = match name.strip_prefix("x:") {
            None => Some(format!("{} does not begin with \"x:\"", quoted(name))),
            Some("") => Some("\"x:\" has no name after the colon".to_owned()),
            Some(rest) => check_characters(name, rest)
                .or_else(|| duplicate.then(|| format!("{} is given twice", quoted(name)))),
        };
        if let Some(message) = fault {
            let field = format!("callback.variables[{index}].name");
            out.push(Problem::new(field, INVALID_VARIABLES, message));
        }
    }
}

fn check_characters(name: &str, rest: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-.".contains(c);
    let bad = rest.chars().find(|c| !allowed(*c))?;
    let advice = if bad.is_ascii_uppercase() { "; the service refuses uppercase" } else { "" };
    Some(format!(
        "{} has {}; use lowercase letters, digits and '_' after \"x:\"{advice}",
        quoted(name),
        quoted(&bad.to_string())
    ))
}

/// Reads a parameter that is ready. Values of other types than text would reach the application
/// server in ways that nothing documents.
pub(super) fn parse(parameter: &str) -> Result<Vec<(String, String)>, Problem> {
    let text = super::json::plain(parameter);
    let mut reader = serde_json::Deserializer::from_str(&text);
    let read = reader.deserialize_map(Pairs).and_then(|pairs| reader.end().map(|()| pairs));
    read.map_err(|error| {
        let reason = super::template::plain_reason(&error);
        let message = format!("is not a JSON object of texts, nor Base64 of it: {reason}");
        Problem::new("callback.variables_parameter", INVALID_VARIABLES, message)
    })
}

/// Keeps the order, and names that are given twice.
struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Vec<(String, String)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(pairs)
    }
}

/// The JSON object, in the order in which the variables were given.
pub(super) fn json(variables: &[(String, String)]) -> String {
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut text);
    let written = serializer.serialize_map(Some(variables.len())).and_then(|mut map| {
        variables.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        map.end()
    });
    written.expect("strings always serialize");
    String::from_utf8(text).expect("JSON text is UTF-8")
}
