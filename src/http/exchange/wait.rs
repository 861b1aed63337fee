//! Every wait of an exchange: it ends when a socket is ready, or at the first limit, or when the
//! call is cancelled.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use super::{Phase, State, Stopped};
use crate::http::failure::FailureKind;
use crate::sys::unacknowledged;
use crate::wait::{Deadline, Event, poll};

/// Most waits are shorter. Only after it the kernel is asked what it still has.
const SHORT_WAIT: Duration = Duration::from_secs(1);

/// When to look again at what the kernel still has: nobody tells when it gets less.
fn next_look(looked: Instant, idle_limit: Duration, queued: Option<u64>) -> Option<Instant> {
    const LOOKS: u32 = 8;
    match queued {
        None => looked.checked_add(SHORT_WAIT.min(idle_limit / LOOKS)),
        Some(0) => None,
        Some(_) => looked.checked_add(idle_limit / LOOKS),
    }
}

impl State {
    /// Whether the exchange may go on.
    pub(in crate::http) fn check(&self) -> Result<(), Stopped> {
        let fail = |kind, message| Err(Stopped::new(kind, message));
        if self.terms.cancel.as_ref().is_some_and(|token| token.is_cancelled()) {
            return fail(FailureKind::Cancelled, format!("cancelled {}", self.activity()));
        }
        let now = Instant::now();
        if let Some(Deadline { at, limit }) = self.terms.deadline
            && at <= now
        {
            let activity = self.activity();
            let message = format!("the deadline of the call ({limit:?}) was reached {activity}");
            return fail(FailureKind::Deadline, message);
        }
        if self.phase_ends.is_some_and(|end| end <= now) {
            let limit = self.limit_of(self.phase).unwrap_or_default();
            return fail(FailureKind::Timeout, self.phase_message(limit));
        }
        Ok(())
    }

    /// Waits until a descriptor is ready or the event is set, and gives what each descriptor is
    /// ready for; None when `wake` came before.
    pub(in crate::http) fn poll(
        &self,
        descriptors: &[PollFd<'_>],
        event: Option<&Event>,
        wake: Option<Instant>,
    ) -> Result<Option<Vec<PollFlags>>, Stopped> {
        let cancel = self.terms.cancel.as_ref().map(|token| token.event());
        let events: Vec<&Event> = event.into_iter().chain(cancel).collect();
        let deadline = self.terms.deadline.map(|deadline| deadline.at);
        let until = [wake, deadline, self.phase_ends].into_iter().flatten().min();
        self.check()?;
        let ready = poll(descriptors, &events, until)
            .map_err(|error| Stopped::transport(format!("waiting for the network: {error}")))?;
        self.check()?;
        Ok(ready)
    }

    /// Waits for nothing but the time.
    pub(in crate::http) fn sleep(&self, duration: Duration) -> Result<(), Stopped> {
        if duration.is_zero() {
            return Ok(());
        }
        self.poll(&[], None, Instant::now().checked_add(duration)).map(|_| ())
    }

    /// Waits for a connection that is in use, as long as silence and slowness are allowed.
    ///
    /// What was written fills the buffers of the kernel first, which over a slow link is minutes of
    /// work. So what leaves them counts as movement, and not what enters them.
    pub(in crate::http) fn wait_for(
        &mut self,
        socket: BorrowedFd<'_>,
        interest: PollFlags,
    ) -> Result<PollFlags, Stopped> {
        let phase = self.phase;
        let idle_limit = self.terms.idle_timeout;
        let mut looked = Instant::now();
        let mut moved = looked;
        // What the kernel still has, if it was asked: a speed is measured from the beginning.
        let has_floor = self.terms.speed.is_some();
        let mut queued = None;
        if has_floor {
            let bytes = unacknowledged(socket);
            self.note_queue(bytes);
            queued = Some(bytes);
        }
        loop {
            let idle_end = match phase.is_of_request() {
                true => moved.checked_add(idle_limit),
                false => None,
            };
            // What is still on its way has a speed, also when an answer is awaited already.
            let is_moving = phase.is_moving() || (phase == Phase::Waiting && queued > Some(0));
            let speed_look = if is_moving { self.next_look_at_speed(looked) } else { None };
            let wakes = [idle_end, speed_look, next_look(looked, idle_limit, queued)];
            let wake = wakes.into_iter().flatten().min();
            let ready = self.poll(&[PollFd::from_borrowed_fd(socket, interest)], None, wake)?;
            let now = Instant::now();
            if ready.is_none() || has_floor {
                let bytes = unacknowledged(socket);
                queued = Some(bytes);
                if self.note_queue(bytes) > 0 {
                    moved = now;
                    // The request is still on its way: the server cannot be asked to answer yet.
                    if phase == Phase::Waiting {
                        self.begin_limit();
                    }
                }
            }
            if is_moving {
                self.check_speed(now.duration_since(looked))?;
            }
            looked = now;
            if let Some(ready) = ready {
                return Ok(ready.into_iter().fold(PollFlags::empty(), |all, one| all | one));
            }
            if phase.is_of_request() && now.duration_since(moved) >= idle_limit {
                return Err(Stopped::new(FailureKind::Timeout, self.idle_message(idle_limit)));
            }
        }
    }

    fn next_look_at_speed(&self, looked: Instant) -> Option<Instant> {
        self.terms.speed.as_ref().and_then(|meter| looked.checked_add(meter.next_look()))
    }

    fn check_speed(&mut self, waited: Duration) -> Result<(), Stopped> {
        match self.terms.speed.as_mut().and_then(|meter| meter.waited(waited)) {
            Some(speed) => {
                let message = format!("too slow: {speed}, {}", self.activity());
                Err(Stopped::new(FailureKind::LowSpeed, message))
            }
            None => Ok(()),
        }
    }

    /// How much of `wanted` may be sent now, after waiting for the rate limits.
    pub(in crate::http) fn allowance(&self, wanted: usize) -> Result<usize, Stopped> {
        let rates = &self.terms.rates;
        let Some(piece) = rates.iter().map(|rate| rate.piece()).min() else {
            return Ok(wanted);
        };
        let piece = piece.min(wanted);
        let waits = rates.iter().map(|rate| rate.take(piece));
        self.sleep(waits.max().unwrap_or_default())?;
        Ok(piece)
    }
}
