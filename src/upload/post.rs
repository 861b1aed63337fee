//! PostObject: uploads as a form (spec: post-object.md).

use super::attempt::Attempt;
use super::body::OpenBody;
use super::call::{AnswerKind, Call};
use super::checksum::Meter;
use super::destination::check_signed_url;
use super::expectation::{Expectation, Signed};
use super::form_body::FormBody;
use super::object::NewObject;
use super::outcome;
use super::retry::Tries;
use super::session::Session;
use super::single::{check_single, store};
use super::{ContentMd5, Outcome, UploadRequest};
use crate::endpoint::check_key;
use crate::error::{Error, Result};
use crate::http::HttpRequest;
use crate::service::{ContentType, Headers, ObjectProperties};
use crate::signed::{MAX_PINNED_FIELDS, Policy, SignFormRequest, check_field_name};
use crate::text::quoted;

/// Those of a form that the library signs, and some.
const MAX_FIELDS: usize = 2 * MAX_PINNED_FIELDS;
/// All fields together; the service takes less.
const MAX_FIELD_BYTES: usize = 256 * 1024;

/// Names and values of the fields of a form.
type Fields = Vec<(String, String)>;

impl Session<'_> {
    /// Uploads with a form that is signed for this object alone.
    pub(super) fn post(&self, object: NewObject<'_>, request: UploadRequest<'_>) -> Outcome {
        const DESTINATION: &str = "a form";
        let NewObject { bucket, key, .. } = object;
        request.refuse_parts(DESTINATION)?;
        if key.contains("${filename}") {
            let fault = "has ${filename}, for which a form puts the name of the file; upload without \
                         the flag FORM";
            return Err(Error::invalid("key", fault).into());
        }
        if request.traffic_limit.is_some() {
            let fault = "goes with no form; use rate_limit_bytes_per_s";
            return Err(Error::invalid("traffic_limit_bits_per_s", fault).into());
        }
        if request.content_md5 != ContentMd5::None {
            let fault = "is of the whole form and not of the content, so it goes with no form; \
                         the CRC-64 is compared anyway";
            return Err(Error::invalid("content_md5", fault).into());
        }
        let form = SignFormRequest { bucket, key: Some(key), ..SignFormRequest::default() };
        let fields = fields_of(&request, key)?;
        let mut policy = Policy { request: form, fields, conditions: Vec::new() };
        let callback = request.encode_callback(self.service.audience())?;
        if let Some(callback) = &callback {
            policy.add_callback(callback);
        }
        let mut body = request.body.open()?;
        check_single(&body, DESTINATION)?;
        let size = body.length().unwrap_or_default();
        (policy.request.min_size, policy.request.max_size) = (size, Some(size));
        store(Tries::of_session("POST", *self), &mut body, request.progress, |body, meter| {
            let outcome = self.post_once(policy.clone(), body, meter);
            self.settle(&object, (size, meter.crc64()), outcome)
        })
    }

    fn post_once(
        &self,
        policy: Policy<'_>,
        body: &mut OpenBody<'_>,
        meter: &mut Meter<'_>,
    ) -> Attempt {
        let signer = self.signer()?;
        let form = policy.sign(&signer)?;
        // What is signed is the text of the policy.
        let policy = field(form.pairs(), "policy").unwrap_or_default().to_owned();
        let signed = Signed::form(policy, &signer);
        send_form(self.call, form.url(), form.pairs(), Some(&signed), body, meter)
    }
}

/// Uploads with fields that were made elsewhere.
pub(super) fn post_fields(
    call: &Call<'_>,
    url: &str,
    fields: &[(&str, &str)],
    key: Option<&str>,
    request: UploadRequest<'_>,
) -> Outcome {
    check_signed_url("url", url)?;
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let fields = fields.iter().map(owned).collect();
    post_form(call, url, fields, ("form_fields", key), request)
}

/// Uploads with a form that was made elsewhere, as `origin` says. Its fields may leave the key to the
/// program.
pub(super) fn post_form(
    call: &Call<'_>,
    url: &str,
    mut fields: Fields,
    (origin, key): (&str, Option<&str>),
    request: UploadRequest<'_>,
) -> Outcome {
    const DESTINATION: &str = "a form that was signed elsewhere";
    request.refuse_own_properties(DESTINATION, true)?;
    request.refuse_parts(DESTINATION)?;
    check_fields(origin, &fields)?;
    add_key(origin, &mut fields, key)?;
    add_properties(origin, &mut fields, &request)?;
    let mut body = request.body.open()?;
    check_single(&body, DESTINATION)?;
    store(Tries::of_call("POST", call), &mut body, request.progress, |body, meter| {
        send_form(call, url, &fields, None, body, meter)
    })
}

fn send_form(
    call: &Call<'_>,
    url: &str,
    fields: &[(String, String)],
    signed: Option<&Signed>,
    body: &mut OpenBody<'_>,
    meter: &mut Meter<'_>,
) -> Attempt {
    let key = field(fields, "key").unwrap_or_default();
    let file_name = match body.file_name() {
        Some(name) => name,
        None if key.contains("${filename}") => {
            let fault = "has ${filename}, which only a FILE body can fill in";
            return Err(Error::invalid("key", fault).into());
        }
        None => last_segment(key).to_owned(),
    };
    let has_callback = field(fields, "callback").is_some();
    let size = body.length().unwrap_or_default();
    let form = FormBody::new(fields, &file_name);
    let request = HttpRequest {
        method: "POST",
        url,
        headers: &[("content-type", &form.content_type())],
        content_length: form.length(size),
        max_response_body: AnswerKind::with_callback(has_callback).limit(),
        limits: call.limits,
    };
    let response = call
        .send(&request, &mut form.reader(body), &mut form.watch(size, meter))
        .map_err(outcome::of_failure)?;
    // The policy has the token in it: it is masked first, as a whole.
    let secrets: Vec<_> = ["policy", "x-oss-security-token", "x-oss-signature", "Signature"]
        .into_iter()
        .filter_map(|name| field(fields, name).map(str::to_owned))
        .collect();
    let expected = Expectation {
        has_callback,
        is_form: true,
        crc64: call.compared(meter),
        signed,
        secrets: &secrets,
    };
    outcome::of_response(response, &expected)
}

/// The properties of the object as fields. `x-oss-content-type` has precedence over what is said
/// of the file.
fn fields_of(request: &UploadRequest<'_>, key: &str) -> Result<Fields> {
    let wanted = request.properties(ContentType::OfKey(key));
    let mut headers = Headers::of_object(&wanted, None)?;
    headers.add_requester_pays(request.requester_pays);
    let mut fields = headers.into_pairs();
    for (name, _) in &mut fields {
        match name.as_str() {
            "content-type" => *name = "x-oss-content-type".to_owned(),
            "cache-control" => *name = "Cache-Control".to_owned(),
            "content-disposition" => *name = "Content-Disposition".to_owned(),
            "content-encoding" => *name = "Content-Encoding".to_owned(),
            "expires" => *name = "Expires".to_owned(),
            "x-oss-tagging" => {
                let fault = "has x-oss-tagging, which OSS does not take in forms";
                return Err(Error::invalid("headers", fault));
            }
            name if name.starts_with("x-oss-") => {}
            name => {
                let fault = format!("has {name}, which is no field of a form and would be lost");
                return Err(Error::invalid("headers", fault));
            }
        }
    }
    Ok(fields)
}

fn check_fields(origin: &str, fields: &[(String, String)]) -> Result<()> {
    let size: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    if fields.len() > MAX_FIELDS || size > MAX_FIELD_BYTES {
        let fault = format!(
            "has {} fields of {size} bytes; more than {MAX_FIELDS} fields, or {MAX_FIELD_BYTES} \
             bytes, are no form of OSS",
            fields.len()
        );
        return Err(Error::invalid(origin, fault));
    }
    for (index, (name, _)) in fields.iter().enumerate() {
        let field = format!("{origin}[{index}].name");
        check_field_name(&field, name)?;
        if name.eq_ignore_ascii_case("file") {
            let fault = "is \"file\", which the body of the upload will be";
            return Err(Error::invalid(field, fault));
        }
        if fields[..index].iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            return Err(Error::invalid(field, format!("{} is given twice", quoted(name))));
        }
    }
    Ok(())
}

/// The name comes from one side only.
fn add_key(origin: &str, fields: &mut Fields, key: Option<&str>) -> Result<()> {
    match (field(fields, "key"), key) {
        (Some(_), None) => Ok(()),
        (None, Some(key)) => {
            check_key(key)?;
            fields.insert(0, ("key".to_owned(), key.to_owned()));
            Ok(())
        }
        (Some(_), Some(_)) => {
            let fault = format!("is set, but {origin} has the name of the object already");
            Err(Error::invalid("key", fault))
        }
        (None, None) => {
            let fault = format!("is needed: {origin} leaves the name of the object to you");
            Err(Error::invalid("key", fault))
        }
    }
}

/// Type and metadata, as far as the form leaves them to its sender. What the policy does not name
/// may be added.
fn add_properties(origin: &str, fields: &mut Fields, request: &UploadRequest<'_>) -> Result<()> {
    let has_type =
        ["x-oss-content-type", "content-type"].iter().any(|n| field(fields, n).is_some());
    let key = field(fields, "key").unwrap_or_default().to_owned();
    let content_type = match request.content_type {
        Some(_) if has_type => {
            let fault = format!("is set, but {origin} has the type of the object already");
            return Err(Error::invalid("content_type", fault));
        }
        None if has_type => ContentType::None,
        given => given.map_or(ContentType::OfKey(&key), ContentType::Given),
    };
    let wanted = ObjectProperties {
        content_type,
        metadata: request.metadata,
        ..ObjectProperties::default()
    };
    for (name, value) in Headers::of_object(&wanted, None)?.into_pairs() {
        let name = if name == "content-type" { "x-oss-content-type".to_owned() } else { name };
        if field(fields, &name).is_some() {
            let fault = format!("has {name}, but {origin} has it already");
            return Err(Error::invalid("metadata", fault));
        }
        fields.push((name, value));
    }
    Ok(())
}

fn field<'a>(fields: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    let found = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    found.map(|(_, value)| value.as_str())
}

fn last_segment(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}
