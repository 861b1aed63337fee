//! TLS: whom to trust, who we are, and the handshake.

mod client_certificate;
mod message;
mod pins;
mod roots;
mod verifier;

use std::fmt;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use once_cell::sync::OnceCell;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

use super::exchange::{Phase, State, Stopped};
use super::failure::FailureKind;
use super::stream::{Stream, TlsLayer};
use crate::error::{Error, Result};
use client_certificate::Identity;
pub use client_certificate::{ClientCertificate, Pem};
pub(super) use message::message;
use pins::Pins;
use roots::Trusted;
use verifier::Verifier;

/// Unix time of the build, from `SOURCE_DATE_EPOCH` when that is set.
pub(crate) const BUILD_DATE: u64 = match u64::from_str_radix(env!("OSSBIND_BUILD_DATE"), 10) {
    Ok(seconds) => seconds,
    Err(_) => panic!("build.rs writes a number"),
};

/// Whom to trust, and who we are. Authorities given here replace those of the system.
#[derive(Debug, Clone)]
pub struct TlsOptions {
    /// PEM file with authorities, or with the certificate of a server that is trusted itself.
    pub ca_file: Option<PathBuf>,
    /// Folder with PEM files of authorities; files without certificates are passed over.
    pub ca_dir: Option<PathBuf>,
    /// Authorities in PEM.
    pub ca_pem: Option<Vec<u8>>,
    /// SHA-256 of the public key (SubjectPublicKeyInfo) in Base64. With any of them, one has to be
    /// that of a certificate in the verified chain, besides all other checks.
    pub pins: Vec<String>,
    /// Shown to servers that ask for one.
    pub client_certificate: Option<ClientCertificate>,
    /// DANGEROUS: takes any certificate, so that anybody on the way can read and change everything.
    /// Pins still hold, for the key of the server itself.
    pub danger_accept_any_certificate: bool,
    /// The clock (Unix time) is not before this; when it says so, it is not believed.
    pub clock_floor: u64,
}

impl Default for TlsOptions {
    fn default() -> Self {
        Self {
            ca_file: None,
            ca_dir: None,
            ca_pem: None,
            pins: Vec::new(),
            client_certificate: None,
            danger_accept_any_certificate: false,
            clock_floor: BUILD_DATE,
        }
    }
}

/// The TLS of one client.
pub(super) struct Tls {
    /// Read at the first https connection, when they are the system's: that takes time and memory
    /// that plain http never needs.
    trusted: OnceCell<Arc<Trusted>>,
    identity: Option<Identity>,
    pins: Arc<Pins>,
    accepts_any: bool,
    clock_floor: u64,
    for_servers: OnceCell<Arc<ClientConfig>>,
    /// Proxies have neither our pins nor our certificate.
    for_proxies: OnceCell<Arc<ClientConfig>>,
}

impl Tls {
    /// What the options name is read at once, so that a mistake shows.
    pub(super) fn new(options: &TlsOptions) -> Result<Self> {
        let trusted = match roots::given(options)? {
            Some(trusted) => OnceCell::with_value(Arc::new(trusted)),
            None => OnceCell::new(),
        };
        let identity = options.client_certificate.as_ref().map(Identity::read).transpose()?;
        Ok(Self {
            trusted,
            identity,
            pins: Arc::new(Pins::parse(&options.pins)?),
            accepts_any: options.danger_accept_any_certificate,
            clock_floor: options.clock_floor,
            for_servers: OnceCell::new(),
            for_proxies: OnceCell::new(),
        })
    }

    pub(super) fn for_servers(&self) -> std::result::Result<&Arc<ClientConfig>, Stopped> {
        self.for_servers
            .get_or_try_init(|| self.config(Arc::clone(&self.pins), self.identity.as_ref()))
            .map_err(|error| Stopped::new(FailureKind::Tls, error.message().to_owned()))
    }

    pub(super) fn for_proxies(&self) -> std::result::Result<&Arc<ClientConfig>, Stopped> {
        self.for_proxies
            .get_or_try_init(|| self.config(Arc::default(), None))
            .map_err(|error| Stopped::new(FailureKind::Tls, error.message().to_owned()))
    }

    fn config(&self, pins: Arc<Pins>, identity: Option<&Identity>) -> Result<Arc<ClientConfig>> {
        let trusted = self.trusted.get_or_init(|| Arc::new(roots::of_system()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Verifier::new(
            Arc::clone(trusted),
            pins,
            self.clock_floor,
            self.accepts_any,
            Arc::clone(&provider),
        )?;
        let builder = ClientConfig::builder_with_provider(provider)
            // 1.2 and 1.3.
            .with_safe_default_protocol_versions()
            .expect("ring supports TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let config = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => identity.config(builder)?,
        };
        Ok(Arc::new(config))
    }

    /// Does the handshake with `host` over a connection.
    pub(super) fn over(
        &self,
        mut stream: Stream,
        host: &str,
        config: &Arc<ClientConfig>,
        state: &mut State,
    ) -> std::result::Result<Stream, Stopped> {
        state.enter(Phase::Tls, host);
        let fail = |error: &rustls::Error| Stopped::new(FailureKind::Tls, message(error));
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            let message = format!("the host {host} is no name that a certificate can have");
            Stopped::new(FailureKind::Tls, message)
        })?;
        let mut connection =
            ClientConnection::new(Arc::clone(config), name).map_err(|error| fail(&error))?;
        while connection.is_handshaking() {
            if let Err(error) = connection.complete_io(&mut stream.with(state)) {
                return Err(error.downcast().unwrap_or_else(|error| {
                    match error.downcast::<rustls::Error>() {
                        Ok(error) => fail(&error),
                        Err(error) => Stopped::transport(handshake_message(host, &error)),
                    }
                }));
            }
        }
        // Pieces are of the size of the output buffer, and leave at once.
        connection.set_buffer_limit(None);
        Ok(Stream::Tls(Box::new(TlsLayer { conn: connection, below: stream })))
    }
}

fn handshake_message(host: &str, error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
            format!("{host} closed the connection during the TLS handshake")
        }
        _ => format!("the TLS handshake with {host}: {error}"),
    }
}

fn invalid(field: &str, fault: String) -> Error {
    Error::invalid(field, fault)
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}
