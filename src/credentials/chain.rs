//! The providers that are tried when a program names none.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::ecs::EcsRamRole;
use super::environment::{self, ALIBABA_CLOUD, Environment, Names, OSS};
use super::oidc::OidcRole;
use super::profile::{CliProfile, IniProfile};
use super::provider::{Fetched, Fixed, Limits, Provider, unusable};
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
    /// Which of them is being asked, or was asked last.
    asked: AtomicUsize,
    /// That one gave credentials.
    is_found: AtomicBool,
}

struct Link {
    provider: Option<Box<dyn Provider>>,
    /// The user named it, so that a failure is not passed over: the next provider would be
    /// somebody else.
    is_named: bool,
    /// Why there is no provider.
    absence: &'static str,
}

impl DefaultChain {
    /// Reads the environment. Nothing is asked yet, and no file is opened.
    pub fn new(environment: &Environment<'_>, network: &HttpOptions) -> Result<Self> {
        let is_set = |name| environment.path(name).is_some();
        let links = vec![
            Link::of_keys(environment, OSS, "OSS_ACCESS_KEY_ID is not set")?,
            Link::of_keys(environment, ALIBABA_CLOUD, "ALIBABA_CLOUD_ACCESS_KEY_ID is not set")?,
            Link::new(
                OidcRole::from_environment(environment, network)?,
                true,
                "ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_PROVIDER_ARN and \
                 ALIBABA_CLOUD_OIDC_TOKEN_FILE are not all set",
            ),
            Link::new(
                CliProfile::from_environment(environment, network)?,
                is_set(CliProfile::FILE),
                "profiles of the command line tool are switched off, or HOME is not set",
            ),
            Link::new(
                IniProfile::from_environment(environment)?,
                is_set(IniProfile::FILE),
                "HOME is not set, so there is no credentials file",
            ),
            Link::new(
                EcsRamRole::from_environment(environment)?,
                is_set("ALIBABA_CLOUD_ECS_METADATA"),
                "the RAM role is switched off (ALIBABA_CLOUD_ECS_METADATA_DISABLED)",
            ),
            Link::new(
                CredentialsUri::from_environment(environment)?,
                true,
                "ALIBABA_CLOUD_CREDENTIALS_URI is not set",
            ),
        ];
        Ok(Self { links, asked: AtomicUsize::new(0), is_found: AtomicBool::new(false) })
    }

    fn asked(&self) -> Option<&dyn Provider> {
        self.links[self.asked.load(Ordering::Relaxed)].provider.as_deref()
    }

    fn search(&self, limits: &Limits) -> Result<Fetched> {
        let mut reasons = Vec::new();
        for (index, link) in self.links.iter().enumerate() {
            self.asked.store(index, Ordering::Relaxed);
            match link.provider.as_ref().map(|provider| provider.fetch(limits)) {
                None => reasons.push(link.absence.to_owned()),
                Some(Err(error)) if !link.is_named => reasons.push(error.message().to_owned()),
                Some(outcome) => {
                    self.is_found.store(outcome.is_ok(), Ordering::Relaxed);
                    return outcome;
                }
            }
        }
        Err(unusable(format!(
            "there are no credentials: {}; set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET, or give \
             them to the client",
            reasons.join("; ")
        )))
    }
}

impl Link {
    fn new(
        provider: Option<impl Provider + 'static>,
        is_named: bool,
        absence: &'static str,
    ) -> Self {
        let provider = provider.map(|provider| Box::new(provider) as Box<dyn Provider>);
        Self { provider, is_named, absence }
    }

    fn of_keys(environment: &Environment<'_>, names: Names, absence: &'static str) -> Result<Self> {
        let whence = format!("the keys of the environment ({})", names[0]);
        let keys = environment::keys(environment, names)?;
        Ok(Self::new(keys.map(|keys| Fixed::new(keys, whence)), true, absence))
    }
}

impl Provider for DefaultChain {
    fn describe(&self) -> String {
        let default = || "the default credentials".to_owned();
        self.asked().map_or_else(default, Provider::describe)
    }

    fn fetch(&self, limits: &Limits) -> Result<Fetched> {
        match self.asked().filter(|_| self.is_found.load(Ordering::Relaxed)) {
            Some(provider) => provider.fetch(limits),
            None => self.search(limits),
        }
    }

    /// Keys of the environment are the first, and never fail.
    fn may_block(&self) -> bool {
        let mut present = self.links.iter().filter_map(|link| link.provider.as_ref());
        present.next().is_none_or(|provider| provider.may_block())
    }
}
