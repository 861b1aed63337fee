//! TLS: whom to trust, who we are, and the handshake.

mod client_certificate;
mod message;
mod pem;
mod pins;
mod trusted;
mod verifier;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::pki_types::{ServerName, UnixTime};
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, ClientConnection, Error as TlsError, InvalidMessage};

use super::exchange::{Phase, State, Stopped};
use super::failure::FailureKind;
use super::stream::{Stream, TlsLayer};
use crate::error::Result;
pub use client_certificate::ClientCertificate;
pub(super) use message::message;
use message::{NO_TLS, handshake_message};
pub use pem::Pem;
use pins::Pins;
use trusted::Trusted;
use verifier::Verifier;

/// Unix time of the build, from `SOURCE_DATE_EPOCH` when that is set.
pub(crate) const BUILD_DATE: u64 = match u64::from_str_radix(env!("OSSBIND_BUILD_DATE"), 10) {
    Ok(seconds) => seconds,
    Err(_) => panic!("build.rs writes a number"),
};

/// Whom to trust, and who we are. Certificates given here replace the authorities of the system.
/// Each of them that says CA:TRUE is an authority. Any may also be the very certificate that a server
/// shows: then nobody has to have signed it, but its time, the host's name and the server's key still
/// count.
#[derive(Debug, Clone)]
pub struct TlsOptions {
    /// PEM file with certificates.
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
    trusted: OnceLock<Arc<Trusted>>,
    identity: Option<Arc<SingleCertAndKey>>,
    pins: Arc<Pins>,
    accepts_any: bool,
    clock_floor: u64,
    for_servers: OnceLock<Arc<ClientConfig>>,
    for_proxies: OnceLock<Arc<ClientConfig>>,
}

/// With whom a handshake is done.
#[derive(Clone, Copy)]
pub(super) enum Peer {
    Server,
    /// Has neither our pins nor our certificate.
    Proxy,
}

impl Tls {
    /// What the options name is read at once, so that a mistake shows.
    pub(super) fn new(options: &TlsOptions) -> Result<Self> {
        let trusted = match Trusted::given(options)? {
            Some(trusted) => OnceLock::from(Arc::new(trusted)),
            None => OnceLock::new(),
        };
        let identity =
            options.client_certificate.as_ref().map(ClientCertificate::read).transpose()?;
        Ok(Self {
            trusted,
            identity,
            pins: Arc::new(Pins::parse(&options.pins)?),
            accepts_any: options.danger_accept_any_certificate,
            clock_floor: options.clock_floor,
            for_servers: OnceLock::new(),
            for_proxies: OnceLock::new(),
        })
    }

    fn config(&self, peer: Peer) -> &Arc<ClientConfig> {
        match peer {
            Peer::Server => self
                .for_servers
                .get_or_init(|| self.new_config(Arc::clone(&self.pins), self.identity.as_ref())),
            Peer::Proxy => self.for_proxies.get_or_init(|| self.new_config(Arc::default(), None)),
        }
    }

    fn new_config(
        &self,
        pins: Arc<Pins>,
        identity: Option<&Arc<SingleCertAndKey>>,
    ) -> Arc<ClientConfig> {
        let trusted = self.trusted.get_or_init(|| Arc::new(Trusted::of_system()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Verifier {
            trusted: Arc::clone(trusted),
            pins,
            clock_floor: UnixTime::since_unix_epoch(Duration::from_secs(self.clock_floor)),
            accepts_any: self.accepts_any,
            provider: Arc::clone(&provider),
        };
        let builder = ClientConfig::builder_with_provider(provider)
            // 1.2 and 1.3.
            .with_safe_default_protocol_versions()
            .expect("ring supports TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        Arc::new(match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => builder.with_client_cert_resolver(Arc::clone(identity) as _),
        })
    }

    /// Does the handshake with `host` over a connection.
    pub(super) fn over(
        &self,
        mut stream: Stream,
        host: &str,
        peer: Peer,
        state: &mut State,
    ) -> std::result::Result<Stream, Stopped> {
        state.enter(Phase::Tls, host);
        let fail = |message: String| Stopped::new(FailureKind::Tls, message);
        let config = Arc::clone(self.config(peer));
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| fail(format!("the host {host} is no name that a certificate can have")))?;
        let mut connection =
            ClientConnection::new(config, name).map_err(|error| fail(message(&error)))?;
        while connection.is_handshaking() {
            let Err(error) = connection.complete_io(&mut stream.with(state)) else { continue };
            let error = match error.downcast::<Stopped>() {
                Ok(stopped) => return Err(stopped),
                Err(error) => error,
            };
            // So far the server has said nothing that is TLS.
            let is_first = connection.protocol_version().is_none();
            return Err(match error.downcast() {
                Ok(TlsError::InvalidMessage(InvalidMessage::InvalidContentType)) if is_first => {
                    fail(NO_TLS.to_owned())
                }
                Ok(error) => fail(message(&error)),
                Err(error) => Stopped::transport(handshake_message(host, &error)),
            });
        }
        // Pieces are of the size of the output buffer, and leave at once.
        connection.set_buffer_limit(None);
        Ok(Stream::Tls(Box::new(TlsLayer { conn: connection, below: stream })))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}
