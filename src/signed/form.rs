//! Policies of forms, and the fields that go with them (spec: post-object.md 2, 4, 5, 6).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{DEFAULT_SECONDS, Kind, Signed, check_seconds};
use crate::callback::{Callback, EncodedCallback};
use crate::client::Client;
use crate::credentials::Wait;
use crate::endpoint::{check_bucket, check_key, check_key_in};
use crate::error::{Error, Result, refuse_if};
use crate::service::{MAX_PUT_SIZE, Signer, check_choice, check_value};
use crate::signing::SignatureVersion;
use crate::signing::v4::ALGORITHM;
use crate::text::quoted;
use crate::time::Timestamp;

/// Fields besides those of the signature: more than the service has names for.
pub(crate) const MAX_PINNED_FIELDS: usize = 100;
/// Fields that are made by the library, and how a caller gets them.
const RESERVED: [(&str, &str); 17] = [
    ("bucket", "it is bucket"),
    ("callback", "use callback"),
    ("content-type", "use content_types"),
    ("file", "the one who sends the form adds it"),
    ("key", "use key or key_prefix"),
    ("ossaccesskeyid", "it is made from the credentials"),
    ("policy", "the library makes it"),
    ("signature", "the library makes it"),
    ("x-oss-content-type", "use content_types"),
    ("x-oss-credential", "it is made from the credentials"),
    ("x-oss-date", "it is the time of the signature"),
    ("x-oss-forbid-overwrite", "set the flag FORBID_OVERWRITE"),
    ("x-oss-security-token", "it is made from the credentials"),
    ("x-oss-signature", "the library makes it"),
    ("x-oss-signature-version", "the client has it"),
    ("x-oss-tagging", "OSS does not take it in forms"),
    ("x-oss-traffic-limit", "OSS does not take it in forms"),
];

/// What a form may upload. Everything is borrowed until the call returns.
#[derive(Debug, Clone, Copy, Default)]
pub struct SignFormRequest<'a> {
    /// Bucket.
    pub bucket: &'a str,
    /// The one name that the object may have. `${filename}` in it stands for the name of the file.
    pub key: Option<&'a str>,
    /// Instead of `key`: what the name must begin with. Empty allows every name.
    pub key_prefix: Option<&'a str>,
    /// Validity in seconds; default 900. With V4 at most 604 800 (7 days).
    pub expires_in: Option<u64>,
    /// Smallest size of the file.
    pub min_size: u64,
    /// Largest size of the file; default 5 GiB.
    pub max_size: Option<u64>,
    /// Types that the object may have; or a single one like `image/*`. Empty allows every type.
    pub content_types: &'a [&'a str],
    /// What the service shall tell the application server. Whoever sends the form cannot change it,
    /// nor its variables.
    pub callback: Option<&'a Callback>,
    /// Further fields, for example `x-oss-object-acl`; whoever sends the form cannot change them.
    pub fields: &'a [(&'a str, &'a str)],
    /// Further conditions: the text of a JSON array.
    pub conditions: Option<&'a str>,
    /// Refuse to overwrite.
    pub forbid_overwrite: bool,
}

/// A checked policy.
#[derive(Debug, Clone)]
pub(crate) struct Policy<'a> {
    pub(crate) request: SignFormRequest<'a>,
    /// Fields whose values are fixed.
    pub(crate) fields: Vec<(String, String)>,
    /// Texts of further conditions.
    pub(crate) conditions: Vec<String>,
}

impl Client {
    /// Signs a form. Nothing is sent.
    pub fn sign_form(&self, request: &SignFormRequest<'_>) -> Result<Signed> {
        let service = self.service()?;
        request.check()?;
        let conditions = request.extra_conditions()?;
        let mut policy = Policy { request: *request, fields: Vec::new(), conditions };
        policy.add_content_types(request.content_types)?;
        if request.forbid_overwrite {
            policy.add_field("x-oss-forbid-overwrite", "true");
        }
        if let Some(callback) = request.callback {
            policy.add_callback(&service.encode(callback)?);
        }
        for (index, (name, value)) in request.fields.iter().enumerate() {
            policy.add_extra_field(&format!("fields[{index}]"), name, value)?;
        }
        policy.sign(&service.signer(&Wait::default())?)
    }
}

impl SignFormRequest<'_> {
    fn check(&self) -> Result<()> {
        check_bucket(self.bucket)?;
        refuse_if([
            (
                self.key.is_some() && self.key_prefix.is_some(),
                "key_prefix",
                "is set together with key; use one of them",
            ),
            (
                self.key.or(self.key_prefix).is_none(),
                "key",
                "is not set, and neither is key_prefix; an empty key_prefix allows every name",
            ),
        ])?;
        self.key.map(check_key).transpose()?;
        let prefix = self.key_prefix.filter(|prefix| !prefix.is_empty());
        prefix.map(|prefix| check_key_in("key_prefix", prefix)).transpose()?;
        let max = self.largest();
        if max > MAX_PUT_SIZE {
            let fault = format!("is {max}; a form stores at most {MAX_PUT_SIZE} (5 GiB)");
            return Err(Error::invalid("max_size", fault));
        }
        if self.min_size > max {
            let fault = format!("is {}, which is more than max_size ({max})", self.min_size);
            return Err(Error::invalid("min_size", fault));
        }
        Ok(())
    }

    fn largest(&self) -> u64 {
        self.max_size.unwrap_or(MAX_PUT_SIZE)
    }

    /// The inside of the array, as it is.
    fn extra_conditions(&self) -> Result<Vec<String>> {
        let Some(text) = self.conditions else {
            return Ok(Vec::new());
        };
        // `\$` is an escape of policies, and none of JSON.
        let json = text.replace("\\$", "$");
        let items: Vec<serde_json::Value> = serde_json::from_str(&json).map_err(|error| {
            let fault = format!(
                "is not a JSON array ({error}); for example [[\"in\",\"$x-oss-object-acl\",[\"private\"]]]"
            );
            Error::invalid("conditions", fault)
        })?;
        let is_condition = |item: &serde_json::Value| match item {
            serde_json::Value::Array(parts) => parts.len() == 3,
            serde_json::Value::Object(members) => members.len() == 1,
            _ => false,
        };
        if let Some(at) = items.iter().position(|item| !is_condition(item)) {
            let fault = "is neither [operator, \"$field\", value] nor {\"field\": value}";
            return Err(Error::invalid(format!("conditions[{at}]"), fault));
        }
        // One bracket on each side: those behind it are of the conditions.
        let inside = text.trim().strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        Ok(inside.filter(|_| !items.is_empty()).map(str::to_owned).into_iter().collect())
    }
}

impl Policy<'_> {
    pub(crate) fn add_field(&mut self, name: &str, value: &str) {
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    /// The callback and its variables, which are fields of their own (spec: callback.md 3).
    pub(crate) fn add_callback(&mut self, callback: &EncodedCallback) {
        self.add_field("callback", &callback.callback);
        for (name, value) in callback.pairs() {
            self.add_field(name, value);
        }
    }

    /// `x-oss-content-type` has precedence over what a browser says of the file
    /// (spec: post-object.md 2).
    fn add_content_types(&mut self, types: &[&str]) -> Result<()> {
        for (index, text) in types.iter().enumerate() {
            let field = format!("content_types[{index}]");
            check_value(&field, text)?;
            if text.ends_with('*') && types.len() > 1 {
                let fault = "has a '*', which goes alone: a policy knows one prefix, or a list";
                return Err(Error::invalid(field, fault));
            }
        }
        let name = "$x-oss-content-type";
        match types {
            [] => {}
            [text] => match text.strip_suffix('*') {
                Some(prefix) => self.conditions.push(condition("starts-with", name, prefix)),
                None => self.add_field("x-oss-content-type", text),
            },
            types => {
                let list: Vec<String> = types.iter().map(|text| literal(text)).collect();
                self.conditions.push(format!("[\"in\",\"{name}\",[{}]]", list.join(",")));
            }
        }
        Ok(())
    }

    fn add_extra_field(&mut self, field: &str, name: &str, value: &str) -> Result<()> {
        check_field_name(&format!("{field}.name"), name)?;
        let lower = name.to_ascii_lowercase();
        if let Some((_, instead)) = RESERVED.iter().find(|(reserved, _)| *reserved == lower) {
            let fault = format!("{} cannot be set here: {instead}", quoted(name));
            return Err(Error::invalid(format!("{field}.name"), fault));
        }
        if lower.starts_with("x:") {
            let fault =
                format!("{} cannot be set here: use the variables of callback", quoted(name));
            return Err(Error::invalid(format!("{field}.name"), fault));
        }
        if self.fields.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            return Err(Error::invalid(format!("{field}.name"), format!("{name} is given twice")));
        }
        check_value(&format!("{field}.value"), value)?;
        check_choice(&format!("{field}.value"), &lower, value)?;
        self.add_field(name, value);
        Ok(())
    }

    fn check_fields(&self) -> Result<()> {
        if self.fields.len() <= MAX_PINNED_FIELDS {
            return Ok(());
        }
        let fault = format!(
            "and variables are {} in all; a form has {MAX_PINNED_FIELDS} at most",
            self.fields.len()
        );
        Err(Error::invalid("fields", fault))
    }

    /// Makes the form. What is fixed stands in its fields and in its policy.
    pub(crate) fn sign(self, signer: &Signer<'_>) -> Result<Signed> {
        self.check_fields()?;
        let seconds = self.request.expires_in.unwrap_or(DEFAULT_SECONDS);
        check_seconds(signer.signature_version(), seconds)?;
        let time = signer.time();
        let mut signature = match signer.signature_version() {
            SignatureVersion::V1 => vec![("OSSAccessKeyId", signer.access_key_id().to_owned())],
            SignatureVersion::V4 => vec![
                ("x-oss-signature-version", ALGORITHM.to_owned()),
                ("x-oss-credential", signer.credential()),
                ("x-oss-date", time.iso_basic()),
            ],
        };
        signature.extend(signer.token().map(|token| ("x-oss-security-token", token.to_owned())));
        let expires = Timestamp(time.0.saturating_add(seconds));
        // OSSAccessKeyId is no field that policies know.
        let pinned = signature.iter().filter(|(name, _)| name.starts_with("x-oss-"));
        let policy = BASE64.encode(self.text(&expires.iso_milliseconds(), pinned));
        let last = signer.sign_form(&policy);
        let owned = |(name, value): (&str, String)| (name.to_owned(), value);
        let key = self.request.key.map(|key| ("key", key.to_owned()));
        let mut fields: Vec<_> = key.into_iter().map(owned).collect();
        fields.extend(self.fields);
        signature.insert(0, ("policy", policy));
        signature.push(last);
        fields.extend(signature.into_iter().map(owned));
        Ok(Signed {
            kind: Kind::Form,
            method: "POST".to_owned(),
            url: signer.service().url(self.request.bucket, "", &[]),
            pairs: fields,
            expires_at: expires.0,
        })
    }

    fn text<'b>(
        &self,
        expiration: &str,
        signature: impl Iterator<Item = &'b (&'static str, String)>,
    ) -> String {
        let exactly = |name: &str, value: &str| format!("{{{}:{}}}", literal(name), literal(value));
        let mut conditions = vec![exactly("bucket", self.request.bucket)];
        conditions.extend(signature.map(|(name, value)| exactly(name, value)));
        conditions.push(match (self.request.key, self.request.key_prefix) {
            (Some(key), _) => condition("eq", "$key", key),
            (None, prefix) => condition("starts-with", "$key", prefix.unwrap_or_default()),
        });
        let (min, max) = (self.request.min_size, self.request.largest());
        conditions.push(format!("[\"content-length-range\",{min},{max}]"));
        conditions.extend(self.fields.iter().map(|(name, value)| exactly(name, value)));
        conditions.extend(self.conditions.iter().cloned());
        let conditions = conditions.join(",");
        format!("{{\"expiration\":\"{expiration}\",\"conditions\":[{conditions}]}}")
    }
}

/// Names are tokens, so that they need no escaping in a form.
pub(crate) fn check_field_name(field: &str, name: &str) -> Result<()> {
    let sound = |byte: u8| byte.is_ascii_graphic() && !b"\"\\;".contains(&byte);
    if name.is_empty() || !name.bytes().all(sound) {
        let fault = format!("{} is not the name of a form field", quoted(name));
        return Err(Error::invalid(field, fault));
    }
    Ok(())
}

fn condition(operator: &str, name: &str, value: &str) -> String {
    format!("[\"{operator}\",\"{name}\",{}]", literal(value))
}

/// A JSON text in which `$` has no meaning (spec: post-object.md 4).
fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('$', "\\$")
}
