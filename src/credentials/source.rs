//! The credentials of a client: fetched when they are needed, kept while they are good, renewed
//! once for everybody who waits.

use std::cell::Cell;
use std::fmt;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Credentials;
use super::life::Life;
use super::provider::{Fetched, Fixed, Limits, Provider, unusable};
use super::renewal::{Fetch, Renewal};
use crate::error::{Error, Result, Status};
use crate::time::Timestamp;
use crate::wait::{CancelToken, wait_for_any};

/// Longest fetch. The longest of the library's own is that of an external process
/// (spec: credentials.md 7).
const FETCH_LIMIT: Duration = Duration::from_secs(60);
/// Longest wait of a call that has no deadline: a little more than the longest fetch.
const WAIT_LIMIT: Duration = Duration::from_secs(65);

/// Where a client gets its credentials from. Threads may use it at the same time.
///
/// Dropping it waits for nothing. A fetch that is under way is told to stop; its provider is
/// dropped when it returns.
pub struct CredentialSource {
    shared: Arc<Shared>,
}

/// Credentials to sign with. The number grows with each renewal that brought other keys.
#[derive(Debug, Clone)]
pub struct Lease {
    pub(super) credentials: Arc<Credentials>,
    pub(super) generation: u64,
}

/// How long a call waits for credentials.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wait<'a> {
    /// When to give up.
    pub deadline: Option<Instant>,
    /// Ends the wait at once.
    pub cancel: Option<&'a CancelToken>,
}

struct Shared {
    provider: Box<dyn Provider>,
    renewal: Mutex<Renewal>,
    cancel: CancelToken,
}

impl CredentialSource {
    /// Nothing is fetched before it is needed.
    pub fn new(provider: impl Provider + 'static) -> Self {
        let shared = Shared {
            provider: Box::new(provider),
            renewal: Mutex::default(),
            cancel: CancelToken::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Credentials that the service should take. Waits only when there are none, and otherwise at
    /// most begins to renew them.
    pub fn get(&self, wait: &Wait<'_>) -> Result<Lease> {
        let renewal = self.shared.lock();
        match renewal.usable(Instant::now()) {
            Some((lease, false)) => Ok(lease),
            Some((lease, true)) => {
                self.shared.begin(renewal);
                Ok(lease)
            }
            None => self.fetch(renewal, wait),
        }
    }

    /// Why a renewal in the background failed, once for each: the credentials of before are still in use.
    pub fn take_failed_renewal(&self) -> Option<Error> {
        self.shared.lock().take_failure()
    }

    /// Other credentials, after the service refused those of the generation `used`
    /// ([`is_token_refusal`]). Of many calls
    /// whose credentials were refused, the first has them renewed. None when there are no others:
    /// then the refusal stands. Ask once for a call, so that there is no loop.
    pub fn renew_refused(&self, used: u64, wait: &Wait<'_>) -> Result<Option<Lease>> {
        if !self.shared.lock().refuse(used, Instant::now()) {
            return Ok(None);
        }
        let lease = self.get(wait)?;
        Ok((lease.generation != used).then_some(lease))
    }

    /// Has credentials fetched, or takes part in a fetch that is under way.
    fn fetch(&self, renewal: MutexGuard<'_, Renewal>, wait: &Wait<'_>) -> Result<Lease> {
        if Inside::is_of(&self.shared) {
            return Err(unusable(format!(
                "{} uses the client whose credentials it is asked for; give it a client of its \
                 own, with other credentials",
                self.shared.provider.describe()
            )));
        }
        let fetch = match renewal.running() {
            Some(fetch) => {
                drop(renewal);
                fetch
            }
            None => self.shared.begin(renewal),
        };
        self.shared.wait_for(&fetch, wait)
    }
}

impl Drop for CredentialSource {
    fn drop(&mut self) {
        self.shared.cancel.cancel();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Renewal> {
        self.renewal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the one fetch. No lock is held while it runs.
    fn begin(self: &Arc<Self>, mut renewal: MutexGuard<'_, Renewal>) -> Arc<Fetch> {
        let fetch = renewal.begin(Instant::now());
        drop(renewal);
        if !self.provider.may_block() {
            self.run();
            return fetch;
        }
        let shared = Arc::clone(self);
        let thread = std::thread::Builder::new().name("ossbind-keys".to_owned());
        if let Err(error) = thread.spawn(move || shared.run()) {
            let fault = format!("no thread could be started to ask for credentials: {error}");
            self.finish(Err(unusable(fault)));
        }
        fetch
    }

    fn run(self: &Arc<Self>) {
        let deadline = Instant::now() + FETCH_LIMIT;
        let limits = Limits { deadline, cancel: self.cancel.clone() };
        let fetch = || {
            let _inside = Inside::enter(self);
            self.provider.fetch(&limits)
        };
        // The message of a panic is not repeated: it may hold anything.
        let outcome = catch_unwind(AssertUnwindSafe(fetch)).unwrap_or_else(|_| {
            Err(Error::new(Status::Internal, "the code that gets the credentials panicked"))
        });
        self.finish(outcome);
    }

    fn finish(&self, outcome: Result<Fetched>) {
        let now = Instant::now();
        let outcome = outcome.and_then(|fetched| {
            let life = Life::of(fetched.expiration, now, Timestamp::of_device())?;
            Ok((fetched.credentials, life))
        });
        self.lock().finish(outcome, now);
    }

    fn wait_for(&self, fetch: &Fetch, wait: &Wait<'_>) -> Result<Lease> {
        let began = Instant::now();
        let end = wait.deadline.into_iter().chain([began + WAIT_LIMIT]).min();
        let cancelled = wait.cancel.map(|token| token.event());
        let events: Vec<_> = [&fetch.done].into_iter().chain(cancelled).collect();
        wait_for_any(&events, end);
        if let Some(outcome) = fetch.outcome.get() {
            return outcome.clone();
        }
        if wait.cancel.is_some_and(CancelToken::is_cancelled) {
            return Err(Error::new(Status::Cancelled, "cancelled while credentials were awaited"));
        }
        let message = format!(
            "no credentials within the time that the call had: it waited {:.1} s for {}, which was \
             asked {:.1} s ago and has not answered; give the call more time, or look why the \
             answer takes so long",
            began.elapsed().as_secs_f32(),
            self.provider.describe(),
            fetch.began.elapsed().as_secs_f32()
        );
        Err(Error::new(Status::Timeout, message))
    }
}

impl From<Credentials> for CredentialSource {
    /// Credentials that never change.
    fn from(credentials: Credentials) -> Self {
        Self::new(Fixed::new(credentials, "the credentials of the configuration".to_owned()))
    }
}

impl Deref for Lease {
    type Target = Credentials;

    fn deref(&self) -> &Credentials {
        &self.credentials
    }
}

impl Lease {
    /// Differs between credentials that differ.
    pub fn generation(&self) -> u64 {
        self.generation
    }
}

impl fmt::Debug for CredentialSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialSource")
            .field("provider", &self.shared.provider.describe())
            .finish_non_exhaustive()
    }
}

/// Whether the service refused the token, so that a renewed one may be taken
/// (spec: credentials.md 8).
pub fn is_token_refusal(http_status: u16, code: &str) -> bool {
    http_status == 403 && matches!(code, "SecurityTokenExpired" | "InvalidSecurityToken")
}

thread_local! {
    static FETCHING: Cell<*const Shared> = const { Cell::new(std::ptr::null()) };
}

/// Marks the thread that fetches: if the provider used the same source, it would wait for itself.
struct Inside {
    outer: *const Shared,
}

impl Inside {
    fn enter(shared: &Arc<Shared>) -> Self {
        Self { outer: FETCHING.replace(Arc::as_ptr(shared)) }
    }

    fn is_of(shared: &Arc<Shared>) -> bool {
        FETCHING.get() == Arc::as_ptr(shared)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        FETCHING.set(self.outer);
    }
}
