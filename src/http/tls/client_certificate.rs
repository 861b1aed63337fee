//! The certificate by which a server may know us.

use std::fmt;
use std::path::PathBuf;

use rustls::client::WantsClientCert;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ConfigBuilder};
use zeroize::Zeroizing;

use super::{invalid, read_file};
use crate::error::Result;

const CERTIFICATE: &str = "tls.client_certificate";
const KEY: &str = "tls.client_key";

/// PEM text.
#[derive(Clone)]
pub enum Pem {
    /// In a file.
    File(PathBuf),
    /// In memory.
    Memory(Zeroizing<Vec<u8>>),
}

/// A certificate with its key; one file may hold both.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    /// Ours first, then those of the authorities between, if any.
    pub chain: Pem,
    /// The private key, not encrypted.
    pub key: Pem,
}

/// What was read of it.
pub(super) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    pub(super) fn read(given: &ClientCertificate) -> Result<Self> {
        let (name, bytes) = given.chain.read(CERTIFICATE)?;
        let chain = CertificateDer::pem_slice_iter(&bytes).collect::<std::result::Result<_, _>>();
        let chain: Vec<_> =
            chain.map_err(|error| invalid(CERTIFICATE, format!("{name} is not PEM: {error}")))?;
        if chain.is_empty() {
            let fault = format!("{name} has no certificate; PEM is expected");
            return Err(invalid(CERTIFICATE, fault));
        }
        let (name, bytes) = given.key.read(KEY)?;
        let key = PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| {
            let is_encrypted = String::from_utf8_lossy(&bytes).contains("ENCRYPTED");
            let fault = match is_encrypted {
                true => "has an encrypted key; decrypt it, for there is nobody to ask",
                false => "has no private key; PEM is expected",
            };
            invalid(KEY, format!("{name} {fault}"))
        })?;
        let identity = Self { chain, key };
        identity.check()?;
        Ok(identity)
    }

    /// Whether the key is of a usable kind and fits the certificate.
    fn check(&self) -> Result<()> {
        let provider = rustls::crypto::ring::default_provider();
        let unusable = |error: rustls::Error| {
            invalid(KEY, format!("the key cannot be used with the certificate: {error}"))
        };
        let key = provider.key_provider.load_private_key(self.key.clone_key()).map_err(unusable)?;
        rustls::sign::CertifiedKey::new(self.chain.clone(), key).keys_match().map_err(unusable)
    }

    pub(super) fn config(
        &self,
        builder: ConfigBuilder<ClientConfig, WantsClientCert>,
    ) -> Result<ClientConfig> {
        builder
            .with_client_auth_cert(self.chain.clone(), self.key.clone_key())
            .map_err(|error| invalid(KEY, format!("the key cannot be used: {error}")))
    }
}

impl Pem {
    /// What it is called in messages, and the text.
    fn read(&self, field: &str) -> Result<(String, Zeroizing<Vec<u8>>)> {
        match self {
            Self::Memory(bytes) => Ok(("the text".to_owned(), bytes.clone())),
            Self::File(path) => read_file(field, path),
        }
    }
}

/// Leaves out the text, which may be a private key.
impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Memory(_) => f.write_str("Memory"),
        }
    }
}
