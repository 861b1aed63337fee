//! One look at a callback: what the rules have found so far, and what they need to know of each other.

use super::problem::{Problem, Severity};
use crate::error::Result;

pub(super) struct Check {
    relaxed: bool,
    /// In the order in which they were found.
    problems: Vec<Problem>,
    /// Names of the variables that are given; none while nobody can tell.
    given: Option<Vec<String>>,
    /// Names of the variables that the body has; none while nobody can tell.
    used: Option<Vec<String>>,
}

impl Check {
    pub(super) fn new(relaxed: bool) -> Self {
        Self { relaxed, problems: Vec::new(), given: None, used: None }
    }

    /// What the service refuses, or what says nothing at all.
    pub(super) fn refuse(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// What the service accepts, but hardly anybody means.
    pub(super) fn mistake(&mut self, problem: Problem) {
        match self.relaxed {
            true => self.warn(problem),
            false => self.refuse(problem),
        }
    }

    /// What may be meant.
    pub(super) fn warn(&mut self, problem: Problem) {
        self.problems.push(problem.with_severity(Severity::Warning));
    }

    /// A member that says what another one says already. When they differ, nobody knows which is meant.
    pub(super) fn said_twice(&mut self, field: &str, other: &str, is_same: bool) {
        match is_same {
            true => {
                let rule = format!("repeats what {other} says");
                self.warn(Problem::new(field, None, &rule, "leave one of them out"));
            }
            false => {
                let rule = format!("is set together with {other}, which says everything");
                self.refuse(Problem::of_members(field, &rule, "use one of them"));
            }
        }
    }

    pub(super) fn give(&mut self, names: impl Iterator<Item = String>) {
        self.given = Some(names.collect());
    }

    pub(super) fn uses(&mut self, name: &str) {
        self.used.get_or_insert_default().push(name.to_owned());
    }

    /// The body was read, whether it uses a variable or not.
    pub(super) fn has_body(&mut self) {
        self.used.get_or_insert_default();
    }

    /// Whether a variable is surely not given.
    pub(super) fn lacks(&self, name: &str) -> bool {
        self.given.as_ref().is_some_and(|given| !given.iter().any(|known| known == name))
    }

    /// Whether a variable is surely not used.
    pub(super) fn is_unused(&self, name: &str) -> bool {
        self.used.as_ref().is_some_and(|used| !used.iter().any(|known| known == name))
    }

    /// The first error.
    pub(super) fn refuse_first(&self) -> Result<()> {
        let first = self.problems.iter().find(|problem| problem.severity() == Severity::Error);
        first.map_or(Ok(()), |problem| Err(problem.clone().into()))
    }

    /// All of them, errors first.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(Problem::severity);
        self.problems
    }
}
