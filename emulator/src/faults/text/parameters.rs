//! The parameters of a fault, while it is read.

use super::tokens::{Misplaced, Token};
use super::values::Form;

/// The name of a fault, and parameters that it may have, each of them once.
pub(super) struct Parameters<'a> {
    fault: &'a Token,
    tokens: &'a [Token],
}

impl<'a> Parameters<'a> {
    pub(super) fn new(fault: &'a Token, tokens: &'a [Token]) -> Parameters<'a> {
        Parameters { fault, tokens }
    }

    /// The value of a parameter, if it is given.
    pub(super) fn read<T>(
        &self,
        name: &str,
        convert: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Misplaced> {
        let Some(token) = self.tokens.iter().find(|token| token.name == name) else {
            return Ok(None);
        };
        let value = token.value.as_deref().unwrap_or_default();
        convert(value).map(Some).map_err(|reason| {
            let message = format!("{name}={value} is {reason}");
            Misplaced { column: token.value_column, message }
        })
    }

    pub(super) fn optional<T>(&self, name: &str, form: &Form<T>) -> Result<Option<T>, Misplaced> {
        self.read(name, form.read)
    }

    pub(super) fn or_default<T: Default>(
        &self,
        name: &str,
        form: &Form<T>,
    ) -> Result<T, Misplaced> {
        Ok(self.optional(name, form)?.unwrap_or_default())
    }

    pub(super) fn needed<T>(&self, name: &str, form: &Form<T>) -> Result<T, Misplaced> {
        self.optional(name, form)?.ok_or_else(|| {
            let column = self.fault.column + self.fault.name.chars().count();
            let message = format!("{} needs the parameter {name}", self.fault.name);
            Misplaced { column, message }
        })
    }

    /// What is wrong with a parameter as a whole.
    pub(super) fn misplaced(&self, name: &str, message: impl Into<String>) -> Misplaced {
        let token = self.tokens.iter().find(|token| token.name == name);
        let column = token.map_or(self.fault.column, |token| token.column);
        Misplaced { column, message: message.into() }
    }
}
