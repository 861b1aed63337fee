//! Where credentials come from: the trait that every kind of source implements.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Credentials, FIELDS, usable};
use crate::error::{Error, Result, Status};
use crate::time::Timestamp;
use crate::wait::CancelToken;

/// Fetches credentials. A [`CredentialSource`](super::CredentialSource) calls it when credentials
/// are needed or about to expire, never twice at the same time.
pub trait Provider: Send + Sync {
    /// Names the provider in messages, for example "the OIDC role acs:ram::1:role/r".
    fn describe(&self) -> String;

    /// Gets credentials. It should end when `limits` are over; when it does not, only its own
    /// thread waits.
    fn fetch(&self, limits: &Limits) -> Result<Fetched>;

    /// Whether fetching can take time, and so needs a thread of its own.
    fn may_block(&self) -> bool {
        true
    }
}

/// Credentials as a provider gives them.
#[derive(Debug)]
pub struct Fetched {
    /// The keys.
    pub credentials: Arc<Credentials>,
    /// How long they are good for.
    pub expiration: Expiration,
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

    /// Id, secret and token out of texts from elsewhere; the fault names the text that is wrong.
    pub(super) fn from_texts(
        who: &str,
        texts: [Option<impl AsRef<str>>; 3],
        expiration: Expiration,
    ) -> Result<Self> {
        let credentials = usable(who, Credentials::named(FIELDS, texts))?;
        Ok(Self { credentials: Arc::new(credentials), expiration })
    }
}

/// Keys that never change.
pub(super) struct Fixed {
    credentials: Arc<Credentials>,
    /// Their name in messages.
    whence: String,
}

impl Fixed {
    pub(super) fn new(credentials: Credentials, whence: String) -> Self {
        Self { credentials: Arc::new(credentials), whence }
    }
}

impl Provider for Fixed {
    fn describe(&self) -> String {
        self.whence.clone()
    }

    fn fetch(&self, _limits: &Limits) -> Result<Fetched> {
        let credentials = Arc::clone(&self.credentials);
        Ok(Fetched { credentials, expiration: Expiration::Never })
    }

    fn may_block(&self) -> bool {
        false
    }
}

/// How long credentials are good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiration {
    /// As long as the service takes them.
    Never,
    /// From now on. Right whatever the clock of the device says.
    After(Duration),
    /// Until a moment.
    At {
        /// The moment.
        moment: Timestamp,
        /// What the clock of the server that gave them says now. Else that of the device counts.
        server_time: Option<Timestamp>,
    },
}

/// When a fetch has to end.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The moment.
    pub deadline: Instant,
    /// Cancelled when nobody wants the credentials any more: the client was freed.
    pub cancel: CancelToken,
}

impl Limits {
    /// Time that is left; zero when the fetch has to end.
    pub fn remaining(&self) -> Duration {
        match self.cancel.is_cancelled() {
            true => Duration::ZERO,
            false => self.deadline.saturating_duration_since(Instant::now()),
        }
    }

    /// The same, but not longer than `limit` from now.
    pub(super) fn within(&self, limit: Duration) -> Self {
        let deadline = self.deadline.min(Instant::now() + limit);
        Self { deadline, cancel: self.cancel.clone() }
    }

    /// Fails when the fetch has to end.
    pub(super) fn check(&self, who: &str) -> Result<()> {
        if self.cancel.is_cancelled() {
            return Err(unusable(format!("{who}: was stopped, for the client was freed")));
        }
        if self.remaining().is_zero() {
            return Err(unusable(format!("{who}: gave no credentials in time")));
        }
        Ok(())
    }
}

/// There are no credentials to be had.
pub(super) fn unusable(message: impl Into<String>) -> Error {
    Error::new(Status::Credentials, message)
}
