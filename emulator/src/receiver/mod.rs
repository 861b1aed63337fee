//! An application server for callbacks: it records, verifies and answers as told.

mod answer;
mod connection;
mod public_keys;
mod verify;

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub use answer::{Answer, ContentLength};
#[cfg(test)]
pub(crate) use public_keys::PUBLISHED_KEY;

use crate::background::Background;
use crate::emulator::{Emulator, StartError, endpoint_of, listen};
use crate::log::Log;
use crate::records::{Ring, Weigh, header_bytes};
use crate::tls::{self, TlsIdentity};
use public_keys::PublicKeys;

/// How a [`Receiver`] is set up.
#[derive(Clone, Debug)]
pub struct ReceiverOptions {
    /// Address to listen on; port 0 takes any free port.
    pub address: SocketAddr,
    /// The answer to callbacks, until [`Receiver::answer_with`] changes it.
    pub answer: Answer,
    /// Public key URLs that are trusted besides those of the service, as prefixes: scheme and host,
    /// perhaps with a port and a path. A host without a port stands for all its ports.
    pub key_url_prefixes: Vec<String>,
    /// Serve https with this certificate.
    pub tls: Option<TlsIdentity>,
    /// Where the account of each callback goes.
    pub log: Log,
    /// How many callbacks are remembered.
    pub record_limit: usize,
}

impl Default for ReceiverOptions {
    fn default() -> ReceiverOptions {
        ReceiverOptions {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            answer: Answer::default(),
            key_url_prefixes: Vec::new(),
            tls: None,
            log: Log::None,
            record_limit: 10_000,
        }
    }
}

/// A callback that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceivedCallback {
    /// HTTP method.
    pub method: String,
    /// Path and query as on the wire.
    pub target: String,
    /// All headers in order, with the spelling of the wire.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Whether the callback signature holds, and why not.
    pub signature: Result<(), String>,
    /// Server name of the TLS handshake; `None` without TLS or without SNI.
    pub server_name: Option<String>,
}

impl ReceivedCallback {
    /// The first value of a header, whatever its letter case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as text; bytes that are not UTF-8 are replaced.
    pub fn body_text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Weigh for ReceivedCallback {
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.target.len() + header_bytes(&self.headers) + self.body.len()
    }
}

/// A running application server. Dropping it stops the server and joins its threads.
#[derive(Debug)]
pub struct Receiver {
    shared: Arc<Shared>,
    endpoint: String,
    background: Background,
}

/// What the connections of a receiver share.
#[derive(Debug)]
struct Shared {
    keys: PublicKeys,
    log: Log,
    received: Ring<ReceivedCallback>,
    memory: Mutex<Memory>,
    arrived: Condvar,
}

#[derive(Debug)]
struct Memory {
    standing_answer: Answer,
    next_answers: VecDeque<Answer>,
    /// How many have arrived, also those the limit has dropped.
    total: usize,
}

impl Receiver {
    /// Starts a server; connections are accepted from the moment this returns.
    pub fn start(options: ReceiverOptions) -> Result<Receiver, StartError> {
        let acceptor = options.tls.as_ref().map(tls::acceptor).transpose()?;
        let listener = listen(options.address)?;
        let endpoint = endpoint_of(listener.local_addr()?, acceptor.is_some());
        let shared = Arc::new(Shared {
            keys: PublicKeys::new(options.key_url_prefixes),
            log: options.log,
            received: Ring::new(options.record_limit),
            memory: Mutex::new(Memory {
                standing_answer: options.answer,
                next_answers: VecDeque::new(),
                total: 0,
            }),
            arrived: Condvar::new(),
        });
        let served = Arc::clone(&shared);
        let background = Background::start("ossbind-receiver", listener, move |listener| {
            connection::serve(listener, acceptor, served)
        })?;
        Ok(Receiver { shared, endpoint, background })
    }

    /// Starts a server that trusts the key of an emulator.
    pub fn for_emulator(emulator: &Emulator) -> Result<Receiver, StartError> {
        let key_url_prefixes = vec![emulator.public_key_url()];
        Receiver::start(ReceiverOptions { key_url_prefixes, ..ReceiverOptions::default() })
    }

    /// A URL of this server; `path` starts with `/` and may have a query.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.endpoint)
    }

    /// Address the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.background.address()
    }

    /// The callbacks received so far, oldest first. A callback is in the list before its answer goes
    /// out.
    pub fn received(&self) -> Vec<ReceivedCallback> {
        self.shared.received.to_vec()
    }

    /// Like [`received`](Receiver::received), and forgets them.
    pub fn take_received(&self) -> Vec<ReceivedCallback> {
        self.shared.received.take()
    }

    /// Waits until `count` callbacks have arrived, and gives all that have; fewer if the time is up.
    pub fn wait_for(&self, count: usize, timeout: Duration) -> Vec<ReceivedCallback> {
        let deadline = Instant::now() + timeout;
        let mut memory = self.shared.lock();
        while memory.total < count {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.shared.arrived.wait_timeout(memory, left);
            memory = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(memory);
        self.received()
    }

    /// Sets the answer to all further callbacks.
    pub fn answer_with(&self, answer: Answer) {
        self.shared.lock().standing_answer = answer;
    }

    /// Sets the answer to the next callback only. Several calls are used up one by one.
    pub fn answer_next_with(&self, answer: Answer) {
        self.shared.lock().next_answers.push_back(answer);
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a callback and gives the answer to it.
    fn receive(&self, callback: ReceivedCallback) -> Answer {
        let mut memory = self.lock();
        self.received.push(callback);
        memory.total += 1;
        self.arrived.notify_all();
        match memory.next_answers.pop_front() {
            Some(answer) => answer,
            None => memory.standing_answer.clone(),
        }
    }
}
