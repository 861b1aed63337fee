//! Why a fault was not understood or not taken.

use std::convert::Infallible;
use std::fmt;

/// A fault that is wrong, with the place where and what would be allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultError {
    /// The text of the fault.
    fault: String,
    message: String,
    line: Option<usize>,
    column: Option<usize>,
}

impl FaultError {
    pub(super) fn at(fault: &str, column: usize, message: String) -> FaultError {
        FaultError { fault: fault.trim().to_owned(), message, line: None, column: Some(column) }
    }

    pub(super) fn of_fault(fault: &impl fmt::Display, message: impl Into<String>) -> FaultError {
        FaultError { fault: fault.to_string(), message: message.into(), line: None, column: None }
    }

    pub(super) fn on_line(self, line: usize) -> FaultError {
        FaultError { line: Some(line), ..self }
    }

    /// The line of a script, counted from 1.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// The column of a text, in characters, counted from 1.
    pub fn column(&self) -> Option<usize> {
        self.column
    }
}

impl fmt::Display for FaultError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "fault \"{}\"", self.fault)?;
        if let Some(line) = self.line {
            write!(formatter, ", line {line}")?;
        }
        if let Some(column) = self.column {
            write!(formatter, ", column {column}")?;
        }
        write!(formatter, ": {}", self.message)
    }
}

impl std::error::Error for FaultError {}

impl From<Infallible> for FaultError {
    fn from(never: Infallible) -> FaultError {
        match never {}
    }
}
