//! TLS over any transport.

use std::fmt;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use once_cell::sync::OnceCell;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
    TransportAdapter,
};

use super::exchange;
use crate::error::{Error, Result};
use crate::text::quoted;

/// Wraps connections to https URLs.
pub(super) struct TlsConnector {
    /// Made at the first https connection: reading the system's certificates takes time and memory
    /// that plain http never needs.
    config: OnceCell<Arc<ClientConfig>>,
}

impl TlsConnector {
    /// `ca_file` replaces the system's authorities; it is read at once, so that a mistake shows.
    pub(super) fn new(ca_file: Option<&Path>) -> Result<Self> {
        let config = match ca_file {
            None => OnceCell::new(),
            Some(path) => OnceCell::with_value(client_config(roots_from_file(path)?)),
        };
        Ok(Self { config })
    }

    fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(self.config.get_or_init(|| client_config(roots_of_system())))
    }
}

impl<In: Transport> Connector<In> for TlsConnector {
    type Out = Either<In, TlsTransport>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> std::result::Result<Option<Self::Out>, ureq::Error> {
        let Some(transport) = chained else {
            return Ok(None);
        };
        if !details.needs_tls() || transport.is_tls() {
            return Ok(Some(Either::A(transport)));
        }
        let host = details.uri.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| ureq::Error::Tls("the host is no name that a certificate can have"))?;
        let mut connection = ClientConnection::new(self.config(), name).map_err(tls_error)?;
        let mut socket = TransportAdapter::new(transport.boxed(), details.current_time.clone());
        socket.set_timeout(details.timeout);
        connection.complete_io(&mut socket).map_err(handshake_error)?;
        let buffers = LazyBuffers::new(
            details.config.input_buffer_size(),
            details.config.output_buffer_size(),
        );
        let stream = StreamOwned::new(connection, socket);
        Ok(Some(Either::B(TlsTransport { buffers, stream })))
    }
}

fn client_config(roots: RootCertStore) -> Arc<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring supports TLS 1.2 and 1.3");
    Arc::new(builder.with_root_certificates(roots).with_no_client_auth())
}

fn roots_from_file(path: &Path) -> Result<RootCertStore> {
    let name = quoted(&path.to_string_lossy());
    let invalid = |fault: String| Error::invalid("ca_file", fault);
    let certificates = CertificateDer::pem_file_iter(path)
        .map_err(|error| invalid(format!("{name} cannot be read: {error}")))?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        let certificate =
            certificate.map_err(|error| invalid(format!("{name} is not a PEM file: {error}")))?;
        roots
            .add(certificate)
            .map_err(|error| invalid(format!("{name} has an unusable certificate: {error}")))?;
    }
    if roots.is_empty() {
        return Err(invalid(format!("{name} has no certificate; PEM is expected")));
    }
    Ok(roots)
}

/// The system's authorities, or the bundled ones on a system that has none.
fn roots_of_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    // Unreadable certificates among them are the system's affair: the others still count.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

/// A TLS connection.
pub(super) struct TlsTransport {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
}

impl Transport for TlsTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(
        &mut self,
        amount: usize,
        timeout: NextTimeout,
    ) -> std::result::Result<(), ureq::Error> {
        if exchange::sending_ended() {
            return Ok(());
        }
        self.stream.sock.set_timeout(timeout);
        self.stream.write_all(&self.buffers.output()[..amount])?;
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> std::result::Result<bool, ureq::Error> {
        self.stream.sock.set_timeout(timeout);
        let read = self.stream.read(self.buffers.input_append_buf());
        let count = read.map_err(|error| match error.kind() {
            // Without the closing alert an end is a cut, which the HTTP library would not notice.
            ErrorKind::UnexpectedEof => std::io::Error::other(error.to_string()).into(),
            _ => handshake_error(error),
        })?;
        self.buffers.input_appended(count);
        Ok(count > 0)
    }

    fn is_open(&mut self) -> bool {
        let is_quiet =
            self.stream.conn.process_new_packets().is_ok_and(|state| {
                !state.peer_has_closed() && state.plaintext_bytes_to_read() == 0
            });
        is_quiet && self.stream.sock.get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

fn tls_error(error: rustls::Error) -> ureq::Error {
    exchange::note_tls_error(error);
    ureq::Error::Tls("TLS failed")
}

/// TLS errors travel inside I/O errors.
fn handshake_error(error: std::io::Error) -> ureq::Error {
    match error.downcast::<rustls::Error>() {
        Ok(error) => tls_error(error),
        Err(error) => error.into(),
    }
}

impl fmt::Debug for TlsConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsConnector").finish_non_exhaustive()
    }
}

impl fmt::Debug for TlsTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsTransport").field("over", self.stream.sock.inner()).finish()
    }
}
