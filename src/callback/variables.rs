//! The custom variables (spec: callback.md 3).

use super::check::Check;
use super::json::{plain, plain_reason, read_object};
use super::{Problem, template};
use crate::text::quoted;

const FIELD: &str = "callback.variables";
const INVALID_VARIABLES: &str = "0007-00000103";

/// The variables of a callback, of which `parameter` is the form that is ready.
pub(super) fn read(
    pairs: &[(String, String)],
    parameter: Option<&str>,
    check: &mut Check,
) -> Vec<(String, String)> {
    let ready = parameter.map(parse);
    if let Some(ready) = ready.as_ref().filter(|_| !pairs.is_empty()) {
        check_twice(pairs, ready.as_deref().unwrap_or_default(), check);
    }
    let variables = match ready {
        None => pairs.to_vec(),
        Some(Ok(ready)) => ready,
        Some(Err(problem)) => {
            check.refuse(problem);
            return Vec::new();
        }
    };
    check.give(variables.iter().map(|(name, _)| name.clone()));
    check_names(&variables, check);
    variables
}

fn check_twice(pairs: &[(String, String)], ready: &[(String, String)], check: &mut Check) {
    let is_same = pairs.len() == ready.len() && pairs.iter().all(|pair| ready.contains(pair));
    check.said_twice(FIELD, "callback.variables_parameter", is_same);
}

/// Values may be any text.
fn check_names(variables: &[(String, String)], check: &mut Check) {
    for (index, (name, value)) in variables.iter().enumerate() {
        let duplicate = variables[..index].iter().any(|(earlier, _)| earlier == name);
        if let Some((rule, cure)) = fault(name).or_else(|| duplicate.then(|| twice(name))) {
            let field = format!("{FIELD}[{index}].name");
            check.refuse(Problem::new(&field, Some(INVALID_VARIABLES), &rule, &cure));
        }
        template::warn_of_literal(&format!("{FIELD}[{index}].value"), value, check);
    }
}

/// What is wrong with a name, and what to do.
fn fault(name: &str) -> Option<(String, String)> {
    let Some(rest) = name.strip_prefix("x:") else {
        let rule = format!("{} does not begin with \"x:\"", quoted(name));
        let right = format!("x:{}", name.to_ascii_lowercase());
        return Some((rule, format!("write {}", quoted(&right))));
    };
    if rest.is_empty() {
        let rule = "\"x:\" has no name after the colon".to_owned();
        return Some((rule, "write one there, for example \"x:id\"".to_owned()));
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-.".contains(c);
    let bad = rest.chars().find(|c| !allowed(*c))?;
    let advice = if bad.is_ascii_uppercase() { "; the service refuses uppercase" } else { "" };
    Some((
        format!("{} has {}", quoted(name), quoted(&bad.to_string())),
        format!("use lowercase letters, digits, '_', '-' and '.' after \"x:\"{advice}"),
    ))
}

fn twice(name: &str) -> (String, String) {
    (format!("{} is given twice", quoted(name)), "leave one of them out".to_owned())
}

/// Once the body was read.
pub(super) fn check_use(variables: &[(String, String)], check: &mut Check) {
    for (index, (name, _)) in variables.iter().enumerate() {
        if check.is_unused(name) && fault(name).is_none() {
            let rule = format!("{} is not in the body, so it arrives nowhere", quoted(name));
            let cure = format!("write ${{{name}}} into the body, or leave the variable out");
            check.warn(Problem::new(&format!("{FIELD}[{index}].name"), None, &rule, &cure));
        }
    }
}

/// Reads a parameter that is ready. Values of other types than text would reach the application
/// server in ways that nothing documents.
fn parse(parameter: &str) -> Result<Vec<(String, String)>, Problem> {
    read_object(&plain(parameter), "an object of texts").map_err(|error| {
        let rule =
            format!("is not a JSON object of texts, nor Base64 of it: {}", plain_reason(&error));
        let cure = "write {\"x:id\":\"42\"}, with a number as text in quotes";
        Problem::new("callback.variables_parameter", Some(INVALID_VARIABLES), &rule, cure)
    })
}
