//! The authorities that are trusted.

use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::{TlsOptions, invalid};
use crate::error::Result;
use crate::file;
use crate::text::quoted;

/// Longest file that is looked into for certificates. The bundle of a system has about 250 KiB.
const MAX_FILE: u64 = 8 * 1024 * 1024;

/// Those that the options name, or None when they name none.
pub(super) fn given(options: &TlsOptions) -> Result<Option<RootCertStore>> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = &options.ca_file {
        let name = quoted(&path.to_string_lossy());
        let certificates = file::read(path, MAX_FILE)
            .map_err(|error| invalid("tls.ca_file", format!("{name} cannot be read: {error}")))?;
        add(&mut roots, "tls.ca_file", &name, &certificates)?;
    }
    if let Some(bytes) = &options.ca_pem {
        add(&mut roots, "tls.ca_pem", "the text", bytes)?;
    }
    if let Some(path) = &options.ca_dir {
        add_folder(&mut roots, path)?;
    }
    Ok((!roots.is_empty()).then_some(roots))
}

fn add(roots: &mut RootCertStore, field: &str, name: &str, pem: &[u8]) -> Result<()> {
    let before = roots.len();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate =
            certificate.map_err(|error| invalid(field, format!("{name} is not PEM: {error}")))?;
        roots.add(certificate).map_err(|error| {
            invalid(field, format!("{name} has an unusable certificate: {error}"))
        })?;
    }
    match roots.len() > before {
        true => Ok(()),
        false => Err(invalid(field, format!("{name} has no certificate; PEM is expected"))),
    }
}

/// Takes what is usable, as from a system's folder: names there are links to each other.
fn add_folder(roots: &mut RootCertStore, path: &Path) -> Result<()> {
    let name = quoted(&path.to_string_lossy());
    let unreadable = |error| invalid("tls.ca_dir", format!("{name} cannot be read: {error}"));
    let mut certificates = std::collections::BTreeSet::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        // Follows links, and passes over folders and pipes.
        if let Ok(pem) = file::read(&path, MAX_FILE) {
            let found = CertificateDer::pem_slice_iter(&pem).filter_map(std::result::Result::ok);
            certificates.extend(found.map(|certificate| certificate.to_vec()));
        }
    }
    let found = certificates.into_iter().map(CertificateDer::from);
    match roots.add_parsable_certificates(found) {
        (0, _) => {
            Err(invalid("tls.ca_dir", format!("{name} has no file with a certificate in PEM")))
        }
        _ => Ok(()),
    }
}

/// The system's authorities, or the bundled ones on a system that has none.
pub(super) fn of_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    // Unreadable certificates among them are the system's affair: the others still count.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}
