//! Which operation a request asks for, and what it asks for in vain.

use hyper::{HeaderMap, Method};

use super::operation::{Operation, Place, Row, TABLE};
use super::query::Query;
use super::sub_resources::SUB_RESOURCES;
use super::target::Target;
use crate::error::OssError;
use crate::error::catalogue::{
    header_not_implemented, method_not_allowed, parameter_not_implemented,
};

/// Parameters that ask OSS for something else than the plain request would, besides the sub-resources that
/// V1 signs. Taking such a request for the plain one would store, return or delete the wrong
/// thing, so they are refused wherever the table of operations does not name them. Others, among
/// them those of signatures and callbacks, are ignored where they mean nothing.
const ALSO_ASKING: &[&str] = &[
    "accessMonitor",
    "list-type",
    "regions",
    "x-oss-async-process",
    "x-oss-process",
    "x-oss-redundancy-transition-taskid",
    "x-oss-target-redundancy-type",
    "x-oss-write-get-object-response",
];

/// The same for headers.
const ASKING_HEADERS: &[&str] = &[
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "x-oss-copy-source",
    "x-oss-multi-range-behavior",
    "x-oss-persistent-headers",
    "x-oss-symlink-target",
];

impl Operation {
    pub(crate) fn of(
        method: &Method,
        target: &Target,
        query: &Query,
        headers: &HeaderMap,
    ) -> Result<Operation, OssError> {
        let place = Place::of(target);
        let row = row(method, place, query, headers);
        // A browser asks about the request to come, with its query.
        if let Some(row) = row.filter(|row| row.place == Place::Any) {
            return Ok(row.operation);
        }
        refuse_other_headers(row, headers)?;
        refuse_other_parameters(row, query)?;
        row.map(|row| row.operation).ok_or_else(|| method_not_allowed(method.as_str()))
    }
}

impl Place {
    fn of(target: &Target) -> Place {
        match (&target.bucket, &target.key) {
            (None, _) => Place::Service,
            (Some(_), None) => Place::Bucket,
            (Some(_), Some(_)) => Place::Object,
        }
    }
}

impl Row {
    /// Whether one of its parameters asks for it.
    fn is_asked_by(&self, query: &Query) -> bool {
        self.asked_by.iter().any(|asking| match asking.split_once('=') {
            Some((name, value)) => query.value(name) == Some(value),
            None => query.value(asking).is_some(),
        })
    }

    fn understands_parameter(&self, name: &str) -> bool {
        let asking = self.asked_by.iter().filter_map(|asking| asking.split('=').next());
        asking.chain(self.parameters.iter().copied()).any(|known| known == name)
    }
}

fn row(method: &Method, place: Place, query: &Query, headers: &HeaderMap) -> Option<&'static Row> {
    let fits = |row: &&Row| {
        method.as_str() == row.method && (row.place == place || row.place == Place::Any)
    };
    let fitting = TABLE.iter().filter(fits);
    let mut rows: Vec<&Row> = fitting.clone().filter(|row| row.is_asked_by(query)).collect();
    if rows.is_empty() {
        rows = fitting.filter(|row| row.asked_by.is_empty()).collect();
    }
    let understanding = rows.iter().find(|row| other_header(Some(row), headers).is_none());
    understanding.or(rows.first()).copied()
}

fn refuse_other_headers(row: Option<&Row>, headers: &HeaderMap) -> Result<(), OssError> {
    match other_header(row, headers) {
        Some(name) => Err(header_not_implemented(name)),
        None => Ok(()),
    }
}

/// A header that asks for something which the row does not understand.
fn other_header(row: Option<&Row>, headers: &HeaderMap) -> Option<&'static str> {
    let understood = |name: &str| row.is_some_and(|row| row.headers.contains(&name));
    let mut present = ASKING_HEADERS.iter().filter(|name| headers.contains_key(**name));
    present.find(|name| !understood(name)).copied()
}

fn refuse_other_parameters(row: Option<&Row>, query: &Query) -> Result<(), OssError> {
    let asks = |name: &str| SUB_RESOURCES.contains(&name) || ALSO_ASKING.contains(&name);
    let understood = |name: &str| row.is_some_and(|row| row.understands_parameter(name));
    let mut asking = query.pairs().iter().filter(|(name, _)| asks(name));
    match asking.find(|(name, _)| !understood(name)) {
        Some((name, value)) => Err(parameter_not_implemented(name, value)),
        None => Ok(()),
    }
}
