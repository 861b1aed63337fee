//! Credentials from the environment (spec: credentials.md 1, 6).

use std::ffi::OsString;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::Credentials;
use super::provider::{Expiration, Fetched, Limits, Provider, unusable};
use crate::error::{Error, Result, Status};

type Lookup<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

/// Variables of an environment. Providers read it when they are made and never again: a C program
/// must not change its environment while another thread reads it.
pub struct Environment<'a>(&'a Lookup<'a>);

impl Environment<'static> {
    /// That of the process.
    pub fn of_process() -> Self {
        Self(&|name| std::env::var_os(name))
    }
}

impl<'a> Environment<'a> {
    /// Whatever `lookup` finds.
    pub fn new(lookup: &'a Lookup<'a>) -> Self {
        Self(lookup)
    }

    /// A variable; empty is the same as not set.
    pub(super) fn get(&self, name: &str) -> Result<Option<Zeroizing<String>>> {
        match (self.0)(name).map(OsString::into_string) {
            None => Ok(None),
            Some(Ok(text)) if text.is_empty() => Ok(None),
            Some(Ok(text)) => Ok(Some(Zeroizing::new(text))),
            Some(Err(_)) => {
                let message = format!("environment variable {name}: is not UTF-8");
                Err(Error::new(Status::InvalidArgument, message).with_field(name))
            }
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>> {
        Ok(self.get(name)?.map(|text| text.to_string()))
    }

    /// A path, which need not be UTF-8.
    pub(super) fn path(&self, name: &str) -> Option<std::path::PathBuf> {
        (self.0)(name).filter(|text| !text.is_empty()).map(Into::into)
    }

    /// Whether a switch is on.
    pub(super) fn flag(&self, name: &str) -> Result<bool> {
        Ok(self.get(name)?.is_some_and(|text| text.eq_ignore_ascii_case("true")))
    }
}

/// A variable of the process; empty is the same as not set.
pub(crate) fn variable(name: &str) -> Result<Option<Zeroizing<String>>> {
    Environment::of_process().get(name)
}

/// The names of three variables that belong together.
struct Names {
    id: &'static str,
    secret: &'static str,
    token: &'static str,
}

const OSS: Names =
    Names { id: "OSS_ACCESS_KEY_ID", secret: "OSS_ACCESS_KEY_SECRET", token: "OSS_SESSION_TOKEN" };
const ALIBABA_CLOUD: Names = Names {
    id: "ALIBABA_CLOUD_ACCESS_KEY_ID",
    secret: "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    token: "ALIBABA_CLOUD_SECURITY_TOKEN",
};

/// Keys that stood in the environment when this was made.
pub struct EnvironmentKeys {
    credentials: Arc<Credentials>,
    name: &'static str,
}

impl EnvironmentKeys {
    /// `OSS_ACCESS_KEY_ID`, `OSS_ACCESS_KEY_SECRET` and, for temporary keys, `OSS_SESSION_TOKEN`.
    /// None when neither id nor secret is set.
    pub fn oss(environment: &Environment<'_>) -> Result<Option<Self>> {
        Self::read(environment, &OSS)
    }

    /// `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and, for temporary keys,
    /// `ALIBABA_CLOUD_SECURITY_TOKEN`. None when neither id nor secret is set.
    pub fn alibaba_cloud(environment: &Environment<'_>) -> Result<Option<Self>> {
        Self::read(environment, &ALIBABA_CLOUD)
    }

    fn read(environment: &Environment<'_>, names: &Names) -> Result<Option<Self>> {
        let credentials = names.read(environment)?;
        Ok(credentials.map(|keys| Self { credentials: Arc::new(keys), name: names.id }))
    }
}

impl Provider for EnvironmentKeys {
    fn describe(&self) -> String {
        format!("the keys of the environment ({})", self.name)
    }

    fn fetch(&self, _limits: &Limits) -> Result<Fetched> {
        let credentials = Arc::clone(&self.credentials);
        Ok(Fetched { credentials, expiration: Expiration::Never })
    }

    fn may_block(&self) -> bool {
        false
    }
}

impl Credentials {
    /// `OSS_ACCESS_KEY_ID`, `OSS_ACCESS_KEY_SECRET` and, for temporary keys, `OSS_SESSION_TOKEN`.
    pub fn from_environment() -> Result<Self> {
        OSS.read(&Environment::of_process())?.ok_or_else(|| {
            let message = format!(
                "{0} is not set in the environment, and the configuration gives no keys; \
                 set {0} and {1}, or access_key_id and access_key_secret",
                OSS.id, OSS.secret
            );
            unusable(message).with_field(OSS.id)
        })
    }
}

impl Names {
    /// None when neither id nor secret is set. One alone is a mistake, and not to be passed over:
    /// the next provider would be somebody else.
    fn read(&self, environment: &Environment<'_>) -> Result<Option<Credentials>> {
        let missing = |name: &str, other: &str| {
            let message =
                format!("{name} is not set in the environment, but {other} is; set both or none");
            Err(unusable(message).with_field(name))
        };
        let (id, secret) = match (environment.get(self.id)?, environment.get(self.secret)?) {
            (None, None) => return Ok(None),
            (Some(id), Some(secret)) => (id, secret),
            (None, Some(_)) => return missing(self.id, self.secret),
            (Some(_), None) => return missing(self.secret, self.id),
        };
        let token = environment.get(self.token)?;
        let token = token.as_ref().map(|text| text.as_str());
        Credentials::new(&id, &secret, token).map(Some).map_err(|error| self.renamed(&error))
    }

    /// The same fault, told of the variable instead of the field.
    fn renamed(&self, error: &Error) -> Error {
        let name = match error.field() {
            Some("access_key_id") => self.id,
            Some("access_key_secret") => self.secret,
            _ => self.token,
        };
        let fault = error.message().split_once(": ").map_or(error.message(), |(_, fault)| fault);
        let message = format!("environment variable {name}: {fault}");
        unusable(message).with_field(name).with_offset(error.offset())
    }
}
