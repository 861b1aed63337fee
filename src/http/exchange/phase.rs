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
    pub(in crate::http) fn enter(&mut self, phase: Phase, subject: &str) {
        self.note_time();
        self.phase = phase;
        subject.clone_into(&mut self.subject);
        // The head of an answer is bounded from the end of the request, not from its first byte.
        if phase != Phase::ReceivingHead {
            self.begin_limit();
        }
        if let Some(meter) = &mut self.terms.speed {
            meter.restart();
        }
    }

    /// The limit of the phase counts from now on.
    pub(super) fn begin_limit(&mut self) {
        let limit = self.limit_of(self.phase);
        self.phase_ends = limit.and_then(|limit| Instant::now().checked_add(limit));
    }

    /// How long a phase may take, whatever moves in it.
    pub(super) fn limit_of(&self, phase: Phase) -> Option<Duration> {
        let terms = &self.terms;
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
    pub(super) fn note_time(&mut self) {
        let now = Instant::now();
        let passed = now.duration_since(std::mem::replace(&mut self.phase_began, now));
        let timings = &mut self.metrics.timings;
        match self.phase {
            Phase::Begin => {}
            Phase::Resolving => timings.dns += passed,
            Phase::Connecting | Phase::Proxy => timings.connect += passed,
            Phase::Tls => timings.tls += passed,
            Phase::Sending => timings.send += passed,
            Phase::Waiting => timings.wait += passed,
            Phase::ReceivingHead | Phase::ReceivingBody => timings.receive += passed,
        }
    }

    /// What the exchange is doing, for messages.
    pub(super) fn activity(&self) -> String {
        let subject = &self.subject;
        match self.phase {
            Phase::Begin => "before anything was sent".to_owned(),
            Phase::Resolving => format!("while {subject} was being resolved"),
            Phase::Connecting => format!("while {subject} was being connected"),
            Phase::Proxy => format!("while {subject} was asked for a connection"),
            Phase::Tls => format!("during the TLS handshake with {subject}"),
            Phase::Sending => {
                let (taken, length) = (self.taken, self.terms.content_length);
                format!("after {taken} of {length} bytes of the body were sent")
            }
            Phase::Waiting => "while the answer was awaited".to_owned(),
            Phase::ReceivingHead | Phase::ReceivingBody => {
                "while the answer was being received".to_owned()
            }
        }
    }
}
