//! The authorities that are trusted.

use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::{TlsOptions, invalid};
use crate::error::Result;
use crate::file;
use crate::text::quoted;

/// Longest file that is looked into for certificates. The bundle of a system has about 250 KiB.
const MAX_FILE: u64 = 8 * 1024 * 1024;

/// Who is trusted.
#[derive(Debug)]
pub(super) struct Trusted {
    /// Authorities.
    pub(super) roots: Arc<RootCertStore>,
    /// All certificates that the program has named. A server that shows one of them is trusted, also
    /// when nobody has signed it, or when it says that it is an authority, as `openssl req -x509` makes
    /// them.
    pub(super) named: Vec<CertificateDer<'static>>,
}

/// Those that the options name, or None when they name none.
pub(super) fn given(options: &TlsOptions) -> Result<Option<Trusted>> {
    let (mut roots, mut named) = (RootCertStore::empty(), Vec::new());
    if let Some(path) = &options.ca_file {
        let name = quoted(&path.to_string_lossy());
        let certificates = file::read(path, MAX_FILE)
            .map_err(|error| invalid("tls.ca_file", format!("{name} cannot be read: {error}")))?;
        named.extend(certificates_in("tls.ca_file", &name, &certificates, &mut roots)?);
    }
    if let Some(bytes) = &options.ca_pem {
        named.extend(certificates_in("tls.ca_pem", "the text", bytes, &mut roots)?);
    }
    if let Some(path) = &options.ca_dir {
        named.extend(certificates_below(path, &mut roots)?);
    }
    Ok((!named.is_empty()).then(|| Trusted { roots: Arc::new(roots), named }))
}

fn certificates_in(
    field: &str,
    name: &str,
    pem: &[u8],
    roots: &mut RootCertStore,
) -> Result<Vec<CertificateDer<'static>>> {
    let certificates: std::result::Result<Vec<_>, _> =
        CertificateDer::pem_slice_iter(pem).collect();
    let certificates =
        certificates.map_err(|error| invalid(field, format!("{name} is not PEM: {error}")))?;
    for certificate in &certificates {
        roots.add(certificate.clone()).map_err(|error| {
            invalid(field, format!("{name} has an unusable certificate: {error}"))
        })?;
    }
    match certificates.is_empty() {
        false => Ok(certificates),
        true => Err(invalid(field, format!("{name} has no certificate; PEM is expected"))),
    }
}

/// Takes what is usable, as from a system's folder: names there are links to each other.
fn certificates_below(
    path: &Path,
    roots: &mut RootCertStore,
) -> Result<Vec<CertificateDer<'static>>> {
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
    let found: Vec<_> = certificates.into_iter().map(CertificateDer::from).collect();
    match roots.add_parsable_certificates(found.iter().cloned()) {
        (0, _) => {
            Err(invalid("tls.ca_dir", format!("{name} has no file with a certificate in PEM")))
        }
        _ => Ok(found),
    }
}

/// The system's authorities, or the bundled ones on a system that has none.
pub(super) fn of_system() -> Trusted {
    let mut roots = RootCertStore::empty();
    // Unreadable certificates among them are the system's affair: the others still count.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    Trusted { roots: Arc::new(roots), named: Vec::new() }
}
