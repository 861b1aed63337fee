//! What happened so far in an exchange, and what it may still take.

mod body;
mod phase;
mod stop;
mod wait;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(super) use body::BodyReader;
pub(crate) use body::{Progress, Unwatched};
pub(super) use phase::Phase;
pub(super) use stop::Stopped;

use super::rate::RateLimiter;
use super::speed::SpeedMeter;
use crate::metrics::Metrics;
use crate::wait::{CancelToken, Deadline};

/// What an exchange is begun with.
#[derive(Debug)]
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
    /// The request changes nothing at the server, so that even one that arrived may be sent again.
    pub(super) is_repeatable: bool,
    /// Kept connections are not used.
    pub(super) fresh_only: bool,
}

/// The state of one exchange, which its connection and the reader of its body share. All are on one
/// thread, but the HTTP library asks for what threads could share.
#[derive(Debug, Clone)]
pub(super) struct Exchange(Arc<Mutex<State>>);

#[derive(Debug)]
pub(super) struct State {
    pub(super) terms: Terms,
    phase: Phase,
    phase_began: Instant,
    /// When the phase has to be over, whatever moves.
    phase_ends: Option<Instant>,
    /// The host, the address or the proxy that the phase is about.
    subject: String,
    /// `requests` and `reused_connection` are filled in at the end.
    metrics: Metrics,
    /// Bytes that were sent, and that the peer had acknowledged at the last look.
    acknowledged: u64,
    /// A connection was made for this exchange.
    is_fresh: bool,
    /// The first bytes of the request itself were written.
    request_begun: bool,
    /// The kernel was given a piece of the request, and nothing can be taken back.
    pub(super) is_committed: bool,
    pub(super) answer_begun: bool,
    /// Bytes of the body that were taken from the source.
    taken: u64,
    /// The kernel has the head and all of the body.
    pub(super) all_written: bool,
    /// Nothing more is to be written: the server answered while the body was still being sent, or
    /// writing failed; then it may have said why before it closed the connection.
    pub(super) sending_ended: bool,
}

impl Exchange {
    pub(super) fn begin(terms: Terms) -> Self {
        Self(Arc::new(Mutex::new(State {
            terms,
            phase: Phase::Begin,
            phase_began: Instant::now(),
            phase_ends: None,
            subject: String::new(),
            metrics: Metrics::default(),
            acknowledged: 0,
            is_fresh: false,
            request_begun: false,
            is_committed: false,
            answer_begun: false,
            taken: 0,
            all_written: false,
            sending_ended: false,
        })))
    }

    /// Not to be held while a function of the caller runs.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What has been measured until now.
    pub(super) fn metrics(&mut self) -> Metrics {
        self.note_time();
        Metrics { requests: 1, reused_connection: self.is_reused(), ..self.metrics }
    }

    /// An earlier exchange made the connection, and the server may have closed it since.
    pub(super) fn is_reused(&self) -> bool {
        self.request_begun && !self.is_fresh
    }

    /// All of the request is on its way, and the server has said nothing so far.
    pub(super) fn awaits_answer(&self) -> bool {
        self.phase == Phase::Waiting
    }

    /// The answer has begun, and its body has not.
    pub(super) fn is_in_head(&self) -> bool {
        self.phase == Phase::ReceivingHead
    }

    /// A connection was made, perhaps only to a proxy, and the handshakes are still to come.
    pub(super) fn note_fresh_connection(&mut self, peer: SocketAddr) {
        self.is_fresh = true;
        self.metrics.peer = Some(peer);
    }

    /// The request itself is being written: proxies and TLS are through.
    pub(super) fn note_request_begun(&mut self, peer: SocketAddr) {
        if !self.request_begun {
            self.request_begun = true;
            self.metrics.peer = Some(peer);
            self.enter(Phase::Sending, "");
        }
    }

    /// An answer is awaited, and the kernel took everything that was written before.
    pub(super) fn note_flushed(&mut self) {
        let is_whole = self.taken == self.terms.content_length && !self.sending_ended;
        self.all_written |= self.request_begun && is_whole;
        if self.phase == Phase::Sending {
            self.enter(Phase::Waiting, "");
        }
    }

    pub(super) fn note_answer_begun(&mut self) {
        if !self.answer_begun {
            self.answer_begun = true;
            self.enter(Phase::ReceivingHead, "");
        }
    }

    /// The kernel took so many bytes, which does not mean that they have moved.
    pub(super) fn note_sent(&mut self, count: usize) {
        self.metrics.bytes_sent += count as u64;
    }

    /// Of all that was sent, so much is still with the kernel. Gives how much has left it since the
    /// last look.
    fn note_queue(&mut self, queued: u64) -> u64 {
        let acknowledged = self.metrics.bytes_sent.saturating_sub(queued);
        let moved = acknowledged.saturating_sub(self.acknowledged);
        self.acknowledged = acknowledged;
        self.note_moved(moved);
        moved
    }

    pub(super) fn note_received(&mut self, count: usize) {
        self.metrics.bytes_received += count as u64;
        self.note_moved(count as u64);
    }

    fn note_moved(&mut self, count: u64) {
        if let Some(meter) = &mut self.terms.speed {
            meter.moved(count);
        }
    }
}
