//! Where the service is and as whom it is asked: all that a signature needs.

mod header_table;
mod headers;
mod limits;
mod operation;
mod signer;

pub(crate) use headers::{
    CALLBACK, CALLBACK_VARIABLES, ContentType, Headers, ObjectProperties, Purpose, check_choice,
    check_value,
};
pub(crate) use limits::{MAX_PART_SIZE, MAX_PARTS, MAX_PUT_SIZE, MIN_PART_SIZE, check_md5};
pub(crate) use operation::Operation;
pub(crate) use signer::Signer;

use std::time::Duration;

use crate::callback::{Audience, Callback, EncodedCallback};
use crate::clock::Clock;
use crate::credentials::{CredentialSource, Wait};
use crate::endpoint::Endpoint;
use crate::error::{Error, Result};
use crate::http::{BUILD_DATE, TlsOptions};
use crate::signing::SignatureVersion;
use crate::time::Timestamp;

/// The service as one client sees it.
#[derive(Debug)]
pub(crate) struct Service {
    endpoint: Endpoint,
    /// For signature V4; empty with V1, which has none.
    region: String,
    credentials: CredentialSource,
    signature_version: SignatureVersion,
    clock: Clock,
    /// How far the time of this device may be corrected, when the program says it.
    clock_limit: Option<Duration>,
    /// TLS proves who answers.
    is_server_proven: bool,
}

impl Service {
    pub(crate) fn new(
        endpoint: Endpoint,
        credentials: CredentialSource,
        signature_version: SignatureVersion,
        clock_limit: Option<Duration>,
        tls: &TlsOptions,
    ) -> Result<Self> {
        let region = match signature_version {
            SignatureVersion::V4 => endpoint.region()?.to_owned(),
            SignatureVersion::V1 => String::new(),
        };
        let clock = Clock::new(Timestamp(BUILD_DATE));
        let is_server_proven = endpoint.is_https() && !tls.danger_accept_any_certificate;
        Ok(Self {
            endpoint,
            region,
            credentials,
            signature_version,
            clock,
            clock_limit,
            is_server_proven,
        })
    }

    /// URL of a request. Without a key it is that of the bucket.
    pub(crate) fn url(&self, bucket: &str, key: &str, query: &[(&str, &str)]) -> String {
        self.endpoint.url(bucket, key, query)
    }

    /// Empty with signature V1.
    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    pub(crate) fn signature_version(&self) -> SignatureVersion {
        self.signature_version
    }

    /// Checks and encodes a callback for this service.
    pub(crate) fn encode(&self, callback: &Callback) -> Result<EncodedCallback> {
        callback.encode(self.audience())
    }

    /// Which callbacks it would make.
    pub(crate) fn audience(&self) -> Audience {
        match self.endpoint.is_public_service() {
            true => Audience::PublicService,
            false => Audience::Any,
        }
    }

    /// The time of the service, as far as it is known.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Takes over the time of the service, and says by how much it differs; or why it does not.
    pub(crate) fn learn_time(&self, server: Timestamp) -> std::result::Result<String, String> {
        let default = || self.clock.default_limit(self.is_server_proven);
        match self.clock.learn(server, self.clock_limit.unwrap_or_else(default)) {
            Ok(correction) => Ok(correction.to_string()),
            Err(refusal) => Err(refusal.to_string()),
        }
    }

    /// Signs with the credentials and the time of now.
    pub(crate) fn signer(&self, wait: &Wait<'_>) -> Result<Signer<'_>> {
        Ok(Signer::new(self, self.credentials.get(wait)?, self.now()))
    }

    /// Why a renewal in the background failed.
    pub(crate) fn take_failed_renewal(&self) -> Option<Error> {
        self.credentials.take_failed_renewal()
    }

    /// Whether there are other credentials than those that the service refused.
    pub(crate) fn renew(&self, refused: u64, wait: &Wait<'_>) -> Result<bool> {
        Ok(self.credentials.renew_refused(refused, wait)?.is_some())
    }
}

#[cfg(test)]
mod tests;
