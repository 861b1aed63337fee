//! Where the parameters of a request are found (spec: callback.md 4).

use std::collections::BTreeMap;

use hyper::HeaderMap;

use super::fault::fault;
use crate::error::OssError;
use crate::error::catalogue::invalid_argument;
use crate::protocol::query::Query;

/// The parameters as they travelled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Carried {
    /// In Base64.
    pub(crate) callback: Option<String>,
    /// In Base64.
    pub(crate) callback_var: Option<String>,
    /// Those of a form, one by one, with their `x:`.
    pub(crate) variables: BTreeMap<String, String>,
}

impl Carried {
    /// Takes each parameter from the header or from the query; both is an error.
    pub(crate) fn find(headers: &HeaderMap, query: &Query) -> Result<Carried, OssError> {
        let callback =
            one_of(headers, "x-oss-callback", query, "callback", |message| fault(27, &message))?;
        // No page gives an EC for this one.
        let callback_var =
            one_of(headers, "x-oss-callback-var", query, "callback-var", invalid_argument)?;
        Ok(Carried { callback, callback_var, variables: BTreeMap::new() })
    }
}

fn one_of(
    headers: &HeaderMap,
    header: &str,
    query: &Query,
    parameter: &str,
    refuse: impl Fn(String) -> OssError,
) -> Result<Option<String>, OssError> {
    let in_header = headers.get(header).map(|value| String::from_utf8_lossy(value.as_bytes()));
    match (in_header, query.value(parameter)) {
        (Some(_), Some(_)) => Err(refuse(format!(
            "Either the {parameter} query string parameter or the {header} header should be \
             specified, not both."
        ))),
        (Some(value), None) => Ok(Some(value.trim().to_owned())),
        (None, value) => Ok(value.map(str::to_owned)),
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn both_carriers_are_refused_by_name() {
        let mut headers = HeaderMap::new();
        headers.insert("x-oss-callback", HeaderValue::from_static("a"));
        let found = Carried::find(&headers, &Query::parse("callback-var=b")).unwrap();
        assert_eq!(found.callback.as_deref(), Some("a"));
        assert_eq!(found.callback_var.as_deref(), Some("b"));

        let error = Carried::find(&headers, &Query::parse("callback=b")).unwrap_err();
        assert_eq!(
            error.message,
            "Either the callback query string parameter or the x-oss-callback header should be \
             specified, not both."
        );
        assert_eq!(error.ec.as_deref(), Some("0007-00000027"));

        headers.insert("x-oss-callback-var", HeaderValue::from_static("a"));
        let error = Carried::find(&headers, &Query::parse("callback-var=b")).unwrap_err();
        assert_eq!(
            error.message,
            "Either the callback-var query string parameter or the x-oss-callback-var header \
             should be specified, not both."
        );
    }
}
