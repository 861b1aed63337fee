//! PutObject (spec: put-object.md), signed here or elsewhere.

use super::attempt::Attempt;
use super::body::OpenBody;
use super::call::{AnswerKind, Call};
use super::checksum::{Meter, Report, compute_md5};
use super::destination::check_signed_url;
use super::expectation::Expectation;
use super::object::{NewObject, Prepared};
use super::outcome;
use super::retry::Tries;
use super::session::Session;
use super::single::{check_single, store};
use super::{ContentMd5, Outcome, UploadRequest};
use crate::callback::Audience;
use crate::error::{Error, Result};
use crate::http::{HttpRequest, query_pairs};
use crate::service::{ContentType, Headers, Operation, check_md5};
use crate::signed;

impl Session<'_> {
    /// Uploads a body of known length in a single request.
    pub(super) fn put(
        &self,
        prepared: &Prepared<'_>,
        body: &mut OpenBody<'_>,
        content_md5: ContentMd5<'_>,
        report: Report<'_>,
    ) -> Outcome {
        let mut headers = with_md5(self.call, prepared.headers.clone(), content_md5, body)?;
        self.call.add_traffic_limit(&mut headers);
        let size = body.length().unwrap_or_default();
        store(Tries::of_session("PUT", *self), body, report, |body, meter| {
            let outcome = self.put_once(&prepared.object, headers.clone(), body, meter);
            self.settle(&prepared.object, (size, meter.crc64()), outcome)
        })
    }

    fn put_once(
        &self,
        object: &NewObject<'_>,
        headers: Headers,
        body: &mut OpenBody<'_>,
        meter: &mut Meter<'_>,
    ) -> Attempt {
        let &NewObject { bucket, key, has_callback, .. } = object;
        let operation = Operation { method: "PUT", bucket, key, query: &[], headers };
        let size = body.length().unwrap_or_default();
        let answer = self
            .send(operation, AnswerKind::with_callback(has_callback), size, body, meter)
            .map_err(outcome::of_failure)?;
        answer.judged(has_callback, self.call.compared(meter))
    }
}

/// Uploads to a URL that was signed elsewhere, with the headers of the request.
pub(super) fn put_to_url(call: &Call<'_>, url: &str, request: UploadRequest<'_>) -> Outcome {
    const DESTINATION: &str = "a signed URL";
    check_signed_url("url", url)?;
    request.refuse_parts(DESTINATION)?;
    let callback = request.encode_callback(Audience::Any)?;
    let wanted = request.properties(ContentType::None);
    let headers = Headers::of_object(&wanted, callback.as_deref())?;
    let mut body = request.body.open()?;
    check_single(&body, DESTINATION)?;
    let mut headers = with_md5(call, headers, request.content_md5, &mut body)?;
    call.add_traffic_limit(&mut headers);
    headers.add_requester_pays(request.requester_pays);
    send_signed_put(call, url, headers, &mut body, request.progress)
}

/// Uploads with a request that was signed elsewhere.
pub(super) fn put_signed(
    call: &Call<'_>,
    signed: &signed::Signed,
    request: UploadRequest<'_>,
) -> Outcome {
    const DESTINATION: &str = "a bundle";
    request.refuse_own_properties(DESTINATION, false)?;
    request.refuse_parts(DESTINATION)?;
    let headers = Headers::of_signed("bundle", signed.pairs())?;
    let mut body = request.body.open()?;
    check_single(&body, DESTINATION)?;
    send_signed_put(call, signed.url(), headers, &mut body, request.progress)
}

fn with_md5(
    call: &Call<'_>,
    mut headers: Headers,
    content_md5: ContentMd5<'_>,
    body: &mut OpenBody<'_>,
) -> Result<Headers> {
    match content_md5 {
        ContentMd5::None => {}
        ContentMd5::Computed => {
            headers.add("content-md5", compute_md5(body, || call.check())?);
        }
        ContentMd5::Given(text) => headers.add("content-md5", check_md5(text)?),
    }
    Ok(headers)
}

fn send_signed_put(
    call: &Call<'_>,
    url: &str,
    headers: Headers,
    body: &mut OpenBody<'_>,
    report: Report<'_>,
) -> Outcome {
    let query = query_pairs(url);
    let has_callback = query.iter().any(|(name, _)| name == "callback");
    if headers.has("x-oss-callback") && has_callback {
        let fault = "is set besides the one that the URL has; OSS refuses both";
        return Err(Error::invalid("callback", fault).into());
    }
    let has_callback = headers.has("x-oss-callback") || has_callback;
    let secrets = secrets_of(query);
    let request = HttpRequest {
        method: "PUT",
        url,
        headers: &headers.as_pairs(),
        content_length: body.length().unwrap_or_default(),
        max_response_body: AnswerKind::with_callback(has_callback).limit(),
        limits: call.limits,
    };
    store(Tries::of_call("PUT", call), body, report, |body, meter| {
        let response = call.send(&request, body, meter).map_err(outcome::of_failure)?;
        let (crc64, secrets) = (call.compared(meter), &secrets[..]);
        let expected = Expectation { has_callback, crc64, secrets, ..Expectation::default() };
        outcome::of_response(response, &expected)
    })
}

fn secrets_of(query: Vec<(String, String)>) -> Vec<String> {
    const NAMES: [&str; 4] =
        ["x-oss-security-token", "x-oss-signature", "security-token", "Signature"];
    let is_secret = |name: &str| NAMES.contains(&name);
    query.into_iter().filter(|(name, _)| is_secret(name)).map(|(_, value)| value).collect()
}
