//! Certificates made to be right or wrong, and servers that show them.

use std::net::TcpStream;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData as _, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use sha2::{Digest as _, Sha256};

use super::support::Server;

/// First and last year of a certificate.
pub type Years = (i32, i32);

/// A chain of three: authority, intermediate authority, server.
pub struct Made {
    pub ca_pem: String,
    /// The server's first, then the intermediate one.
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
    /// Of server, intermediate and authority.
    pub pins: [String; 3],
}

pub struct Authority {
    pub certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
    pin: String,
}

pub fn pin(key: &KeyPair) -> String {
    BASE64.encode(Sha256::digest(key.subject_public_key_info()))
}

fn params(name: &str, hosts: &[&str], years: Years) -> CertificateParams {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(years.0, 1, 1);
    params.not_after = date_time_ymd(years.1, 1, 1);
    params
}

pub fn authority(name: &str, years: Years, parent: Option<&Authority>) -> Authority {
    let key = KeyPair::generate().unwrap();
    let mut params = params(name, &[], years);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = match parent {
        None => params.self_signed(&key),
        Some(parent) => params.signed_by(&key, &parent.issuer),
    };
    let (certificate, pin) = (certificate.unwrap(), pin(&key));
    Authority { certificate, issuer: Issuer::new(params, key), pin }
}

/// With these years for the server and the intermediate authority.
pub fn made_for(hosts: &[&str], server: Years, intermediate: Years) -> Made {
    let root = authority("root", (2000, 2090), None);
    let middle = authority("intermediate", intermediate, Some(&root));
    let key = KeyPair::generate().unwrap();
    let certificate = params("server", hosts, server).signed_by(&key, &middle.issuer).unwrap();
    Made {
        ca_pem: root.certificate.pem(),
        chain: vec![certificate.der().clone(), middle.certificate.der().clone()],
        pins: [pin(&key), middle.pin, root.pin],
        key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
    }
}

impl Made {
    /// The certificate of the server alone.
    pub fn server_pem(&self) -> String {
        let lines = BASE64.encode(&self.chain[0]);
        format!("-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n")
    }
}

/// A certificate that has signed itself and says that it is an authority, as `openssl req -x509` makes
/// them.
pub fn self_signed(hosts: &[&str], years: Years) -> Made {
    let key = KeyPair::generate().unwrap();
    let mut params = params("self", hosts, years);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap();
    Made {
        ca_pem: certificate.pem(),
        chain: vec![certificate.der().clone()],
        pins: [pin(&key), pin(&key), pin(&key)],
        key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
    }
}

pub fn made(hosts: &[&str]) -> Made {
    made_for(hosts, (2000, 2090), (2000, 2090))
}

/// A certificate for a client, with its key, in PEM.
pub fn client_pem(parent: &Authority) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate =
        params("client", &["client.test"], (2000, 2090)).signed_by(&key, &parent.issuer).unwrap();
    (certificate.pem(), key.serialize_pem())
}

/// `clients` is the authority whose certificates clients have to show.
pub fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    clients: Option<CertificateDer<'static>>,
) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.unwrap())
        }
    };
    Arc::new(builder.with_single_cert(chain, key).unwrap())
}

pub fn tls_server(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    clients: Option<CertificateDer<'static>>,
    serve: impl Fn(StreamOwned<ServerConnection, TcpStream>) + Send + Sync + 'static,
) -> Server {
    let config = server_config(chain, key, clients);
    Server::start(move |stream| {
        stream.set_nodelay(true).unwrap();
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        serve(StreamOwned::new(connection, stream));
    })
}
