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
use super::provider::{Fetched, Limits, Provider, unusable};
use super::state::{Standing, State};
use crate::error::{Error, Result, Status};
use crate::time::Timestamp;
use crate::wait::{CancelToken, Event, wait_for_any};

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
    state: Mutex<State>,
    cancel: CancelToken,
    clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
}

impl CredentialSource {
    /// Nothing is fetched before it is needed.
    pub fn new(provider: impl Provider + 'static) -> Self {
        Self::with_clock(provider, Timestamp::of_device)
    }

    /// `clock` tells the time, for expirations that no server's clock belongs to.
    pub fn with_clock(
        provider: impl Provider + 'static,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        let shared = Shared {
            provider: Box::new(provider),
            state: Mutex::new(State::default()),
            cancel: CancelToken::new(),
            clock: Box::new(clock),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Credentials that the service should take. Waits only when there are none, and otherwise at
    /// most begins to renew them.
    pub fn get(&self, wait: &Wait<'_>) -> Result<Lease> {
        let state = self.shared.lock();
        let now = Instant::now();
        match state.standing(now) {
            Standing::Good(lease) => Ok(lease),
            Standing::Aging(lease) => {
                if state.may_renew(now) {
                    self.shared.begin(state);
                }
                Ok(lease)
            }
            Standing::Useless => self.fetch(state, wait),
        }
    }

    /// Why a renewal in the background failed, once for each: the credentials of before are still in use.
    pub fn take_failed_renewal(&self) -> Option<Error> {
        self.shared.lock().take_failed_renewal()
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
    fn fetch(&self, state: MutexGuard<'_, State>, wait: &Wait<'_>) -> Result<Lease> {
        if Inside::is_of(&self.shared) {
            return Err(unusable(format!(
                "{} uses the client whose credentials it is asked for; give it a client of its \
                 own, with other credentials",
                self.shared.provider.describe()
            )));
        }
        let ticket = state.next_ticket();
        let done = match state.running() {
            Some(done) => {
                drop(state);
                done
            }
            None => self.shared.begin(state),
        };
        self.shared.wait_for(ticket, &done, wait)
    }
}

impl Drop for CredentialSource {
    fn drop(&mut self) {
        self.shared.cancel.cancel();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the one fetch. No lock is held while it runs.
    fn begin(self: &Arc<Self>, mut state: MutexGuard<'_, State>) -> Arc<Event> {
        let done = state.begin(Instant::now());
        drop(state);
        if !self.provider.may_block() {
            self.run();
            return done;
        }
        let shared = Arc::clone(self);
        let thread = std::thread::Builder::new().name("ossbind-keys".to_owned());
        if let Err(error) = thread.spawn(move || shared.run()) {
            let fault = format!("no thread could be started to ask for credentials: {error}");
            self.finish(Err(unusable(fault)));
        }
        done
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
            let life = Life::of(fetched.expiration, now, (self.clock)())?;
            Ok((fetched.credentials, life))
        });
        self.lock().finish(outcome, now);
    }

    fn wait_for(&self, ticket: u64, done: &Event, wait: &Wait<'_>) -> Result<Lease> {
        let began = Instant::now();
        let end = wait.deadline.into_iter().chain([began + WAIT_LIMIT]).min();
        let events: Vec<&Event> =
            [done].into_iter().chain(wait.cancel.map(|token| token.event())).collect();
        wait_for_any(&events, end);
        let (state, now) = (self.lock(), Instant::now());
        if let Some(outcome) = state.outcome_of(ticket, now) {
            return outcome;
        }
        if wait.cancel.is_some_and(CancelToken::is_cancelled) {
            return Err(Error::new(Status::Cancelled, "cancelled while credentials were awaited"));
        }
        let running = state.running_for(now);
        drop(state);
        Err(self.gave_up(now - began, running))
    }

    fn gave_up(&self, waited: Duration, running: Duration) -> Error {
        let message = format!(
            "no credentials within the time that the call had: it waited {:.1} s for {}, which was \
             asked {:.1} s ago and has not answered; give the call more time, or look why the \
             answer takes so long",
            waited.as_secs_f32(),
            self.provider.describe(),
            running.as_secs_f32()
        );
        Error::new(Status::Timeout, message)
    }
}

impl From<Credentials> for CredentialSource {
    /// Credentials that never change.
    fn from(credentials: Credentials) -> Self {
        Self::new(Fixed(Arc::new(credentials)))
    }
}

struct Fixed(Arc<Credentials>);

impl Provider for Fixed {
    fn describe(&self) -> String {
        "the credentials of the configuration".to_owned()
    }

    fn fetch(&self, _limits: &Limits) -> Result<Fetched> {
        let expiration = super::Expiration::Never;
        Ok(Fetched { credentials: Arc::clone(&self.0), expiration })
    }

    fn may_block(&self) -> bool {
        false
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
