//! Sending: one item after the other, until told otherwise.

use std::io::{self, ErrorKind};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use super::Outbox;
use super::attempt::{Attempt, Turn};
use super::index::Place;
use super::name::Name;
use super::sending::Next;
use super::settle::{OpenItem, Opened};
use super::store::State;
use crate::client::Client;
use crate::error::{Advice, Error, ObjectState, Result, Status};
use crate::wait::{CancelToken, Deadline, poll};

/// After a failure that has nothing to do with the item, the disk is looked at again.
const DISK_PAUSE: Duration = Duration::from_secs(5);
/// Somebody else has an item so long at most: it is removed then.
const TAKEN_PAUSE: Duration = Duration::from_secs(1);

/// When a run ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Until {
    /// Never.
    #[default]
    Stopped,
    /// When nothing waits any more.
    Empty,
    /// When nothing can be sent now.
    Idle,
}

/// What one step of a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// An item had its turn.
    Tried,
    /// There is nothing to do until then, or until something changes.
    Wait(Option<Instant>),
    /// Nothing waits any more.
    Empty,
}

/// Threads that send until they are told to stop.
pub(super) struct Threads {
    stop: CancelToken,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.stop.cancel();
        for thread in self.threads.drain(..) {
            // One that has panicked holds nothing.
            let _ = thread.join();
        }
    }
}

/// The right to send from the folder, which one process has at a time.
struct Sender<'a>(&'a Outbox);

impl Drop for Sender<'_> {
    fn drop(&mut self) {
        self.0.store.unlock_sender();
        *self.0.is_sending() = false;
    }
}

impl Outbox {
    /// Sends on this thread until told otherwise. Everything that is not sent stays.
    pub fn run(
        &self,
        until: Until,
        timeout: Option<Duration>,
        cancel: Option<&CancelToken>,
    ) -> Result<()> {
        let client = self.client()?;
        let _sender = self.become_sender()?;
        self.send(client, until, timeout.and_then(Deadline::after), cancel)
    }

    /// Sends on threads of the library until [`stop`](Self::stop).
    pub fn start(self: &Arc<Self>, count: usize) -> Result<()> {
        let client = Arc::clone(self.client()?);
        let sender = self.become_sender()?;
        let stop = CancelToken::new();
        let mut threads = Threads { stop: stop.clone(), threads: Vec::new() };
        for _ in 0..count.max(1) {
            let (outbox, client, stop) = (Arc::clone(self), Arc::clone(&client), stop.clone());
            let run = move || outbox.send_until_stopped(&client, &stop);
            let spawned = thread::Builder::new().name("ossbind-outbox".to_owned()).spawn(run);
            threads.threads.push(spawned.map_err(|error| {
                let message = format!("threads: one cannot be started: {error}");
                Error::new(Status::Outbox, message).with_advice(Advice::Again)
            })?);
        }
        // It lasts as long as the threads.
        std::mem::forget(sender);
        *self.threads.lock().unwrap_or_else(PoisonError::into_inner) = Some(threads);
        Ok(())
    }

    /// Stops what [`start`](Self::start) began, and waits for it. Uploads that are under way are cancelled.
    pub fn stop(&self) {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner).take();
        if threads.is_some() {
            drop(threads);
            drop(Sender(self));
        }
    }

    fn become_sender(&self) -> Result<Sender<'_>> {
        let mut is_sending = self.is_sending();
        if *is_sending {
            let message = "outbox: it is being sent already by another thread of this program";
            return Err(Error::new(Status::OutboxBusy, message));
        }
        self.store.lock_sender()?;
        *is_sending = true;
        Ok(Sender(self))
    }

    /// A folder that fails, on a disk that is full or gone, may come back.
    fn send_until_stopped(&self, client: &Client, stop: &CancelToken) {
        while let Err(error) = self.send(client, Until::Stopped, None, Some(stop)) {
            if stop.is_cancelled() {
                return;
            }
            self.store.log.warn(|| format!("outbox: {error}"));
            self.wait(Some(Instant::now() + DISK_PAUSE), stop);
        }
    }

    fn send(
        &self,
        client: &Client,
        until: Until,
        deadline: Option<Deadline>,
        cancel: Option<&CancelToken>,
    ) -> Result<()> {
        let never = CancelToken::new();
        let cancel = cancel.unwrap_or(&never);
        loop {
            if cancel.is_cancelled() {
                let message = "the run was cancelled; what was not sent is kept";
                return Err(Error::new(Status::Cancelled, message));
            }
            let now = Instant::now();
            if deadline.is_some_and(|deadline| deadline.at <= now) {
                return Ok(());
            }
            let left = deadline.map(|deadline| deadline.at - now);
            let turn = Turn { left, ..Turn::new(client, now, cancel) };
            let wait = match self.turn(&turn)? {
                Step::Tried => continue,
                Step::Empty if until != Until::Stopped => return Ok(()),
                Step::Wait(_) if until == Until::Idle && self.store.lock()?.sending.is_idle() => {
                    return Ok(());
                }
                Step::Wait(wait) => wait,
                Step::Empty => None,
            };
            let limit = deadline.map(|deadline| deadline.at);
            self.wait(wait.into_iter().chain(limit).min(), cancel);
        }
    }

    /// Waits until the time has come, or something has changed.
    fn wait(&self, until: Option<Instant>, cancel: &CancelToken) {
        let (watch, wake) = (self.store.watch(), &self.store.wake);
        let descriptors = [PollFd::new(watch, PollFlags::IN), PollFd::new(wake, PollFlags::IN)];
        if poll(&descriptors, &[cancel.event()], until).is_err() {
            // Without memory for the poll itself.
            thread::sleep(DISK_PAUSE);
        }
        wake.clear();
    }

    /// Gives one item its turn. For programs and tests with a loop, and a clock, of their own: `now` only
    /// decides which item is due.
    pub fn step(&self, now: Instant, cancel: &CancelToken) -> Result<Step> {
        let client = self.client()?;
        self.turn(&Turn::new(client, now, cancel))
    }

    fn turn(&self, turn: &Turn<'_>) -> Result<Step> {
        let (name, attempts, unwritten, is_in_doubt) = {
            let mut locked = self.store.lock()?;
            let State { index, sending, .. } = &mut *locked;
            match sending.next(index, turn.now, self.config.newest_first) {
                Next::Send(name) => {
                    let id = name.id();
                    let doubt = sending.is_in_doubt(id);
                    (name, sending.attempts(id).0, sending.unwritten(id).cloned(), doubt)
                }
                Next::Wait(until) => return Ok(Step::Wait(until)),
                Next::Empty => return Ok(Step::Empty),
            }
        };
        let mut opened = self.open_to_send(name, attempts);
        if let Ok(Opened::Item(open)) = &mut opened {
            open.unwritten = unwritten;
            open.is_in_doubt |= is_in_doubt;
        }
        self.turn_of(turn, name, opened)?;
        Ok(Step::Tried)
    }

    /// Sends an item that counts as being sent. Says whether it is over.
    pub(super) fn turn_of(
        &self,
        turn: &Turn<'_>,
        name: Name,
        opened: io::Result<Opened>,
    ) -> Result<bool> {
        let (open, attempt) = match opened {
            Ok(Opened::Item(mut open)) => {
                let attempt = self.attempt(turn, &mut open);
                (Some(open), attempt)
            }
            Ok(Opened::Taken) => (None, Attempt::NotBefore(turn.now.checked_add(TAKEN_PAUSE))),
            Ok(Opened::Damaged) => (None, Attempt::Damaged),
            Err(error) => {
                // One that cannot be read may be alone with that.
                let is_shared = error.kind() == ErrorKind::ReadOnlyFilesystem;
                (None, Attempt::Again { error: self.store.failed("read", &error), is_shared })
            }
        };
        let is_over = matches!(attempt, Attempt::Over(_));
        self.settle(turn, name, open, attempt)?;
        Ok(is_over)
    }

    fn settle(
        &self,
        turn: &Turn<'_>,
        name: Name,
        mut open: Option<Box<OpenItem>>,
        attempt: Attempt,
    ) -> Result<()> {
        let (policy, now) = (&self.policy, turn.end());
        if let Attempt::Again { error, .. } = &attempt {
            self.store.log.warn(|| format!("outbox: item {} is kept: {error}", name.id()));
        }
        let unwritten = open.as_mut().and_then(|open| open.unwritten.take());
        let mut locked = match self.store.lock() {
            Ok(locked) => locked,
            Err(error) => {
                // The folder may come back.
                self.store.state().sending.ended(name, unwritten);
                return Err(error);
            }
        };
        locked.sending.ended(name, unwritten);
        if let Attempt::Again { error, .. } = &attempt
            && error.object_state() == ObjectState::Unknown
        {
            locked.sending.doubt(name);
        }
        match attempt {
            Attempt::Over(outcome) => {
                let Some(open) = open else { return Ok(()) };
                locked.sending.succeeded();
                if let Err(error) = self.move_to_receipts(&mut locked, &open, outcome) {
                    let error = self.store.failed("written to", &error);
                    locked.sending.postpone(name, now, policy, None, error.message());
                }
            }
            Attempt::Again { error, is_shared: true } => {
                let (asked, own) = (error.asked_to_wait(), error.retry_after());
                let times = (turn.now, now);
                locked.sending.failed(name, times, policy, asked, own, error.message());
            }
            Attempt::Again { error, is_shared: false } => {
                let asked = error.asked_to_wait();
                locked.sending.postpone(name, now, policy, asked, error.message());
            }
            Attempt::NotBefore(until) => locked.sending.not_before(name, until),
            Attempt::Stopped => {}
            Attempt::Damaged => self.set_item_aside(&mut locked, Place::Waiting, name),
        }
        // Others may wait for this one.
        self.store.wake.set();
        Ok(())
    }
}
