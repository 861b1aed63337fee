//! Profiles of the command line tool, in JSON.

use std::path::PathBuf;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::{Place, unsupported};
use crate::credentials::document;
use crate::credentials::environment::Environment;
use crate::credentials::oidc::{OidcOptions, OidcRole};
use crate::credentials::process::Process;
use crate::credentials::provider::{Expiration, Fetched, Limits, Provider, unusable};
use crate::error::Result;
use crate::http::HttpOptions;

/// A profile of `~/.aliyun/config.json`.
pub struct CliProfile {
    place: Place,
    network: HttpOptions,
}

#[derive(Deserialize)]
struct Document {
    current: Option<String>,
    #[serde(default)]
    profiles: Vec<Profile>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Profile {
    name: String,
    mode: String,
    access_key_id: Option<Zeroizing<String>>,
    access_key_secret: Option<Zeroizing<String>>,
    sts_token: Option<Zeroizing<String>>,
    ram_role_name: Option<String>,
    ram_role_arn: Option<String>,
    ram_session_name: Option<String>,
    expired_seconds: Option<u32>,
    sts_region: Option<String>,
    enable_vpc: Option<bool>,
    oidc_provider_arn: Option<String>,
    oidc_token_file: Option<PathBuf>,
    process_command: Option<String>,
}

impl CliProfile {
    /// The variable that names the file.
    pub(in crate::credentials) const FILE: &str = "ALIBABA_CLOUD_CONFIG_FILE";

    /// A profile of a file; without a name the current one.
    pub fn new(path: PathBuf, profile: Option<String>, network: HttpOptions) -> Self {
        Self { place: Place::new(path, profile), network }
    }

    /// `ALIBABA_CLOUD_CONFIG_FILE`, else `~/.aliyun/config.json`, and `ALIBABA_CLOUD_PROFILE`.
    /// None when `ALIBABA_CLOUD_CLI_PROFILE_DISABLED` is `true`, or without a home folder.
    pub fn from_environment(
        environment: &Environment<'_>,
        network: &HttpOptions,
    ) -> Result<Option<Self>> {
        if environment.flag("ALIBABA_CLOUD_CLI_PROFILE_DISABLED")? {
            return Ok(None);
        }
        let place = Place::from_environment(environment, Self::FILE, ".aliyun/config.json")?;
        Ok(place.map(|place| Self { place, network: network.clone() }))
    }

    /// The profile of this name in the same file, if one is given.
    pub fn named(self, profile: Option<String>) -> Self {
        Self { place: self.place.named(profile), ..self }
    }

    fn profile(&self) -> Result<(Profile, String)> {
        let document: Document = document::parse(self.place.read()?.as_bytes())
            .map_err(|fault| unusable(format!("{}: has {fault}", self.describe())))?;
        let current = document.current.filter(|name| !name.is_empty());
        let name = self.place.profile.clone().or(current).unwrap_or_else(|| "default".to_owned());
        let who = self.place.describe_profile(&name);
        let found = document.profiles.into_iter().find(|profile| profile.name == name);
        match found {
            Some(profile) => Ok((profile, who)),
            None => Err(unusable(format!("{who}: does not exist"))),
        }
    }

    fn oidc(&self, profile: Profile, who: &str) -> Result<OidcRole> {
        let missing =
            |name: &'static str| move || unusable(format!("{who}: mode OIDC needs {name}"));
        OidcRole::new(OidcOptions {
            role_arn: profile.ram_role_arn.ok_or_else(missing("ram_role_arn"))?,
            provider_arn: profile.oidc_provider_arn.ok_or_else(missing("oidc_provider_arn"))?,
            token_file: profile.oidc_token_file.ok_or_else(missing("oidc_token_file"))?,
            session_name: filled(profile.ram_session_name),
            // The tool writes 0 for "not set".
            duration: profile.expired_seconds.filter(|seconds| *seconds > 0),
            region: filled(profile.sts_region),
            vpc: profile.enable_vpc.unwrap_or(false),
            endpoint: None,
            network: self.network.clone(),
        })
    }
}

impl Provider for CliProfile {
    fn describe(&self) -> String {
        self.place.describe()
    }

    fn fetch(&self, limits: &Limits) -> Result<Fetched> {
        let (profile, who) = self.profile()?;
        match profile.mode.as_str() {
            "StsToken" if profile.sts_token.as_ref().is_none_or(|token| token.is_empty()) => {
                Err(unusable(format!("{who}: mode StsToken needs sts_token")))
            }
            "AK" | "StsToken" => {
                let token = profile.sts_token.filter(|_| profile.mode == "StsToken");
                let texts = [profile.access_key_id, profile.access_key_secret, token];
                Fetched::from_texts(&who, texts, Expiration::Never)
            }
            "EcsRamRole" => self.place.fetch_ecs_role(filled(profile.ram_role_name), limits),
            "OIDC" => self.oidc(profile, &who)?.fetch(limits),
            "External" => {
                let command = profile.process_command.unwrap_or_default();
                Process::program(&command)?.fetch(limits)
            }
            "" => Err(unusable(format!("{who}: has no mode"))),
            other => Err(unsupported(&who, "mode", other)),
        }
    }
}

/// The tool writes empty texts for what is not set.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
