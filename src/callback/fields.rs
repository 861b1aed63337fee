//! A callback that is given field by field.

use serde::Serialize;

use super::{Audience, BodyType, Problem, Sni, template, url};
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
    url: &'a str,
    #[serde(rename = "callbackHost", skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    #[serde(rename = "callbackBody")]
    body: &'a str,
    #[serde(rename = "callbackBodyType")]
    body_type: &'a str,
    #[serde(rename = "callbackSNI", skip_serializing_if = "Option::is_none")]
    sni: Option<bool>,
}

impl Fields {
    pub(super) fn check(
        &self,
        audience: Audience,
        rules: &template::Rules<'_>,
        out: &mut Vec<Problem>,
    ) {
        url::check_list("callback.url", &self.url, audience, out);
        check_names("callback.url_query", &self.url_query, out);
        if let Some(host) = &self.host {
            url::check_host("callback.host", host, out);
        }
        match &self.body {
            Body::Template(body) => {
                template::check("callback.body", body, self.body_type, rules, out);
            }
            Body::Pairs(pairs) => self.check_pairs(pairs, rules, out),
        }
    }

    fn check_pairs(
        &self,
        pairs: &[(String, String)],
        rules: &template::Rules<'_>,
        out: &mut Vec<Problem>,
    ) {
        if self.body_type == BodyType::Json {
            let message = "makes a url-encoded body, but body_type is JSON; write JSON as body";
            out.push(Problem::new("callback.body_fields", None, message));
        }
        check_names("callback.body_fields", pairs, out);
        for (index, (_, value)) in pairs.iter().enumerate() {
            template::check_value(
                &format!("callback.body_fields[{index}].value"),
                value,
                rules,
                out,
            );
        }
    }

    /// The URLs, with the query behind each of them.
    pub(super) fn urls(&self) -> String {
        let query: Vec<String> = self
            .url_query
            .iter()
            .map(|(name, value)| format!("{}={}", encode_query(name), encode_query(value)))
            .collect();
        if query.is_empty() {
            return self.url.clone();
        }
        let with_query = |url: &str| {
            let (url, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
            let separator = if url.contains('?') { '&' } else { '?' };
            format!("{url}{separator}{}{fragment}", query.join("&"))
        };
        self.url.split(';').map(with_query).collect::<Vec<_>>().join(";")
    }

    pub(super) fn parameter(&self) -> String {
        let sni = match self.sni {
            Sni::Automatic => url::any_https(&self.url).then_some(true),
            Sni::On => Some(true),
            Sni::Off => Some(false),
        };
        let body = match &self.body {
            Body::Template(body) => body.clone(),
            Body::Pairs(pairs) => url_encoded(pairs),
        };
        let parameter = Parameter {
            url: &self.urls(),
            host: self.host.as_deref(),
            body: &body,
            body_type: self.body_type.mime(),
            sni,
        };
        serde_json::to_string(&parameter).expect("strings and booleans always serialize")
    }
}

fn check_names(field: &str, pairs: &[(String, String)], out: &mut Vec<Problem>) {
    for (index, _) in pairs.iter().enumerate().filter(|(_, (name, _))| name.is_empty()) {
        out.push(Problem::new(format!("{field}[{index}].name"), None, "is empty"));
    }
}

/// A body in which variables stay what they are.
fn url_encoded(pairs: &[(String, String)]) -> String {
    let pair = |(name, value): &(String, String)| {
        format!("{}={}", encode_query(name), template::encode_value(value))
    };
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}
