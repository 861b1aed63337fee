//! What happened so far in an exchange, and what it may still take.

mod body;
mod phase;
mod stop;
mod wait;

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(super) use body::BodyReader;
pub(crate) use body::{Progress, Unwatched};
pub(super) use phase::Phase;
pub(super) use stop::Stopped;

use super::rate::RateLimiter;
use super::speed::SpeedMeter;
use crate::metrics::{Metrics, Timings};
use crate::wait::{CancelToken, Deadline};

/// What an exchange is begun with.
pub(super) struct Terms {
    pub(super) content_length: u64,
    pub(super) connect_timeout: Duration,
    pub(super) tls_timeout: Duration,
    pub(super) idle_timeout: Duration,
    pub(super) speed: Option<SpeedMeter>,
    pub(super) deadline: Option<Deadline>,
    pub(super) cancel: Option<CancelToken>,
    /// All of them have to agree.
    pub(super) rates: Vec<RateLimiter>,
    pub(super) bypass_proxy: bool,
    /// Kept connections are not used.
    pub(super) fresh_only: bool,
}

/// The state of one exchange, which its connection and the reader of its body share. All are on one
/// thread, but the HTTP library asks for what threads could share.
#[derive(Clone)]
pub(super) struct Exchange(Arc<Mutex<State>>);

pub(super) struct State {
    terms: Terms,
    phase: Cell<Phase>,
    phase_began: Cell<Instant>,
    /// When the phase has to be over, whatever moves.
    phase_ends: Cell<Option<Instant>>,
    /// The host, the address or the proxy that the phase is about.
    subject: RefCell<String>,
    speed: RefCell<Option<SpeedMeter>>,
    timings: Cell<Timings>,
    bytes_sent: Cell<u64>,
    /// Those of them that the peer had acknowledged at the last look.
    acknowledged: Cell<u64>,
    bytes_received: Cell<u64>,
    peer: Cell<Option<SocketAddr>>,
    /// A connection was made for this exchange.
    is_fresh: Cell<bool>,
    /// The first bytes of the request itself were written.
    request_begun: Cell<bool>,
    /// The kernel was given a piece of the request, and nothing can be taken back.
    committed: Cell<bool>,
    answer_begun: Cell<bool>,
    /// Bytes of the body that were taken from the source.
    taken: Cell<u64>,
    /// The kernel has the head and all of the body.
    all_written: Cell<bool>,
    /// The server stopped listening, or answered already: nothing more is sent, but an answer
    /// may still be read.
    sending_ended: Cell<bool>,
}

impl Exchange {
    pub(super) fn begin(mut terms: Terms) -> Self {
        let speed = terms.speed.take();
        Self(Arc::new(Mutex::new(State {
            terms,
            phase: Cell::new(Phase::Begin),
            phase_began: Cell::new(Instant::now()),
            phase_ends: Cell::new(None),
            subject: RefCell::default(),
            speed: RefCell::new(speed),
            timings: Cell::default(),
            bytes_sent: Cell::new(0),
            acknowledged: Cell::new(0),
            bytes_received: Cell::new(0),
            peer: Cell::new(None),
            is_fresh: Cell::new(false),
            request_begun: Cell::new(false),
            committed: Cell::new(false),
            answer_begun: Cell::new(false),
            taken: Cell::new(0),
            all_written: Cell::new(false),
            sending_ended: Cell::new(false),
        })))
    }

    /// Not to be held while a function of the caller runs.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    pub(super) fn terms(&self) -> &Terms {
        &self.terms
    }

    pub(super) fn all_written(&self) -> bool {
        self.all_written.get()
    }

    /// What has been measured until now.
    pub(super) fn metrics(&self) -> Metrics {
        self.note_time();
        Metrics {
            requests: 1,
            retries: 0,
            timings: self.timings.get(),
            bytes_sent: self.bytes_sent.get(),
            bytes_received: self.bytes_received.get(),
            reused_connection: self.is_reused(),
            peer: self.peer.get(),
        }
    }

    /// An earlier exchange made the connection, and the server may have closed it since.
    pub(super) fn is_reused(&self) -> bool {
        self.request_begun.get() && !self.is_fresh.get()
    }

    pub(super) fn is_answer_begun(&self) -> bool {
        self.answer_begun.get()
    }

    /// All of the request is on its way, and the server has said nothing so far.
    pub(super) fn awaits_answer(&self) -> bool {
        self.phase.get() == Phase::Waiting
    }

    fn note_taken(&self, count: usize) {
        self.taken.set(self.taken.get() + count as u64);
    }

    pub(super) fn note_fresh_connection(&self) {
        self.is_fresh.set(true);
    }

    /// The request itself is being written: proxies and TLS are through.
    pub(super) fn note_request_begun(&self, peer: SocketAddr) {
        if !self.request_begun.replace(true) {
            self.peer.set(Some(peer));
            self.enter(Phase::Sending, "");
        }
    }

    /// A connection was made, though perhaps not yet through a proxy or TLS.
    pub(super) fn note_peer(&self, peer: SocketAddr) {
        self.peer.set(Some(peer));
    }

    /// The request goes out through another connection than the one it began with.
    pub(super) fn note_resumed(&self) {
        self.enter(Phase::Sending, "");
    }

    /// Nothing of the request was given to the kernel so far.
    pub(super) fn is_uncommitted(&self) -> bool {
        !self.committed.get()
    }

    pub(super) fn note_committed(&self) {
        self.committed.set(true);
    }

    /// An answer is awaited, and the kernel took everything that was written before.
    pub(super) fn note_flushed(&self) {
        let whole = self.taken.get() == self.terms.content_length && !self.sending_ended.get();
        if self.request_begun.get() && whole {
            self.all_written.set(true);
        }
        if self.phase.get() == Phase::Sending {
            self.enter(Phase::Waiting, "");
        }
    }

    pub(super) fn note_answer_begun(&self) {
        if !self.answer_begun.replace(true) {
            self.enter(Phase::ReceivingHead, "");
        }
    }

    /// The server answered while the body was still being sent, or writing failed; then it may have
    /// said why before it closed the connection.
    pub(super) fn note_sending_ended(&self) {
        self.sending_ended.set(true);
    }

    /// Nothing more is to be written.
    pub(super) fn sending_ended(&self) -> bool {
        self.sending_ended.get()
    }

    /// The kernel took so many bytes, which does not mean that they have moved.
    pub(super) fn note_sent(&self, count: usize) {
        self.bytes_sent.set(self.bytes_sent.get() + count as u64);
    }

    /// Of all that was sent, so much is still with the kernel. Gives how much has left it since the
    /// last look.
    fn note_queue(&self, queued: u64) -> u64 {
        let acknowledged = self.bytes_sent.get().saturating_sub(queued);
        let moved = acknowledged.saturating_sub(self.acknowledged.replace(acknowledged));
        self.note_moved(moved);
        moved
    }

    pub(super) fn note_received(&self, count: usize) {
        self.bytes_received.set(self.bytes_received.get() + count as u64);
        self.note_moved(count as u64);
    }

    fn note_moved(&self, count: u64) {
        if let Some(meter) = &mut *self.speed.borrow_mut() {
            meter.moved(count);
        }
    }
}
