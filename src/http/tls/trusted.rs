//! The certificates that are trusted.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, UnixTime};
use sha2::{Digest as _, Sha256};
use webpki::{EndEntityCert, KeyUsage};

use super::TlsOptions;
use super::pem::{MAX_FILE, certificates, read_file};
use crate::error::{Error, Result};
use crate::file;
use crate::text::quoted;

/// Whom to trust.
#[derive(Debug)]
pub(super) struct Trusted {
    pub(super) authorities: RootCertStore,
    /// SHA-256 of what the options name: each may also be the certificate of a server itself.
    given: Vec<[u8; 32]>,
}

impl Trusted {
    /// Those that the options name, or None when they name none.
    pub(super) fn given(options: &TlsOptions) -> Result<Option<Self>> {
        let mut trusted = Self { authorities: RootCertStore::empty(), given: Vec::new() };
        if let Some(path) = &options.ca_file {
            let (name, pem) = read_file("tls.ca_file", path)?;
            trusted.add_pem("tls.ca_file", &name, &pem)?;
        }
        if let Some(pem) = &options.ca_pem {
            trusted.add_pem("tls.ca_pem", "the text", pem)?;
        }
        if let Some(path) = &options.ca_dir {
            trusted.add_folder(path)?;
        }
        Ok((!trusted.given.is_empty()).then_some(trusted))
    }

    /// The system's authorities, or the bundled ones on a system that has none.
    pub(super) fn of_system() -> Self {
        let mut authorities = RootCertStore::empty();
        // Unreadable certificates among them are the system's affair: the others still count.
        authorities.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if authorities.is_empty() {
            authorities.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        Self { authorities, given: Vec::new() }
    }

    /// Whether this very certificate was given, and not only the authority behind it.
    pub(super) fn is_exactly(&self, certificate: &CertificateDer<'_>) -> bool {
        !self.given.is_empty() && self.given.contains(&Sha256::digest(certificate).into())
    }

    fn add(&mut self, certificate: CertificateDer<'_>) -> std::result::Result<(), rustls::Error> {
        self.given.push(Sha256::digest(&certificate).into());
        match is_of_server_only(&certificate) {
            true => Ok(()),
            false => self.authorities.add(certificate),
        }
    }

    fn add_pem(&mut self, field: &str, name: &str, pem: &[u8]) -> Result<()> {
        for certificate in certificates(field, name, pem)? {
            self.add(certificate).map_err(|error| {
                Error::invalid(field, format!("{name} has an unusable certificate: {error}"))
            })?;
        }
        Ok(())
    }

    /// Takes what is usable, as from a system's folder: names there are links to each other.
    fn add_folder(&mut self, path: &Path) -> Result<()> {
        let name = quoted(&path.to_string_lossy());
        let unreadable =
            |error| Error::invalid("tls.ca_dir", format!("{name} cannot be read: {error}"));
        let mut certificates = BTreeSet::new();
        for entry in std::fs::read_dir(path).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            // Follows links, and passes over folders and pipes.
            if let Ok(pem) = file::read(&path, MAX_FILE) {
                let found = CertificateDer::pem_slice_iter(&pem).filter_map(|found| found.ok());
                certificates.extend(found.map(|certificate| certificate.to_vec()));
            }
        }
        let added = certificates.into_iter().map(|der| self.add(CertificateDer::from(der)));
        match added.filter(|added| added.is_ok()).count() {
            0 => Err(Error::invalid(
                "tls.ca_dir",
                format!("{name} has no file with a certificate in PEM"),
            )),
            _ => Ok(()),
        }
    }
}

/// Whether it does not say that it is an authority. Who has the key of one server must not vouch for
/// others.
fn is_of_server_only(certificate: &CertificateDer<'_>) -> bool {
    let certificate = match EndEntityCert::try_from(certificate) {
        Ok(certificate) => certificate,
        // Before version 3 there is no place to say it.
        Err(error) => return error == webpki::Error::UnsupportedCertVersion,
    };
    let verify = |time| {
        let usage = KeyUsage::server_auth();
        certificate.verify_for_usage(&[], &[], &[], time, usage, None, None).err()
    };
    // Without any authority, its time is checked first, and then what it is.
    let error = match verify(UnixTime::since_unix_epoch(Duration::ZERO)) {
        Some(webpki::Error::CertNotValidYet { not_before, .. }) => verify(not_before),
        error => error,
    };
    !matches!(error, Some(webpki::Error::CaUsedAsEndEntity))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As older OpenSSL makes them unless it is told otherwise.
    const VERSION_1: &str = "\
-----BEGIN CERTIFICATE-----
MIIBGTCBvwIUJs+0K8PF3cT9SZQDaI1i+FlLawwwCgYIKoZIzj0EAwIwDjEMMAoG
A1UEAwwDb2xkMCAXDTI2MTEyNzA0MzEzM1oYDzIxMjYxMTAzMDQzMTMzWjAOMQww
CgYDVQQDDANvbGQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARVCuJN7+X6pmyr
T/VwhqNo+7nKdSCTAwqCh9ktfXd8LXiv+XC4mlqsM37979A+o+kUjJPkqE52lgkH
ZzcsHuYsMAoGCCqGSM49BAMCA0kAMEYCIQC9W6aog6j97CPF8F048EFHZgRk36Hp
+G4TiAmkRbjbWQIhAKPZp5+GgFDhK0QynYVryWgHOXO044/uz6nSvmjXAzvZ
-----END CERTIFICATE-----
";

    /// It has no place to say that it is of an authority.
    #[test]
    fn a_certificate_of_version_1_vouches_for_no_other() {
        let options = TlsOptions { ca_pem: Some(VERSION_1.into()), ..TlsOptions::default() };
        let trusted = Trusted::given(&options).unwrap().unwrap();
        assert!(trusted.authorities.is_empty(), "{:?}", trusted.authorities);
    }
}
