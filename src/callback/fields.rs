//! A callback that is given field by field.

use serde::Serialize;

use super::url::Urls;
use super::{BodyType, Problem, Sni, template, url};
use crate::signing::encode_query;

#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub(super) url: String,
    pub(super) url_query: Vec<(String, String)>,
    pub(super) host: Option<String>,
    pub(super) body: Body,
    pub(super) body_type: BodyType,
    pub(super) sni: Sni,
}

/// What the service fills in and sends.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Template(String),
    /// Names and values of a url-encoded body.
    Pairs(Vec<(String, String)>),
}

/// The wire form of the callback parameter, in the order of the documents.
#[derive(Serialize)]
struct Parameter<'a> {
    #[serde(rename = "callbackUrl")]
    url: String,
    #[serde(rename = "callbackHost", skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    #[serde(rename = "callbackBody")]
    body: String,
    #[serde(rename = "callbackBodyType")]
    body_type: &'a str,
    #[serde(rename = "callbackSNI", skip_serializing_if = "Option::is_none")]
    sni: Option<bool>,
}

impl Fields {
    /// The parameter as JSON text, when all fields are as they must be.
    pub(super) fn encode(&self, rules: &template::Rules<'_>) -> Result<(String, Urls), Problem> {
        let urls = url::check_list("callback.url", &self.url, rules.relaxed)?;
        let query = encode_pairs("callback.url_query", &self.url_query, |_, value| {
            Ok(encode_query(value))
        })?;
        if let Some(host) = &self.host {
            url::check_host("callback.host", host)?;
        }
        let sni = match self.sni {
            Sni::Automatic => urls.any_https.then_some(true),
            Sni::On => Some(true),
            Sni::Off => Some(false),
        };
        let parameter = Parameter {
            url: self.urls_with(&query),
            host: self.host.as_deref(),
            body: self.body(rules)?,
            body_type: self.body_type.mime(),
            sni,
        };
        let text =
            serde_json::to_string(&parameter).expect("strings and booleans always serialize");
        Ok((text, urls))
    }

    fn body(&self, rules: &template::Rules<'_>) -> Result<String, Problem> {
        match &self.body {
            Body::Template(body) => {
                template::check("callback.body", body, self.body_type, rules)?;
                Ok(body.clone())
            }
            Body::Pairs(_) if self.body_type == BodyType::Json => {
                let message = "makes a url-encoded body, but body_type is JSON; write JSON as body";
                Err(Problem::new("callback.body_fields", None, message))
            }
            Body::Pairs(pairs) => encode_pairs("callback.body_fields", pairs, |field, value| {
                template::encode_value(field, value, rules)
            }),
        }
    }

    /// The URLs, with the query behind each of them.
    fn urls_with(&self, query: &str) -> String {
        if query.is_empty() {
            return self.url.clone();
        }
        let with_query = |url: &str| {
            let (url, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
            let separator = if url.contains('?') { '&' } else { '?' };
            format!("{url}{separator}{query}{fragment}")
        };
        self.url.split(';').map(with_query).collect::<Vec<_>>().join(";")
    }
}

/// `name=value&…`, with values as `encode` makes them from the path of their field and their text.
fn encode_pairs(
    field: &str,
    pairs: &[(String, String)],
    encode: impl Fn(&str, &str) -> Result<String, Problem>,
) -> Result<String, Problem> {
    let mut encoded = Vec::with_capacity(pairs.len());
    for (index, (name, value)) in pairs.iter().enumerate() {
        if name.is_empty() {
            return Err(Problem::new(format!("{field}[{index}].name"), None, "is empty"));
        }
        let value = encode(&format!("{field}[{index}].value"), value)?;
        encoded.push(format!("{}={value}", encode_query(name)));
    }
    Ok(encoded.join("&"))
}
