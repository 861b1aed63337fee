//! The emulator over https.

mod common;

use common::tls::TlsClient;
use ossbind_emulator::{Emulator, Options, SelfSigned};

#[test]
fn a_client_with_the_ca_file_is_served() {
    let made = SelfSigned::generate(&["localhost", "127.0.0.1"]).unwrap();
    let tls = Some(made.identity);
    let emulator = Emulator::start(Options { tls, ..Options::default() }).unwrap();
    assert!(emulator.endpoint().starts_with("https://127.0.0.1:"));
    let client = TlsClient::trusting(&made.ca_pem);
    for name in ["localhost", "127.0.0.1"] {
        assert_eq!(client.put(emulator.address(), name).unwrap().status, 200);
    }
    assert!(client.put(emulator.address(), "other.example").is_err());
    let other = SelfSigned::generate(&["localhost"]).unwrap();
    assert!(TlsClient::trusting(&other.ca_pem).put(emulator.address(), "localhost").is_err());
}

#[test]
fn an_identity_that_is_none_is_refused_at_the_start() {
    let mut made = SelfSigned::generate(&["localhost"]).unwrap();
    made.identity.private_key_pem.clear();
    let tls = Some(made.identity);
    assert!(Emulator::start(Options { tls, ..Options::default() }).is_err());
}
