//! The providers that are tried when a program names none.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::ecs::EcsRamRole;
use super::environment::{Environment, EnvironmentKeys};
use super::oidc::OidcRole;
use super::profile::{CliProfile, IniProfile};
use super::provider::{Fetched, Limits, Provider, unusable};
use super::uri::CredentialsUri;
use crate::error::Result;
use crate::http::HttpOptions;

/// The first of several providers that gives credentials; from then on it is used alone.
///
/// In this order: the keys of `OSS_ACCESS_KEY_ID`, then as the vendor's libraries do
/// (spec: credentials.md 6) the keys of `ALIBABA_CLOUD_ACCESS_KEY_ID`, an OIDC role, a profile of the
/// command line tool, a profile of the credentials file, the RAM role of the ECS instance, the
/// credentials URI.
pub struct DefaultChain {
    links: Vec<Link>,
    /// Which of them gave credentials.
    kept: OnceLock<usize>,
    /// Which of them is being asked.
    asking: AtomicUsize,
}

enum Link {
    /// What is missing for it.
    Absent(&'static str),
    Present {
        provider: Box<dyn Provider>,
        /// The user named it, so that a failure is not passed over: the next provider would be
        /// somebody else.
        is_named: bool,
    },
}

impl DefaultChain {
    /// Reads the environment. Nothing is asked yet, and no file is opened.
    pub fn new(environment: &Environment<'_>, network: &HttpOptions) -> Result<Self> {
        let has_role_name = environment.get("ALIBABA_CLOUD_ECS_METADATA")?.is_some();
        let cli = CliProfile::from_environment(environment, network)?;
        let cli_is_named = cli.as_ref().is_some_and(CliProfile::is_named);
        let ini = IniProfile::from_environment(environment)?;
        let ini_is_named = ini.as_ref().is_some_and(IniProfile::is_named);
        let links = vec![
            Link::of(EnvironmentKeys::oss(environment)?, true, "OSS_ACCESS_KEY_ID is not set"),
            Link::of(
                EnvironmentKeys::alibaba_cloud(environment)?,
                true,
                "ALIBABA_CLOUD_ACCESS_KEY_ID is not set",
            ),
            Link::of(
                OidcRole::from_environment(environment, network)?,
                true,
                "ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_PROVIDER_ARN and \
                 ALIBABA_CLOUD_OIDC_TOKEN_FILE are not all set",
            ),
            Link::of(
                cli,
                cli_is_named,
                "profiles of the command line tool are switched off, or HOME is not set",
            ),
            Link::of(ini, ini_is_named, "HOME is not set, so there is no credentials file"),
            Link::of(
                EcsRamRole::from_environment(environment)?,
                has_role_name,
                "the RAM role is switched off (ALIBABA_CLOUD_ECS_METADATA_DISABLED)",
            ),
            Link::of(
                CredentialsUri::from_environment(environment)?,
                true,
                "ALIBABA_CLOUD_CREDENTIALS_URI is not set",
            ),
        ];
        Ok(Self { links, kept: OnceLock::new(), asking: AtomicUsize::new(0) })
    }

    fn search(&self, limits: &Limits) -> Result<Fetched> {
        let mut reasons = Vec::new();
        for (index, link) in self.links.iter().enumerate() {
            self.asking.store(index, Ordering::Relaxed);
            match link {
                Link::Absent(reason) => reasons.push((*reason).to_owned()),
                Link::Present { provider, is_named } => match provider.fetch(limits) {
                    Ok(fetched) => {
                        self.kept.get_or_init(|| index);
                        return Ok(fetched);
                    }
                    Err(error) if *is_named => return Err(error),
                    Err(error) => reasons.push(error.message().to_owned()),
                },
            }
        }
        Err(unusable(format!(
            "there are no credentials: {}; set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET, or give \
             them to the client",
            reasons.join("; ")
        )))
    }

    fn link(&self, index: usize) -> Option<&dyn Provider> {
        match self.links.get(index)? {
            Link::Present { provider, .. } => Some(&**provider),
            Link::Absent(_) => None,
        }
    }
}

impl Link {
    fn of(
        provider: Option<impl Provider + 'static>,
        is_named: bool,
        otherwise: &'static str,
    ) -> Self {
        match provider {
            Some(provider) => Self::Present { provider: Box::new(provider), is_named },
            None => Self::Absent(otherwise),
        }
    }
}

impl Provider for DefaultChain {
    fn describe(&self) -> String {
        let index = self.kept.get().copied().unwrap_or_else(|| self.asking.load(Ordering::Relaxed));
        match self.link(index) {
            Some(provider) => provider.describe(),
            None => "the default credentials".to_owned(),
        }
    }

    fn fetch(&self, limits: &Limits) -> Result<Fetched> {
        match self.kept.get().and_then(|index| self.link(*index)) {
            Some(provider) => provider.fetch(limits),
            None => self.search(limits),
        }
    }

    /// Keys of the environment are the first, and never fail.
    fn may_block(&self) -> bool {
        let mut present = (0..self.links.len()).filter_map(|index| self.link(index));
        present.next().is_none_or(Provider::may_block)
    }
}
