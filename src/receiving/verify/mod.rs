//! Whether a request is a callback of OSS (spec: callback-verification.md).

mod der;
mod fetch;
mod fields;
mod key_urls;
mod keys;
mod modular;
mod nonces;
mod rsa;
mod signed_text;
mod test_key;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use key_urls::KeyUrls;
use keys::Keys;
use nonces::{Age, Nonces};
pub use test_key::test_callback;

use super::{ReceivedCallback, ReceivedRequest, Refused, VerifierConfig};
use crate::error::{Error, Result, Status};
use crate::seal::{SealKey, SealText};
use crate::text::quoted;
use crate::time::Timestamp;

const SIGNATURE: &str = "authorization";
const KEY_URL: &str = "x-oss-pub-key-url";
const SIGNATURE_VERSION: &str = "x-oss-signature-version";
const CONTENT_TYPE: &str = "content-type";
const REQUEST_ID: &str = "x-oss-request-id";
const BUCKET: &str = "x-oss-bucket";
/// Headers that the verdict depends on.
const SINGLE: [&str; 6] = [SIGNATURE, KEY_URL, SIGNATURE_VERSION, CONTENT_TYPE, REQUEST_ID, BUCKET];
/// Seals that are remembered by default: 3 MiB.
const DEFAULT_MAX_SEALS: usize = 65_536;

/// Ids and secrets, in the order of the ids.
type SealKeys = Vec<(String, zeroize::Zeroizing<String>)>;

/// Verifies callbacks. Threads may use it at the same time.
pub struct Verifier {
    keys: Keys,
    seal_keys: SealKeys,
    nonces: Mutex<Nonces>,
}

impl Verifier {
    /// Checks the configuration. Nothing is fetched.
    pub fn new(config: VerifierConfig<'_>) -> Result<Self> {
        let fetch = match config.fetch {
            Some(fetch) => fetch,
            None => fetch::by_http(config.tls, config.proxy)?,
        };
        let mut given = config.keys.to_vec();
        if config.accept_test_key {
            given.push((test_key::URL, test_key::PUBLIC_PEM));
        }
        let max_seals = match config.max_seals {
            0 => DEFAULT_MAX_SEALS,
            given => given,
        };
        Ok(Self {
            keys: Keys::new(KeyUrls::new(config.key_urls)?, &given, fetch)?,
            seal_keys: seal_keys(config.seal_keys)?,
            nonces: Mutex::new(Nonces::new(max_seals, config.seal_keys.len())),
        })
    }

    /// Whether this request is a callback that OSS has sent, and what it says.
    pub fn check(
        &self,
        request: &ReceivedRequest<'_>,
    ) -> std::result::Result<ReceivedCallback, Refused> {
        self.check_at(request, Timestamp::of_device().0)
    }

    fn check_at(
        &self,
        request: &ReceivedRequest<'_>,
        now: u64,
    ) -> std::result::Result<ReceivedCallback, Refused> {
        self.check_signature(request)?;
        let content_type = request.header(CONTENT_TYPE).unwrap_or_default();
        let callback = ReceivedCallback {
            fields: fields::read(content_type, request.body)?,
            request_id: request.header(REQUEST_ID).map(str::to_owned),
        };
        match self.check_seal(&callback, request.header(BUCKET).unwrap_or_default(), now) {
            Ok(()) => Ok(callback),
            Err(error) if error.status() == Status::Replayed => {
                Err(Refused { error, callback: Some(callback) })
            }
            Err(error) => Err(error.into()),
        }
    }

    fn check_signature(&self, request: &ReceivedRequest<'_>) -> Result<()> {
        let (signature, url) = request.signature()?;
        let key = self.keys.get(&url)?;
        let digest = signed_text::digest(request.target, request.body);
        let signed = key.signed_digest(&signature);
        if signed == Some(digest) {
            return Ok(());
        }
        let newer = self.keys.renewed(&url, &key);
        match newer.is_some_and(|newer| newer.signed_digest(&signature) == Some(digest)) {
            true => Ok(()),
            false => Err(signature_wrong(request, signed)),
        }
    }

    /// Without keys of seals there is nothing to check.
    fn check_seal(&self, callback: &ReceivedCallback, bucket: &str, now: u64) -> Result<()> {
        if self.seal_keys.is_empty() {
            return Ok(());
        }
        let wrong = |fault: String| Error::new(Status::SealWrong, format!("seal: {fault}"));
        let field = |name| {
            callback.field(name).ok_or_else(|| {
                wrong(format!(
                    "the callback has no field {name}; its body must have object=${{object}} \
                               and seal=${{x:seal}}"
                ))
            })
        };
        let (text, object) = (field("seal")?, field("object")?);
        let text = SealText::parse(text)
            .ok_or_else(|| wrong("it is not of the form that ossbind_seal() makes".to_owned()))?;
        let number = self
            .seal_keys
            .binary_search_by_key(&text.key_id, |(id, _)| id.as_str())
            .map_err(|_| wrong(format!("the verifier has no key {}", quoted(text.key_id))))?;
        let (id, secret) = &self.seal_keys[number];
        let seal = text.check(&SealKey { id, secret }, bucket, object).ok_or_else(|| {
            wrong("it was made for another object, with another secret, or was changed".to_owned())
        })?;
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        match nonces.note(number, &seal, now) {
            Age::New => Ok(()),
            Age::Expired => Err(too_old(format!(
                "it expired at {} (seconds since 1970), and now it is {now}",
                seal.expires_at
            ))),
            Age::Forgotten => Err(too_old(
                "it has not expired, but the verifier no longer knows whether it came before; raise max_seals, \
                 or let seals last for less (lifetime_s), unless the clock was put back"
                    .to_owned(),
            )),
            Age::Replayed => Err(Error::new(
                Status::Replayed,
                "seal: this callback came before; answer as then, or refuse it, but do not count it again",
            )),
        }
    }
}

fn too_old(reason: String) -> Error {
    Error::new(Status::TooOld, format!("seal: {reason}"))
}

/// Checked, in the order of their ids.
fn seal_keys(given: &[(&str, &str)]) -> Result<SealKeys> {
    let mut names = HashSet::new();
    for (index, (id, secret)) in given.iter().enumerate() {
        let field = format!("seal_keys[{index}]");
        SealKey { id, secret }.check(&field)?;
        if !names.insert(id) {
            let fault =
                format!("{} is the name of two secrets; give each one of its own", quoted(id));
            return Err(Error::invalid(format!("{field}.name"), fault));
        }
    }
    let owned = |(id, secret): &(&str, &str)| ((*id).to_owned(), (*secret).to_owned().into());
    let mut keys: SealKeys = given.iter().map(owned).collect();
    keys.sort_unstable_by(|(id, _), (other, _)| id.cmp(other));
    Ok(keys)
}

impl ReceivedRequest<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }

    /// The signature and the URL of the key, of a request that can be a callback.
    fn signature(&self) -> Result<(Vec<u8>, String)> {
        let malformed = |fault: String| Error::new(Status::Malformed, fault);
        let twice = SINGLE.iter().find(|name| {
            self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).nth(1).is_some()
        });
        if let Some(name) = twice {
            return Err(malformed(format!("the header {name} is there twice; OSS sends it once")));
        }
        let wanted = |name: &str| {
            self.header(name).ok_or_else(|| {
                let message = format!("the header {name} is missing: this request is not of OSS");
                Error::new(Status::NotSigned, message)
            })
        };
        let (signature, url) = (wanted(SIGNATURE)?, wanted(KEY_URL)?);
        if self.method != "POST" {
            let message =
                format!("method: OSS calls back with POST, and not with {}", quoted(self.method));
            return Err(malformed(message));
        }
        if !self.target.starts_with('/') {
            let message = format!(
                "target: {} does not begin with '/'; pass path and query of the request \
                                   line",
                quoted(self.target)
            );
            return Err(malformed(message));
        }
        if signed_text::has_line_feed(self.target) {
            let fault = "target: its path has a line feed, so that it could hold the beginning of a body; \
                         OSS calls no such URL";
            return Err(malformed(fault.to_owned()));
        }
        // Requests of an older format have none.
        if let Some(version) = self.header(SIGNATURE_VERSION).filter(|version| *version != "1.0") {
            let message = format!(
                "{SIGNATURE_VERSION}: {} is not known; only 1.0 is published",
                quoted(version)
            );
            return Err(malformed(message));
        }
        let decoded = |name: &str, value: &str| {
            BASE64.decode(value).map_err(|_| malformed(format!("the header {name} is not Base64")))
        };
        let url = String::from_utf8(decoded(KEY_URL, url)?)
            .map_err(|_| malformed(format!("the URL in the header {KEY_URL} is not UTF-8")))?;
        Ok((decoded(SIGNATURE, signature)?, url))
    }
}

/// `signed` is what the key has signed, if it has signed anything.
fn signature_wrong(request: &ReceivedRequest<'_>, signed: Option<[u8; 16]>) -> Error {
    let reason = match signed {
        None => "it was not made with the key of OSS",
        Some(signed) => signed_text::usual_mistake(signed, request.target, request.body).unwrap_or(
            "OSS has signed another target or body: pass both as they came over the network; behind a \
             proxy that changes the path, the path and query of callbackUrl",
        ),
    };
    Error::new(Status::SignatureWrong, format!("the signature does not fit: {reason}"))
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("keys", &self.keys).finish_non_exhaustive()
    }
}
