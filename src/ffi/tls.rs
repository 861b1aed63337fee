//! `ossbind_tls_config`: which servers a client trusts, and how it proves who it is.

use std::ffi::c_char;
use std::mem::offset_of;

use zeroize::Zeroizing;

use super::convert::{
    SizedStruct, check_flags, milliseconds, optional_text, path, read_or_default, texts,
};
use crate::error::{Error, Result};
use crate::http::{ClientCertificate, HttpOptions, Pem, TlsOptions};

/// Bit of ossbind_tls_config.flags: DANGEROUS, for tests only. Accepts any certificate of a server, so
/// anybody on the network path can read and change everything except the keys of the client. Each
/// client that has it logs a warning.
pub const OSSBIND_TLS_DANGER_ACCEPT_ANY_CERTIFICATE: u32 = 1;

/// Which servers a client trusts, and how it proves who it is. Initialize with
/// ossbind_tls_config_init(); zero is the default of every member. Everything is copied. Members are
/// only ever appended.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_tls_config {
    /// sizeof(ossbind_tls_config), set by ossbind_tls_config_init().
    pub struct_size: usize,
    /// Path of a PEM file with certificate authorities to trust; bytes, not necessarily UTF-8. The
    /// authorities of ca_file, ca_dir and ca_pem together replace those of the system. All three NULL:
    /// those of the system, or bundled ones on a system that has none.
    ///
    /// A certificate that a server shows itself may be among them, also one that nobody else has signed:
    /// that server is trusted then, and its certificate needs the right name and date, but no authority.
    /// One that does not say CA:TRUE vouches for no other.
    pub ca_file: *const c_char,
    /// Path of a folder with PEM files of certificate authorities to trust; bytes. NULL: none.
    pub ca_dir: *const c_char,
    /// Certificate authorities to trust, as PEM text. NULL: none.
    pub ca_pem: *const c_char,
    /// SHA-256 of public keys (SubjectPublicKeyInfo), each in Base64, also as `sha256//...` like
    /// those of curl. If there are any, one of them must belong to a certificate in the verified
    /// chain of the server, in addition to all other checks. NULL when pin_count is 0.
    pub pins: *const *const c_char,
    /// Number of pins.
    pub pin_count: usize,
    /// Path of a PEM file with the certificate of this device, for servers that ask for one; bytes.
    /// NULL: none.
    pub client_certificate_file: *const c_char,
    /// Path of a PEM file with its private key, not encrypted; bytes. NULL: it is in
    /// client_certificate_file.
    pub client_key_file: *const c_char,
    /// Certificate of this device as PEM text, instead of the file. NULL: none.
    pub client_certificate_pem: *const c_char,
    /// Its private key as PEM text. NULL: it is in client_certificate_pem.
    pub client_key_pem: *const c_char,
    /// Time limit of each TLS handshake in milliseconds. 0: 10 000.
    pub handshake_timeout_ms: u32,
    /// OSSBIND_TLS_*; unknown bits are refused.
    pub flags: u32,
}

// SAFETY: pointers and integers; struct_size is first.
unsafe impl SizedStruct for ossbind_tls_config {
    const NAME: &'static str = "tls_config";
    // 0.1.0 ended with flags.
    const FIRST_SIZE: usize = offset_of!(Self, flags) + size_of::<u32>();
}

/// Options with what the config says of TLS; NULL says nothing.
///
/// # Safety
/// `config` is NULL or a config that is as its documentation says.
pub(super) unsafe fn with_tls(
    options: HttpOptions,
    config: *const ossbind_tls_config,
) -> Result<HttpOptions> {
    // SAFETY: as the caller promises.
    let (config, tls) = unsafe {
        let config = read_or_default(config)?;
        (config, config.options()?)
    };
    let tls_timeout = milliseconds(config.handshake_timeout_ms).unwrap_or(options.tls_timeout);
    Ok(HttpOptions { tls_timeout, tls, ..options })
}

impl ossbind_tls_config {
    unsafe fn options(&self) -> Result<TlsOptions> {
        check_flags("tls.flags", self.flags, OSSBIND_TLS_DANGER_ACCEPT_ANY_CERTIFICATE)?;
        // SAFETY: as the caller promises.
        let (ca_file, ca_dir, ca_pem, pins, client_certificate) = unsafe {
            (
                path(self.ca_file),
                path(self.ca_dir),
                optional_text("tls.ca_pem", self.ca_pem)?,
                texts("tls.pins", self.pins, self.pin_count)?,
                self.client_certificate()?,
            )
        };
        Ok(TlsOptions {
            ca_file,
            ca_dir,
            ca_pem: ca_pem.map(|text| text.as_bytes().to_vec()),
            pins: pins.into_iter().map(str::to_owned).collect(),
            client_certificate,
            danger_accept_any_certificate: self.flags != 0,
            ..TlsOptions::default()
        })
    }

    unsafe fn client_certificate(&self) -> Result<Option<ClientCertificate>> {
        // SAFETY: as the caller promises.
        let (chain_file, key_file, chain_pem, key_pem) = unsafe {
            (
                path(self.client_certificate_file),
                path(self.client_key_file),
                optional_text("tls.client_certificate_pem", self.client_certificate_pem)?,
                optional_text("tls.client_key_pem", self.client_key_pem)?,
            )
        };
        let memory = |text: &str| Pem::Memory(Zeroizing::new(text.as_bytes().to_vec()));
        match (chain_file, chain_pem) {
            (Some(_), Some(_)) => {
                let fault = "is set together with tls.client_certificate_file; use one of them";
                Err(Error::invalid("tls.client_certificate_pem", fault))
            }
            (Some(file), None) => Ok(Some(ClientCertificate {
                key: Pem::File(key_file.unwrap_or_else(|| file.clone())),
                chain: Pem::File(file),
            })),
            (None, Some(text)) => {
                let (chain, key) = (memory(text), memory(key_pem.unwrap_or(text)));
                Ok(Some(ClientCertificate { chain, key }))
            }
            (None, None) if key_file.is_some() || key_pem.is_some() => {
                let fault = "is not set, but its private key is";
                Err(Error::invalid("tls.client_certificate_file", fault))
            }
            (None, None) => Ok(None),
        }
    }
}
