//! The custom variables (spec: callback.md 3).

use super::Problem;
use super::json::{plain, plain_reason, read_object};
use crate::text::quoted;

const INVALID_VARIABLES: &str = "0007-00000103";

/// Checks names; values may be any text.
pub(super) fn check(variables: &[(String, String)]) -> Result<(), Problem> {
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
            return Err(Problem::new(field, INVALID_VARIABLES, message));
        }
    }
    Ok(())
}

fn check_characters(name: &str, rest: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-.".contains(c);
    let bad = rest.chars().find(|c| !allowed(*c))?;
    let advice = if bad.is_ascii_uppercase() { "; the service refuses uppercase" } else { "" };
    Some(format!(
        "{} has {}; use lowercase letters, digits, '_', '-' and '.' after \"x:\"{advice}",
        quoted(name),
        quoted(&bad.to_string())
    ))
}

/// Reads a parameter that is ready. Values of other types than text would reach the application
/// server in ways that nothing documents.
pub(super) fn parse(parameter: &str) -> Result<Vec<(String, String)>, Problem> {
    read_object(&plain(parameter), "an object of texts").map_err(|error| {
        let reason = plain_reason(&error);
        let message = format!("is not a JSON object of texts, nor Base64 of it: {reason}");
        Problem::new("callback.variables_parameter", INVALID_VARIABLES, message)
    })
}
