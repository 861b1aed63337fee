//! A callback that is given field by field.

use serde::Serialize;

use super::check::Check;
use super::ready::{Body, Ready, without_sni};
use super::{BodyType, Problem, Sni, template, url};
use crate::signing::encode_query;

const BODY: &str = "callback.body";
const BODY_FIELDS: &str = "callback.body_fields";

/// What can be said of a callback, member by member.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields {
    pub(crate) url: Option<String>,
    pub(crate) url_query: Vec<(String, String)>,
    pub(crate) host: Option<String>,
    /// What the service fills in and sends.
    pub(crate) body: Option<String>,
    /// Names and values of a url-encoded body, instead.
    pub(crate) body_fields: Vec<(String, String)>,
    pub(crate) body_type: BodyType,
    pub(crate) sni: Sni,
}

/// The wire form of the callback parameter, in the order of the documents.
#[derive(Serialize)]
struct Parameter<'a> {
    #[serde(rename = "callbackUrl")]
    url: String,
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
    /// The parameter as JSON text, and the body in it.
    pub(super) fn write(&self, check: &mut Check) -> (String, Body) {
        self.check_members(check);
        let url = self.url.as_deref().unwrap_or_default();
        let any_https = self.url.is_some() && url::check_list("callback.url", url, check);
        let query =
            encode_pairs("callback.url_query", &self.url_query, check, &|field, value, check| {
                template::warn_of_literal(field, value, check);
                encode_query(value)
            });
        if let Some(host) = &self.host {
            url::check_host("callback.host", host, check);
        }
        let body = self.check_body(check);
        if any_https && self.sni == Sni::Off {
            check.warn(without_sni("callback.sni"));
        }
        let sni = match self.sni {
            Sni::Automatic => any_https.then_some(true),
            Sni::On => Some(true),
            Sni::Off => Some(false),
        };
        let parameter = Parameter {
            url: with_query(url, &query),
            host: self.host.as_deref(),
            body: body.as_deref().unwrap_or_default(),
            body_type: self.body_type.mime(),
            sni,
        };
        let text =
            serde_json::to_string(&parameter).expect("strings and booleans always serialize");
        (text, body.map(|body| (body, self.body_type)))
    }

    /// Checks what is said in spite of a parameter that is ready, which says everything.
    pub(super) fn check_beside(&self, ready: &Ready, check: &mut Check) {
        let says = |name, value: &Option<String>| ready.says(name, value.as_deref());
        // Pairs have no member there that could say the same.
        let members = [
            ("callback.url", self.url.is_some(), says("callbackUrl", &self.url)),
            ("callback.url_query_count", !self.url_query.is_empty(), false),
            ("callback.host", self.host.is_some(), says("callbackHost", &self.host)),
            ("callback.body", self.body.is_some(), says("callbackBody", &self.body)),
            ("callback.body_field_count", !self.body_fields.is_empty(), false),
            (
                "callback.body_type",
                self.body_type != BodyType::default(),
                ready.says("callbackBodyType", Some(self.body_type.mime())),
            ),
            ("callback.sni", self.sni != Sni::default(), ready.says_sni(self.sni)),
        ];
        for (field, _, is_same) in members.into_iter().filter(|(_, is_set, _)| *is_set) {
            check.said_twice(field, "callback.parameter", is_same);
        }
    }

    /// Checks what has to be there, and what cannot be there together.
    fn check_members(&self, check: &mut Check) {
        const REQUIRED: &str = "is NULL, but required";
        if self.url.is_none() {
            let cure = "give 1 to 5 URLs separated by ';'";
            check.refuse(Problem::of_members("callback.url", REQUIRED, cure));
        }
        match (&self.body, self.body_fields.is_empty()) {
            (None, true) => {
                let cure = "write what your server shall be told, for example \"object=${object}\"";
                check.refuse(Problem::of_members(BODY, REQUIRED, cure));
            }
            (Some(_), false) => {
                let rule = format!("is set together with {BODY_FIELDS}");
                check.refuse(Problem::of_members(BODY, &rule, "use one of them"));
            }
            _ => {}
        }
    }

    fn check_body(&self, check: &mut Check) -> Option<String> {
        if let Some(body) = &self.body {
            template::check(BODY, body, Some(self.body_type), check);
            return Some(body.clone());
        }
        if self.body_fields.is_empty() {
            return None;
        }
        if self.body_type == BodyType::Json {
            let rule = "makes a url-encoded body, but body_type is JSON";
            check.refuse(Problem::new(BODY_FIELDS, None, rule, "write JSON as body"));
        }
        check.has_body();
        Some(encode_pairs(BODY_FIELDS, &self.body_fields, check, &template::encode_value))
    }
}

/// The URLs, with the query behind each of them.
fn with_query(urls: &str, query: &str) -> String {
    if query.is_empty() {
        return urls.to_owned();
    }
    let with_query = |url: &str| {
        let (url, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}{query}{fragment}")
    };
    urls.split(';').map(with_query).collect::<Vec<_>>().join(";")
}

/// `name=value&…`, with values as `encode` makes them from the path of their field and their text.
fn encode_pairs(
    field: &str,
    pairs: &[(String, String)],
    check: &mut Check,
    encode: &dyn Fn(&str, &str, &mut Check) -> String,
) -> String {
    let mut encoded = Vec::with_capacity(pairs.len());
    for (index, (name, value)) in pairs.iter().enumerate() {
        let name_field = format!("{field}[{index}].name");
        if name.is_empty() {
            let cure = "give it a name, or leave the pair out";
            check.refuse(Problem::new(&name_field, None, "is empty", cure));
        }
        template::warn_of_literal(&name_field, name, check);
        let value = encode(&format!("{field}[{index}].value"), value, check);
        encoded.push(format!("{}={value}", encode_query(name)));
    }
    encoded.join("&")
}
