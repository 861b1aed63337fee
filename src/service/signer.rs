//! One moment's credentials and time, with which one request is signed.

use super::{Operation, Service};
use crate::credentials::Lease;
use crate::signing::url::UrlSigner;
use crate::signing::v4::{Scope, UNSIGNED_PAYLOAD};
use crate::signing::{SignableRequest, Signature, SignatureVersion, v1, v4};
use crate::time::Timestamp;

pub(crate) struct Signer<'a> {
    service: &'a Service,
    lease: Lease,
    time: Timestamp,
}

impl<'a> Signer<'a> {
    pub(super) fn new(service: &'a Service, lease: Lease, time: Timestamp) -> Self {
        Self { service, lease, time }
    }

    pub(crate) fn service(&self) -> &'a Service {
        self.service
    }

    pub(crate) fn lease(&self) -> &Lease {
        &self.lease
    }

    pub(crate) fn time(&self) -> Timestamp {
        self.time
    }

    pub(crate) fn signature_version(&self) -> SignatureVersion {
        self.service.signature_version
    }

    pub(crate) fn access_key_id(&self) -> &str {
        self.lease.access_key_id()
    }

    /// Token of temporary keys.
    pub(crate) fn token(&self) -> Option<&str> {
        self.lease.token()
    }

    /// Adds the headers of the signature.
    pub(crate) fn sign(&self, operation: &mut Operation<'_>) -> Signature {
        self.sign_with(operation, &[])
    }

    /// The same; with V4 the signature also covers the headers that `additional` names.
    pub(crate) fn sign_with(
        &self,
        operation: &mut Operation<'_>,
        additional: &[&str],
    ) -> Signature {
        if let Some(token) = self.token() {
            operation.headers.add("x-oss-security-token", token);
        }
        match self.signature_version() {
            SignatureVersion::V4 => {
                operation.headers.add("x-oss-content-sha256", UNSIGNED_PAYLOAD);
                operation.headers.add("x-oss-date", self.time.iso_basic());
            }
            SignatureVersion::V1 => operation.headers.add("date", self.time.http_date()),
        }
        let headers = operation.headers.as_pairs();
        let request = signable(operation, &headers);
        let id = self.access_key_id();
        let signature = match self.signature_version() {
            SignatureVersion::V1 => v1::sign(&request, id, self.lease.secret()),
            SignatureVersion::V4 => {
                let scope = self.scope();
                let key = self.lease.signing_key(&scope);
                v4::sign(&request, id, &key, &scope, self.time, additional)
            }
        };
        operation.headers.add("authorization", &*signature.authorization);
        signature
    }

    /// The URL of an operation with the signature in it (spec: presigned-url.md).
    /// With V4 it also covers the headers that `additional` names.
    pub(crate) fn presign(
        &self,
        operation: &Operation<'_>,
        additional: &[&str],
        seconds: u64,
    ) -> String {
        let signer = UrlSigner {
            access_key_id: self.access_key_id(),
            security_token: self.token(),
            time: self.time,
            seconds,
        };
        let headers = operation.headers.as_pairs();
        let request = signable(operation, &headers);
        let added = match self.signature_version() {
            SignatureVersion::V1 => signer.sign_v1(&request, self.lease.secret()),
            SignatureVersion::V4 => {
                let scope = self.scope();
                signer.sign_v4(&request, &self.lease.signing_key(&scope), &scope, additional)
            }
        };
        let added = added.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let query: Vec<_> = operation.query.iter().copied().chain(added).collect();
        self.service.url(operation.bucket, operation.key, &query)
    }

    /// The last field of a form: the signature of the text of its policy (spec: post-object.md 5, 6).
    pub(crate) fn sign_form(&self, policy: &str) -> (&'static str, String) {
        match self.signature_version() {
            SignatureVersion::V1 => {
                ("Signature", v1::hmac_sha1_base64(self.lease.secret(), policy))
            }
            SignatureVersion::V4 => {
                ("x-oss-signature", self.lease.signing_key(&self.scope()).sign(policy))
            }
        }
    }

    /// Value of `x-oss-credential` with signature V4.
    pub(crate) fn credential(&self) -> String {
        format!("{}/{}", self.access_key_id(), self.scope().text())
    }

    fn scope(&self) -> Scope {
        Scope {
            date: self.time.date(),
            region: self.service.region.clone(),
            product: self.service.endpoint.product().to_owned(),
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
