//! Requests that are signed by hand: for programs with their own HTTP stack, and for the operations
//! of OSS that the library has no call for.

use super::query::check_parameter;
use super::{DEFAULT_SECONDS, Kind, Signed, additional};
use crate::client::Client;
use crate::credentials::Wait;
use crate::endpoint::{check_bucket, check_key};
use crate::error::{Error, Result};
use crate::service::{Headers, Operation};

/// A request to be signed. Everything is borrowed until the call returns.
#[derive(Debug, Clone, Copy, Default)]
pub struct SignHeadersRequest<'a> {
    /// HTTP method, uppercase letters.
    pub method: &'a str,
    /// Bucket; None for requests to the service, such as ListBuckets.
    pub bucket: Option<&'a str>,
    /// Name of the object; None for requests to the bucket, such as ListObjects.
    pub key: Option<&'a str>,
    /// Query parameters, not encoded. An empty value means that only the name is sent.
    pub query: &'a [(&'a str, &'a str)],
    /// Headers that will be sent, as far as they are signed: `Content-Type`, `Content-MD5` and
    /// `x-oss-*`. Others may be given, and come back with the rest.
    pub headers: &'a [(&'a str, &'a str)],
    /// Names of further headers that the signature shall cover, with V4: `host`, or headers from
    /// `headers`, which may have `Content-Length` then.
    pub additional_headers: &'a [&'a str],
}

impl Client {
    /// Signs a request for the `Authorization` header. Nothing is sent. OSS takes it for 15 minutes.
    pub fn sign_headers(&self, request: &SignHeadersRequest<'_>) -> Result<Signed> {
        let service = self.service()?;
        check_method(request.method)?;
        match (request.bucket, request.key) {
            (None, Some(_)) => {
                return Err(Error::invalid("bucket", "is not set, but key is"));
            }
            (Some(bucket), key) => {
                check_bucket(bucket)?;
                key.map(check_key).transpose()?;
            }
            (None, None) => {}
        }
        for (index, (name, _)) in request.query.iter().enumerate() {
            check_parameter(index, name, &request.query[..index])?;
        }
        let mut operation = Operation {
            method: request.method,
            bucket: request.bucket.unwrap_or_default(),
            key: request.key.unwrap_or_default(),
            query: request.query,
            headers: Headers::to_sign(
                request.headers,
                additional::has_length(request.additional_headers),
            )?,
        };
        let names = request.additional_headers;
        additional::add(names, service, operation.bucket, &mut operation.headers)?;
        let signer = service.signer(&Wait::default())?;
        signer.sign_with(&mut operation, names);
        Ok(Signed {
            kind: Kind::Headers,
            method: request.method.to_owned(),
            url: service.url(operation.bucket, operation.key, operation.query),
            pairs: operation.headers.into_pairs(),
            expires_at: signer.time().0.saturating_add(DEFAULT_SECONDS),
        })
    }
}

fn check_method(method: &str) -> Result<()> {
    if !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(());
    }
    Err(Error::invalid("method", "is not an HTTP method in uppercase letters, for example \"GET\""))
}
