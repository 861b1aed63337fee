//! Whether a certificate is believed.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, DigitallySignedStruct, Error as TlsError, OtherError, RootCertStore,
    SignatureScheme,
};
use webpki::{EndEntityCert, KeyUsage};

use super::pins::Pins;
use crate::error::{Error, Result, Status};

/// Certificates of a chain that may each begin to be valid later than the one before.
const MAX_CHAIN: usize = 8;

#[derive(Debug)]
pub(super) struct Verifier {
    chain: Arc<WebPkiServerVerifier>,
    roots: Arc<RootCertStore>,
    pins: Arc<Pins>,
    /// A clock before this is wrong.
    clock_floor: UnixTime,
    accepts_any: bool,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    pub(super) fn new(
        roots: Arc<RootCertStore>,
        pins: Arc<Pins>,
        clock_floor: u64,
        accepts_any: bool,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self> {
        let chain =
            WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider));
        let chain = chain.build().map_err(|error| Error::new(Status::Tls, error.to_string()))?;
        let clock_floor = UnixTime::since_unix_epoch(Duration::from_secs(clock_floor));
        Ok(Self { chain, roots, pins, clock_floor, accepts_any, provider })
    }

    /// Gives the time at which the chain was found valid.
    ///
    /// A clock before the floor says nothing but that the time is later. Then the chain has to be
    /// valid at one moment from the floor on: what had expired before stays refused, and what was
    /// issued after the library was built is taken.
    fn verify_chain(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> std::result::Result<UnixTime, TlsError> {
        let mut time = now.max(self.clock_floor);
        for _ in 0..MAX_CHAIN {
            match self.chain.verify_server_cert(end_entity, intermediates, name, ocsp, time) {
                Ok(_) => return Ok(time),
                Err(TlsError::InvalidCertificate(CertificateError::NotValidYetContext {
                    not_before,
                    ..
                })) if now < self.clock_floor && time < not_before => time = not_before,
                Err(error) => return Err(error),
            }
        }
        Err(CertificateError::NotValidYet.into())
    }

    fn verify_pins(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        time: UnixTime,
    ) -> std::result::Result<(), TlsError> {
        let certificate = EndEntityCert::try_from(end_entity).map_err(|_| not_pinned())?;
        let require_pin = |path: &webpki::VerifiedPath<'_>| match self.pins.match_path(path) {
            true => Ok(()),
            false => Err(webpki::Error::UnknownIssuer),
        };
        certificate
            .verify_for_usage(
                self.provider.signature_verification_algorithms.all,
                &self.roots.roots,
                intermediates,
                time,
                KeyUsage::server_auth(),
                None,
                Some(&require_pin),
            )
            .map(|_| ())
            .map_err(|_| not_pinned())
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, TlsError> {
        if self.accepts_any {
            // Nothing but the server's own key was proven.
            if !self.pins.is_empty() && !self.pins.match_certificate(end_entity) {
                return Err(not_pinned());
            }
            return Ok(ServerCertVerified::assertion());
        }
        let time = self.verify_chain(end_entity, intermediates, name, ocsp, now)?;
        if !self.pins.is_empty() {
            self.verify_pins(end_entity, intermediates, time)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[derive(Debug)]
struct NotPinned;

fn not_pinned() -> TlsError {
    CertificateError::Other(OtherError(Arc::new(NotPinned))).into()
}

impl fmt::Display for NotPinned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "no key of the server's certificate chain is among the pins; if the server has changed \
             its keys, add the new one",
        )
    }
}

impl std::error::Error for NotPinned {}
