//! Access keys: where they come from, how they are kept, and when they are asked for again.
//!
//! A [`Provider`] fetches, a [`CredentialSource`] decides when. `docs/credentials.md` tells it to
//! users.

mod chain;
mod document;
mod ecs;
mod environment;
mod file;
mod function;
mod life;
mod oidc;
mod process;
mod profile;
mod provider;
mod renewal;
mod server;
mod source;
mod uri;

use std::fmt;
use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::error::{Error, Result, Status};
use crate::signing::v4::{Scope, SigningKey};

pub use chain::DefaultChain;
pub use ecs::{EcsOptions, EcsRamRole};
pub use environment::Environment;
pub(crate) use environment::variable;
pub use function::Function;
pub use oidc::{OidcOptions, OidcRole};
pub use process::Process;
pub use profile::{CliProfile, IniProfile};
pub use provider::{Expiration, Fetched, Limits, Provider};
pub use source::{CredentialSource, Lease, Wait, is_token_refusal};
pub use uri::CredentialsUri;

/// The names of the parts of credentials: id, secret and token.
const FIELDS: [&str; 3] = ["access_key_id", "access_key_secret", "security_token"];

/// An access key pair, with a security token when it is temporary (STS).
///
/// The secrets are wiped when the value is dropped, and never printed.
pub struct Credentials {
    access_key_id: String,
    secret: Zeroizing<String>,
    token: Option<Zeroizing<String>>,
    /// The signing key of the last scope: it changes once a day (spec: signing-v4.md 4).
    derived: Mutex<Option<(Scope, SigningKey)>>,
}

impl Credentials {
    /// Takes a key pair, and for temporary keys the token. An empty token is the same as none.
    pub fn new(access_key_id: &str, secret: &str, token: Option<&str>) -> Result<Self> {
        Self::named(FIELDS, [Some(access_key_id), Some(secret), token])
    }

    /// The same from texts of other names, with which faults are told. A missing one is empty.
    fn named(names: [&str; 3], texts: [Option<impl AsRef<str>>; 3]) -> Result<Self> {
        let [id, secret, token] = texts.each_ref().map(|text| match text {
            Some(text) => text.as_ref(),
            None => "",
        });
        check(names[0], id)?;
        check(names[1], secret)?;
        let token = Some(token).filter(|text| !text.is_empty());
        token.map_or(Ok(()), |text| check(names[2], text))?;
        Ok(Self {
            access_key_id: id.to_owned(),
            secret: Zeroizing::new(secret.to_owned()),
            token: token.map(|text| Zeroizing::new(text.to_owned())),
            derived: Mutex::new(None),
        })
    }

    /// The id, which is not a secret.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_ref().map(|token| token.as_str())
    }

    fn has_same_keys(&self, other: &Self) -> bool {
        self.access_key_id == other.access_key_id
            && self.secret == other.secret
            && self.token == other.token
    }

    /// The signing key for `scope`; derived again only when the scope changes.
    pub(crate) fn signing_key(&self, scope: &Scope) -> SigningKey {
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        match &*derived {
            Some((known, key)) if known == scope => key.clone(),
            _ => {
                let key = SigningKey::derive(&self.secret, scope);
                *derived = Some((scope.clone(), key.clone()));
                key
            }
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id: String = self.access_key_id.chars().take(6).collect();
        f.debug_struct("Credentials")
            .field("access_key_id", &format_args!("{id}…"))
            .field("temporary", &self.token.is_some())
            .finish_non_exhaustive()
    }
}

/// Keys are visible ASCII. A stray line break from a key file is the usual fault, and would be a
/// signature that never fits.
fn check(field: &str, text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(Error::invalid(field, "is empty"));
    }
    match text.bytes().position(|byte| !byte.is_ascii_graphic()) {
        Some(at) => {
            let fault = format!(
                "has a space, line break or other invisible character at byte {at}; it must be \
                 exactly the text that the console shows"
            );
            Err(Error::invalid(field, fault).with_offset(Some(at)))
        }
        None => Ok(()),
    }
}

/// Tells of a fault in keys from elsewhere, and where they are from.
fn usable<T>(whose: &str, outcome: Result<T>) -> Result<T> {
    outcome.map_err(|error| {
        let message = format!("{whose}: {}", error.message());
        let field = error.field().unwrap_or_default();
        Error::new(Status::Credentials, message).with_field(field).with_offset(error.offset())
    })
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn debug_shows_neither_secret_nor_token() {
        let credentials = Credentials::new("LTAI5tExample", "s3cr3t", Some("t0k3n")).unwrap();
        let text = format!("{credentials:?}");
        assert!(text.contains("LTAI5t…"), "{text}");
        assert!(!text.contains("s3cr3t") && !text.contains("t0k3n"), "{text}");
    }

    #[test]
    fn faults_name_the_field_and_never_the_value() {
        let error = Credentials::new("id", "secret\n", None).unwrap_err();
        assert_eq!(error.field(), Some("access_key_secret"));
        assert_eq!(error.offset(), Some(6));
        assert!(!error.message().contains("secret\\n"), "{error}");
    }

    #[test]
    fn signing_key_follows_the_scope() {
        let credentials = Credentials::new("ak", "sk", None).unwrap();
        let scope = |date: &str| Scope {
            date: date.into(),
            region: "cn-hangzhou".into(),
            product: "oss".into(),
        };
        let first = credentials.signing_key(&scope("20231216")).sign("text");
        assert_eq!(first, credentials.signing_key(&scope("20231216")).sign("text"));
        let next_day = credentials.signing_key(&scope("20231217")).sign("text");
        assert_ne!(first, next_day);
        assert_eq!(next_day, SigningKey::derive("sk", &scope("20231217")).sign("text"));
    }
}
