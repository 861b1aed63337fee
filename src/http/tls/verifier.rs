//! Whether a certificate is believed.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, DigitallySignedStruct, Error as TlsError, OtherError, SignatureScheme,
};
use webpki::{EndEntityCert, KeyUsage};

use super::pins::Pins;
use super::roots::Trusted;
use crate::error::{Error, Result, Status};

/// Certificates of a chain that may each begin to be valid later than the one before.
const MAX_CHAIN: usize = 8;

#[derive(Debug)]
pub(super) struct Verifier {
    chain: Arc<WebPkiServerVerifier>,
    trusted: Arc<Trusted>,
    pins: Arc<Pins>,
    /// A clock before this is wrong.
    clock_floor: UnixTime,
    accepts_any: bool,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    pub(super) fn new(
        trusted: Arc<Trusted>,
        pins: Arc<Pins>,
        clock_floor: u64,
        accepts_any: bool,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self> {
        let roots = Arc::clone(&trusted.roots);
        let chain = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider));
        let chain = chain.build().map_err(|error| Error::new(Status::Tls, error.to_string()))?;
        let clock_floor = UnixTime::since_unix_epoch(Duration::from_secs(clock_floor));
        Ok(Self { chain, trusted, pins, clock_floor, accepts_any, provider })
    }

    /// Gives the time at which the chain was found valid, or None when the program has named the very
    /// certificate of the server.
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
    ) -> std::result::Result<Option<UnixTime>, TlsError> {
        let mut time = now.max(self.clock_floor);
        for _ in 0..MAX_CHAIN {
            match self.chain.verify_server_cert(end_entity, intermediates, name, ocsp, time) {
                Ok(_) => return Ok(Some(time)),
                Err(TlsError::InvalidCertificate(CertificateError::NotValidYetContext {
                    not_before,
                    ..
                })) if now < self.clock_floor && time < not_before => time = not_before,
                Err(error) if self.trusted.named.contains(end_entity) && is_of_chain(&error) => {
                    return verify_name(end_entity, name).map(|()| None);
                }
                Err(TlsError::InvalidCertificate(CertificateError::BadSignature))
                    if intermediates.iter().any(has_weak_key) =>
                {
                    return Err(of_certificate(WEAK_KEY));
                }
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
        let not_pinned = || of_certificate(NOT_PINNED);
        let certificate = EndEntityCert::try_from(end_entity).map_err(|_| not_pinned())?;
        let require_pin = |path: &webpki::VerifiedPath<'_>| match self.pins.match_path(path) {
            true => Ok(()),
            false => Err(webpki::Error::UnknownIssuer),
        };
        certificate
            .verify_for_usage(
                self.provider.signature_verification_algorithms.all,
                &self.trusted.roots.roots,
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
        let chain_time = match self.accepts_any {
            true => None,
            false => self.verify_chain(end_entity, intermediates, name, ocsp, now)?,
        };
        match chain_time {
            _ if self.pins.is_empty() => {}
            Some(time) => self.verify_pins(end_entity, intermediates, time)?,
            // Nothing but the server's own key is proven.
            None if self.pins.match_certificate(end_entity) => {}
            None => return Err(of_certificate(NOT_PINNED)),
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
            .map_err(|error| of_key(certificate, error))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
            .map_err(|error| of_key(certificate, error))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Errors that say nothing of the certificate itself, and come after those of its validity.
fn is_of_chain(error: &TlsError) -> bool {
    match error {
        TlsError::InvalidCertificate(CertificateError::UnknownIssuer) => true,
        TlsError::InvalidCertificate(CertificateError::Other(OtherError(other))) => {
            matches!(other.downcast_ref::<webpki::Error>(), Some(webpki::Error::CaUsedAsEndEntity))
        }
        _ => false,
    }
}

fn verify_name(
    certificate: &CertificateDer<'_>,
    name: &ServerName<'_>,
) -> std::result::Result<(), TlsError> {
    let certificate = ParsedCertificate::try_from(certificate)?;
    verify_server_name(&certificate, name)
}

/// A signature by a key that is too short is reported as a wrong one.
fn of_key(certificate: &CertificateDer<'_>, error: TlsError) -> TlsError {
    match error {
        TlsError::InvalidCertificate(CertificateError::BadSignature)
            if has_weak_key(certificate) =>
        {
            of_certificate(WEAK_KEY)
        }
        error => error,
    }
}

/// Whether the key of a certificate is RSA of less than 2048 bits, by the length of its encoding.
fn has_weak_key(certificate: &CertificateDer<'_>) -> bool {
    const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
    const LENGTH_OF_2048_BITS: usize = 256;
    EndEntityCert::try_from(certificate).is_ok_and(|certificate| {
        let key = certificate.subject_public_key_info();
        key.len() < LENGTH_OF_2048_BITS && key.windows(RSA.len()).any(|bytes| bytes == RSA)
    })
}

const NOT_PINNED: &str = "no key of the server's certificate chain is among the pins; if the server has changed its \
                          keys, add the new one";
const WEAK_KEY: &str = "the server's certificate, or one that it is signed with, has an RSA key of less than 2048 \
                        bits, which is too weak: it needs a new key";

/// A fault of the certificate, in our own words.
#[derive(Debug)]
struct Words(&'static str);

fn of_certificate(words: &'static str) -> TlsError {
    CertificateError::Other(OtherError(Arc::new(Words(words)))).into()
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Words {}

#[cfg(test)]
mod tests {
    use rustls::pki_types::pem::PemObject as _;

    use super::*;

    #[test]
    fn keys_that_are_too_short_are_recognized() {
        let weak = CertificateDer::from_pem_slice(include_bytes!("../tests/rsa-1024.pem")).unwrap();
        let wrong = || TlsError::InvalidCertificate(CertificateError::BadSignature);
        assert!(of_key(&weak, wrong()).to_string().contains("2048 bits"));
        let strong = rcgen::generate_simple_self_signed(["a".to_owned()]).unwrap();
        assert_eq!(of_key(strong.cert.der(), wrong()), wrong());
    }
}
