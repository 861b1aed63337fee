//! The seal of a callback: a variable that only a program with the key could make.
//!
//! The signature of OSS says that OSS has sent a callback, for whomever, and it can be sent again. A seal
//! says that a device with the key asked for it, for this bucket and key of an object, once and not later than
//! its expiry. It cannot cover what OSS fills in: size, ETag, type.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rustix::rand::{GetRandomFlags, getrandom};
use sha2::Sha256;

use crate::error::{Error, Result, Status, refuse_if};
use crate::time::Timestamp;

/// Length of a nonce in bytes.
pub(crate) const NONCE_LEN: usize = 16;
/// Fewer bytes of a key could be guessed.
const MIN_SECRET: usize = 16;
const MAX_KEY_ID: usize = 64;
const VERSION: &str = "1";

/// The value of a variable `x:seal` for a callback of this object, good for `lifetime` from `now`.
pub fn seal(
    secret: (&str, &str),
    bucket: &str,
    key: &str,
    now: Timestamp,
    lifetime: Duration,
) -> Result<String> {
    let (id, secret) = secret;
    let seal_key = SealKey { id, secret };
    seal_key.check("secret")?;
    let fault = "is empty; a seal is for one object";
    refuse_if([(bucket.is_empty(), "bucket", fault), (key.is_empty(), "key", fault)])?;
    let mut nonce = [0; NONCE_LEN];
    let filled = getrandom(&mut nonce, GetRandomFlags::empty());
    if filled != Ok(NONCE_LEN) {
        return Err(Error::new(Status::Internal, "the system has no random bytes for the seal"));
    }
    let expires_at = now.0.saturating_add(lifetime.as_secs());
    Ok(seal_key.seal(&Seal { nonce, expires_at }, bucket, key))
}

/// What a seal says, once it is known to be genuine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seal {
    pub(crate) nonce: [u8; NONCE_LEN],
    /// In seconds since 1970.
    pub(crate) expires_at: u64,
}

/// A key that device and server share.
pub(crate) struct SealKey<'a> {
    /// Names the key, so that each device can have its own.
    pub(crate) id: &'a str,
    pub(crate) secret: &'a str,
}

impl SealKey<'_> {
    /// Refuses what no seal could be made with. `field` is that of the pair of id and secret.
    pub(crate) fn check(&self, field: &str) -> Result<()> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if self.id.is_empty() || self.id.len() > MAX_KEY_ID || !self.id.bytes().all(allowed) {
            let fault = "must have 1 to 64 letters, digits, '-' and '_'";
            return Err(Error::invalid(format!("{field}.name"), fault));
        }
        if self.secret.len() < MIN_SECRET {
            let fault = format!("has {} bytes; a secret needs at least 16", self.secret.len());
            return Err(Error::invalid(format!("{field}.value"), fault));
        }
        Ok(())
    }

    /// The text of the variable.
    pub(crate) fn seal(&self, seal: &Seal, bucket: &str, key: &str) -> String {
        let nonce = URL_SAFE_NO_PAD.encode(seal.nonce);
        let mac = self.mac(&nonce, seal.expires_at, bucket, key).finalize().into_bytes();
        let mac = URL_SAFE_NO_PAD.encode(mac);
        format!("{VERSION}.{}.{}.{nonce}.{mac}", self.id, seal.expires_at)
    }

    /// Over each value with its length, so that no two lists of values make the same text.
    fn mac(&self, nonce: &str, expires_at: u64, bucket: &str, key: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes())
            .expect("HMAC takes keys of any length");
        for value in ["ossbind-seal", VERSION, self.id, nonce, &expires_at.to_string(), bucket, key]
        {
            mac.update(format!("{}:{value}\n", value.len()).as_bytes());
        }
        mac
    }
}

/// The text of a seal, read but not checked.
#[cfg(any(feature = "verify", test))]
pub(crate) struct SealText<'a> {
    pub(crate) key_id: &'a str,
    nonce: &'a str,
    mac: Vec<u8>,
    seal: Seal,
}

#[cfg(any(feature = "verify", test))]
impl<'a> SealText<'a> {
    /// None for what is not a seal of this version.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut pieces = text.split('.');
        let mut piece = || pieces.next();
        let (version, key_id, expires_at, nonce, mac) =
            (piece()?, piece()?, piece()?, piece()?, piece()?);
        if version != VERSION || pieces.next().is_some() {
            return None;
        }
        let seal = Seal {
            nonce: URL_SAFE_NO_PAD.decode(nonce).ok()?.try_into().ok()?,
            expires_at: expires_at.parse().ok()?,
        };
        // One text for each seal: no sign, no zeros in front.
        let is_plain = seal.expires_at.to_string() == expires_at;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        is_plain.then_some(Self { key_id, nonce, mac, seal })
    }

    /// What it says, if this key has made it for this object. Takes the same time whatever is wrong.
    pub(crate) fn check(&self, key: &SealKey<'_>, bucket: &str, object: &str) -> Option<Seal> {
        let mac = key.mac(self.nonce, self.seal.expires_at, bucket, object);
        mac.verify_slice(&self.mac).ok().map(|()| self.seal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: SealKey<'_> = SealKey { id: "camera-7", secret: "0123456789abcdef" };
    const SEAL: Seal = Seal { nonce: [7; NONCE_LEN], expires_at: 1_700_000_000 };

    #[test]
    fn only_the_same_key_and_object_fit() {
        let text = KEY.seal(&SEAL, "bucket", "a/b.jpg");
        let read = SealText::parse(&text).unwrap();
        assert_eq!(read.key_id, "camera-7");
        assert_eq!(read.check(&KEY, "bucket", "a/b.jpg"), Some(SEAL));
        assert_eq!(read.check(&KEY, "bucket", "a/c.jpg"), None);
        assert_eq!(read.check(&KEY, "buckets", "/b.jpg"), None);
        let other = SealKey { secret: "0123456789abcdeg", ..KEY };
        assert_eq!(read.check(&other, "bucket", "a/b.jpg"), None);
    }

    #[test]
    fn each_changed_byte_is_found() {
        let text = KEY.seal(&SEAL, "bucket", "key");
        for index in 0..text.len() {
            for replacement in ["A", "1", ".", "-", ""] {
                let mut changed = text.clone();
                changed.replace_range(index..=index, replacement);
                let genuine = SealText::parse(&changed)
                    .filter(|read| read.key_id == KEY.id)
                    .and_then(|read| read.check(&KEY, "bucket", "key"));
                assert_eq!(genuine.is_some(), changed == text, "{changed}");
            }
        }
    }

    #[test]
    fn weak_keys_are_refused() {
        for (id, secret, field) in [
            ("", "0123456789abcdef", "seal.name"),
            ("a.b", "0123456789abcdef", "seal.name"),
            ("a", "0123456789abcde", "seal.value"),
        ] {
            let error = SealKey { id, secret }.check("seal").unwrap_err();
            assert_eq!(error.field(), Some(field));
        }
        KEY.check("seal").unwrap();
    }
}
