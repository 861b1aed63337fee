//! Public keys by URL: those that are known, and those that were fetched.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::super::{FetchKey, NotFetched};
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
/// After this time a server that did not answer is asked again: anybody can send URLs of it, and make a thread wait
/// for each of them.
const SILENCE_LASTS: Duration = Duration::from_secs(30);
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

impl Entry {
    pub(super) fn is_fetching(&self) -> bool {
        matches!(self.state, State::Fetching)
    }
}

#[derive(Clone)]
enum State {
    Fetching,
    Failed { at: Instant, reason: NotFetched },
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
        let mut cache = self.when_fetched(url)?;
        if let Some(State::Known { key, .. }) = state(&cache, url) {
            return Ok(Arc::clone(key));
        }
        if let Some(reason) = why_not_now(&cache, url) {
            return Err(unavailable(url, &reason));
        }
        make_room(&mut cache, url);
        cache.push(Entry { url: url.to_owned(), state: State::Fetching });
        drop(cache);
        let mut fetch = Fetch { keys: self, url, ends_as: failed(&given_up()) };
        let outcome = self.fetch(url).map(Arc::new);
        fetch.ends_as = match &outcome {
            Ok(key) => State::Known { key: Arc::clone(key), renewed_at: None },
            Err(reason) => failed(reason),
        };
        outcome.map_err(|reason| unavailable(url, reason.text()))
    }

    /// The cache, once nobody is fetching this key.
    fn when_fetched(&self, url: &str) -> Result<MutexGuard<'_, Vec<Entry>>> {
        let is_awaited =
            |cache: &mut Vec<Entry>| matches!(state(cache, url), Some(State::Fetching));
        let waiting = self.fetched.wait_timeout_while(self.cache(), LONGEST_WAIT, is_awaited);
        let (cache, waited) = waiting.unwrap_or_else(PoisonError::into_inner);
        match waited.timed_out() {
            true => Err(unavailable(url, "another thread is still fetching it")),
            false => Ok(cache),
        }
    }

    fn fetch(&self, url: &str) -> std::result::Result<PublicKey, NotFetched> {
        let pem = (self.fetch)(url)?;
        PublicKey::from_pem(&pem).map_err(|fault| NotFetched::NoKey(format!("the answer {fault}")))
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

/// A fetch that others may wait for. It ends even if it panics.
struct Fetch<'a> {
    keys: &'a Keys,
    url: &'a str,
    ends_as: State,
}

impl Drop for Fetch<'_> {
    fn drop(&mut self) {
        self.keys.settle(self.url, self.ends_as.clone());
    }
}

fn given_up() -> NotFetched {
    NotFetched::NoKey("it was given up".to_owned())
}

fn failed(reason: &NotFetched) -> State {
    State::Failed { at: Instant::now(), reason: reason.clone() }
}

fn state<'a>(cache: &'a [Entry], url: &str) -> Option<&'a State> {
    cache.iter().find(|entry| entry.url == url).map(|entry| &entry.state)
}

/// Why a key that is not known is not fetched either.
fn why_not_now(cache: &[Entry], url: &str) -> Option<String> {
    let failures = cache.iter().filter_map(|entry| match &entry.state {
        State::Failed { at, reason } => Some((&entry.url, at.elapsed(), reason)),
        _ => None,
    });
    for (failed, since, reason) in failures {
        let is_silent = matches!(reason, NotFetched::NoAnswer(_)) && since < SILENCE_LASTS;
        if failed == url && (is_silent || since < FAILURE_LASTS) {
            return Some(reason.text().to_owned());
        }
        if is_silent && server(failed).eq(server(url)) {
            return Some(format!("its server did not answer a moment ago: {}", reason.text()));
        }
    }
    let fetches = cache.iter().filter(|entry| entry.is_fetching()).count();
    (fetches >= MAX_FETCHES).then(|| "too many keys are being fetched".to_owned())
}

/// Scheme, host and port of a URL.
fn server(url: &str) -> impl Iterator<Item = &str> {
    url.split('/').take(3)
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
