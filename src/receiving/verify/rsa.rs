//! RSA signatures with MD5 and the padding of PKCS#1 v1.5 (spec: callback-verification.md 1).

use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject as _;

use super::der;
use super::modular::Modulus;

/// The DigestInfo of MD5, which stands in front of the digest.
const DIGEST_INFO: [u8; 18] = [
    0x30, 0x20, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05, 0x05, 0x00,
    0x04, 0x10,
];
const DIGEST_LEN: usize = 16;
/// The service's key has 512 bits; larger ones than 4096 would only cost time.
const KEY_LEN: std::ops::RangeInclusive<usize> = 64..=512;
/// 65537 in all keys that anybody uses. Large ones would only cost time.
const MAX_EXPONENT_LEN: usize = 4;

/// A public key, ready for use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PublicKey {
    modulus: Modulus,
    exponent: Vec<u8>,
    /// Of the modulus and of every signature, in bytes.
    len: usize,
}

impl PublicKey {
    /// Reads a `BEGIN PUBLIC KEY` of PEM, or says what is wrong.
    pub(super) fn from_pem(pem: &[u8]) -> Result<Self, &'static str> {
        let info = SubjectPublicKeyInfoDer::from_pem_slice(pem)
            .map_err(|_| "is not PEM with a \"BEGIN PUBLIC KEY\"")?;
        let (modulus, exponent) =
            der::rsa_public_key(&info).ok_or("holds a key that is not one of RSA")?;
        if !KEY_LEN.contains(&modulus.len()) {
            return Err("holds a key that does not have 512 to 4096 bits");
        }
        if exponent.len() > MAX_EXPONENT_LEN {
            return Err("holds a key with an exponent of more than 32 bits");
        }
        Self::new(modulus, exponent).ok_or("holds a key whose modulus is even")
    }

    fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let (len, exponent) = (modulus.len(), exponent.to_vec());
        Some(Self { modulus: Modulus::new(modulus)?, exponent, len })
    }

    /// The MD5 that was signed; None for what this key has not made.
    pub(super) fn signed_digest(&self, signature: &[u8]) -> Option<[u8; DIGEST_LEN]> {
        if signature.len() != self.len {
            return None;
        }
        let block = self.power(signature, &self.exponent)?;
        // All of the padding is compared: a shorter one leaves room for forged signatures.
        let (padding, digest) = block.split_last_chunk()?;
        (padding == padded(self.len)).then_some(*digest)
    }

    /// `base` to the power of `exponent`, as many bytes as the modulus. None if it is not below the modulus.
    fn power(&self, base: &[u8], exponent: &[u8]) -> Option<Vec<u8>> {
        let mut power = self.modulus.power(base, exponent)?;
        Some(power.split_off(power.len() - self.len))
    }
}

/// A private key, which only tests of application servers need.
pub(super) struct PrivateKey<'a> {
    public: PublicKey,
    exponent: &'a [u8],
}

impl<'a> PrivateKey<'a> {
    pub(super) fn new(modulus: &[u8], exponent: &'a [u8]) -> Option<Self> {
        Some(Self { public: PublicKey::new(modulus, &[1, 0, 1])?, exponent })
    }

    pub(super) fn sign(&self, digest: [u8; DIGEST_LEN]) -> Option<Vec<u8>> {
        let mut block = padded(self.public.len);
        block.extend_from_slice(&digest);
        self.public.power(&block, self.exponent)
    }
}

/// What stands in front of the digest in a block of `len` bytes.
fn padded(len: usize) -> Vec<u8> {
    let mut block = vec![0xff; len - DIGEST_LEN - DIGEST_INFO.len()];
    block[0] = 0;
    block[1] = 1;
    *block.last_mut().expect("longer than three bytes") = 0;
    block.extend_from_slice(&DIGEST_INFO);
    block
}
