//! What an upload callback is: the two parameters that travel with an upload, built with a real
//! JSON encoder and checked by the service's own rules before a byte is sent (spec: callback.md).

mod check;
mod fields;
mod json;
mod json_template;
mod problem;
mod ready;
mod render;
mod system;
mod template;
mod url;
mod variables;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use check::Check;
pub(crate) use fields::Fields;
#[cfg(feature = "verify")]
pub(crate) use json::read_object;
pub use problem::{Problem, Severity};
use ready::{Body, Ready};
pub use render::RenderedCallback;
pub use system::{Image, ObjectFacts};

use crate::error::{Error, Result};

/// Longest Base64 text of either parameter (spec: callback.md 4).
pub const MAX_ENCODED_LEN: usize = 5120;
/// What is longer may be too long with the next value of a variable.
const LARGE_ENCODED_LEN: usize = MAX_ENCODED_LEN / 10 * 9;

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
    pub(crate) fn mime(self) -> &'static str {
        match self {
            Self::UrlEncoded => "application/x-www-form-urlencoded",
            Self::Json => "application/json",
        }
    }

    /// The one with this type, in lowercase and without parameters.
    pub(crate) fn of_mime(mime: &str) -> Option<Self> {
        [Self::UrlEncoded, Self::Json].into_iter().find(|known| known.mime() == mime)
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
#[derive(Debug, Clone, Default)]
pub struct Callback {
    fields: Fields,
    /// Ready JSON text, instead of the fields.
    parameter: Option<String>,
    variables: Vec<(String, String)>,
    /// JSON text, or Base64 of it, instead of the variables.
    variables_parameter: Option<String>,
    relaxed: bool,
}

/// What a callback says, with whatever is wrong with it.
struct Written {
    parameter: String,
    variables: Vec<(String, String)>,
    /// The same as JSON text.
    variables_text: String,
    /// None when it is stored in a policy of the bucket, or wrong.
    body: Body,
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
        Self::of_fields(Fields {
            url: Some(url.into()),
            body: Some(body.into()),
            ..Fields::default()
        })
    }

    /// A callback with a url-encoded body of names and values. `${…}` in a value is a variable; all
    /// else is percent-encoded.
    pub fn with_body_fields(url: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        Self::of_fields(Fields {
            url: Some(url.into()),
            body_fields: owned(fields),
            ..Fields::default()
        })
    }

    /// A callback whose parameter is ready: JSON text, or Base64 of it. It is checked, then sent as it
    /// is.
    pub fn from_parameter(parameter: &str) -> Self {
        Self { parameter: Some(json::plain(parameter).into_owned()), ..Self::default() }
    }

    pub(crate) fn of_fields(fields: Fields) -> Self {
        Self { fields, ..Self::default() }
    }

    /// A parameter that is ready, instead of the fields.
    pub(crate) fn parameter(mut self, parameter: Option<&str>) -> Self {
        self.parameter = parameter.map(|text| json::plain(text).into_owned());
        self
    }

    /// Names and values that are appended to the query of each URL, percent-encoded. Not for a callback
    /// whose parameter is ready.
    pub fn url_query(mut self, query: &[(&str, &str)]) -> Self {
        self.fields.url_query = owned(query);
        self
    }

    /// Value of the `Host` header of the callback. Without it: the host of the URL.
    /// Not for a callback whose parameter is ready.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.fields.host = Some(host.into());
        self
    }

    /// How values are encoded in the body. Not for a callback whose parameter is ready.
    pub fn body_type(mut self, body_type: BodyType) -> Self {
        self.fields.body_type = body_type;
        self
    }

    /// TLS server name indication. Not for a callback whose parameter is ready.
    pub fn sni(mut self, sni: Sni) -> Self {
        self.fields.sni = sni;
        self
    }

    /// Adds a variable: `name` begins with `x:` and is used in the body as `${x:…}`.
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// The variables as a parameter that is ready, instead: a JSON object of texts, or Base64 of it.
    pub fn variables_parameter(mut self, parameter: impl Into<String>) -> Self {
        self.variables_parameter = Some(parameter.into());
        self
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
        let (written, check) = self.write();
        check.refuse_first()?;
        let Written { parameter, variables, variables_text, .. } = written;
        let mut problems = check.into_problems().into_iter();
        let encoded = EncodedCallback {
            callback: BASE64.encode(parameter),
            variables: (!variables.is_empty()).then(|| BASE64.encode(variables_text)),
            pairs: variables,
            private: problems.find(|problem| problem.ec() == Some(url::PRIVATE_ADDRESS)),
        };
        encoded.check_audience(audience)?;
        Ok(encoded)
    }

    /// Everything that is wrong with it, errors first: with none of them it can be encoded.
    pub fn check(&self) -> Vec<Problem> {
        self.write().1.into_problems()
    }

    /// What the application server would get for such an upload.
    pub fn render(&self, facts: &ObjectFacts<'_>) -> Result<RenderedCallback> {
        let (written, check) = self.write();
        check.refuse_first()?;
        let Some((template, body_type)) = written.body else {
            let fault =
                "names a policy of the bucket, which alone has the body; write the body here";
            return Err(Error::invalid("callback.parameter: callbackPolicy", fault));
        };
        let body = render::render(&template, body_type, &written.variables, facts)?;
        Ok(RenderedCallback { body, content_type: body_type.mime() })
    }

    /// Writes the callback, and checks everything meanwhile.
    fn write(&self) -> (Written, Check) {
        let mut check = Check::new(self.relaxed);
        let (variables_parameter, ready) = (self.variables_parameter.as_deref(), &self.parameter);
        let ready = ready.as_ref().map(|text| (text, Ready::read(text, &mut check)));
        // First, since a wrong name also makes the template name something unknown.
        let variables = variables::read(&self.variables, variables_parameter, &mut check);
        let (parameter, body) = match ready {
            None => self.fields.write(&mut check),
            Some((text, ready)) => {
                self.fields.check_beside(&ready, &mut check);
                (text.clone(), ready.check(&mut check))
            }
        };
        variables::check_use(&variables, &mut check);
        let variables_text = json::write_object(&variables);
        check_length("callback", &parameter, "0007-00000001", &mut check);
        check_length("callback.variables", &variables_text, "0007-00000101", &mut check);
        (Written { parameter, variables, variables_text, body }, check)
    }
}

fn check_length(field: &str, json: &str, ec: &'static str, check: &mut Check) {
    let len = json.len();
    let encoded = base64::encoded_len(len, true).unwrap_or(usize::MAX);
    if encoded <= LARGE_ENCODED_LEN {
        return;
    }
    let rule = format!(
        "its Base64 text has {encoded} bytes ({len} bytes of JSON); the service takes \
         {MAX_ENCODED_LEN}, which is 3840 bytes of JSON"
    );
    let cure = "make it shorter: what your server knows by itself need not be sent";
    match encoded > MAX_ENCODED_LEN {
        true => check.refuse(Problem::new(field, Some(ec), &rule, cure)),
        false => check.warn(Problem::new(field, None, &rule, cure)),
    }
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[cfg(test)]
mod tests;
