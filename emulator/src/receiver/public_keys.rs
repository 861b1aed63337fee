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
/// What is behind a URL of the service never changes, so the one known key is built in.
const PUBLISHED_NAME: &str = "callback_pub_key_v1.pem";
pub(crate) const PUBLISHED_KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKs/JBGzwUB2aVht4crBx3oIPBLNsjGs\n\
    C0fTXv+nvlmklvkcolvpvXLTjaxUHR3W9LXxQ2EHXAJfCB+6H2YF1k8CAwEAAQ==\n\
    -----END PUBLIC KEY-----\n";
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_PEM_BYTES: usize = 64 * 1024;
const MAX_CACHED_KEYS: usize = 64;

/// The keys of trusted URLs, as they were fetched last.
#[derive(Debug)]
pub(super) struct PublicKeys {
    trusted: Vec<TrustedPrefix>,
    cache: Mutex<HashMap<String, RsaPublicKey>>,
}

impl PublicKeys {
    pub(super) fn new(prefixes: Vec<String>) -> PublicKeys {
        let trusted = prefixes.into_iter().map(TrustedPrefix).collect();
        PublicKeys { trusted, cache: Mutex::new(HashMap::new()) }
    }

    /// The key behind a URL. Which URLs are trusted is decided before anything is fetched.
    pub(super) async fn get(&self, url: &str) -> Result<RsaPublicKey, String> {
        let of_service = name_in_service(url);
        if of_service.is_none() && !self.trusted.iter().any(|prefix| prefix.covers(url)) {
            return Err(format!("the public key URL is not trusted: {url} (see --allow-key-url)"));
        }
        if of_service == Some(PUBLISHED_NAME) {
            return parse_public_key(PUBLISHED_KEY);
        }
        if let Some(key) = self.cache().get(url) {
            return Ok(key.clone());
        }
        self.fetch(url).await
    }

    /// The key that is behind a URL by now, if it is another than before. Those of the service never
    /// change; a local OSS without a data folder makes a key at each start.
    pub(super) async fn renewed(&self, url: &str, before: &RsaPublicKey) -> Option<RsaPublicKey> {
        if name_in_service(url).is_some() {
            return None;
        }
        self.fetch(url).await.ok().filter(|key| key != before)
    }

    async fn fetch(&self, url: &str) -> Result<RsaPublicKey, String> {
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

fn name_in_service(url: &str) -> Option<&str> {
    SERVICE_PREFIXES.iter().find_map(|prefix| url.strip_prefix(prefix))
}

/// The beginning of URLs: scheme and host, perhaps with a port and a path.
#[derive(Debug)]
struct TrustedPrefix(String);

impl TrustedPrefix {
    /// Without a path it names the whole host, and without a port every port of it; it does not
    /// stand for longer names or numbers that begin alike.
    fn covers(&self, url: &str) -> bool {
        let Some((_, place)) = self.0.split_once("://").filter(|(_, place)| !place.is_empty())
        else {
            return false;
        };
        url.strip_prefix(self.0.as_str())
            .is_some_and(|rest| place.contains('/') || without_port(rest).starts_with('/'))
    }
}

fn without_port(rest: &str) -> &str {
    let port = rest.strip_prefix(':').filter(|port| port.starts_with(|c: char| c.is_ascii_digit()));
    port.map_or(rest, |port| port.trim_start_matches(|c: char| c.is_ascii_digit()))
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
            "http://localhost.evil.example/key.pem",
            "http://localhost:80@evil.example/key.pem",
            "http://localhost:evil.example/key.pem",
            "https://localhost/key.pem",
            "http://oss.test/others/key.pem",
        ] {
            let trusted = [
                "http://127.0.0.1:9000",
                "http://localhost",
                "http://oss.test/keys/",
                "",
                "http",
                "http://",
            ];
            let reason = refusal(&trusted, url).await;
            assert!(reason.starts_with("the public key URL is not trusted"), "{url}: {reason}");
            assert!(reason.contains("--allow-key-url"), "{reason}");
        }
    }

    #[test]
    fn a_host_without_a_port_stands_for_all_its_ports() {
        for (prefix, url) in [
            ("http://127.0.0.1", "http://127.0.0.1:9000/-/key.pem"),
            ("http://127.0.0.1", "http://127.0.0.1/-/key.pem"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000/-/key.pem"),
            ("http://127.0.0.1:9000/", "http://127.0.0.1:9000/-/key.pem"),
            ("https://[::1]", "https://[::1]:9000/-/key.pem"),
        ] {
            assert!(TrustedPrefix(prefix.to_owned()).covers(url), "{prefix} {url}");
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
