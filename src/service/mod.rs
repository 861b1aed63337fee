//! Where the service is and as whom it is asked: all that a signature needs.

mod headers;
mod operation;

use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) use headers::{ContentType, Headers, ObjectProperties, check_value};
pub(crate) use operation::Operation;

use crate::callback::{Audience, Callback, EncodedCallback};
use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::error::Result;
use crate::signing::time::Timestamp;
use crate::signing::url::UrlSigner;
use crate::signing::v4::{Scope, SigningKey, UNSIGNED_PAYLOAD};
use crate::signing::{SignableRequest, Signature, SignatureVersion, form, v1, v4};

/// The service as one client sees it.
#[derive(Debug)]
pub(crate) struct Service {
    endpoint: Endpoint,
    /// For signature V4; empty with V1, which has none.
    region: String,
    credentials: Credentials,
    signature_version: SignatureVersion,
}

/// What a policy is signed with.
pub(crate) struct FormSignature {
    pub(crate) name: &'static str,
    pub(crate) value: String,
}

impl Service {
    pub(crate) fn new(
        endpoint: Endpoint,
        credentials: Credentials,
        signature_version: SignatureVersion,
    ) -> Result<Self> {
        let region = match signature_version {
            SignatureVersion::V4 => endpoint.region()?.to_owned(),
            SignatureVersion::V1 => String::new(),
        };
        Ok(Self { endpoint, region, credentials, signature_version })
    }

    pub(crate) fn signature_version(&self) -> SignatureVersion {
        self.signature_version
    }

    /// Token of temporary keys.
    pub(crate) fn token(&self) -> Option<&str> {
        self.credentials.token()
    }

    pub(crate) fn access_key_id(&self) -> &str {
        self.credentials.access_key_id()
    }

    /// URL of a request. Without a key it is that of the bucket.
    pub(crate) fn url(&self, bucket: &str, key: &str, query: &[(&str, &str)]) -> String {
        self.endpoint.url(bucket, key, query)
    }

    /// Checks and encodes a callback for this service.
    pub(crate) fn encode(&self, callback: &Callback) -> Result<EncodedCallback> {
        callback.encode(match self.endpoint.is_public_service() {
            true => Audience::PublicService,
            false => Audience::Any,
        })
    }

    /// The time that signatures carry. A clock before 1970 counts as 1970: the service says by how
    /// much it is wrong.
    pub(crate) fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(since.as_secs())
    }

    /// Adds the headers of the signature.
    pub(crate) fn sign(&self, operation: &mut Operation<'_>, time: Timestamp) -> Signature {
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
        let headers = operation.headers.as_pairs();
        let request = signable(operation, &headers);
        let id = self.credentials.access_key_id();
        let signature = match self.signature_version {
            SignatureVersion::V1 => v1::sign(&request, id, self.credentials.secret()),
            SignatureVersion::V4 => {
                let scope = self.scope(time);
                v4::sign(&request, id, &self.credentials.signing_key(&scope), &scope, time, &[])
            }
        };
        operation.headers.add("authorization", &*signature.authorization);
        signature
    }

    /// The URL of an operation with the signature in it (spec: presigned-url.md).
    pub(crate) fn presign(
        &self,
        operation: &Operation<'_>,
        time: Timestamp,
        seconds: u64,
    ) -> Result<String> {
        let signer = UrlSigner {
            access_key_id: self.credentials.access_key_id(),
            security_token: self.credentials.token(),
            time,
            seconds,
        };
        let headers = operation.headers.as_pairs();
        let request = signable(operation, &headers);
        let added = match self.signature_version {
            SignatureVersion::V1 => signer.sign_v1(&request, self.credentials.secret()),
            SignatureVersion::V4 => {
                let scope = self.scope(time);
                signer.sign_v4(&request, &self.credentials.signing_key(&scope), &scope, &[])?
            }
        };
        let added = added.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let query: Vec<_> = operation.query.iter().copied().chain(added).collect();
        Ok(self.endpoint.url(operation.bucket, operation.key, &query))
    }

    /// The last field of a form: the signature of its policy (spec: post-object.md 5, 6).
    pub(crate) fn sign_form(&self, policy: &str, time: Timestamp) -> FormSignature {
        match self.signature_version {
            SignatureVersion::V1 => {
                let value = form::sign_v1(policy, self.credentials.secret());
                FormSignature { name: "Signature", value }
            }
            SignatureVersion::V4 => {
                let value = form::sign_v4(policy, &self.signing_key(time));
                FormSignature { name: "x-oss-signature", value }
            }
        }
    }

    /// Value of `x-oss-credential` with signature V4.
    pub(crate) fn credential(&self, time: Timestamp) -> String {
        format!("{}/{}", self.credentials.access_key_id(), self.scope(time).text())
    }

    fn signing_key(&self, time: Timestamp) -> SigningKey {
        self.credentials.signing_key(&self.scope(time))
    }

    fn scope(&self, time: Timestamp) -> Scope {
        Scope {
            date: time.date(),
            region: self.region.clone(),
            product: self.endpoint.product().to_owned(),
        }
    }
}

fn signable<'a>(
    operation: &Operation<'a>,
    headers: &'a [(&'a str, &'a str)],
) -> SignableRequest<'a> {
    SignableRequest {
        method: operation.method,
        bucket: Some(operation.bucket).filter(|bucket| !bucket.is_empty()),
        key: Some(operation.key).filter(|key| !key.is_empty()),
        query: operation.query,
        headers,
    }
}
