//! The outbox of a gateway: the library's own choice of what is sent next, and when.

#[allow(dead_code, unused_imports, reason = "the library and its tests use all of it")]
#[path = "../../src/outbox/index.rs"]
mod index;
#[allow(dead_code, unused_imports, reason = "the library and its tests use all of it")]
#[path = "../../src/outbox/name.rs"]
mod name;
#[allow(dead_code, unused_imports, reason = "the library and its tests use all of it")]
#[path = "../../src/outbox/sending.rs"]
mod sending;

/// No disk of a simulated gateway is full, so that no receipt is without room.
mod receipt {
    #[derive(Debug)]
    pub(super) struct Facts;
}

use std::time::{Duration, Instant};

use index::{Index, Place};
use name::Name;
use ossbind::retry::RetryPolicy;
use sending::{Next, Sending};

/// What an item waits at least after a failure whose advice is `AGAIN`.
const AGAIN: Duration = Duration::from_secs(10);

/// Files that wait, and the pauses. It lives in memory, since nothing here is about disks.
pub struct Outbox {
    index: Index,
    sending: Sending,
    policy: RetryPolicy,
    sent: Option<Name>,
}

impl Outbox {
    pub fn new() -> Self {
        // The defaults of OutboxConfig.
        let [base_delay, max_delay] = [5_000, 300_000].map(Duration::from_millis);
        Self {
            index: Index::default(),
            sending: Sending::default(),
            policy: RetryPolicy { attempts: u32::MAX, base_delay, max_delay },
            sent: None,
        }
    }

    pub fn add(&mut self) {
        let id = self.index.next_id.max(1);
        self.index.insert(Place::Waiting, Name::new(id, 0, 0, 0, 0));
    }

    /// Begins with an item, or says when to ask again.
    pub fn begin(&mut self, now: Instant) -> Result<(), Option<Instant>> {
        match self.sending.next(&self.index, now, false) {
            Next::Send(name) => self.sent = Some(name),
            Next::Wait(until) => return Err(until),
            Next::Empty => return Err(None),
        }
        Ok(())
    }

    pub fn succeeded(&mut self) {
        let name = self.sent.take().expect("one is being sent");
        self.sending.ended(name, None);
        self.sending.succeeded();
        self.index.remove(Place::Waiting, name);
        self.sending.forget(name.id());
    }

    pub fn failed(&mut self, now: Instant) {
        let name = self.sent.take().expect("one is being sent");
        self.sending.ended(name, None);
        self.sending.failed(name, (now, now), &self.policy, None, AGAIN, "");
    }
}
