//! One fault of a callback.

use crate::error::{Error, Status};

/// Where the fault is, which rule it breaks, and the error code that the service gives for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// The field at fault, for example `callback.url`.
    pub(super) field: String,
    /// Byte offset of the fault in that field.
    offset: Option<usize>,
    /// EC of the service; none when the service would accept it and the receiver would not.
    ec: Option<&'static str>,
    /// What is wrong, the rule, and what to do.
    message: String,
}

impl Problem {
    pub(super) fn new(
        field: impl Into<String>,
        ec: impl Into<Option<&'static str>>,
        message: impl Into<String>,
    ) -> Self {
        Self { field: field.into(), offset: None, ec: ec.into(), message: message.into() }
    }

    pub(super) fn at(mut self, offset: usize) -> Self {
        self.offset = Some(offset);
        self
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        let offset = problem.offset.map(|o| format!(" (at byte {o})")).unwrap_or_default();
        let ec = problem.ec.map(|ec| format!(" (EC {ec})")).unwrap_or_default();
        let message = format!("{}{offset}: {}{ec}", problem.field, problem.message);
        Error::new(Status::InvalidCallback, message)
            .with_field(problem.field)
            .with_offset(problem.offset)
            .with_ec(problem.ec.map(str::to_owned))
    }
}
