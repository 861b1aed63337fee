//! What the console is told: first what is remembered, then what comes.
//!
//! The feed looks into the records when its reader has room, and waits when there is nothing new. So
//! it holds nothing back for a slow reader, and no exchange waits for one.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::exchange::state::State;
use crate::records::{SharedRecord, json};

/// Records, of each kind, that a page gets when it is opened. It shows no more.
const REMEMBERED: usize = 500;
/// Records at a time.
const BATCH: usize = 16;
const MAX_UNDERWAY: usize = 100;
/// After so much silence something is sent, to find out whether the reader is still there.
const HEARTBEAT: Duration = Duration::from_secs(15);

pub(super) struct Feed {
    state: Arc<State>,
    changes: watch::Receiver<()>,
    /// What goes out before anything else.
    greeting: Option<String>,
    next_request: u64,
    next_callback: u64,
    /// Requests that were sent and will change.
    pending: Vec<SharedRecord>,
    /// The numbers of those under way that were sent.
    underway: Vec<u64>,
}

impl Feed {
    pub(super) fn new(state: Arc<State>, endpoint: &str) -> Feed {
        let greeting = json!({
            "endpoint": endpoint,
            "region": state.region,
            "version": env!("CARGO_PKG_VERSION"),
            "remembered": REMEMBERED,
        });
        Feed {
            changes: state.changes.watch(),
            greeting: Some(event("hello", &greeting)),
            next_request: state.requests.newest(REMEMBERED),
            next_callback: state.callbacks.newest(REMEMBERED),
            pending: Vec::new(),
            underway: Vec::new(),
            state,
        }
    }

    /// The next events, as soon as there are some.
    pub(super) async fn next(&mut self) -> Bytes {
        loop {
            // What changes from now on is seen in the next round.
            self.changes.mark_unchanged();
            let text = self.news();
            if !text.is_empty() {
                return text.into();
            }
            if timeout(HEARTBEAT, self.changes.changed()).await.is_err() {
                return Bytes::from_static(b":\n\n");
            }
        }
    }

    fn news(&mut self) -> String {
        // In this order, so that the callbacks of these requests are there, and go out before them.
        let requests = self.state.requests.news(self.next_request, BATCH);
        let callbacks = self.state.callbacks.news(self.next_callback, BATCH);
        (self.next_callback, self.next_request) = (callbacks.next, requests.next);
        let mut text = self.greeting.take().unwrap_or_default();
        let lost = callbacks.lost + requests.lost;
        if lost > 0 {
            text.push_str(&event("lost", &json!({"records": lost})));
        }
        text.extend(
            callbacks.records.iter().map(|record| event("callback", &json::callback(record))),
        );

        let (changed, pending): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.pending).into_iter().partition(SharedRecord::has_ended);
        self.pending = pending;
        self.pending.extend(requests.records.iter().filter(|record| !record.has_ended()).cloned());
        for record in changed.iter().chain(&requests.records) {
            text.push_str(&event("request", &json::request(&record.lock())));
        }
        text + &self.underway()
    }

    /// All requests under way, if they are others than before.
    fn underway(&mut self) -> String {
        let requests = self.state.underway.oldest(MAX_UNDERWAY);
        let numbers: Vec<u64> = requests.iter().map(|(number, _)| *number).collect();
        if numbers == self.underway {
            return String::new();
        }
        self.underway = numbers;
        let requests = requests.iter().map(|(_, begun)| {
            json!({
                "request_id": begun.request_id,
                "method": begun.method,
                "target": begun.target,
            })
        });
        event("underway", &requests.collect())
    }
}

/// JSON has no line feeds outside of strings, and escaped ones within.
fn event(name: &str, data: &Value) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}
