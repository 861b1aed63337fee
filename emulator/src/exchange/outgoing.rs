//! Answers on their way out: how far they have got, and what shall go wrong with them.
//!
//! Nothing here touches the connection. [`Answers`] is asked before each write how much may go out, and
//! told afterwards how much did.

use std::collections::VecDeque;
use std::time::Duration;

use hyper::body::Bytes;
use memchr::memmem;
use tokio::time::Instant;

use crate::faults::{FaultKind, Position, Taken, WireFault};
use crate::records::{AnswerFate, SharedRecord, UnderwayRequest};

/// Answers that were handed to the HTTP server and have not gone out, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    queue: VecDeque<Outgoing>,
}

/// An answer that goes out.
#[derive(Debug)]
pub(crate) struct Outgoing {
    record: SharedRecord,
    body_bytes: u64,
    /// Interim answers in front of it, such as 100.
    interim_bytes: u64,
    /// Known from the first write.
    head_bytes: Option<u64>,
    /// Interim answers included.
    written: u64,
    departure: Option<Departure>,
    /// Dropped with the answer.
    _underway: UnderwayRequest,
}

#[derive(Debug)]
struct Departure {
    taken: Taken,
    plan: Plan,
}

#[derive(Clone, Debug)]
enum Plan {
    Act { at: Position, act: Act },
    Trickle { bytes_per_second: u64, resume: Option<Instant> },
}

/// What happens instead of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Pause {
        until: Instant,
    },
    Stall {
        lasting: Option<Duration>,
    },
    Reset,
    Close,
    /// These bytes go out, then the connection ends.
    Garbage(Bytes),
}

/// How much may go out now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    All,
    UpTo(usize),
    Act(Act),
}

/// A trickle is cut into pieces of this time.
const TRICKLE_TICKS_PER_SECOND: u64 = 10;

impl Answers {
    pub(crate) fn push(&mut self, answer: Outgoing) {
        self.queue.push_back(answer);
    }

    /// Asks before a write. `first` is what is first to be written, `length` how much in all.
    pub(crate) fn permit(&mut self, first: &[u8], length: usize, now: Instant) -> Permit {
        let others = self.queue.len() > 1;
        let Some(answer) = self.queue.front_mut() else {
            return Permit::All;
        };
        answer.measure(first);
        let permit = match answer.departure_permit(now) {
            // What follows the answer belongs to the next one.
            Permit::All if others => Permit::UpTo(to_usize(answer.left())),
            permit => permit,
        };
        let allowed = match permit {
            Permit::All => length,
            Permit::UpTo(limit) => limit.min(first.len()),
            Permit::Act(_) => return permit,
        };
        answer.foresee(allowed);
        permit
    }

    /// Asks after everything was written.
    pub(crate) fn permit_at_rest(&mut self) -> Option<Act> {
        let answer = self.queue.front_mut()?;
        answer.act_is_due().then(|| answer.act()).flatten()
    }

    /// Tells how much went out.
    pub(crate) fn wrote(&mut self, bytes: usize, now: Instant) {
        if let Some(answer) = self.queue.front_mut() {
            answer.wrote(bytes, now);
            self.drop_complete();
        }
    }

    /// The act that was asked for begins.
    pub(crate) fn begin_act(&mut self) {
        if let Some(answer) = self.queue.front_mut() {
            answer.note_departure();
        }
    }

    /// The act is over and the answer goes on.
    pub(crate) fn end_act(&mut self) {
        if let Some(answer) = self.queue.front_mut() {
            answer.go_on();
            self.drop_complete();
        }
    }

    fn drop_complete(&mut self) {
        if self.queue.front().is_some_and(|answer| answer.is_complete() && !answer.act_is_due()) {
            self.queue.pop_front();
        }
    }
}

impl Outgoing {
    pub(crate) fn new(
        record: SharedRecord,
        body_bytes: u64,
        departure: Option<Taken>,
        underway: UnderwayRequest,
    ) -> Outgoing {
        Outgoing {
            record,
            body_bytes,
            interim_bytes: 0,
            head_bytes: None,
            written: 0,
            departure: departure.and_then(Departure::new),
            _underway: underway,
        }
    }

    /// Finds the head, which is always written at once.
    fn measure(&mut self, mut bytes: &[u8]) {
        if self.head_bytes.is_some() {
            return;
        }
        while let Some(end) = memmem::find(bytes, b"\r\n\r\n") {
            let (head, rest) = bytes.split_at(end + 4);
            if !head.starts_with(b"HTTP/1.1 1") {
                self.head_bytes = Some(head.len() as u64);
                break;
            }
            self.interim_bytes += head.len() as u64;
            bytes = rest;
        }
    }

    fn departure_permit(&mut self, now: Instant) -> Permit {
        if self.act_is_due() {
            return self.act().map_or(Permit::All, Permit::Act);
        }
        let stop = self.stop();
        let Some(departure) = &mut self.departure else {
            return Permit::All;
        };
        match (&mut departure.plan, stop) {
            (Plan::Act { .. }, Some(stop)) => Permit::UpTo(to_usize(stop - self.written)),
            // The answer has no such place.
            (Plan::Act { .. }, None) => Permit::All,
            (Plan::Trickle { resume: Some(until), .. }, _) if *until > now => {
                Permit::Act(Act::Pause { until: *until })
            }
            (Plan::Trickle { bytes_per_second, .. }, _) => {
                Permit::UpTo(to_usize((*bytes_per_second / TRICKLE_TICKS_PER_SECOND).max(1)))
            }
        }
    }

    /// How many bytes go out before the act.
    fn stop(&self) -> Option<u64> {
        let Plan::Act { at, .. } = &self.departure.as_ref()?.plan else {
            return None;
        };
        Some(self.interim_bytes + at.within(self.head_bytes?, self.body_bytes)?)
    }

    fn is_trickled(&self) -> bool {
        self.departure.as_ref().is_some_and(|departure| departure.is_trickle())
    }

    fn act_is_due(&self) -> bool {
        self.stop() == Some(self.written)
    }

    fn act(&self) -> Option<Act> {
        match &self.departure.as_ref()?.plan {
            Plan::Act { act, .. } => Some(act.clone()),
            Plan::Trickle { .. } => None,
        }
    }

    fn total(&self) -> Option<u64> {
        Some(self.interim_bytes + self.head_bytes? + self.body_bytes)
    }

    fn left(&self) -> u64 {
        self.total().map_or(u64::MAX, |total| total - self.written)
    }

    fn is_complete(&self) -> bool {
        self.left() == 0
    }

    /// A client that has read the whole answer must find it recorded as sent.
    fn foresee(&self, bytes: usize) {
        if self.left() <= bytes as u64 {
            self.record.lock().answer = AnswerFate::Sent;
        }
    }

    fn wrote(&mut self, bytes: usize, now: Instant) {
        let bytes = self.left().min(bytes as u64);
        self.written += bytes;
        if !self.is_complete() {
            self.record.lock().answer = AnswerFate::Pending;
        }
        if self.is_trickled() {
            self.note_departure();
        }
        if let Some(Departure { plan: Plan::Trickle { bytes_per_second, resume }, .. }) =
            &mut self.departure
        {
            let seconds = bytes as f64 / *bytes_per_second as f64;
            *resume = Some(now + Duration::from_secs_f64(seconds));
        }
    }

    fn note_departure(&mut self) {
        if let Some(departure) = &self.departure {
            departure.taken.happened(&mut self.record.lock());
        }
    }

    /// Ends a pause or a stall.
    fn go_on(&mut self) {
        match &mut self.departure {
            Some(Departure { plan: Plan::Trickle { resume, .. }, .. }) => *resume = None,
            departure => *departure = None,
        }
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        let fate = match self.is_complete() {
            true => AnswerFate::Sent,
            false => AnswerFate::Cut { bytes: self.written.saturating_sub(self.interim_bytes) },
        };
        self.record.end(fate);
    }
}

impl Departure {
    fn new(taken: Taken) -> Option<Departure> {
        let start = Position::Head(0);
        let plan = match taken.kind() {
            FaultKind::Garbage { text } => {
                Plan::Act { at: start, act: Act::Garbage(Bytes::from(text.clone())) }
            }
            FaultKind::Answer(WireFault::Reset { at }) => Plan::Act { at: *at, act: Act::Reset },
            FaultKind::Answer(WireFault::Close { at }) => Plan::Act { at: *at, act: Act::Close },
            FaultKind::Answer(WireFault::Stall { at, lasting }) => {
                Plan::Act { at: *at, act: Act::Stall { lasting: *lasting } }
            }
            FaultKind::Answer(WireFault::Trickle { bytes_per_second }) => {
                Plan::Trickle { bytes_per_second: *bytes_per_second, resume: None }
            }
            _ => return None,
        };
        Some(Departure { taken, plan })
    }

    fn is_trickle(&self) -> bool {
        matches!(self.plan, Plan::Trickle { .. })
    }
}

fn to_usize(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[path = "outgoing_tests.rs"]
mod tests;
