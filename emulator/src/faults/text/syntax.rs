//! What the text of a fault consists of, for the parser, for its messages and for the help.

use super::parameters::Parameters;
use super::tokens::Misplaced;
use crate::faults::kind::FaultKind;

/// A fault by name.
pub(super) struct KindSyntax {
    pub(super) name: &'static str,
    pub(super) parameters: &'static [ParameterSyntax],
    pub(super) summary: &'static str,
    pub(super) read: fn(&Parameters<'_>) -> Result<FaultKind, Misplaced>,
}

/// A parameter by name.
pub(super) struct ParameterSyntax {
    pub(super) name: &'static str,
    /// The form of its value.
    pub(super) value: &'static str,
    /// `needed`, or what holds without it.
    pub(super) given: &'static str,
}

/// Parameters that say which requests a fault is for.
pub(super) const SELECTION: &[(&str, &str, &str)] = &[
    ("operation", "NAME", "such as PutObject or UploadPart; any is every operation"),
    ("bucket", "TEXT", "this bucket"),
    ("key", "TEXT", "this key"),
    ("prefix", "TEXT", "keys that begin so"),
    ("part", "N", "the part of this number"),
    ("attempt", "N", "the Nth request for the same operation, bucket, key and part"),
    ("times", "N|always", "how many requests; 1 unless p is given"),
    ("p", "PROBABILITY", "above 0, up to 1, for each request"),
    ("seed", "N", "another choice with the same p"),
];

impl KindSyntax {
    /// The names of all parameters that may be given, for messages.
    pub(super) fn parameter_names(&self) -> String {
        let own = self.parameters.iter().map(|parameter| parameter.name);
        let names: Vec<&str> = own.chain(SELECTION.iter().map(|(name, ..)| *name)).collect();
        names.join(", ")
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.parameters.iter().any(|parameter| parameter.name == name)
            || SELECTION.iter().any(|(known, ..)| *known == name)
    }
}
