//! The emulator over https.

mod common;

use std::io::Write;
use std::sync::Arc;

use common::{Request, Response, connect};
use ossbind_emulator::{Emulator, Options, SelfSigned};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// A client that trusts this CA and nothing else.
fn send(emulator: &Emulator, ca_pem: &str, server_name: &str) -> std::io::Result<Response> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = server_name.to_owned().try_into().unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, connect(emulator.address()));
    let request = Request::put("a.txt", "content").sign_v4();
    stream.write_all(request.head(emulator.address()).as_bytes())?;
    stream.write_all(&request.body)?;
    Ok(Response::read(&mut stream, false))
}

#[test]
fn a_client_with_the_ca_file_is_served() {
    let made = SelfSigned::generate(&["localhost", "127.0.0.1"]).unwrap();
    let tls = Some(made.identity);
    let emulator = Emulator::start(Options { tls, ..Options::default() }).unwrap();
    assert!(emulator.endpoint().starts_with("https://127.0.0.1:"));
    for name in ["localhost", "127.0.0.1"] {
        assert_eq!(send(&emulator, &made.ca_pem, name).unwrap().status, 200);
    }
    assert!(send(&emulator, &made.ca_pem, "other.example").is_err());
    let other = SelfSigned::generate(&["localhost"]).unwrap();
    assert!(send(&emulator, &other.ca_pem, "localhost").is_err());
}

#[test]
fn an_identity_that_is_none_is_refused_at_the_start() {
    let mut made = SelfSigned::generate(&["localhost"]).unwrap();
    made.identity.private_key_pem.clear();
    let tls = Some(made.identity);
    assert!(Emulator::start(Options { tls, ..Options::default() }).is_err());
}
