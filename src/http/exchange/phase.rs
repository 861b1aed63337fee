//! The phases of an exchange: each has its limit, its share of the time, and its words.

use std::time::{Duration, Instant};

use super::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Phase {
    Begin,
    Resolving,
    Connecting,
    /// Talking to a proxy.
    Proxy,
    Tls,
    Sending,
    Waiting,
    ReceivingHead,
    ReceivingBody,
}

impl Phase {
    /// The phases in which the connection is at work, and silence means something.
    pub(super) fn is_of_request(self) -> bool {
        matches!(self, Self::Sending | Self::Waiting | Self::ReceivingHead | Self::ReceivingBody)
    }

    /// The phases that have a speed. A server may think as long as the idle time-out lets it.
    pub(super) fn is_moving(self) -> bool {
        matches!(self, Self::Sending | Self::ReceivingHead | Self::ReceivingBody)
    }
}

impl State {
    /// Begins a phase. `subject` is what messages name: the host, the address or the proxy.
    pub(in crate::http) fn enter(&self, phase: Phase, subject: &str) {
        self.note_time();
        self.phase.set(phase);
        subject.clone_into(&mut self.subject.borrow_mut());
        // The head of an answer is bounded from the end of the request, not from its first byte.
        if phase != Phase::ReceivingHead {
            let limit = self.limit_of(phase);
            self.phase_ends.set(limit.and_then(|limit| Instant::now().checked_add(limit)));
        }
        if let Some(meter) = &mut *self.speed.borrow_mut() {
            meter.restart();
        }
    }

    /// The request is still on its way, so that the server cannot be asked to answer yet.
    pub(super) fn note_movement_while_waiting(&self) {
        if self.phase.get() == Phase::Waiting {
            let limit = self.limit_of(Phase::Waiting);
            self.phase_ends.set(limit.and_then(|limit| Instant::now().checked_add(limit)));
        }
    }

    /// How long a phase may take, whatever moves in it.
    pub(super) fn limit_of(&self, phase: Phase) -> Option<Duration> {
        let terms = self.terms();
        match phase {
            Phase::Begin | Phase::Sending => None,
            Phase::Resolving | Phase::Connecting | Phase::Proxy => Some(terms.connect_timeout),
            Phase::Tls => Some(terms.tls_timeout),
            // For servers that say a byte now and then.
            Phase::Waiting | Phase::ReceivingHead => terms.idle_timeout.checked_mul(2),
            Phase::ReceivingBody => terms.idle_timeout.checked_mul(6),
        }
    }

    /// Books the time since the last booking.
    pub(super) fn note_time(&self) {
        let now = Instant::now();
        let passed = now.duration_since(self.phase_began.replace(now));
        let mut timings = self.timings.get();
        match self.phase.get() {
            Phase::Begin => return,
            Phase::Resolving => timings.dns += passed,
            Phase::Connecting | Phase::Proxy => timings.connect += passed,
            Phase::Tls => timings.tls += passed,
            Phase::Sending => timings.send += passed,
            Phase::Waiting => timings.wait += passed,
            Phase::ReceivingHead | Phase::ReceivingBody => timings.receive += passed,
        }
        self.timings.set(timings);
    }

    /// What the exchange is doing, for messages.
    pub(super) fn activity(&self) -> String {
        let subject = self.subject.borrow();
        match self.phase.get() {
            Phase::Begin => "before anything was sent".to_owned(),
            Phase::Resolving => format!("while {subject} was being resolved"),
            Phase::Connecting => format!("while {subject} was being connected"),
            Phase::Proxy => format!("while {subject} was asked for a connection"),
            Phase::Tls => format!("during the TLS handshake with {subject}"),
            Phase::Sending => {
                let (taken, length) = (self.taken.get(), self.terms().content_length);
                format!("after {taken} of {length} bytes of the body were sent")
            }
            Phase::Waiting => "while the answer was awaited".to_owned(),
            Phase::ReceivingHead | Phase::ReceivingBody => {
                "while the answer was being received".to_owned()
            }
        }
    }
}
