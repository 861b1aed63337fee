//! Credentials from a function of the program.

use std::sync::Arc;

use super::Credentials;
use super::provider::{Expiration, Fetched, Limits, Provider, unusable};
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
