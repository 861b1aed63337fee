//! Whether a certificate is believed.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, DigitallySignedStruct, Error as TlsError, OtherError, RootCertStore,
    SignatureScheme,
};
use webpki::{EndEntityCert, KeyUsage};

use super::pins::Pins;
use super::trusted::Trusted;

/// Certificates of a chain that may each begin to be valid later than the one before.
const MAX_CHAIN: usize = 8;
/// A modulus of 2048 bits alone has as many bytes, and a key of 1024 bits has 162 with all around it.
const SHORTEST_RSA_KEY: usize = 256;
/// rsaEncryption, 1.2.840.113549.1.1.1.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) trusted: Arc<Trusted>,
    pub(super) pins: Arc<Pins>,
    /// A clock before this is wrong.
    pub(super) clock_floor: UnixTime,
    pub(super) accepts_any: bool,
    pub(super) provider: Arc<CryptoProvider>,
}

impl Verifier {
    /// Gives the time at which the chain was found valid.
    ///
    /// A clock before the floor says nothing but that the time is later. Then the chain has to be
    /// valid at one moment from the floor on: what had expired before stays refused, and what was
    /// issued after the library was built is taken.
    fn verify_chain(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<UnixTime, TlsError> {
        let mut time = now.max(self.clock_floor);
        for _ in 0..MAX_CHAIN {
            match self.verify_chain_at(end_entity, intermediates, time) {
                Ok(()) => return Ok(time),
                Err(TlsError::InvalidCertificate(CertificateError::NotValidYetContext {
                    not_before,
                    ..
                })) if now < self.clock_floor && time < not_before => time = not_before,
                Err(error) => return Err(error),
            }
        }
        Err(CertificateError::NotValidYet.into())
    }

    fn verify_chain_at(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        time: UnixTime,
    ) -> Result<(), TlsError> {
        let certificate = ParsedCertificate::try_from(end_entity)?;
        let algorithms = self.provider.signature_verification_algorithms.all;
        let verify = |roots: &RootCertStore, intermediates: &[CertificateDer<'_>]| {
            verify_server_cert_signed_by_trust_anchor(
                &certificate,
                roots,
                intermediates,
                time,
                algorithms,
            )
        };
        if !self.trusted.is_exactly(end_entity) {
            return verify(&self.trusted.authorities, intermediates);
        }
        // It was given to us, so that nobody has to vouch for it. Without any authority, what it
        // says of itself is checked first: its time, and then what it may be used for.
        match verify(&RootCertStore::empty(), &[]) {
            Err(TlsError::InvalidCertificate(CertificateError::UnknownIssuer)) => Ok(()),
            Err(error) if is_ca_as_end_entity(&error) => Ok(()),
            outcome => outcome,
        }
    }

    fn is_pinned(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        time: UnixTime,
    ) -> bool {
        if self.accepts_any || self.trusted.is_exactly(end_entity) {
            // Nothing but the server's own key was proven.
            return self.pins.match_certificate(end_entity);
        }
        let require_pin = |path: &webpki::VerifiedPath<'_>| match self.pins.match_path(path) {
            true => Ok(()),
            false => Err(webpki::Error::UnknownIssuer),
        };
        EndEntityCert::try_from(end_entity).is_ok_and(|certificate| {
            certificate
                .verify_for_usage(
                    self.provider.signature_verification_algorithms.all,
                    &self.trusted.authorities.roots,
                    intermediates,
                    time,
                    KeyUsage::server_auth(),
                    None,
                    Some(&require_pin),
                )
                .is_ok()
        })
    }

    /// A signature by a key that is too short counts as a wrong one: of the certificates, or of the
    /// authority that has signed one of them.
    fn because_of_short_key<'a, 'b: 'a>(
        &self,
        error: TlsError,
        certificates: impl IntoIterator<Item = &'a CertificateDer<'b>>,
    ) -> TlsError {
        if !matches!(error, TlsError::InvalidCertificate(CertificateError::BadSignature)) {
            return error;
        }
        let authorities = &self.trusted.authorities.roots;
        let is_short = |certificate: &CertificateDer<'_>| {
            EndEntityCert::try_from(certificate).is_ok_and(|certificate| {
                is_short_rsa(&certificate.subject_public_key_info())
                    || authorities.iter().any(|authority| {
                        *authority.subject == *certificate.issuer()
                            && is_short_rsa(&authority.subject_public_key_info)
                    })
            })
        };
        if certificates.into_iter().any(is_short) { refused(SHORT_KEY) } else { error }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let mut time = now;
        if !self.accepts_any {
            time = self.verify_chain(end_entity, intermediates, now).map_err(|error| {
                self.because_of_short_key(error, intermediates.iter().chain([end_entity]))
            })?;
            verify_server_name(&ParsedCertificate::try_from(end_entity)?, name)?;
        }
        if !self.pins.is_empty() && !self.is_pinned(end_entity, intermediates, time) {
            return Err(refused(NOT_PINNED));
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
            .map_err(|error| self.because_of_short_key(error, [certificate]))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
            .map_err(|error| self.because_of_short_key(error, [certificate]))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn is_ca_as_end_entity(error: &TlsError) -> bool {
    let TlsError::InvalidCertificate(CertificateError::Other(OtherError(fault))) = error else {
        return false;
    };
    matches!(fault.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
}

fn is_short_rsa(key: &[u8]) -> bool {
    key.len() < SHORTEST_RSA_KEY && key.windows(RSA.len()).any(|oid| oid == RSA)
}

/// A refusal in our own words.
#[derive(Debug)]
struct Refused(&'static str);

const NOT_PINNED: &str = "no key of the server's certificate chain is among the pins; if the server \
                          has changed its keys, add the new one";
const SHORT_KEY: &str = "a certificate of the server has an RSA key of fewer than 2048 bits, which \
                         can be broken and is not accepted: the server needs a longer key";

fn refused(fault: &'static str) -> TlsError {
    CertificateError::Other(OtherError(Arc::new(Refused(fault)))).into()
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Refused {}
