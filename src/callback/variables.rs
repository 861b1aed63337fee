//! The custom variables (spec: callback.md 3).

use serde::Serializer as _;
use serde::ser::SerializeMap as _;

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
