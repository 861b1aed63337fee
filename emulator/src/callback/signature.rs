//! The signature of the callback request (spec: callback-verification.md).

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use percent_encoding::percent_decode_str;
use rsa::pkcs8::{
    DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, LineEnding,
};
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};

use crate::log::Log;

/// DigestInfo of MD5, in front of the 16 bytes (spec: callback-verification.md 1).
const MD5_DIGEST_INFO: [u8; 18] = [
    0x30, 0x20, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05, 0x05, 0x00,
    0x04, 0x10,
];

/// The key that signs callbacks.
pub(crate) struct SigningKey {
    private: RsaPrivateKey,
    public_pem: String,
}

impl SigningKey {
    pub(crate) fn generate(bits: usize) -> Result<SigningKey, String> {
        let private = RsaPrivateKey::new(&mut OsRng, bits).map_err(|error| error.to_string())?;
        SigningKey::new(private)
    }

    /// Finds the key of an earlier run in this file, or leaves a new one there. Application servers
    /// may cache a public key by its URL for ever (spec: callback-verification.md 2), so the key
    /// has to last as long as the URL does.
    pub(crate) fn load_or_generate(
        path: &Path,
        bits: usize,
        log: &Log,
    ) -> Result<SigningKey, String> {
        let in_file = |error: String| format!("{}: {error}", path.display());
        if let Ok(pem) = fs::read_to_string(path) {
            let private =
                RsaPrivateKey::from_pkcs8_pem(&pem).map_err(|error| in_file(error.to_string()))?;
            if private.n().bits() == bits {
                make_private(path, log).map_err(|error| in_file(error.to_string()))?;
                return SigningKey::new(private);
            }
        }
        let key = SigningKey::generate(bits)?;
        let pem =
            key.private.to_pkcs8_pem(LineEnding::LF).map_err(|error| in_file(error.to_string()))?;
        write_private(path, pem.as_bytes()).map_err(|error| in_file(error.to_string()))?;
        Ok(key)
    }

    fn new(private: RsaPrivateKey) -> Result<SigningKey, String> {
        let public_pem = private
            .to_public_key()
            .to_public_key_pem(LineEnding::LF)
            .map_err(|error| error.to_string())?;
        Ok(SigningKey { private, public_pem })
    }

    /// SubjectPublicKeyInfo in PEM.
    pub(crate) fn public_pem(&self) -> &str {
        &self.public_pem
    }

    /// The value of `Authorization`; `target` is path and query as in the request line.
    pub(crate) fn sign(&self, target: &str, body: &[u8]) -> Result<String, String> {
        let digest = Md5::digest(string_to_sign(target, body));
        let signature =
            self.private.sign(scheme(), digest.as_slice()).map_err(|error| error.to_string())?;
        Ok(STANDARD.encode(signature))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SigningKey").finish_non_exhaustive()
    }
}

/// Of a key that others could read, as earlier versions left it.
#[cfg(unix)]
fn make_private(path: &Path, log: &Log) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        log.line(&format!(
            "{}: others could use this private key (mode {mode:04o}), now only its owner can; \
             without the file the next start makes a new one",
            path.display()
        ));
    }
    fs::set_permissions(path, PermissionsExt::from_mode(0o600))
}

#[cfg(not(unix))]
fn make_private(_: &Path, _: &Log) -> io::Result<()> {
    Ok(())
}

/// Writes a file that only its owner can read, all at once: half a key would stop every later start.
fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("pem.temporary");
    // Of a run that was interrupted; its mode would stay.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&temporary)?.write_all(content)?;
    fs::rename(&temporary, path)
}

/// Checks the complete PKCS#1 block under the signature.
pub(crate) fn verify(
    public_key: &RsaPublicKey,
    target: &str,
    body: &[u8],
    signature: &[u8],
) -> Result<(), String> {
    let digest = Md5::digest(string_to_sign(target, body));
    public_key
        .verify(scheme(), digest.as_slice(), signature)
        .map_err(|_| "the signature does not match the request".to_owned())
}

/// Reads a SubjectPublicKeyInfo in PEM.
pub(crate) fn parse_public_key(pem: &str) -> Result<RsaPublicKey, String> {
    RsaPublicKey::from_public_key_pem(pem.trim()).map_err(|error| format!("no public key: {error}"))
}

fn scheme() -> Pkcs1v15Sign {
    Pkcs1v15Sign { hash_len: Some(16), prefix: Box::new(MD5_DIGEST_INFO) }
}

/// The path decoded once, the query with its `?` as it is, a line feed, the body.
fn string_to_sign(target: &str, body: &[u8]) -> Vec<u8> {
    let path_end = target.find('?').unwrap_or(target.len());
    let (path, query) = target.split_at(path_end);
    let mut text: Vec<u8> = percent_decode_str(path).collect();
    text.extend_from_slice(query.as_bytes());
    text.push(b'\n');
    text.extend_from_slice(body);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiver::PUBLISHED_KEY;

    fn check(target: &str, body: &[u8], authorization: &str) -> Result<(), String> {
        let key = parse_public_key(PUBLISHED_KEY).unwrap();
        verify(&key, target, body, &STANDARD.decode(authorization).unwrap())
    }

    #[test]
    fn real_requests_verify() {
        let cb1 = br#"{"name":"2f7b2ccf30e9270ea920f1ab8a4037a546a2f0d5.jpg","source_name":"1/1_hFRtDLgM_2f7b2ccf30e9270ea920f1ab8a4037a546a2f0d5.jpg","size":114020,"pic_info":"810,539"}"#;
        let authorization = "e5LwzwTkP9AFAItT4YzvdJOHd0Y0wqTMWhsV/h5SG90JYGAmMd+8LQyj96R+9qUfJWjMt6suuUh7LaOryR87Dw==";
        let target = "/api/v3/callback/oss/TnXx5E5VyfJUyM1UdkdDu1rtnJ34EbmH";
        assert_eq!(check(target, cb1, authorization), Ok(()));

        let cb2 = b"filename=headSculpture%2Fjikang2.jpg&size=108904&mimeType=image%2Fjpeg&height=278&width=200";
        let authorization = "HHtQ8zgAo4WUCg7Iy/njrsluS+ZDmgMwIHag+vmRvIC4Ph5rxNQ3+WOfJZvzwIKQsNftEDC0PCU03hpjId3vIQ==";
        assert_eq!(check("/api/AliYunOssCallback", cb2, authorization), Ok(()));

        let authorization = "kKQeGTRccDKyHB3H9vF+xYMSrmhMZjzzl2/kdD1ktNVgbWEfYTQG0G2SU/RaHBovRCE8OkQDjC3uG33esH2txA==";
        let target = "/index.php?id=1&index=2";
        assert_eq!(check(target, b"bucket=yonghu-test", authorization), Ok(()));
        assert!(check(target, b"bucket=yonghu-tesT", authorization).is_err());
        assert!(check("/index.php?id=1&index=3", b"bucket=yonghu-test", authorization).is_err());
    }

    #[test]
    fn the_path_is_decoded_and_the_query_is_not() {
        assert_eq!(string_to_sign("/a%20b+c?d=%20", b"e"), b"/a b+c?d=%20\ne");
        assert_eq!(string_to_sign("/a", b""), b"/a\n");
    }

    #[test]
    fn own_signatures_verify_with_the_published_pem() {
        let key = SigningKey::generate(512).unwrap();
        let authorization = key.sign("/cb?a=1", b"body").unwrap();
        assert_eq!(authorization.len(), 88);
        let public = parse_public_key(key.public_pem()).unwrap();
        let signature = STANDARD.decode(&authorization).unwrap();
        assert_eq!(verify(&public, "/cb?a=1", b"body", &signature), Ok(()));
        assert!(verify(&public, "/cb?a=1", b"bodY", &signature).is_err());
        assert!(verify(&public, "/cb?a=1", b"body", &signature[1..]).is_err());
    }
}
