//! The policy of a form: what its fields may contain (spec: post-object.md 4).

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::fields::Form;
use super::policy_json::{self, invalid};
use crate::clock;
use crate::error::OssError;
use crate::error::catalogue::{access_denied, entity_too_large, entity_too_small};

const NO_SIMPLE_CONDITION: &str =
    "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.";
const NO_CONDITION: &str = "Invalid Condition: unknown operation or wrong number of elements.";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Policy {
    expiration: SystemTime,
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    Field {
        /// As in the policy, without `$`.
        name: String,
        test: Test,
    },
    Length {
        least: u64,
        most: u64,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Equals(String),
    StartsWith(String),
    In(Vec<String>),
    NotIn(Vec<String>),
}

impl Policy {
    /// Reads the text of the `policy` field.
    pub(super) fn parse(text: &str) -> Result<Policy, OssError> {
        let bytes = STANDARD.decode(text).map_err(|_| invalid("it is not Base64 encoded"))?;
        let json = String::from_utf8(bytes).map_err(|_| invalid("it is not UTF-8"))?;
        let policy = policy_json::parse(&json)?;
        let Value::Object(members) = &policy else {
            return Err(invalid("it is not a JSON object"));
        };
        let expiration = match members.get("expiration") {
            Some(Value::String(text)) => clock::parse_extended(text),
            _ => None,
        };
        let conditions = match members.get("conditions") {
            Some(Value::Array(items)) if !items.is_empty() => items,
            _ => return Err(invalid(NO_SIMPLE_CONDITION)),
        };
        Ok(Policy {
            expiration: expiration.ok_or_else(|| invalid("Invalid expiration."))?,
            conditions: conditions.iter().map(condition).collect::<Result<_, _>>()?,
        })
    }

    /// Everything that does not depend on the file. Fields that no condition names are free.
    pub(super) fn check(&self, bucket: &str, form: &Form, now: SystemTime) -> Result<(), OssError> {
        if now > self.expiration {
            return Err(access_denied("Invalid according to Policy: Policy expired."));
        }
        for condition in &self.conditions {
            let Condition::Field { name, test } = condition else {
                continue;
            };
            let value = match name.to_ascii_lowercase().as_str() {
                "bucket" => Some(bucket),
                name => form.value(name),
            };
            if !value.is_some_and(|value| test.holds(value)) {
                let shown = test.shown(name);
                let message =
                    format!("Invalid according to Policy: Policy Condition failed: {shown}");
                return Err(access_denied(&message));
            }
        }
        Ok(())
    }

    /// Whether the value of a field is pinned.
    pub(super) fn pins(&self, field: &str) -> bool {
        self.conditions.iter().any(|condition| {
            matches!(condition, Condition::Field { name, test: Test::Equals(_) }
                if name.eq_ignore_ascii_case(field))
        })
    }

    /// Can be asked while the file is still arriving.
    pub(super) fn check_most(&self, size: u64) -> Result<(), OssError> {
        let ranges = self.ranges();
        if ranges.clone().any(|(_, most)| size > most) { Err(entity_too_large()) } else { Ok(()) }
    }

    pub(super) fn check_least(&self, size: u64) -> Result<(), OssError> {
        let ranges = self.ranges();
        if ranges.clone().any(|(least, _)| size < least) { Err(entity_too_small()) } else { Ok(()) }
    }

    fn ranges(&self) -> impl Iterator<Item = (u64, u64)> + Clone {
        self.conditions.iter().filter_map(|condition| match condition {
            Condition::Length { least, most } => Some((*least, *most)),
            Condition::Field { .. } => None,
        })
    }
}

impl Test {
    fn holds(&self, value: &str) -> bool {
        match self {
            Test::Equals(wanted) => value == wanted,
            Test::StartsWith(prefix) => value.starts_with(prefix),
            Test::In(list) => list.iter().any(|wanted| value == wanted),
            Test::NotIn(list) => list.iter().all(|unwanted| value != unwanted),
        }
    }

    /// The condition with three elements, whatever its form in the policy.
    fn shown(&self, name: &str) -> String {
        let quoted = |text: &str| Value::from(text).to_string();
        let list =
            |list: &[String]| list.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ");
        let (operator, argument) = match self {
            Test::Equals(wanted) => ("eq", quoted(wanted)),
            Test::StartsWith(prefix) => ("starts-with", quoted(prefix)),
            Test::In(wanted) => ("in", format!("[{}]", list(wanted))),
            Test::NotIn(unwanted) => ("not-in", format!("[{}]", list(unwanted))),
        };
        format!("[\"{operator}\", {}, {argument}]", quoted(&format!("${name}")))
    }
}

fn condition(value: &Value) -> Result<Condition, OssError> {
    match value {
        Value::Object(members) => simple_condition(members),
        Value::Array(elements) => match elements.as_slice() {
            [Value::String(operator), least, most] if operator == "content-length-range" => {
                length_range(least, most)
            }
            [Value::String(operator), Value::String(field), argument] => {
                field_condition(operator, field, argument)
            }
            _ => Err(invalid(NO_CONDITION)),
        },
        _ => Err(invalid(NO_SIMPLE_CONDITION)),
    }
}

/// `{"field": "value"}`
fn simple_condition(members: &Map<String, Value>) -> Result<Condition, OssError> {
    let mut members = members.iter();
    match (members.next(), members.next()) {
        (Some((name, Value::String(value))), None) => {
            Ok(Condition::Field { name: name.clone(), test: Test::Equals(value.clone()) })
        }
        _ => Err(invalid(NO_SIMPLE_CONDITION)),
    }
}

/// `["operator", "$field", argument]`
fn field_condition(operator: &str, field: &str, argument: &Value) -> Result<Condition, OssError> {
    let name = field.strip_prefix('$').filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| invalid("Invalid Condition: a field name begins with $."))?;
    let test = match (operator, argument) {
        ("eq", Value::String(wanted)) => Test::Equals(wanted.clone()),
        ("starts-with", Value::String(prefix)) => Test::StartsWith(prefix.clone()),
        ("in", Value::Array(list)) => Test::In(texts(list)?),
        ("not-in", Value::Array(list)) => Test::NotIn(texts(list)?),
        _ => return Err(invalid(NO_CONDITION)),
    };
    Ok(Condition::Field { name: name.to_owned(), test })
}

fn texts(list: &[Value]) -> Result<Vec<String>, OssError> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    list.iter().map(text).collect::<Option<_>>().ok_or_else(|| invalid(NO_CONDITION))
}

fn length_range(least: &Value, most: &Value) -> Result<Condition, OssError> {
    match (least.as_u64(), most.as_u64()) {
        (Some(least), Some(most)) => Ok(Condition::Length { least, most }),
        _ => Err(invalid("Invalid content-length-range: the limits must be integers.")),
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
