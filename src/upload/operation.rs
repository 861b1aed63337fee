//! One signed request about an object.

use std::io::Read;
use std::time::{SystemTime, UNIX_EPOCH};

use super::headers::Headers;
use crate::client::Client;
use crate::http::{Failure, HttpRequest, HttpResponse, Limits, Progress};
use crate::signing::time::Timestamp;
use crate::signing::v4::{Scope, UNSIGNED_PAYLOAD};
use crate::signing::{SignableRequest, Signature, SignatureVersion, v1, v4};

/// Longest answer that is kept. The service allows application servers 1 MB, an older page says
/// 3 MB (spec: callback.md 7).
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// What is asked of the service.
pub(super) struct Operation<'a> {
    pub(super) method: &'static str,
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    /// An empty value means that only the name is sent.
    pub(super) query: &'a [(&'a str, &'a str)],
    pub(super) headers: Headers,
}

/// What came back, and what the request was signed with.
pub(super) struct Answer {
    pub(super) response: HttpResponse,
    pub(super) string_to_sign: String,
}

impl Client {
    /// Signs a request and sends it with a body of `content_length` bytes.
    pub(super) fn send(
        &self,
        mut operation: Operation<'_>,
        content_length: u64,
        body: &mut dyn Read,
        progress: &mut dyn Progress,
    ) -> Result<Answer, Failure> {
        let signature = self.sign(&mut operation, now());
        let url = self.endpoint.url(operation.bucket, operation.key, operation.query);
        let request = HttpRequest {
            method: operation.method,
            url: &url,
            headers: &operation.headers.as_pairs(),
            content_length,
            max_response_body: MAX_ANSWER,
            limits: Limits::default(),
        };
        let response = self.http.exchange(&request, body, progress)?;
        Ok(Answer { response, string_to_sign: signature.string_to_sign })
    }

    /// Adds the headers of the signature.
    fn sign(&self, operation: &mut Operation<'_>, time: Timestamp) -> Signature {
        if let Some(token) = self.credentials.token() {
            operation.headers.add("x-oss-security-token", token);
        }
        match self.signature_version {
            SignatureVersion::V4 => {
                operation.headers.add("x-oss-content-sha256", UNSIGNED_PAYLOAD);
                operation.headers.add("x-oss-date", time.iso_basic());
            }
            SignatureVersion::V1 => operation.headers.add("date", time.http_date()),
        }
        let signature = self.signature(operation, time);
        operation.headers.add("authorization", &*signature.authorization);
        signature
    }

    fn signature(&self, operation: &Operation<'_>, time: Timestamp) -> Signature {
        let request = SignableRequest {
            method: operation.method,
            bucket: Some(operation.bucket),
            key: Some(operation.key),
            query: operation.query,
            headers: &operation.headers.as_pairs(),
        };
        let id = self.credentials.access_key_id();
        match self.signature_version {
            SignatureVersion::V1 => v1::sign(&request, id, self.credentials.secret()),
            SignatureVersion::V4 => {
                let scope = Scope {
                    date: time.date(),
                    region: self.region.clone(),
                    product: self.endpoint.product().to_owned(),
                };
                v4::sign(&request, id, &self.credentials.signing_key(&scope), &scope, time, &[])
            }
        }
    }
}

/// A clock before 1970 counts as 1970: the service says by how much it is wrong.
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(since.as_secs())
}
