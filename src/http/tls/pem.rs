//! Certificates and keys as text.

use std::fmt;
use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::file;
use crate::text::quoted;

/// Longest file with certificates or a key. The bundle of a system has about 250 KiB.
pub(super) const MAX_FILE: u64 = 8 * 1024 * 1024;

/// PEM text.
#[derive(Clone)]
pub enum Pem {
    /// In a file.
    File(PathBuf),
    /// In memory.
    Memory(Zeroizing<Vec<u8>>),
}

impl Pem {
    /// What it is called in messages, and the text.
    pub(super) fn read(&self, field: &str) -> Result<(String, Zeroizing<Vec<u8>>)> {
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

/// What a file is called in messages, and the text.
pub(super) fn read_file(field: &str, path: &Path) -> Result<(String, Zeroizing<Vec<u8>>)> {
    let name = quoted(&path.to_string_lossy());
    match file::read(path, MAX_FILE) {
        Ok(bytes) => Ok((name, bytes)),
        Err(error) => Err(Error::invalid(field, format!("{name} cannot be read: {error}"))),
    }
}

/// At least one.
pub(super) fn certificates(
    field: &str,
    name: &str,
    pem: &[u8],
) -> Result<Vec<CertificateDer<'static>>> {
    let found = CertificateDer::pem_slice_iter(pem).collect::<std::result::Result<Vec<_>, _>>();
    match found {
        Ok(found) if found.is_empty() => {
            Err(Error::invalid(field, format!("{name} has no certificate; PEM is expected")))
        }
        Ok(found) => Ok(found),
        Err(error) => Err(Error::invalid(field, format!("{name} is not PEM: {error}"))),
    }
}
