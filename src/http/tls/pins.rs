//! Pins: keys of which one has to be in the verified chain.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use sha2::{Digest as _, Sha256};
use webpki::{EndEntityCert, VerifiedPath};

use crate::error::{Error, Result};
use crate::text::quoted;

const SEQUENCE: u8 = 0x30;

/// SHA-256 of public keys (SubjectPublicKeyInfo).
#[derive(Debug, Default)]
pub(super) struct Pins(Vec<[u8; 32]>);

impl Pins {
    /// In Base64, with or without the `sha256/` or `sha256//` that other programs write before it.
    pub(super) fn parse(texts: &[String]) -> Result<Self> {
        let parse = |text: &String| {
            let digest = text.strip_prefix("sha256/").unwrap_or(text);
            let digest = digest.strip_prefix('/').filter(|d| d.len() == 44).unwrap_or(digest);
            let bytes = BASE64.decode(digest).ok().and_then(|bytes| bytes.try_into().ok());
            bytes.ok_or_else(|| {
                let fault =
                    format!("{} is not the Base64 text of the 32 bytes of a SHA-256", quoted(text));
                Error::invalid("tls.pins", fault)
            })
        };
        texts.iter().map(parse).collect::<Result<_>>().map(Self)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the key of a certificate is pinned.
    pub(super) fn match_certificate(&self, certificate: &CertificateDer<'_>) -> bool {
        EndEntityCert::try_from(certificate)
            .is_ok_and(|certificate| self.match_key(&certificate.subject_public_key_info()))
    }

    /// Whether a key of the path is pinned. The path is what was verified: a server may send any
    /// certificates besides.
    pub(super) fn match_path(&self, path: &VerifiedPath<'_>) -> bool {
        let anchor = in_sequence(&path.anchor().subject_public_key_info);
        self.match_key(&path.end_entity().subject_public_key_info())
            || path
                .intermediate_certificates()
                .any(|certificate| self.match_key(&certificate.subject_public_key_info()))
            || self.match_key(&anchor.into())
    }

    fn match_key(&self, key: &SubjectPublicKeyInfoDer<'_>) -> bool {
        let digest: [u8; 32] = Sha256::digest(key).into();
        self.0.contains(&digest)
    }
}

/// Anchors are kept without the outermost tag.
fn in_sequence(content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut der = vec![SEQUENCE];
    if content.len() >= 0x80 {
        der.push(0x80 | length.len() as u8);
    }
    der.extend(length);
    der.extend(content);
    der
}
