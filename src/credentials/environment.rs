//! Credentials from the environment (spec: credentials.md 1).

use super::Credentials;
use crate::error::{Error, Result, Status};

const ID: &str = "OSS_ACCESS_KEY_ID";
const SECRET: &str = "OSS_ACCESS_KEY_SECRET";
const TOKEN: &str = "OSS_SESSION_TOKEN";

impl Credentials {
    /// `OSS_ACCESS_KEY_ID`, `OSS_ACCESS_KEY_SECRET` and, for temporary keys, `OSS_SESSION_TOKEN`.
    pub fn from_environment() -> Result<Self> {
        let required = |name: &str| {
            variable(name)?.ok_or_else(|| {
                let message = format!(
                    "{name} is not set in the environment, and the configuration gives no keys; \
                     set {ID} and {SECRET}, or access_key_id and access_key_secret"
                );
                Error::new(Status::Credentials, message).with_field(name)
            })
        };
        let (id, secret) = (required(ID)?, required(SECRET)?);
        let rename = |error: Error| match error.field() {
            Some("access_key_id") => renamed(&error, ID),
            Some("access_key_secret") => renamed(&error, SECRET),
            _ => renamed(&error, TOKEN),
        };
        let token = variable(TOKEN)?;
        Self::new(&id, &secret, token.as_ref().map(|text| text.as_str())).map_err(rename)
    }
}

/// A variable of the environment; empty is the same as not set.
pub(crate) fn variable(name: &str) -> Result<Option<zeroize::Zeroizing<String>>> {
    match std::env::var_os(name).map(|text| text.into_string()) {
        None => Ok(None),
        Some(Ok(text)) if text.is_empty() => Ok(None),
        Some(Ok(text)) => Ok(Some(zeroize::Zeroizing::new(text))),
        Some(Err(_)) => {
            let message = format!("environment variable {name}: is not UTF-8");
            Err(Error::new(Status::InvalidArgument, message).with_field(name))
        }
    }
}

/// The same fault, told of the variable instead of the field.
fn renamed(error: &Error, variable: &str) -> Error {
    let fault = error.message().split_once(": ").map_or(error.message(), |(_, fault)| fault);
    let message = format!("environment variable {variable}: {fault}");
    Error::new(Status::Credentials, message).with_field(variable).with_offset(error.offset())
}
