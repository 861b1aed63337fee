//! Profiles in the files of other tools (spec: credentials.md 6).

mod cli;
mod ini;

use std::path::PathBuf;

use super::environment::Environment;
use super::provider::unusable;
use crate::error::Result;
use crate::text::quoted;

pub use cli::CliProfile;
pub use ini::IniProfile;

/// More than any file with profiles.
const MAX_FILE: u64 = 256 * 1024;

/// A profile of a file. It is read for each fetch, so that changed keys are found.
struct Place {
    path: PathBuf,
    /// Else the one that the file says, or `default`.
    profile: Option<String>,
    /// The user named the file.
    is_named: bool,
}

impl Place {
    /// The file that `variable` names, else `default` in the home folder. None without both.
    fn from_environment(
        environment: &Environment<'_>,
        variable: &str,
        default: &str,
    ) -> Result<Option<Self>> {
        let profile = environment.text("ALIBABA_CLOUD_PROFILE")?;
        let named = environment.path(variable);
        let is_named = named.is_some();
        let path = named.or_else(|| Some(environment.path("HOME")?.join(default)));
        Ok(path.map(|path| Self { path, profile, is_named }))
    }

    /// Names a profile of the file in messages.
    fn describe(&self, profile: &str) -> String {
        format!("profile {} of {}", quoted(profile), quoted(&self.path.to_string_lossy()))
    }

    /// Names the file in messages.
    fn describe_file(&self) -> String {
        format!("credentials file {}", quoted(&self.path.to_string_lossy()))
    }
}

/// A role that is assumed with other keys needs a signed request to STS.
fn unsupported(who: &str, field: &str, kind: &str) -> crate::error::Error {
    unusable(format!(
        "{who}: {field} {} is not supported; use AK, StsToken, EcsRamRole, OIDC or External in the \
         command line tool's file, access_key or ecs_ram_role in the other, or a credentials \
         function of the program",
        quoted(kind)
    ))
}
