//! The RAM role of an ECS instance, from its metadata service (spec: credentials.md 4).

use std::time::Duration;

use super::document::KeyDocument;
use super::environment::Environment;
use super::provider::{Fetched, Limits, Provider, unusable};
use super::server::{Answer, KeyServer, Question, direct};
use crate::error::Result;
use crate::text::quoted;

const METADATA: &str = "http://100.100.100.200";
const ROLES: &str = "/latest/meta-data/ram/security-credentials/";
const TIMEOUT: Duration = Duration::from_secs(1);
/// Seconds that the session token of the metadata service lives; each fetch gets a new one.
const TOKEN_LIFE: &str = "21600";
/// More than any session token has.
const MAX_TOKEN: usize = 1024;
const MAX_ROLE_NAME: usize = 64;

const WHO: &str = "the RAM role of this ECS instance";

/// How to ask the metadata service.
#[derive(Debug, Clone, Default)]
pub struct EcsOptions {
    /// Name of the role; else the service is asked for it.
    pub role: Option<String>,
    /// Only with a session token (hardened mode), also when the service grants none.
    pub hardened_only: bool,
    /// Other address of the metadata service, for tests: `http://127.0.0.1:9000`.
    pub endpoint: Option<String>,
}

/// Temporary keys of the role that is attached to the ECS instance.
pub struct EcsRamRole {
    options: EcsOptions,
    server: KeyServer,
}

impl EcsRamRole {
    /// Nothing is asked yet.
    pub fn new(mut options: EcsOptions) -> Result<Self> {
        options.role = options.role.filter(|name| !name.is_empty());
        options.role.as_deref().map_or(Ok(()), check_role)?;
        Ok(Self { options, server: KeyServer::new(WHO, &direct(), TIMEOUT, TIMEOUT)? })
    }

    /// `ALIBABA_CLOUD_ECS_METADATA` (the role), `ALIBABA_CLOUD_IMDSV1_DISABLED`. None when
    /// `ALIBABA_CLOUD_ECS_METADATA_DISABLED` is `true`.
    pub fn from_environment(environment: &Environment<'_>) -> Result<Option<Self>> {
        if environment.flag("ALIBABA_CLOUD_ECS_METADATA_DISABLED")? {
            return Ok(None);
        }
        let options = EcsOptions {
            role: environment.text("ALIBABA_CLOUD_ECS_METADATA")?,
            hardened_only: environment.flag("ALIBABA_CLOUD_IMDSV1_DISABLED")?,
            endpoint: None,
        };
        Self::new(options).map(Some)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.options.endpoint.as_deref().unwrap_or(METADATA))
    }

    /// The session token of the hardened mode; None when the service has no such mode.
    fn token(&self, limits: &Limits) -> Result<Option<String>> {
        let question = Question {
            method: "PUT",
            url: &self.url("/latest/api/token"),
            headers: &[("x-aliyun-ecs-metadata-token-ttl-seconds", TOKEN_LIFE)],
            body: &[],
        };
        let answer = match self.server.ask(&question, limits) {
            Err(_) if !self.options.hardened_only => return Ok(None),
            Ok(Answer { status: 400..=499, .. }) if !self.options.hardened_only => return Ok(None),
            outcome => outcome?.expect_ok()?,
        };
        // It becomes a header.
        let is_token = |text: &&str| {
            (1..=MAX_TOKEN).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
        };
        match answer.text().filter(is_token) {
            Some(token) => Ok(Some(token.to_owned())),
            None => Err(unusable(format!(
                "{WHO}: {} was answered with something that is no session token",
                answer.question
            ))),
        }
    }

    fn get(&self, path: &str, token: Option<&str>, limits: &Limits) -> Result<Answer> {
        let headers = token.map(|token| ("x-aliyun-ecs-metadata-token", token));
        let question = Question {
            method: "GET",
            url: &self.url(path),
            headers: headers.as_slice(),
            body: &[],
        };
        let answer = self.server.ask(&question, limits)?;
        match (answer.status, &self.options.role) {
            (404, None) => {
                Err(unusable(format!("{WHO}: no role is attached to it (404); attach one")))
            }
            (404, Some(role)) => Err(unusable(format!(
                "{WHO}: has no role {} (404); correct its name, or leave it out",
                quoted(role)
            ))),
            _ => answer.expect_ok(),
        }
    }

    fn role(&self, token: Option<&str>, limits: &Limits) -> Result<String> {
        if let Some(role) = &self.options.role {
            return Ok(role.clone());
        }
        let answer = self.get(ROLES, token, limits)?;
        let name = answer.text().unwrap_or_default();
        check_role(name)?;
        Ok(name.to_owned())
    }
}

impl Provider for EcsRamRole {
    fn describe(&self) -> String {
        format!("{WHO} ({})", self.url(""))
    }

    fn fetch(&self, limits: &Limits) -> Result<Fetched> {
        let token = self.token(limits)?;
        let role = self.role(token.as_deref(), limits)?;
        let answer = self.get(&format!("{ROLES}{role}"), token.as_deref(), limits)?;
        let keys: KeyDocument = answer.parse()?;
        match keys.code.as_deref() {
            Some("Success") => answer.fetched(keys),
            code => {
                let code = quoted(code.unwrap_or_default());
                Err(unusable(format!("{WHO}: the answer has Code {code} instead of \"Success\"")))
            }
        }
    }
}

impl Answer {
    /// The body as one line of text.
    fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.body).ok().map(str::trim)
    }
}

/// It becomes a part of a path.
fn check_role(name: &str) -> Result<()> {
    let is_sound = (1..=MAX_ROLE_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        && !name.starts_with('.');
    match is_sound {
        true => Ok(()),
        false => Err(unusable(format!(
            "{WHO}: {} is no name of a role: it has 1 to {MAX_ROLE_NAME} letters, digits, '.', \
             '_' or '-', and does not begin with '.'",
            quoted(name)
        ))),
    }
}
