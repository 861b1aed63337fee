//! Credentials from a URI (spec: credentials.md 6).

use std::time::Duration;

use super::document::{self, KeyDocument, Kind};
use super::environment::Environment;
use super::provider::{Fetched, Limits, Provider, unusable};
use super::question::{Messenger, NetworkOptions, Question};
use crate::error::Result;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);
const NAME: &str = "ALIBABA_CLOUD_CREDENTIALS_URI";
const WHO: &str = "the credentials URI";

/// Keys that a server near by gives, without any proxy.
pub struct CredentialsUri {
    url: String,
    messenger: Messenger,
}

impl CredentialsUri {
    /// `url` begins with `http://` or `https://`.
    pub fn new(url: &str) -> Result<Self> {
        let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
        let authority = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
        let is_sound = authority.is_some_and(|text| !text.is_empty() && !text.contains('@'))
            && url.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_sound {
            return Err(unusable(format!(
                "{WHO} ({NAME}): is not of the form http://host[:port]/path, without user and \
                 password, spaces and non-ASCII characters"
            )));
        }
        let messenger = Messenger::new(&NetworkOptions::direct(), CONNECT_TIMEOUT, IDLE_TIMEOUT)?;
        Ok(Self { url: url.to_owned(), messenger })
    }

    /// `ALIBABA_CLOUD_CREDENTIALS_URI`. None when it is not set.
    pub fn from_environment(environment: &Environment<'_>) -> Result<Option<Self>> {
        environment.get(NAME)?.map(|url| Self::new(&url)).transpose()
    }

    fn question(&self) -> Question<'_> {
        Question { method: "GET", url: &self.url, headers: &[], body: &[] }
    }
}

impl Provider for CredentialsUri {
    fn describe(&self) -> String {
        format!("{WHO} {}", self.question().place())
    }

    fn fetch(&self, limits: &Limits) -> Result<Fetched> {
        let question = self.question();
        let answer = self.messenger.ask(WHO, &question, limits).map_err(|silence| silence.error)?;
        let answer = answer.expect_ok(WHO, &question)?;
        let keys: KeyDocument = document::parse(&answer.body).map_err(|fault| {
            unusable(format!("{WHO}: the answer of {} has {fault}", question.place()))
        })?;
        keys.into_fetched(WHO, Kind::Temporary, answer.server_time)
    }
}
