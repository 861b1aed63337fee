//! Where the service is and as whom it is asked: all that a signature needs.

mod headers;
mod operation;
mod signer;

pub(crate) use headers::{ContentType, Headers, ObjectProperties, check_value};
pub(crate) use operation::Operation;
pub(crate) use signer::Signer;

use crate::callback::{Audience, Callback, EncodedCallback};
use crate::clock::Clock;
use crate::credentials::{CredentialSource, Wait};
use crate::endpoint::Endpoint;
use crate::error::Result;
use crate::signing::SignatureVersion;

/// The service as one client sees it.
#[derive(Debug)]
pub(crate) struct Service {
    endpoint: Endpoint,
    /// For signature V4; empty with V1, which has none.
    region: String,
    credentials: CredentialSource,
    signature_version: SignatureVersion,
    clock: Clock,
}

impl Service {
    pub(crate) fn new(
        endpoint: Endpoint,
        credentials: CredentialSource,
        signature_version: SignatureVersion,
        clock: Clock,
    ) -> Result<Self> {
        let region = match signature_version {
            SignatureVersion::V4 => endpoint.region()?.to_owned(),
            SignatureVersion::V1 => String::new(),
        };
        Ok(Self { endpoint, region, credentials, signature_version, clock })
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

    /// The time that signatures carry.
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Signs with the credentials and the time of now.
    pub(crate) fn signer(&self, wait: &Wait<'_>) -> Result<Signer<'_>> {
        Ok(Signer::new(self, self.credentials.get(wait)?, self.clock.now()))
    }

    /// Whether there are other credentials than those that the service refused.
    pub(crate) fn renew(&self, refused: u64, wait: &Wait<'_>) -> Result<bool> {
        Ok(self.credentials.renew_refused(refused, wait)?.is_some())
    }
}
