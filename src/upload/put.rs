//! PutObject (spec: put-object.md), signed here or elsewhere.

use super::body::OpenBody;
use super::call::Prepared;
use super::checksum::{check_md5, compute_md5};
use super::context::Call;
use super::destination::check_signed_url;
use super::lookup::Wanted;
use super::multipart::Report;
use super::retry::Tries;
use super::session::{Session, Signed};
use super::single::{Frame, Sent, Single, check_single, persist};
use super::{ContentMd5, UploadError, UploadRequest, UploadResult};
use crate::callback::Audience;
use crate::error::{Error, Result};
use crate::http::query_pairs;
use crate::service::{Headers, Operation};
use crate::signed;

impl Session<'_> {
    /// Uploads a body of known length in a single request.
    pub(super) fn put(
        &self,
        prepared: &Prepared<'_>,
        body: &mut OpenBody<'_>,
        content_md5: ContentMd5<'_>,
        report: Report<'_>,
    ) -> std::result::Result<UploadResult, UploadError> {
        let mut headers = self.call().with_md5(prepared.put_headers(), content_md5, body)?;
        self.call().add_traffic_limit(&mut headers);
        let wanted = Wanted {
            bucket: prepared.bucket,
            key: prepared.key,
            has_callback: prepared.has_callback,
            forbid_overwrite: prepared.forbid_overwrite,
            once: prepared.once,
        };
        persist(Tries::of_session(*self), body, report, |body, report| {
            let sent = self.put_once(prepared, headers.clone(), body, report);
            self.settle(&wanted, body.length().unwrap_or_default(), sent)
        })
    }

    fn put_once(
        &self,
        prepared: &Prepared<'_>,
        headers: Headers,
        body: &mut OpenBody<'_>,
        report: Report<'_>,
    ) -> Sent {
        let (bucket, key) = (prepared.bucket, prepared.key);
        let mut operation = Operation { method: "PUT", bucket, key, query: &[], headers };
        let signer = match self.signer() {
            Ok(signer) => signer,
            Err(error) => return Sent::nothing(error),
        };
        let signature = signer.sign(&mut operation);
        let single = Single {
            method: "PUT",
            url: &self.service().url(bucket, key, &[]),
            headers: operation.headers,
            has_callback: prepared.has_callback,
            is_form: false,
            signed: Some(Signed::with_header(signature, &signer)),
            secrets: Vec::new(),
        };
        self.call().send_single(&single, body, &Frame::default(), report)
    }
}

impl Call<'_> {
    /// Uploads to a URL that was signed elsewhere, with the headers of the request.
    pub(super) fn put_to_url(
        &self,
        url: &str,
        request: UploadRequest<'_>,
    ) -> std::result::Result<UploadResult, UploadError> {
        const DESTINATION: &str = "a signed URL";
        check_signed_url("url", url)?;
        request.refuse_parts(DESTINATION)?;
        let callback = request.encode_callback(Audience::Any)?;
        let wanted = request.properties(request.content_type.into());
        let headers =
            Headers::of_object(&wanted)?.and(Headers::of_commit(&wanted, callback.as_deref())?);
        let mut body = request.body.open()?;
        check_single(&body, DESTINATION)?;
        let mut headers = self.with_md5(headers, request.content_md5, &mut body)?;
        self.add_traffic_limit(&mut headers);
        self.send_signed_put(url, headers, &mut body, request.progress)
    }

    /// Uploads with a request that was signed elsewhere.
    pub(super) fn put_signed(
        &self,
        signed: &signed::Signed,
        request: UploadRequest<'_>,
    ) -> std::result::Result<UploadResult, UploadError> {
        const DESTINATION: &str = "a bundle";
        request.refuse_own_properties(DESTINATION, false)?;
        request.refuse_parts(DESTINATION)?;
        let headers = Headers::of_signed("bundle", signed.pairs())?;
        let mut body = request.body.open()?;
        check_single(&body, DESTINATION)?;
        self.send_signed_put(signed.url(), headers, &mut body, request.progress)
    }

    fn with_md5(
        &self,
        mut headers: Headers,
        content_md5: ContentMd5<'_>,
        body: &mut OpenBody<'_>,
    ) -> Result<Headers> {
        match content_md5 {
            ContentMd5::None => {}
            ContentMd5::Computed => {
                headers.add("content-md5", compute_md5(body, || self.check())?);
            }
            ContentMd5::Given(text) => headers.add("content-md5", check_md5(text)?),
        }
        Ok(headers)
    }

    fn send_signed_put(
        &self,
        url: &str,
        headers: Headers,
        body: &mut OpenBody<'_>,
        report: Report<'_>,
    ) -> std::result::Result<UploadResult, UploadError> {
        let query = query_pairs(url);
        let has_callback = query.iter().any(|(name, _)| name == "callback");
        if headers.has("x-oss-callback") && has_callback {
            let fault = "is set besides the one that the URL has; OSS refuses both";
            return Err(Error::invalid("callback", fault).into());
        }
        let single = Single {
            method: "PUT",
            url,
            has_callback: headers.has("x-oss-callback") || has_callback,
            headers,
            is_form: false,
            signed: None,
            secrets: secrets_of(query),
        };
        persist(Tries::of_call(self), body, report, |body, report| {
            self.send_single(&single, body, &Frame::default(), report).outcome
        })
    }
}

fn secrets_of(query: Vec<(String, String)>) -> Vec<String> {
    const NAMES: [&str; 4] =
        ["x-oss-security-token", "x-oss-signature", "security-token", "Signature"];
    let is_secret = |name: &str| NAMES.contains(&name);
    query.into_iter().filter(|(name, _)| is_secret(name)).map(|(_, value)| value).collect()
}
