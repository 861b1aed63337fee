//! One fault of a callback.

use crate::error::{Error, Status};
use crate::text::one_line;

/// What becomes of a callback with a problem. The numbers are those of the C face, and are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It is refused before a byte is sent.
    Error = 1,
    /// It is sent, and perhaps does not do what was meant.
    Warning = 2,
}

/// Where a callback breaks a rule, which, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(Box<Details>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Details {
    severity: Severity,
    /// Of the error, when it is one.
    status: Status,
    field: String,
    offset: Option<usize>,
    ec: Option<&'static str>,
    rule: String,
    cure: String,
}

impl Problem {
    /// `ec` is that of the service; none when the service would accept it and the receiver would not.
    // Once for all rules, which keeps the library small.
    #[inline(never)]
    pub(super) fn new(field: &str, ec: Option<&'static str>, rule: &str, cure: &str) -> Self {
        Self(Box::new(Details {
            severity: Severity::Error,
            status: Status::InvalidCallback,
            field: field.to_owned(),
            offset: None,
            ec,
            rule: one_line(rule),
            cure: one_line(cure),
        }))
    }

    /// A member that is missing, or that contradicts another one.
    pub(super) fn of_members(field: &str, rule: &str, cure: &str) -> Self {
        let mut problem = Self::new(field, None, rule, cure);
        problem.0.status = Status::InvalidArgument;
        problem
    }

    pub(super) fn at(mut self, offset: usize) -> Self {
        self.0.offset = Some(offset);
        self
    }

    pub(super) fn with_severity(mut self, severity: Severity) -> Self {
        self.0.severity = severity;
        self
    }

    /// Whether the callback is refused.
    pub fn severity(&self) -> Severity {
        self.0.severity
    }

    /// The field at fault, for example `callback.url`.
    pub fn field(&self) -> &str {
        &self.0.field
    }

    /// Byte offset of the fault in that field.
    pub fn offset(&self) -> Option<usize> {
        self.0.offset
    }

    /// Error code with which the service would refuse it.
    pub fn ec(&self) -> Option<&'static str> {
        self.0.ec
    }

    /// What is wrong with the field: its value, and the rule that it breaks.
    pub fn rule(&self) -> &str {
        &self.0.rule
    }

    /// What to do.
    pub fn cure(&self) -> &str {
        &self.0.cure
    }

    /// All of it, in one line.
    pub fn message(&self) -> String {
        let Details { field, rule, cure, offset, ec, .. } = &*self.0;
        let offset = offset.map(|o| format!(" (at byte {o})")).unwrap_or_default();
        let ec = ec.map(|ec| format!(" (EC {ec})")).unwrap_or_default();
        format!("{field}{offset}: {rule}; {cure}{ec}")
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Error::new(problem.0.status, problem.message())
            .with_field(problem.field())
            .with_offset(problem.offset())
            .with_ec(problem.ec().map(str::to_owned))
    }
}
