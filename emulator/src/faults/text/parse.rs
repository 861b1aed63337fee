//! Reading faults.

use std::str::FromStr;

use super::kinds;
use super::parameters::Parameters;
use super::syntax::KindSyntax;
use super::tokens::{Misplaced, Token, tokens};
use super::values::{self, TEXT};
use crate::faults::check::check;
use crate::faults::error::FaultError;
use crate::faults::fault::{Fault, Times};
use crate::faults::selection::{Chance, Selection};

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Fault, FaultError> {
        let read = || {
            let tokens = tokens(text)?;
            let fault = fault(&tokens)?;
            check(&fault).map_err(|problem| {
                let culprit = tokens.iter().find(|token| token.name == problem.parameter);
                let column = culprit.map_or(1, |token| token.column);
                Misplaced { column, message: problem.message }
            })?;
            Ok(fault)
        };
        read().map_err(|Misplaced { column, message }| FaultError::at(text, column, message))
    }
}

impl TryFrom<&str> for Fault {
    type Error = FaultError;

    fn try_from(text: &str) -> Result<Fault, FaultError> {
        text.parse()
    }
}

impl TryFrom<String> for Fault {
    type Error = FaultError;

    fn try_from(text: String) -> Result<Fault, FaultError> {
        text.parse()
    }
}

impl Fault {
    /// Reads a script, with a fault in each line that is not empty and no comment.
    pub fn script(text: &str) -> Result<Vec<Fault>, FaultError> {
        let lines = text.lines().enumerate();
        lines
            .filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
            .map(|(index, line)| line.parse().map_err(|error: FaultError| error.on_line(index + 1)))
            .collect()
    }
}

fn fault(tokens: &[Token]) -> Result<Fault, Misplaced> {
    let Some((name, parameters)) = tokens.split_first() else {
        let message = format!("nothing is said; allowed: {}", kinds::kind_names());
        return Err(Misplaced { column: 1, message });
    };
    let known = kinds::find(&name.name).filter(|_| name.value.is_none());
    let syntax = known.ok_or_else(|| Misplaced {
        column: name.column,
        message: format!("unknown fault '{}'; allowed: {}", name.name, kinds::kind_names()),
    })?;
    check_names(syntax, parameters)?;
    let parameters = Parameters::new(name, parameters);
    let mut fault = Fault::new((syntax.read)(&parameters)?);
    fault.selection = selection(&parameters)?;
    fault.times = parameters.read("times", |text| match text {
        "always" => Ok(Times::Always),
        _ => values::number(text).map(Times::Count).map_err(|error| format!("{error}, always")),
    })?;
    let probability = parameters.read("p", values::probability)?;
    let seed = parameters.read("seed", values::number)?;
    fault.chance = match (probability, seed) {
        (Some(probability), seed) => Some(Chance { probability, seed: seed.unwrap_or(0) }),
        (None, None) => None,
        (None, Some(_)) => {
            let message = "a seed has no meaning without a probability; allowed: p";
            return Err(parameters.misplaced("seed", message));
        }
    };
    Ok(fault)
}

/// Each parameter must be one that the fault has, and stand there once.
fn check_names(syntax: &KindSyntax, tokens: &[Token]) -> Result<(), Misplaced> {
    for (index, token) in tokens.iter().enumerate() {
        let name = &token.name;
        let message = if token.value.is_none() {
            format!("'{name}' has no value; allowed: {name}=VALUE")
        } else if !syntax.has(name) {
            let allowed = syntax.parameter_names();
            format!("{} has no parameter '{name}'; allowed: {allowed}", syntax.name)
        } else if tokens[..index].iter().any(|earlier| earlier.name == *name) {
            format!("{name} is said twice; allowed: once")
        } else {
            continue;
        };
        return Err(Misplaced { column: token.column, message });
    }
    Ok(())
}

fn selection(parameters: &Parameters<'_>) -> Result<Selection, Misplaced> {
    Ok(Selection {
        operation: parameters.read("operation", values::operation)?.flatten(),
        bucket: parameters.optional("bucket", &TEXT)?,
        key: parameters.optional("key", &TEXT)?,
        prefix: parameters.optional("prefix", &TEXT)?,
        part: parameters.read("part", values::number)?,
        attempt: parameters.read("attempt", values::number)?,
    })
}
