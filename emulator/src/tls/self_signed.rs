//! Certificates for tests, right and wrong.

use std::io;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};

use super::{TlsAuthority, TlsIdentity};
use crate::faults::TlsFault;

/// Reserved: no server has it (RFC 6761).
const OTHER_HOST: &str = "another-host.invalid";

/// A throw-away certificate authority and a server certificate it has signed.
#[derive(Clone, Debug)]
pub struct SelfSigned {
    /// For the server. With its authority, the server can also show certificates that are wrong.
    pub identity: TlsIdentity,
    /// The authority's certificate in PEM, for clients to trust.
    pub ca_pem: String,
}

impl SelfSigned {
    /// Makes a certificate for these host names and IP addresses.
    pub fn generate(hosts: &[&str]) -> Result<SelfSigned, String> {
        SelfSigned::try_generate(hosts).map_err(|error| error.to_string())
    }

    fn try_generate(hosts: &[&str]) -> Result<SelfSigned, rcgen::Error> {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let key = KeyPair::generate()?;
        let ca_pem = ca_parameters().self_signed(&key)?.pem();
        let authority = TlsAuthority { private_key_pem: key.serialize_pem(), hosts };
        let right = identity(&authority, None)?;
        Ok(SelfSigned { identity: TlsIdentity { authority: Some(authority), ..right }, ca_pem })
    }
}

/// A server certificate of an authority, with a defect.
pub(super) fn faulty_identity(
    authority: &TlsAuthority,
    fault: TlsFault,
) -> io::Result<TlsIdentity> {
    let made = match fault {
        TlsFault::Untrusted => KeyPair::generate().and_then(|key| {
            let unknown =
                TlsAuthority { private_key_pem: key.serialize_pem(), ..authority.clone() };
            identity(&unknown, None)
        }),
        _ => identity(authority, Some(fault)),
    };
    made.map_err(io::Error::other)
}

fn identity(
    authority: &TlsAuthority,
    fault: Option<TlsFault>,
) -> Result<TlsIdentity, rcgen::Error> {
    let hosts = match fault {
        Some(TlsFault::WrongHost) => vec![OTHER_HOST.to_owned()],
        _ => authority.hosts.clone(),
    };
    let mut server = CertificateParams::new(hosts)?;
    server.distinguished_name = named("ossbind-emulator");
    server.use_authority_key_identifier_extension = true;
    let now = OffsetDateTime::now_utc();
    match fault {
        Some(TlsFault::Expired) => server.not_after = now - Duration::days(1),
        // Far enough for a clock without a battery that is set when the network is there.
        Some(TlsFault::NotYetValid) => server.not_before = now + Duration::days(365),
        _ => {}
    }
    let key = KeyPair::generate()?;
    let issuer = Issuer::new(ca_parameters(), KeyPair::from_pem(&authority.private_key_pem)?);
    Ok(TlsIdentity {
        certificate_chain_pem: server.signed_by(&key, &issuer)?.pem(),
        private_key_pem: key.serialize_pem(),
        authority: None,
    })
}

/// The same for all authorities: what tells them apart is the key.
fn ca_parameters() -> CertificateParams {
    let mut ca = CertificateParams::default();
    ca.distinguished_name = named("ossbind-emulator test CA");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    ca
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}
