//! Host names to addresses, with a DNS that may be slow, flaky or dead.
//!
//! getaddrinfo() cannot be stopped, so each lookup has a thread that may outlive the exchange. There
//! are few of them, exchanges share them, and what they bring too late serves the next one.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::exchange::{Phase, State, Stopped};
use crate::sys::generation;
use crate::wait::Event;

/// Lookups at a time, the hung ones included.
const MAX_LOOKUPS: usize = 4;
/// After this a lookup counts as hung, and nobody waits for it any more.
const HUNG_AFTER: Duration = Duration::from_secs(15);
/// An answer this young is used again: the connections of a multipart upload begin together.
const FRESH: Duration = Duration::from_secs(5);
/// An answer this old still serves when the DNS gives none.
const USABLE: Duration = Duration::from_secs(3600);
/// How long the DNS may take when there is an older answer.
const PATIENCE: Duration = Duration::from_secs(2);
const MAX_HOSTS: usize = 32;
/// getaddrinfo() and the modules it loads.
const STACK: usize = 512 * 1024;

/// How a name is looked up; tests have their own way.
pub(super) type Lookup = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

/// Looks names up, for one client.
#[derive(Clone)]
pub(super) struct Resolver(Arc<Shared>);

struct Shared {
    lookup: Box<Lookup>,
    hung_after: Duration,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    answers: HashMap<String, Answer>,
    running: Vec<Arc<Running>>,
}

struct Answer {
    addresses: Vec<IpAddr>,
    at: Instant,
    /// No connection could be made to them.
    distrusted: bool,
}

struct Running {
    host: String,
    began: Instant,
    /// The thread does not exist in a child after fork().
    generation: u32,
    done: Event,
    outcome: OnceLock<Result<Vec<IpAddr>, String>>,
}

/// What there is to wait for.
enum Step {
    Done(Vec<IpAddr>),
    /// The lookup of the host itself, or another one whose place is needed.
    Await(Arc<Running>),
    Fail(String),
}

impl Resolver {
    pub(super) fn new(lookup: Box<Lookup>, hung_after: Duration) -> Self {
        Self(Arc::new(Shared { lookup, hung_after, table: Mutex::default() }))
    }

    /// Asks the system: hosts file, DNS and whatever else it is set up to ask.
    pub(super) fn of_system() -> Self {
        let lookup =
            |host: &str| Ok((host, 0).to_socket_addrs()?.map(|found| found.ip()).collect());
        Self::new(Box::new(lookup), HUNG_AFTER)
    }

    /// Addresses of a host, at least one, in the system's order of preference.
    pub(super) fn resolve(&self, host: &str, state: &mut State) -> Result<Vec<IpAddr>, Stopped> {
        state.enter(Phase::Resolving, host);
        let patience_ends = Instant::now() + PATIENCE.min(state.terms.connect_timeout / 2);
        loop {
            let older = self.table().usable_answer(host);
            let running = match self.next_step(host) {
                Step::Done(addresses) => return Ok(addresses),
                Step::Await(running) => running,
                Step::Fail(message) => return older.ok_or_else(|| Stopped::transport(message)),
            };
            let wake = older.as_ref().map(|_| patience_ends);
            if state.poll(&[], Some(&running.done), wake)?.is_none()
                && let Some(older) = older
            {
                return Ok(older);
            }
            if running.host == host
                && let Some(outcome) = running.outcome.get()
            {
                return outcome.clone().or_else(|error| {
                    let message = format!(
                        "the host name {host} was not resolved: {error}; check it and the DNS"
                    );
                    older.ok_or_else(|| Stopped::transport(message))
                });
            }
        }
    }

    /// The next exchange asks the DNS again, however young the answer is.
    pub(super) fn distrust(&self, host: &str) {
        if let Some(answer) = self.table().answers.get_mut(host) {
            answer.distrusted = true;
        }
    }

    fn next_step(&self, host: &str) -> Step {
        let mut table = self.table();
        if let Some(answer) = table.answers.get(host)
            && !answer.distrusted
            && answer.at.elapsed() < FRESH
        {
            return Step::Done(answer.addresses.clone());
        }
        let generation = generation();
        table.running.retain(|running| running.generation == generation);
        let is_alive = |running: &&Arc<Running>| running.began.elapsed() < self.0.hung_after;
        let alive = || table.running.iter().filter(is_alive);
        if let Some(running) = alive().find(|running| running.host == host) {
            return Step::Await(Arc::clone(running));
        }
        if table.running.len() >= MAX_LOOKUPS {
            return match alive().next() {
                Some(running) => Step::Await(Arc::clone(running)),
                None => Step::Fail(format!(
                    "the host name {host} was not looked up: {MAX_LOOKUPS} earlier lookups hang, \
                     so the DNS does not answer"
                )),
            };
        }
        let running = Arc::new(Running {
            host: host.to_owned(),
            began: Instant::now(),
            generation,
            done: Event::default(),
            outcome: OnceLock::new(),
        });
        match self.start(&running) {
            Ok(()) => {
                table.running.push(Arc::clone(&running));
                Step::Await(running)
            }
            Err(error) => Step::Fail(format!("no thread for the lookup of {host}: {error}")),
        }
    }

    fn start(&self, running: &Arc<Running>) -> io::Result<()> {
        let (resolver, running) = (self.clone(), Arc::clone(running));
        let builder = std::thread::Builder::new().name("ossbind-dns".to_owned()).stack_size(STACK);
        builder.spawn(move || resolver.look_up(&running)).map(|_| ())
    }

    /// On a thread of its own.
    fn look_up(&self, running: &Arc<Running>) {
        let outcome = match (self.0.lookup)(&running.host) {
            Ok(addresses) if addresses.is_empty() => Err("it has no address".to_owned()),
            Ok(addresses) => Ok(addresses),
            Err(error) => Err(error.to_string()),
        };
        let mut table = self.table();
        table.running.retain(|other| !Arc::ptr_eq(other, running));
        if let Ok(addresses) = &outcome {
            table.keep(&running.host, addresses.clone());
        }
        drop(table);
        // Nobody else sets it.
        let _ = running.outcome.set(outcome);
        running.done.set();
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn usable_answer(&self, host: &str) -> Option<Vec<IpAddr>> {
        let answer = self.answers.get(host)?;
        (answer.at.elapsed() < USABLE).then(|| answer.addresses.clone())
    }

    fn keep(&mut self, host: &str, addresses: Vec<IpAddr>) {
        if self.answers.len() >= MAX_HOSTS && !self.answers.contains_key(host) {
            let oldest = self.answers.iter().min_by_key(|(_, answer)| answer.at);
            if let Some(oldest) = oldest.map(|(host, _)| host.clone()) {
                self.answers.remove(&oldest);
            }
        }
        let answer = Answer { addresses, at: Instant::now(), distrusted: false };
        self.answers.insert(host.to_owned(), answer);
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}
