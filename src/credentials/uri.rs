//! Credentials from a URI (spec: credentials.md 6).

use std::time::Duration;

use super::environment::Environment;
use super::provider::{Fetched, Limits, Provider, unusable};
use super::server::{KeyServer, Question, direct, without_query};
use crate::error::Result;
use crate::url::split_authority;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);
const NAME: &str = "ALIBABA_CLOUD_CREDENTIALS_URI";
const WHO: &str = "the credentials URI";

/// Keys that a server near by gives, without any proxy.
pub struct CredentialsUri {
    url: String,
    server: KeyServer,
}

impl CredentialsUri {
    /// `url` begins with `http://` or `https://`.
    pub fn new(url: &str) -> Result<Self> {
        let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
        let authority = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
        // What is not a port would be passed over, and the question go to another server.
        let host = authority.filter(|text| !text.contains('@')).map(split_authority);
        let is_sound = host.is_some_and(|host| host.is_ok_and(|(name, _)| !name.is_empty()))
            && url.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_sound {
            return Err(unusable(format!(
                "{WHO} ({NAME}): is not of the form http://host[:port]/path, without user and \
                 password, spaces and non-ASCII characters"
            )));
        }
        let server = KeyServer::new(WHO, &direct(), CONNECT_TIMEOUT, IDLE_TIMEOUT)?;
        Ok(Self { url: url.to_owned(), server })
    }

    /// `ALIBABA_CLOUD_CREDENTIALS_URI`. None when it is not set.
    pub fn from_environment(environment: &Environment<'_>) -> Result<Option<Self>> {
        environment.get(NAME)?.map(|url| Self::new(&url)).transpose()
    }
}

impl Provider for CredentialsUri {
    fn describe(&self) -> String {
        format!("{WHO} {}", without_query(&self.url))
    }

    fn fetch(&self, limits: &Limits) -> Result<Fetched> {
        let question = Question { method: "GET", url: &self.url, headers: &[], body: &[] };
        let answer = self.server.ask(&question, limits)?.expect_ok()?;
        answer.fetched(answer.parse()?)
    }
}
