//! PutObject (spec: put-object.md).

use super::body::OpenBody;
use super::checksum::{Meter, check_md5, compute_md5};
use super::headers::Headers;
use super::outcome::{self, Expectation};
use super::{ContentMd5, MAX_PUT_SIZE, UploadError, UploadRequest, UploadResult};
use crate::callback::{Audience, Callback};
use crate::client::Client;
use crate::endpoint::{check_bucket, check_key};
use crate::error::{Error, Result, Status};
use crate::http::HttpRequest;
use crate::signing::time::Timestamp;
use crate::signing::v4::{Scope, UNSIGNED_PAYLOAD};
use crate::signing::{SignableRequest, Signature, SignatureVersion, v1, v4};

/// Longest answer that is kept. The service allows application servers 1 MB, an older page says
/// 3 MB (spec: callback.md 7).
const MAX_ANSWER: usize = 4 * 1024 * 1024;

impl Client {
    /// Uploads one object and waits for the answer of the service, and so for the callback.
    ///
    /// Everything that can be checked is checked before a byte is sent.
    pub fn upload(
        &self,
        request: UploadRequest<'_>,
    ) -> std::result::Result<UploadResult, UploadError> {
        check_bucket(request.bucket)?;
        check_key(request.key)?;
        let mut headers = Headers::of(&request)?;
        if let Some(callback) = request.callback {
            self.add_callback(&mut headers, callback)?;
        }
        let mut body = request.body.open()?;
        check_size(body.length())?;
        match request.content_md5 {
            ContentMd5::None => {}
            ContentMd5::Computed => headers.add("content-md5", compute_md5(&mut body)?),
            ContentMd5::Given(text) => headers.add("content-md5", check_md5(text)?),
        }
        let signature = self.sign_put(request.bucket, request.key, &mut headers, now()?);
        let mut meter = Meter::new(body.length(), request.progress);
        let url = self.endpoint.url(request.bucket, request.key);
        let response = self.send(&url, &headers, &mut body, &mut meter)?;
        outcome::of_response(
            response,
            &Expectation {
                has_callback: request.callback.is_some(),
                crc64: self.check_crc64.then(|| meter.crc64()),
                string_to_sign: &signature.string_to_sign,
                security_token: self.credentials.token(),
            },
        )
    }

    fn add_callback(&self, headers: &mut Headers, callback: &Callback) -> Result<()> {
        let audience =
            if self.endpoint.is_public_service() { Audience::PublicService } else { Audience::Any };
        let encoded = callback.encode(audience)?;
        headers.add("x-oss-callback", encoded.callback);
        if let Some(variables) = encoded.variables {
            headers.add("x-oss-callback-var", variables);
        }
        Ok(())
    }

    fn sign_put(
        &self,
        bucket: &str,
        key: &str,
        headers: &mut Headers,
        time: Timestamp,
    ) -> Signature {
        if let Some(token) = self.credentials.token() {
            headers.add("x-oss-security-token", token);
        }
        match self.signature_version {
            SignatureVersion::V4 => {
                headers.add("x-oss-content-sha256", UNSIGNED_PAYLOAD);
                headers.add("x-oss-date", time.iso_basic());
            }
            SignatureVersion::V1 => headers.add("date", time.http_date()),
        }
        let pairs = headers.as_pairs();
        let signable = SignableRequest {
            method: "PUT",
            bucket: Some(bucket),
            key: Some(key),
            query: &[],
            headers: &pairs,
        };
        let signature = self.sign(&signable, time);
        headers.add("authorization", &*signature.authorization);
        signature
    }

    fn sign(&self, request: &SignableRequest<'_>, time: Timestamp) -> Signature {
        let id = self.credentials.access_key_id();
        match self.signature_version {
            SignatureVersion::V1 => v1::sign(request, id, self.credentials.secret()),
            SignatureVersion::V4 => {
                let scope = Scope {
                    date: time.date(),
                    region: self.region.clone(),
                    product: self.endpoint.product().to_owned(),
                };
                v4::sign(request, id, &self.credentials.signing_key(&scope), &scope, time, &[])
            }
        }
    }

    fn send(
        &self,
        url: &str,
        headers: &Headers,
        body: &mut OpenBody<'_>,
        meter: &mut Meter<'_>,
    ) -> Result<crate::http::HttpResponse> {
        let request = HttpRequest {
            method: "PUT",
            url,
            headers: &headers.as_pairs(),
            content_length: body.length(),
            max_response_body: MAX_ANSWER,
        };
        self.http.exchange(&request, body, meter).map_err(outcome::of_failure)
    }
}

fn check_size(length: u64) -> Result<()> {
    if length <= MAX_PUT_SIZE {
        return Ok(());
    }
    let fault =
        format!("has {length} bytes; a single request stores at most {MAX_PUT_SIZE} (5 GiB)");
    Err(Error::invalid("body", fault))
}

fn now() -> Result<Timestamp> {
    match std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH) {
        Ok(since) => Ok(Timestamp(since.as_secs())),
        Err(_) => {
            let message = "the clock of this device is before 1970; set it";
            Err(Error::new(Status::InvalidArgument, message))
        }
    }
}
