//! A client that trusts one authority and nothing else.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use ossbind_emulator::{Emulator, Options, SelfSigned};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::{Request, Response, connect};

/// An emulator for `localhost` and 127.0.0.1, and the certificate of its authority.
pub fn emulator_with_tls() -> (Emulator, String) {
    let made = SelfSigned::generate(&["localhost", "127.0.0.1"]).unwrap();
    let tls = Some(made.identity);
    (Emulator::start(Options { tls, ..Options::default() }).unwrap(), made.ca_pem)
}

pub struct TlsClient(Arc<ClientConfig>);

impl TlsClient {
    pub fn trusting(ca_pem: &str) -> TlsClient {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        TlsClient(Arc::new(config))
    }

    /// The handshake comes with the first write.
    pub fn connect(
        &self,
        address: SocketAddr,
        server_name: &str,
    ) -> StreamOwned<ClientConnection, TcpStream> {
        let name = server_name.to_owned().try_into().unwrap();
        let connection = ClientConnection::new(Arc::clone(&self.0), name).unwrap();
        StreamOwned::new(connection, connect(address))
    }

    /// Uploads something small.
    pub fn put(&self, address: SocketAddr, server_name: &str) -> std::io::Result<Response> {
        let mut stream = self.connect(address, server_name);
        let request = Request::put("a.txt", "content").sign_v4();
        stream.write_all(request.head(address).as_bytes())?;
        stream.write_all(&request.body)?;
        Ok(Response::read(&mut stream, false))
    }
}
