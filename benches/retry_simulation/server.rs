//! The server: so much work in a second, of which refusing takes some.

use std::time::Duration;

/// Uploads that it can store in a second.
pub const CAPACITY: u32 = 300;
/// Refusing takes a fifth of the work of storing: connection, TLS, reading, answering.
const REFUSALS: u32 = 5 * CAPACITY;
/// Who would wait longer is refused with 503.
const LONGEST_QUEUE: Duration = Duration::from_secs(1);
/// With so much work ahead nobody looks at a connection any more.
const OVERRUN: Duration = Duration::from_secs(5);
/// What a client waits for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// An upload, without the time in the queue.
const UPLOAD: Duration = Duration::from_millis(200);
/// A refusal of a server that is overloaded.
const REFUSAL: Duration = Duration::from_millis(400);
/// A refusal of what stands before a server that is gone.
const OUTAGE_ANSWER: Duration = Duration::from_millis(50);

/// What becomes of a request.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Stored,
    Failed,
}

pub struct Server {
    outage: (Duration, Duration),
    /// When it will have done what it has accepted.
    busy_until: Duration,
}

impl Server {
    pub fn new((from, to): (u64, u64)) -> Self {
        let outage = (Duration::from_secs(from), Duration::from_secs(to));
        Self { outage, busy_until: Duration::ZERO }
    }

    /// What the client is told, and after what time.
    pub fn request(&mut self, now: Duration) -> (Verdict, Duration) {
        if (self.outage.0..self.outage.1).contains(&now) {
            return (Verdict::Failed, OUTAGE_ANSWER);
        }
        let queue = self.busy_until.saturating_sub(now);
        if queue > OVERRUN {
            return (Verdict::Failed, CONNECT_TIMEOUT);
        }
        let is_refused = queue > LONGEST_QUEUE;
        let work = Duration::from_secs(1) / if is_refused { REFUSALS } else { CAPACITY };
        self.busy_until = self.busy_until.max(now) + work;
        match is_refused {
            true => (Verdict::Failed, REFUSAL),
            false => (Verdict::Stored, queue + UPLOAD),
        }
    }
}
