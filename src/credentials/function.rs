//! Credentials from a function of the program.

use std::sync::Arc;
use std::time::Duration;

use super::provider::{Expiration, Fetched, Limits, Provider, unusable};
use super::{Credentials, usable};
use crate::error::Result;

type Fetch = dyn Fn(&Limits) -> Result<Fetched> + Send + Sync;

/// Asks a function of the program.
pub struct Function(Box<Fetch>);

impl Function {
    /// The function runs on a thread of its own, one call at a time.
    pub fn new(fetch: impl Fn(&Limits) -> Result<Fetched> + Send + Sync + 'static) -> Self {
        Self(Box::new(fetch))
    }
}

impl Provider for Function {
    fn describe(&self) -> String {
        "the credentials function of the program".to_owned()
    }

    fn fetch(&self, limits: &Limits) -> Result<Fetched> {
        (self.0)(limits)
    }
}

/// Takes copies of what a function gives, so that neither side frees memory of the other.
#[derive(Debug, Default)]
pub struct CredentialsSink {
    given: Option<Fetched>,
}

impl CredentialsSink {
    /// Takes a key pair, for temporary keys with the token. The last call counts. After a refused
    /// one there is nothing in the sink.
    pub fn set(
        &mut self,
        access_key_id: &str,
        secret: &str,
        token: Option<&str>,
        expiration: Expiration,
    ) -> Result<()> {
        self.given = None;
        let credentials = Arc::new(Credentials::new(access_key_id, secret, token)?);
        self.given = Some(Fetched { credentials, expiration });
        Ok(())
    }

    /// What was given.
    pub fn into_fetched(self) -> Result<Fetched> {
        self.given.ok_or_else(|| {
            unusable(
                "the credentials function of the program returned without giving credentials; \
                 it has to set them, or to return a failure",
            )
        })
    }
}

impl From<Credentials> for Fetched {
    /// Credentials that do not expire.
    fn from(credentials: Credentials) -> Self {
        Self { credentials: Arc::new(credentials), expiration: Expiration::Never }
    }
}

impl Fetched {
    /// The same credentials, good for `life` from now on.
    pub fn for_duration(self, life: Duration) -> Self {
        Self { expiration: Expiration::After(life), ..self }
    }

    /// Credentials out of texts from elsewhere; the fault names the text that is wrong.
    pub(super) fn from_texts(
        who: &str,
        texts: [Option<&str>; 3],
        expiration: Expiration,
    ) -> Result<Self> {
        let [id, secret, token] = texts;
        let credentials =
            usable(who, Credentials::new(id.unwrap_or(""), secret.unwrap_or(""), token))?;
        Ok(Self { credentials: Arc::new(credentials), expiration })
    }
}
