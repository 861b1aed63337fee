//! Where the service is, and how bucket and key become a URL (spec: endpoints.md).

mod host;
mod names;

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::error::{Error, Result};
use crate::signing::{encode_key, encode_query};
use crate::text::quoted;
use crate::url;

pub(crate) use names::{check_bucket, check_key, check_key_in};

/// How an endpoint is found when only the region is known, and how URLs are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EndpointOptions {
    /// `http` when the endpoint does not say.
    pub plain_http: bool,
    /// Bucket in the path instead of the host. Always so for IP addresses and localhost.
    pub path_style: bool,
    /// The endpoint is a custom domain that is bound to the bucket.
    pub cname: bool,
    /// With a region and no endpoint: the network inside Alibaba Cloud.
    pub internal: bool,
    /// With a region and no endpoint: IPv4 and IPv6.
    pub dual_stack: bool,
    /// With a region and no endpoint: transfer acceleration.
    pub accelerate: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    VirtualHosted,
    Path,
    Cname,
}

/// A checked endpoint.
#[derive(Debug, Clone)]
pub struct Endpoint {
    https: bool,
    /// As it stands in a URL: IPv6 addresses in brackets.
    host: String,
    port: Option<u16>,
    style: Style,
    kind: host::Kind,
    region: Option<String>,
}

impl Endpoint {
    /// Reads `endpoint`, or builds one from `region`. At least one of them must be given.
    pub fn new(
        endpoint: Option<&str>,
        region: Option<&str>,
        options: EndpointOptions,
    ) -> Result<Self> {
        let region = region.map(names::region).transpose()?;
        match (endpoint, region) {
            (Some(text), region) => Self::parse(text, region, options),
            (None, Some(region)) => {
                let host = host::of_region(&region, options)?;
                Self::parse(&host, Some(region), options)
            }
            (None, None) => {
                let fault = "is not set, and neither is region; set one of them, or OSS_ENDPOINT \
                             or OSS_REGION in the environment";
                Err(Error::invalid("endpoint", fault))
            }
        }
    }

    fn parse(text: &str, region: Option<String>, options: EndpointOptions) -> Result<Self> {
        if text.contains('@') {
            // Not repeated in the message: it may hold a password.
            return Err(Error::invalid("endpoint", "must not have a user name or password"));
        }
        let (https, authority) = split_scheme(text, options)?;
        let (host, port) = split_authority(text, authority)?;
        let is_address = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(bare) => bare.parse::<Ipv6Addr>().is_ok(),
            None => host.parse::<Ipv4Addr>().is_ok(),
        };
        if !is_address && !url::is_host_name(&host) {
            return Err(invalid(text, format!("{} is not a host name", quoted(&host))));
        }
        let kind = host::Kind::of(&host);
        if let host::Kind::WithBucket(service) = &kind
            && !options.cname
        {
            let fault = format!("begins with a bucket name; give {} only", quoted(service));
            return Err(invalid(text, fault));
        }
        let style = match options {
            EndpointOptions { cname: true, path_style: true, .. } => {
                let fault = "cannot be a bound domain and use path style at the same time";
                return Err(invalid(text, fault));
            }
            EndpointOptions { cname: true, .. } => Style::Cname,
            EndpointOptions { path_style: true, .. } => Style::Path,
            // No resolver knows names below localhost.
            _ if is_address || host == "localhost" => Style::Path,
            _ => Style::VirtualHosted,
        };
        if let Some(given) = region.as_deref().filter(|given| !kind.is_in(given)) {
            let fault = format!("is not in region {}; leave out one of the two", quoted(given));
            return Err(invalid(text, fault));
        }
        let region = kind.region().or(region);
        Ok(Self { https, host, port, style, kind, region })
    }

    /// Region for signature V4.
    pub(crate) fn region(&self) -> Result<&str> {
        self.region.as_deref().ok_or_else(|| {
            let fault = format!(
                "is not set and endpoint {} does not tell it; signature V4 needs it, for example \
                 \"cn-hangzhou\"",
                quoted(&self.host)
            );
            Error::invalid("region", fault)
        })
    }

    /// Product for signature V4.
    pub(crate) fn product(&self) -> &'static str {
        match self.kind {
            host::Kind::CloudBox { .. } => "oss-cloudbox",
            _ => "oss",
        }
    }

    pub(crate) fn is_https(&self) -> bool {
        self.https
    }

    /// Whether this is surely the public service, and not an emulator or a private installation.
    pub(crate) fn is_public_service(&self) -> bool {
        self.kind != host::Kind::Other
    }

    /// URL of a request about an object; without a key about the bucket, and without a bucket about
    /// the service. Parameters with an empty value are sent as the name only.
    pub(crate) fn url(&self, bucket: &str, key: &str, query: &[(&str, &str)]) -> String {
        let scheme = if self.https { "https" } else { "http" };
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        let (host, key) = (&self.host, encode_key(key));
        let path = match self.style {
            _ if bucket.is_empty() => [scheme, "://", host, &port, "/"].concat(),
            Style::VirtualHosted => [scheme, "://", bucket, ".", host, &port, "/", &key].concat(),
            Style::Path => [scheme, "://", host, &port, "/", bucket, "/", &key].concat(),
            Style::Cname => [scheme, "://", host, &port, "/", &key].concat(),
        };
        if query.is_empty() {
            return path;
        }
        let parameter = |(name, value): &(&str, &str)| match *value {
            "" => encode_query(name),
            value => format!("{}={}", encode_query(name), encode_query(value)),
        };
        let query: Vec<String> = query.iter().map(parameter).collect();
        format!("{path}?{}", query.join("&"))
    }
}

fn invalid(text: &str, fault: impl std::fmt::Display) -> Error {
    Error::invalid("endpoint", format!("{}: {fault}", quoted(text)))
}

fn split_scheme(text: &str, options: EndpointOptions) -> Result<(bool, &str)> {
    match text.split_once("://") {
        None => Ok((!options.plain_http, text)),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => Ok((true, rest)),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => Ok((false, rest)),
        Some((scheme, _)) => {
            Err(invalid(text, format!("scheme {} is not http or https", quoted(scheme))))
        }
    }
}

/// Host (lowercase) and port.
fn split_authority(text: &str, authority: &str) -> Result<(String, Option<u16>)> {
    let authority = authority.strip_suffix('/').unwrap_or(authority);
    if authority.contains(['/', '?', '#']) {
        return Err(invalid(text, "must be a host and nothing after it: no path, no query"));
    }
    let (host, port) = url::split_authority(authority).map_err(|fault| invalid(text, fault))?;
    Ok((host.to_ascii_lowercase(), port))
}

#[cfg(test)]
mod tests;
