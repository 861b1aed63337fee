//! The proxy that the environment asks for.

use super::{FORM, Proxy};
use crate::error::{Error, Result};

/// The first that is set counts, whatever the scheme of the request.
const NAMES: [&str; 6] =
    ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

pub(super) fn proxy() -> Result<Option<Proxy>> {
    for name in NAMES {
        let Some(value) = std::env::var_os(name).filter(|value| !value.is_empty()) else {
            continue;
        };
        // To go round a proxy that the environment demands would be worse than to stop.
        return match value.to_str().and_then(Proxy::parse) {
            Some(proxy) => Ok(Some(proxy)),
            None => {
                let fault = format!(
                    "{name} in the environment {FORM}; set network_proxy, to \"\" for none"
                );
                Err(Error::invalid("network_proxy", fault))
            }
        };
    }
    Ok(None)
}

pub(super) fn no_proxy() -> Option<String> {
    let named = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    named("NO_PROXY").or_else(|| named("no_proxy"))
}
