//! What an upload callback is: the two parameters that travel with an upload, built with a real
//! JSON encoder and checked by the service's own rules before a byte is sent (spec: callback.md).

mod json;
mod problem;
mod template;
mod url;
mod variables;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;

pub use problem::Problem;

use crate::error::{Error, Result};

/// Longest Base64 text of either parameter (spec: callback.md 4).
pub const MAX_ENCODED_LEN: usize = 5120;

/// How the service encodes the values that it puts into the body (spec: callback.md 5.2, 5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BodyType {
    /// `application/x-www-form-urlencoded`.
    #[default]
    UrlEncoded,
    /// `application/json`.
    Json,
}

impl BodyType {
    fn mime(self) -> &'static str {
        match self {
            Self::UrlEncoded => "application/x-www-form-urlencoded",
            Self::Json => "application/json",
        }
    }
}

/// Whether the service names the host in its TLS handshake with the application server
/// (spec: callback.md 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sni {
    /// On as soon as one of the URLs is https. Servers with several certificates need it.
    #[default]
    Automatic,
    /// On.
    On,
    /// Off, as the service does by itself.
    Off,
}

/// Which service will get the callback, as far as the check has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The public service, which refuses private addresses (EC 0007-00000008).
    PublicService,
    /// An emulator or a private installation, or not known yet.
    Any,
}

/// An upload callback: what the service shall send to the application server, and where.
#[derive(Debug, Clone)]
pub struct Callback {
    source: Source,
    variables: Vec<(String, String)>,
    relaxed: bool,
}

#[derive(Debug, Clone)]
enum Source {
    Fields(Fields),
    Json(String),
}

#[derive(Debug, Clone)]
struct Fields {
    url: String,
    host: Option<String>,
    body: String,
    body_type: BodyType,
    sni: Sni,
}

/// The two values as they travel in `x-oss-callback` and `x-oss-callback-var`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedCallback {
    /// Base64 of the callback parameter.
    pub callback: String,
    /// Base64 of the variables, when there are any.
    pub variables: Option<String>,
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

impl Callback {
    /// A callback to `url` (1 to 5, separated by `;`) with the body template `body`.
    pub fn new(url: impl Into<String>, body: impl Into<String>) -> Self {
        Self::from_source(Source::Fields(Fields {
            url: url.into(),
            host: None,
            body: body.into(),
            body_type: BodyType::default(),
            sni: Sni::default(),
        }))
    }

    /// A callback whose parameter is ready JSON text. It is checked, then sent as it is.
    pub fn from_json(json: impl Into<String>) -> Self {
        Self::from_source(Source::Json(json.into()))
    }

    fn from_source(source: Source) -> Self {
        Self { source, variables: Vec::new(), relaxed: false }
    }

    /// Value of the `Host` header of the callback. Without it: the host of the URL.
    /// No effect on a callback made of ready JSON.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        if let Source::Fields(fields) = &mut self.source {
            fields.host = Some(host.into());
        }
        self
    }

    /// How values are encoded in the body. No effect on a callback made of ready JSON.
    pub fn body_type(mut self, body_type: BodyType) -> Self {
        if let Source::Fields(fields) = &mut self.source {
            fields.body_type = body_type;
        }
        self
    }

    /// TLS server name indication. No effect on a callback made of ready JSON.
    pub fn sni(mut self, sni: Sni) -> Self {
        if let Source::Fields(fields) = &mut self.source {
            fields.sni = sni;
        }
        self
    }

    /// Adds a variable: `name` begins with `x:` and is used in the body as `${x:…}`.
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Accepts what the service accepts but what is nearly always a mistake: names that the
    /// library does not know in `${…}`, and a JSON body that is not JSON once it is filled in.
    pub fn relaxed(mut self, relaxed: bool) -> Self {
        self.relaxed = relaxed;
        self
    }

    /// The variables, unchecked.
    pub(crate) fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    /// Every fault that the service, or the application server, would stumble over.
    pub fn check(&self, audience: Audience) -> Vec<Problem> {
        let mut problems = Vec::new();
        let defined: Vec<&str> = self.variables.iter().map(|(name, _)| name.as_str()).collect();
        let template = template::Rules { defined: &defined, relaxed: self.relaxed };
        // First, since a wrong name also makes the template name something unknown.
        variables::check(&self.variables, &mut problems);
        match &self.source {
            Source::Fields(fields) => fields.check(audience, &template, &mut problems),
            Source::Json(text) => json::check(text, audience, &template, &mut problems),
        }
        self.check_lengths(&mut problems);
        problems
    }

    /// The two header values, or the first fault.
    pub fn encode(&self, audience: Audience) -> Result<EncodedCallback> {
        match self.check(audience).into_iter().next() {
            Some(problem) => Err(Error::from(problem)),
            None => Ok(EncodedCallback {
                callback: BASE64.encode(self.parameter()),
                variables: (!self.variables.is_empty())
                    .then(|| BASE64.encode(variables::json(&self.variables))),
            }),
        }
    }

    fn parameter(&self) -> String {
        match &self.source {
            Source::Fields(fields) => fields.parameter(),
            Source::Json(text) => text.clone(),
        }
    }

    fn check_lengths(&self, problems: &mut Vec<Problem>) {
        let lengths = [
            ("callback", self.parameter().len(), "0007-00000001"),
            ("callback.variables", variables::json(&self.variables).len(), "0007-00000101"),
        ];
        for (field, len, ec) in lengths {
            let encoded = base64::encoded_len(len, true).unwrap_or(usize::MAX);
            if encoded > MAX_ENCODED_LEN {
                problems.push(Problem::new(
                    field,
                    ec,
                    format!(
                        "its Base64 text has {encoded} bytes ({len} bytes of JSON); the service \
                         takes {MAX_ENCODED_LEN}, which is 3840 bytes of JSON"
                    ),
                ));
            }
        }
    }
}

impl Fields {
    fn check(&self, audience: Audience, rules: &template::Rules<'_>, out: &mut Vec<Problem>) {
        url::check_list("callback.url", &self.url, audience, out);
        if let Some(host) = &self.host {
            url::check_host("callback.host", host, out);
        }
        template::check("callback.body", &self.body, self.body_type, rules, out);
    }

    fn parameter(&self) -> String {
        let sni = match self.sni {
            Sni::Automatic => url::any_https(&self.url).then_some(true),
            Sni::On => Some(true),
            Sni::Off => Some(false),
        };
        let parameter = Parameter {
            url: &self.url,
            host: self.host.as_deref(),
            body: &self.body,
            body_type: self.body_type.mime(),
            sni,
        };
        serde_json::to_string(&parameter).expect("strings and booleans always serialize")
    }
}

#[cfg(test)]
mod tests;
