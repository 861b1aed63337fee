//! Workers that upload the parts of a body with random access.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::plan::Plan;
use super::requests::{StoredPart, Upload};
use crate::error::{Error, Result, Status};
use crate::upload::Progress;
use crate::upload::checksum::Meter;
use crate::upload::content::Content;
use crate::upload::retry::Tries;
use crate::upload::session::Session;
use crate::wait::Event;

/// Enough for the few calls of an exchange, TLS included.
const WORKER_STACK: usize = 512 * 1024;

/// What the workers do.
pub(super) struct Job<'a> {
    pub(super) session: &'a Session<'a>,
    pub(super) upload: Upload<'a>,
    pub(super) content: &'a Content<'a>,
    pub(super) plan: Plan,
    /// Numbers of the parts that are to be sent.
    pub(super) missing: &'a [u32],
    /// Somebody wants to know how far it is. If not, the workers need not say.
    pub(super) is_watched: bool,
}

/// What a worker tells the thread of the caller.
enum Message {
    /// Bytes that were sent; fewer than none when a part begins again.
    Sent(i64),
    Stored(StoredPart),
    Failed(Error),
}

impl Job<'_> {
    /// Uploads the missing parts with `parallel` workers. The first failure ends it, and breaks
    /// off the parts that are on their way. Progress is told on this thread.
    pub(super) fn run(
        &self,
        parallel: usize,
        progress: &mut dyn FnMut(i64) -> Result<()>,
    ) -> Result<Vec<StoredPart>> {
        let next = AtomicUsize::new(0);
        let stop = Event::default();
        // A single one would do no more than this thread.
        let wanted = Some(parallel.min(self.missing.len())).filter(|wanted| *wanted > 1);
        // Bounded, so that a slow progress function slows the workers down.
        let (sender, receiver) = sync_channel(64);
        let by_workers = std::thread::scope(|scope| {
            let mut workers = 0;
            for _ in 0..wanted.unwrap_or_default() {
                let (sender, next, stop) = (sender.clone(), &next, &stop);
                let builder = std::thread::Builder::new()
                    .name("ossbind-part".to_owned())
                    .stack_size(WORKER_STACK);
                let worker = builder.spawn_scoped(scope, move || self.work(next, stop, &sender));
                workers += usize::from(worker.is_ok());
            }
            drop(sender);
            (workers > 0).then(|| collect(&receiver, &stop, progress))
        });
        // Also where the system lets no thread begin.
        by_workers.unwrap_or_else(|| {
            self.missing.iter().map(|number| self.send(*number, &stop, progress)).collect()
        })
    }

    fn work(&self, next: &AtomicUsize, stop: &Event, events: &SyncSender<Message>) {
        while !stop.is_set() {
            let Some(number) = self.missing.get(next.fetch_add(1, Ordering::Relaxed)) else {
                return;
            };
            let mut report = |sent: i64| {
                if self.is_watched {
                    // The receiver lives as long as the workers.
                    let _ = events.send(Message::Sent(sent));
                }
                if stop.is_set() {
                    return Err(Error::new(Status::AbortedByCaller, "another part failed"));
                }
                Ok(())
            };
            let event = match self.send(*number, stop, &mut report) {
                Ok(part) => Message::Stored(part),
                // The first failure is the cause; those after it are its consequences.
                Err(_) if stop.is_set() => return,
                Err(error) => {
                    stop.set();
                    Message::Failed(error)
                }
            };
            let _ = events.send(event);
        }
    }

    fn send(
        &self,
        number: u32,
        stop: &Event,
        report: &mut dyn FnMut(i64) -> Result<()>,
    ) -> Result<StoredPart> {
        let part = self.plan.part(number);
        let mut sent: i64 = 0;
        let stored = Tries::of_session("PUT", *self.session).until(stop).run(|| {
            if sent != 0 {
                report(-std::mem::take(&mut sent))?;
            }
            let mut watch = |progress: Progress| {
                let now = i64::try_from(progress.sent).unwrap_or(i64::MAX);
                report(now - std::mem::replace(&mut sent, now))
            };
            let mut meter = Meter::new(part.length, Some(&mut watch));
            let mut reader = self.content.part(part.offset, part.length);
            self.session.upload_part(self.upload, number, part.length, &mut reader, &mut meter)
        })?;
        Ok(stored)
    }
}

/// Receives the messages of the workers until the last of them has ended.
fn collect(
    events: &Receiver<Message>,
    stop: &Event,
    progress: &mut dyn FnMut(i64) -> Result<()>,
) -> Result<Vec<StoredPart>> {
    let mut stored = Vec::new();
    let mut failed = None;
    for event in events {
        let failure = match event {
            Message::Sent(_) if failed.is_some() => None,
            Message::Sent(count) => progress(count).err(),
            Message::Stored(part) => {
                stored.push(part);
                None
            }
            Message::Failed(error) => Some(error),
        };
        if let Some(error) = failure {
            stop.set();
            // The first failure is the cause; those after it are its consequences.
            failed.get_or_insert(error);
        }
    }
    match failed {
        None => Ok(stored),
        Some(error) => Err(error),
    }
}
