//! Who may ask. A browser brings the pages of all the world to this machine: by name, when a host of
//! theirs resolves to its address (DNS rebinding), and by requests from their origin.

use std::net::IpAddr;

use hyper::HeaderMap;
use hyper::Uri;
use hyper::header::{HOST, HeaderName, ORIGIN};
use hyper::http::uri::Authority;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The names under which the endpoint may be addressed, besides every IP address and `localhost`.
#[derive(Debug)]
pub(super) struct Gate {
    names: Vec<String>,
}

impl Gate {
    pub(super) fn new(names: Vec<String>) -> Gate {
        Gate { names }
    }

    /// Lets a request in, or says why not.
    pub(super) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), String> {
        let host = text(headers, HOST).unwrap_or_default();
        // A request for a proxy names its host twice.
        for named in uri.authority().map(Authority::as_str).into_iter().chain([host]) {
            if !self.is_known(named) {
                let hint = "allowed: IP addresses, localhost, and names given with --control-host";
                return Err(format!("The request is for the host '{named}'; {hint}."));
            }
        }
        if headers.contains_key(ORIGIN) && text(headers, ORIGIN) != Some(&format!("http://{host}"))
        {
            return Err("Pages of other origins have no access.".to_owned());
        }
        match text(headers, FETCH_SITE) {
            // `none` is a person who typed the address.
            None | Some("same-origin" | "none") => Ok(()),
            Some(_) => {
                Err("Pages of other sites have no access, nor have links on them.".to_owned())
            }
        }
    }

    fn is_known(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else {
            return false;
        };
        let name = authority.host();
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
            || is("localhost")
            || self.names.iter().any(|known| is(known))
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
