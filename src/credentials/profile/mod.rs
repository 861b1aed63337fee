//! Profiles in the files of other tools (spec: credentials.md 6).

mod cli;
mod ini;

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::ecs::{EcsOptions, EcsRamRole};
use super::environment::Environment;
use super::file;
use super::provider::{Fetched, Limits, Provider as _, unusable};
use crate::error::{Error, Result};
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
    /// For profiles that name the role of the ECS instance.
    ecs: EcsOptions,
}

impl Place {
    fn new(path: PathBuf, profile: Option<String>) -> Self {
        Self { path, profile, ecs: EcsOptions::default() }
    }

    /// The file that `variable` names, else `default` in the home folder. None without both.
    fn from_environment(
        environment: &Environment<'_>,
        variable: &str,
        default: &str,
    ) -> Result<Option<Self>> {
        let profile = environment.text("ALIBABA_CLOUD_PROFILE")?;
        let ecs = EcsOptions {
            hardened_only: environment.flag("ALIBABA_CLOUD_IMDSV1_DISABLED")?,
            ..EcsOptions::default()
        };
        let in_home = || Some(environment.path("HOME")?.join(default));
        let path = environment.path(variable).or_else(in_home);
        Ok(path.map(|path| Self { path, profile, ecs }))
    }

    fn named(self, profile: Option<String>) -> Self {
        Self { profile: profile.or(self.profile), ..self }
    }

    /// Names the file in messages.
    fn describe(&self) -> String {
        format!("credentials file {}", quoted(&self.path.to_string_lossy()))
    }

    fn read(&self) -> Result<Zeroizing<String>> {
        file::read(&self.describe(), &self.path, MAX_FILE)
    }

    /// Names a profile of the file in messages.
    fn describe_profile(&self, profile: &str) -> String {
        format!("profile {} of {}", quoted(profile), quoted(&self.path.to_string_lossy()))
    }

    fn fetch_ecs_role(&self, role: Option<String>, limits: &Limits) -> Result<Fetched> {
        EcsRamRole::new(EcsOptions { role, ..self.ecs.clone() })?.fetch(limits)
    }
}

/// A role that is assumed with other keys needs a signed request to STS.
fn unsupported(who: &str, field: &str, kind: &str) -> Error {
    unusable(format!(
        "{who}: {field} {} is not supported; use AK, StsToken, EcsRamRole, OIDC or External in the \
         command line tool's file, access_key or ecs_ram_role in the other, or a credentials \
         function of the program",
        quoted(kind)
    ))
}
