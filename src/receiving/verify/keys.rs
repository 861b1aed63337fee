//! Public keys by URL: those that are known, and those that were fetched.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::super::FetchKey;
use super::key_urls::{KeyUrls, Place, SERVICE_KEY};
use super::rsa::PublicKey;
use crate::error::{Error, Result, Status};
use crate::text::quoted;

/// More than there will ever be, unless somebody makes URLs up.
const MAX_CACHED: usize = 32;
/// Fetches at the same time, for different URLs.
const MAX_FETCHES: usize = 4;
/// After this time a key that could not be fetched is asked for again.
const FAILURE_LASTS: Duration = Duration::from_secs(5);
/// OSS waits 5 seconds for the answer to its callback.
const LONGEST_WAIT: Duration = Duration::from_secs(4);
/// A key that does not fit is fetched again, but not more often than this: anybody can send what does not fit.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(60);

pub(super) struct Keys {
    urls: KeyUrls,
    built_in: Arc<PublicKey>,
    /// Given by the program, by their exact URL.
    given: Vec<(String, Arc<PublicKey>)>,
    fetch: FetchKey,
    cache: Mutex<Vec<Entry>>,
    /// A fetch has ended.
    fetched: Condvar,
}

pub(super) struct Entry {
    url: String,
    state: State,
}

#[derive(Clone)]
enum State {
    Fetching,
    Failed { at: Instant, reason: String },
    Known { key: Arc<PublicKey>, renewed_at: Option<Instant> },
}

impl Keys {
    pub(super) fn new(urls: KeyUrls, given: &[(&str, &str)], fetch: FetchKey) -> Result<Self> {
        let parse = |(index, (url, pem)): (usize, &(&str, &str))| {
            let key = PublicKey::from_pem(pem.as_bytes())
                .map_err(|fault| Error::invalid(format!("keys[{index}].value"), fault))?;
            Ok(((*url).to_owned(), Arc::new(key)))
        };
        Ok(Self {
            urls,
            built_in: Arc::new(PublicKey::from_pem(SERVICE_KEY).expect("the service's key")),
            given: given.iter().enumerate().map(parse).collect::<Result<_>>()?,
            fetch,
            cache: Mutex::default(),
            fetched: Condvar::new(),
        })
    }

    /// The key behind a URL, if the URL is allowed.
    pub(super) fn get(&self, url: &str) -> Result<Arc<PublicKey>> {
        if let Some((_, key)) = self.given.iter().find(|(given, _)| given == url) {
            return Ok(Arc::clone(key));
        }
        match self.urls.place(url) {
            None => Err(refused(url)),
            Some(Place::BuiltIn) => Ok(Arc::clone(&self.built_in)),
            Some(Place::Remote(url)) => self.cached(&url),
        }
    }

    /// The key that is behind the URL by now, if it is another one than `before`.
    pub(super) fn renewed(&self, url: &str, before: &PublicKey) -> Option<Arc<PublicKey>> {
        let is_given = self.given.iter().any(|(given, _)| given == url);
        let Some(Place::Remote(url)) = self.urls.place(url).filter(|_| !is_given) else {
            return None;
        };
        let mut cache = self.cache();
        let entry = cache.iter_mut().find(|entry| entry.url == url)?;
        let State::Known { key, renewed_at } = &mut entry.state else { return None };
        if **key != *before {
            return Some(Arc::clone(key));
        }
        if renewed_at.is_some_and(|at| at.elapsed() < RENEWAL_INTERVAL) {
            return None;
        }
        // The key stays for all others while it is fetched.
        *renewed_at = Some(Instant::now());
        drop(cache);
        let key = self.fetch(&url).ok().filter(|key| *key != *before).map(Arc::new)?;
        let renewed_at = Some(Instant::now());
        self.settle(&url, State::Known { key: Arc::clone(&key), renewed_at });
        Some(key)
    }

    /// Out of the cache, or fetched by the first of all that want it.
    fn cached(&self, url: &str) -> Result<Arc<PublicKey>> {
        let mut cache = self.cache();
        loop {
            let state =
                cache.iter().find(|entry| entry.url == url).map(|entry| entry.state.clone());
            match state {
                Some(State::Known { key, .. }) => return Ok(key),
                Some(State::Failed { at, reason }) if at.elapsed() < FAILURE_LASTS => {
                    return Err(unavailable(url, &reason));
                }
                Some(State::Fetching) => {
                    let waiting = self.fetched.wait_timeout(cache, LONGEST_WAIT);
                    let (back, waited) = waiting.unwrap_or_else(PoisonError::into_inner);
                    if waited.timed_out() {
                        return Err(unavailable(url, "another thread is still fetching it"));
                    }
                    cache = back;
                }
                Some(State::Failed { .. }) | None => break,
            }
        }
        let fetches = cache.iter().filter(|entry| matches!(entry.state, State::Fetching)).count();
        if fetches >= MAX_FETCHES {
            return Err(unavailable(url, "too many keys are being fetched"));
        }
        make_room(&mut cache, url);
        cache.push(Entry { url: url.to_owned(), state: State::Fetching });
        drop(cache);
        let outcome = self.fetch(url).map(Arc::new);
        self.settle(
            url,
            match &outcome {
                Ok(key) => State::Known { key: Arc::clone(key), renewed_at: None },
                Err(reason) => State::Failed { at: Instant::now(), reason: reason.clone() },
            },
        );
        outcome.map_err(|reason| unavailable(url, &reason))
    }

    fn fetch(&self, url: &str) -> std::result::Result<PublicKey, String> {
        let pem = (self.fetch)(url)?;
        PublicKey::from_pem(&pem).map_err(|fault| format!("the answer {fault}"))
    }

    fn settle(&self, url: &str, state: State) {
        if let Some(entry) = self.cache().iter_mut().find(|entry| entry.url == url) {
            entry.state = state;
        }
        self.fetched.notify_all();
    }

    pub(super) fn cache(&self) -> MutexGuard<'_, Vec<Entry>> {
        // A panic while the lock was held cannot leave an entry half changed.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops an earlier failure of this URL, and if there are too many entries, the oldest failure; anybody can make
/// those up. Without one, the key that was fetched first.
fn make_room(cache: &mut Vec<Entry>, url: &str) {
    cache.retain(|entry| entry.url != url);
    if cache.len() >= MAX_CACHED {
        let first = |wanted: fn(&State) -> bool| cache.iter().position(|e| wanted(&e.state));
        let leaves = first(|state| matches!(state, State::Failed { .. }))
            .or_else(|| first(|state| matches!(state, State::Known { .. })));
        cache.remove(leaves.expect("there are fewer fetches than entries"));
    }
}

fn refused(url: &str) -> Error {
    let message = format!(
        "x-oss-pub-key-url: {} is not a URL of OSS, so anybody may have signed this request: nothing was \
         fetched; for a local OSS add its URL to key_urls",
        quoted(url)
    );
    Error::new(Status::KeyUrlRefused, message)
}

fn unavailable(url: &str, reason: &str) -> Error {
    let message = format!(
        "the public key {} cannot be had now, so the signature was not checked: {reason}; answer with \
         503, so that the callback is not taken for accepted",
        quoted(url)
    );
    Error::new(Status::KeyUnavailable, message)
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("urls", &self.urls).finish_non_exhaustive()
    }
}
