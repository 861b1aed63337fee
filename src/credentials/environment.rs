//! Credentials from the environment (spec: credentials.md 1, 6).

use std::ffi::OsString;

use zeroize::Zeroizing;

use super::provider::unusable;
use super::{Credentials, usable};
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

/// The names of three variables that belong together: id, secret and token.
pub(super) type Names = [&'static str; 3];

pub(super) const OSS: Names = ["OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"];
pub(super) const ALIBABA_CLOUD: Names = [
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "ALIBABA_CLOUD_SECURITY_TOKEN",
];

impl Credentials {
    /// `OSS_ACCESS_KEY_ID`, `OSS_ACCESS_KEY_SECRET` and, for temporary keys, `OSS_SESSION_TOKEN`.
    pub fn from_environment() -> Result<Self> {
        keys(&Environment::of_process(), OSS)?.ok_or_else(|| {
            let [id, secret, _] = OSS;
            let message = format!(
                "{id} is not set in the environment, and the configuration gives no keys; \
                 set {id} and {secret}, or access_key_id and access_key_secret"
            );
            unusable(message).with_field(id)
        })
    }
}

/// None when neither id nor secret is set. One alone is a mistake, and not to be passed over: the
/// next provider would be somebody else.
pub(super) fn keys(environment: &Environment<'_>, names: Names) -> Result<Option<Credentials>> {
    let missing = |name: &str, other: &str| {
        let message =
            format!("{name} is not set in the environment, but {other} is; set both or none");
        Err(unusable(message).with_field(name))
    };
    let [id, secret, token] = names;
    match (environment.get(id)?, environment.get(secret)?, environment.get(token)?) {
        (None, None, _) => Ok(None),
        (None, Some(_), _) => missing(id, secret),
        (Some(_), None, _) => missing(secret, id),
        (Some(id), Some(secret), token) => {
            let texts = [Some(id), Some(secret), token];
            usable("the environment", Credentials::named(names, texts)).map(Some)
        }
    }
}
