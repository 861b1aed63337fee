//! The certificate by which a server may know us.

use std::sync::Arc;

use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use super::pem::{Pem, certificates};
use crate::error::{Error, Result};

const CERTIFICATE: &str = "tls.client_certificate";
const KEY: &str = "tls.client_key";

/// A certificate with its key; one file may hold both.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    /// Ours first, then those of the authorities between, if any.
    pub chain: Pem,
    /// The private key, not encrypted.
    pub key: Pem,
}

impl ClientCertificate {
    /// Finds whether the key is of a usable kind and fits the certificate.
    pub(super) fn read(&self) -> Result<Arc<SingleCertAndKey>> {
        let (name, bytes) = self.chain.read(CERTIFICATE)?;
        let chain = certificates(CERTIFICATE, &name, &bytes)?;
        let (name, bytes) = self.key.read(KEY)?;
        let key = PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| {
            let is_encrypted = String::from_utf8_lossy(&bytes).contains("ENCRYPTED");
            let fault = match is_encrypted {
                true => "has an encrypted key; decrypt it, for there is nobody to ask",
                false => "has no private key; PEM is expected",
            };
            Error::invalid(KEY, format!("{name} {fault}"))
        })?;
        let provider = rustls::crypto::ring::default_provider();
        let certified = CertifiedKey::from_der(chain, key, &provider).map_err(|error| {
            let fault = format!("the key cannot be used with the certificate: {error}");
            Error::invalid(KEY, fault)
        })?;
        Ok(Arc::new(certified.into()))
    }
}
