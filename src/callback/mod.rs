//! What an upload callback is: the two parameters that travel with an upload, built with a real
//! JSON encoder and checked by the service's own rules before a byte is sent (spec: callback.md).

mod fields;
mod json;
mod problem;
mod ready;
mod template;
mod url;
mod variables;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use fields::{Body, Fields};
#[cfg(feature = "verify")]
pub(crate) use json::read_object;
use problem::Problem;

use crate::error::Result;

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

/// The two values as they travel in `x-oss-callback` and `x-oss-callback-var`. An upload takes it in
/// place of a callback, without checking and encoding it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedCallback {
    /// Base64 of the callback parameter.
    pub callback: String,
    /// Base64 of the variables, when there are any.
    pub variables: Option<String>,
    /// The variables themselves, which are fields of their own in a form.
    pairs: Vec<(String, String)>,
    /// The address that the public service refuses to call.
    private: Option<Problem>,
}

impl EncodedCallback {
    /// Names and values of the variables.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The parameter as JSON text.
    pub(crate) fn parameter(&self) -> String {
        json::plain(&self.callback).into_owned()
    }

    /// The list of URLs to call.
    pub(crate) fn url(&self) -> Option<String> {
        let parameter: serde_json::Value = serde_json::from_str(&self.parameter()).ok()?;
        parameter.get("callbackUrl")?.as_str().map(str::to_owned)
    }

    /// Refuses URLs that this service would not call, though others would.
    pub(crate) fn check_audience(&self, audience: Audience) -> Result<()> {
        match &self.private {
            Some(problem) if audience == Audience::PublicService => Err(problem.clone().into()),
            _ => Ok(()),
        }
    }
}

impl Callback {
    /// A callback to `url` (1 to 5, separated by `;`) with the body template `body`.
    pub fn new(url: impl Into<String>, body: impl Into<String>) -> Self {
        Self::with_body(url.into(), Body::Template(body.into()))
    }

    /// A callback with a url-encoded body of names and values. `${…}` in a value is a variable; all
    /// else is percent-encoded.
    pub fn with_body_fields(url: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        Self::with_body(url.into(), Body::Pairs(owned(fields)))
    }

    fn with_body(url: String, body: Body) -> Self {
        Self::from_source(Source::Fields(Fields {
            url,
            url_query: Vec::new(),
            host: None,
            body,
            body_type: BodyType::default(),
            sni: Sni::default(),
        }))
    }

    /// A callback whose parameter is ready: JSON text, or Base64 of it. It is checked, then sent as it
    /// is.
    pub fn from_parameter(parameter: &str) -> Self {
        Self::from_source(Source::Json(json::plain(parameter).into_owned()))
    }

    fn from_source(source: Source) -> Self {
        Self { source, variables: Vec::new(), relaxed: false }
    }

    fn with_fields(mut self, change: impl FnOnce(&mut Fields)) -> Self {
        if let Source::Fields(fields) = &mut self.source {
            change(fields);
        }
        self
    }

    /// Names and values that are appended to the query of each URL, percent-encoded. No effect on a
    /// callback whose parameter is ready.
    pub fn url_query(self, query: &[(&str, &str)]) -> Self {
        self.with_fields(|fields| fields.url_query = owned(query))
    }

    /// Value of the `Host` header of the callback. Without it: the host of the URL.
    /// No effect on a callback whose parameter is ready.
    pub fn host(self, host: impl Into<String>) -> Self {
        self.with_fields(|fields| fields.host = Some(host.into()))
    }

    /// How values are encoded in the body. No effect on a callback whose parameter is ready.
    pub fn body_type(self, body_type: BodyType) -> Self {
        self.with_fields(|fields| fields.body_type = body_type)
    }

    /// TLS server name indication. No effect on a callback whose parameter is ready.
    pub fn sni(self, sni: Sni) -> Self {
        self.with_fields(|fields| fields.sni = sni)
    }

    /// Adds a variable: `name` begins with `x:` and is used in the body as `${x:…}`.
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Adds the variables of a parameter that is ready: a JSON object of texts, or Base64 of it.
    pub fn variables_parameter(mut self, parameter: &str) -> Result<Self> {
        self.variables.extend(variables::parse(parameter)?);
        Ok(self)
    }

    /// Accepts what the service accepts but what is nearly always a mistake: names that the
    /// library does not know in `${…}`, and a JSON body that is not JSON once it is filled in.
    pub fn relaxed(mut self, relaxed: bool) -> Self {
        self.relaxed = relaxed;
        self
    }

    /// The two header values, or the first fault that the service, or the application server, would
    /// stumble over.
    pub fn encode(&self, audience: Audience) -> Result<EncodedCallback> {
        // First, since a wrong name also makes the template name something unknown.
        variables::check(&self.variables)?;
        let defined: Vec<&str> = self.variables.iter().map(|(name, _)| name.as_str()).collect();
        let rules = template::Rules { defined: &defined, relaxed: self.relaxed };
        let (parameter, urls) = match &self.source {
            Source::Fields(fields) => fields.encode(&rules)?,
            Source::Json(text) => (text.clone(), ready::check(text, &rules)?),
        };
        let variables = json::write_object(&self.variables);
        check_length("callback", &parameter, "0007-00000001")?;
        check_length("callback.variables", &variables, "0007-00000101")?;
        let encoded = EncodedCallback {
            callback: BASE64.encode(parameter),
            variables: (!self.variables.is_empty()).then(|| BASE64.encode(variables)),
            pairs: self.variables.clone(),
            private: urls.private,
        };
        encoded.check_audience(audience)?;
        Ok(encoded)
    }
}

fn check_length(field: &str, json: &str, ec: &'static str) -> Result<()> {
    let len = json.len();
    let encoded = base64::encoded_len(len, true).unwrap_or(usize::MAX);
    if encoded <= MAX_ENCODED_LEN {
        return Ok(());
    }
    let message = format!(
        "its Base64 text has {encoded} bytes ({len} bytes of JSON); the service takes \
         {MAX_ENCODED_LEN}, which is 3840 bytes of JSON"
    );
    Err(Problem::new(field, ec, message).into())
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[cfg(test)]
mod tests;
