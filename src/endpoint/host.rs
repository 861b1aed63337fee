//! The host names of the service (spec: endpoints.md 1).

use super::EndpointOptions;
use crate::error::{Error, Result};

const DOMAIN: &str = ".aliyuncs.com";

/// What a host name tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Public, internal or dual-stack name of a region.
    Regional(String),
    /// Transfer acceleration, which serves every region.
    Accelerated,
    /// A CloudBox; its id takes the place of the region in signatures.
    CloudBox { id: String, region: String },
    /// One of the above with a bucket name in front; holds the name without it.
    WithBucket(String),
    /// Anything else: a custom domain, an address, an emulator.
    Other,
}

impl Kind {
    pub(super) fn of(host: &str) -> Self {
        let Some(name) = host.strip_suffix(DOMAIN) else {
            return Self::Other;
        };
        if let Some(kind) = service(name) {
            return kind;
        }
        match name.split_once('.') {
            Some((_, rest)) if service(rest).is_some() => {
                Self::WithBucket(format!("{rest}{DOMAIN}"))
            }
            _ => Self::Other,
        }
    }

    /// Whether the bucket can be in `region`.
    pub(super) fn is_in(&self, region: &str) -> bool {
        match self {
            Self::Regional(own) => own == region,
            Self::CloudBox { id, region: own } => id == region || own == region,
            Self::WithBucket(host) => Self::of(host).is_in(region),
            Self::Accelerated | Self::Other => true,
        }
    }

    /// What signatures have as the region.
    pub(super) fn region(&self) -> Option<String> {
        match self {
            Self::Regional(region) => Some(region.clone()),
            Self::CloudBox { id, .. } => Some(id.clone()),
            Self::WithBucket(host) => Self::of(host).region(),
            Self::Accelerated | Self::Other => None,
        }
    }
}

/// Recognizes the part in front of the domain.
fn service(name: &str) -> Option<Kind> {
    if matches!(name, "oss-accelerate" | "oss-accelerate-overseas") {
        return Some(Kind::Accelerated);
    }
    if let Some(region) = name.strip_suffix(".oss")
        && !region.contains('.')
    {
        return Some(Kind::Regional(region.to_owned()));
    }
    if let Some((id, region)) = name.strip_suffix(".oss-cloudbox").and_then(|n| n.split_once('.'))
        && id.starts_with("cb-")
    {
        return Some(Kind::CloudBox { id: id.to_owned(), region: region.to_owned() });
    }
    let region = name.strip_prefix("oss-")?;
    let region = region.strip_suffix("-internal").unwrap_or(region);
    (!region.is_empty() && !region.contains('.')).then(|| Kind::Regional(region.to_owned()))
}

/// The host for a region when no endpoint is given.
pub(super) fn of_region(region: &str, options: EndpointOptions) -> Result<String> {
    match (options.internal, options.dual_stack, options.accelerate) {
        (false, false, false) => Ok(format!("oss-{region}{DOMAIN}")),
        (true, false, false) => Ok(format!("oss-{region}-internal{DOMAIN}")),
        (false, true, false) => Ok(format!("{region}.oss{DOMAIN}")),
        (false, false, true) => Ok(format!("oss-accelerate{DOMAIN}")),
        _ => {
            let fault = "at most one of INTERNAL, DUAL_STACK and ACCELERATE may be set: the \
                         service has no host for two of them";
            Err(Error::invalid("flags", fault))
        }
    }
}
