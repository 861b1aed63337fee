//! Public keys by URL (spec: callback-verification.md 2).

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rsa::RsaPublicKey;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::callback::signature::parse_public_key;
use crate::callback::url::CallbackUrl;
use crate::tls::{Stream, connect_unverified};
use crate::wire;

/// The service's own URLs; the slash at the end matters.
const SERVICE_PREFIXES: [&str; 2] =
    ["http://gosspublic.alicdn.com/", "https://gosspublic.alicdn.com/"];
/// What is behind a URL never changes, so the one known key is built in.
const PUBLISHED_NAME: &str = "callback_pub_key_v1.pem";
pub(crate) const PUBLISHED_KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKs/JBGzwUB2aVht4crBx3oIPBLNsjGs\n\
    C0fTXv+nvlmklvkcolvpvXLTjaxUHR3W9LXxQ2EHXAJfCB+6H2YF1k8CAwEAAQ==\n\
    -----END PUBLIC KEY-----\n";
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_PEM_BYTES: usize = 64 * 1024;
const MAX_CACHED_KEYS: usize = 64;

/// The keys of trusted URLs, each fetched once.
#[derive(Debug)]
pub(super) struct PublicKeys {
    prefixes: Vec<String>,
    cache: Mutex<HashMap<String, RsaPublicKey>>,
}

impl PublicKeys {
    pub(super) fn new(prefixes: Vec<String>) -> PublicKeys {
        let prefixes = prefixes.into_iter().map(with_path).collect();
        PublicKeys { prefixes, cache: Mutex::new(HashMap::new()) }
    }

    /// The key behind a URL. Which URLs are trusted is decided before anything is fetched.
    pub(super) async fn get(&self, url: &str) -> Result<RsaPublicKey, String> {
        let of_service = SERVICE_PREFIXES.iter().find_map(|prefix| url.strip_prefix(prefix));
        let trusted =
            of_service.is_some() || self.prefixes.iter().any(|prefix| url.starts_with(prefix));
        if !trusted {
            return Err(format!("the public key URL is not trusted: {url}"));
        }
        if of_service == Some(PUBLISHED_NAME) {
            return parse_public_key(PUBLISHED_KEY);
        }
        if let Some(key) = self.cache().get(url) {
            return Ok(key.clone());
        }
        let pem = match timeout(FETCH_TIMEOUT, fetch(url)).await {
            Ok(fetched) => fetched.map_err(|error| format!("cannot fetch {url}: {error}"))?,
            Err(_) => return Err(format!("cannot fetch {url}: time-out")),
        };
        let key = parse_public_key(&String::from_utf8_lossy(&pem))?;
        let mut cache = self.cache();
        if cache.len() >= MAX_CACHED_KEYS {
            cache.clear();
        }
        cache.insert(url.to_owned(), key.clone());
        Ok(key)
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, HashMap<String, RsaPublicKey>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A prefix that ends within the host name would trust other hosts as well.
fn with_path(prefix: String) -> String {
    let after_scheme = prefix.split_once("://").map_or(prefix.as_str(), |(_, rest)| rest);
    if after_scheme.contains('/') { prefix } else { format!("{prefix}/") }
}

/// Redirects are not followed. The certificate of an https URL is not checked, since test servers
/// have self-signed ones; the service itself announces plain http URLs too.
async fn fetch(url: &str) -> io::Result<Vec<u8>> {
    let invalid = || io::Error::new(io::ErrorKind::InvalidInput, "the URL cannot be read");
    let url = CallbackUrl::parse(url).ok_or_else(invalid)?;
    let addresses: Vec<SocketAddr> = lookup_host((url.host.as_str(), url.port)).await?.collect();
    let stream = TcpStream::connect(&addresses[..]).await?;
    let mut stream: Box<dyn Stream> =
        if url.tls { connect_unverified(stream, &url.host, true).await? } else { Box::new(stream) };
    // HTTP/1.0, so that the answer is not chunked.
    let request = format!("GET {} HTTP/1.0\r\nHost: {}\r\n\r\n", url.target, url.authority);
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let head = wire::read_answer_head(&mut stream).await?;
    if head.start.status != 200 {
        return Err(io::Error::other(format!("status {}", head.start.status)));
    }
    let length = head.value("content-length").and_then(|text| text.parse::<usize>().ok());
    let length = length.unwrap_or(MAX_PEM_BYTES).min(MAX_PEM_BYTES);
    wire::read_body(&mut stream, head.rest, length).await
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn refusal(prefixes: &[&str], url: &str) -> String {
        let keys = PublicKeys::new(prefixes.iter().map(|p| (*p).to_owned()).collect());
        keys.get(url).await.unwrap_err()
    }

    #[tokio::test]
    async fn only_trusted_urls_are_looked_at() {
        for url in [
            "https://gosspublic.alicdn.com.evil.example/callback_pub_key_v1.pem",
            "https://gosspublic.alicdn.com",
            " https://gosspublic.alicdn.com/callback_pub_key_v1.pem",
            "HTTPS://gosspublic.alicdn.com/callback_pub_key_v1.pem",
            "http://127.0.0.1:90001/key.pem",
        ] {
            let reason = refusal(&["http://127.0.0.1:9000"], url).await;
            assert!(reason.starts_with("the public key URL is not trusted"), "{url}: {reason}");
        }
    }

    #[tokio::test]
    async fn the_published_key_needs_no_network() {
        let keys = PublicKeys::new(Vec::new());
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://gosspublic.alicdn.com/callback_pub_key_v1.pem");
            assert!(keys.get(&url).await.is_ok());
        }
    }
}
