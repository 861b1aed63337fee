//! One attempt at one item.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::Outbox;
use super::age::Moment;
use super::folder::make_private;
use super::item::{Event, Item, KeptBody};
use super::receipt::{Facts, ItemOutcome};
use super::settle::OpenItem;
use super::tell;
use crate::callback::EncodedCallback;
use crate::client::Client;
use crate::error::{Advice, Error, ObjectState, Result, SETTLING_TIME, Status};
use crate::file::Stamp;
use crate::http::Limits;
use crate::time::Timestamp;
use crate::upload::{Body, FindRequest, UploadError, UploadResult, crc64_of_file, is_expired};
use crate::wait::CancelToken;

/// A turn of the run.
pub(super) struct Turn<'a> {
    pub(super) client: &'a Client,
    /// When it began.
    pub(super) now: Instant,
    /// The same by the clock of the system, if the program has one of its own.
    pub(super) began: Instant,
    /// When the run ends.
    pub(super) left: Option<Duration>,
    pub(super) cancel: &'a CancelToken,
}

impl<'a> Turn<'a> {
    pub(super) fn new(client: &'a Client, now: Instant, cancel: &'a CancelToken) -> Self {
        Self { client, now, began: Instant::now(), left: None, cancel }
    }

    /// When it ends: now.
    pub(super) fn end(&self) -> Instant {
        self.now + self.began.elapsed()
    }
}

/// How an attempt ended.
pub(super) enum Attempt {
    /// It is over, and its receipt is written.
    Over(ItemOutcome),
    /// It is kept, and tried again: for a reason that others may share, or for one of its own.
    Again {
        error: Error,
        is_shared: bool,
    },
    /// Not before this moment; with none, not while the network is metered.
    NotBefore(Option<Instant>),
    /// The program stopped it.
    Stopped,
    Damaged,
}

impl Attempt {
    pub(super) fn again_for_itself(error: Error) -> Self {
        Self::Again { error, is_shared: false }
    }
}

/// A body that can be sent, or why there is none.
enum Ready {
    File(PathBuf),
    Inline,
    /// The program's own file is not what it was.
    Changed(String),
    Damaged,
}

impl Outbox {
    pub(super) fn attempt(&self, turn: &Turn<'_>, open: &mut OpenItem) -> Attempt {
        let now = Moment::now();
        let age = open.parsed.item.added.age_at(&now);
        let is_too_old = age.is_some_and(|age| age >= self.lifetime(&open.parsed.item));
        let written = match &open.parsed.last_event {
            Some(Event::Receipt(facts)) => Some(facts.as_ref().clone()),
            _ => None,
        };
        if let Some(facts) = open.unwritten.take().or(written) {
            let told_for = facts.at.age_at(&now);
            let is_given_up = told_for.is_some_and(|age| age >= self.config.tell_max_age.as_secs());
            return self.tell_or_end(turn, open, facts, is_too_old || is_given_up);
        }
        if is_too_old {
            let message = "it was older than it may become when it was its turn";
            let facts = Facts::new(ItemOutcome::Expired, open.attempts).with_message(message);
            return self.end(open, facts);
        }
        let options = &open.parsed.item.options;
        if let Some(left) = age.and_then(|age| u64::from(options.delay_s).checked_sub(age + 1)) {
            return Attempt::NotBefore(turn.now.checked_add(Duration::from_secs(left + 1)));
        }
        if options.unmetered && self.store.lock().is_ok_and(|state| state.sending.is_metered()) {
            return Attempt::NotBefore(None);
        }
        let path = match self.ready_body(open, turn.cancel) {
            Ok(Ready::File(path)) => Some(path),
            Ok(Ready::Inline) => None,
            Ok(Ready::Damaged) => return Attempt::Damaged,
            Ok(Ready::Changed(message)) => {
                let attempts = open.attempts + 1;
                let facts = Facts::new(ItemOutcome::Refused, attempts).with_message(&message);
                return self.end(open, facts);
            }
            Err(_) if turn.cancel.is_cancelled() => return Attempt::Stopped,
            Err(error) => return Attempt::again_for_itself(error),
        };
        let Ok(callback) = open.parsed.item.encode_callback() else { return Attempt::Damaged };
        self.upload(turn, open, path, callback.as_ref(), &now)
    }

    /// Sends it, or asks what became of it first.
    fn upload(
        &self,
        turn: &Turn<'_>,
        open: &mut OpenItem,
        path: Option<PathBuf>,
        callback: Option<&EncodedCallback>,
        now: &Moment,
    ) -> Attempt {
        let is_tried = matches!(open.parsed.last_event, Some(Event::Tried(_)));
        let is_in_doubt = is_tried && open.is_in_doubt;
        if let Some(Event::Tried(then)) = &open.parsed.last_event {
            let age = then.age_at(now).map_or(SETTLING_TIME, Duration::from_secs);
            let found = self.find(turn, open, path.clone(), age);
            match found {
                Some(Ok(result)) => return self.stored_before(turn, open, &result),
                Some(Err(error)) if error.advice() == Advice::Again && is_not_found(&error) => {}
                Some(Err(error)) => return self.failed(turn, open, UploadError::from(error)),
                None => {}
            }
        }
        if !open.parsed.item.is_once()
            && let Err(error) = self.append(open, Event::Tried(now.clone()))
        {
            let error = self.store.failed("written to", &error);
            return Attempt::Again { error, is_shared: true };
        }
        let checkpoints = match self.checkpoint_folder(open) {
            Ok(folder) => folder,
            Err(error) => return Attempt::Again { error, is_shared: true },
        };
        let pairs = open.parsed.item.pairs();
        let mut request = open.parsed.item.request(&pairs, callback, body(open, path));
        request.checkpoint_dir = checkpoints.as_deref();
        request.timeout = request.timeout.into_iter().chain(turn.left).min();
        request.cancel = Some(turn.cancel);
        let outcome = turn.client.upload(request);
        match outcome {
            Ok(result) => {
                let attempts = open.attempts + 1;
                let facts = Facts::new(ItemOutcome::Acknowledged, attempts).with_result(&result);
                self.end(open, facts)
            }
            Err(failed) if is_in_doubt && is_doubt_of_bundle(&open.parsed.item, &failed.error) => {
                self.stored_most_probably(turn, open, &failed.error)
            }
            Err(failed) => self.failed(turn, open, failed),
        }
    }

    fn failed(&self, turn: &Turn<'_>, open: &mut OpenItem, failed: UploadError) -> Attempt {
        let UploadError { error, result } = failed;
        let attempts = open.attempts + 1;
        let most = open.parsed.item.options.max_attempts.unwrap_or(u32::MAX);
        match error.advice() {
            Advice::Done => {
                let result = result.map(|result| *result).unwrap_or_default();
                let facts = Facts::new(outcome_without_answer(&open.parsed.item), attempts)
                    .with_result(&result)
                    .with_error(&error);
                self.tell_or_end(turn, open, facts, false)
            }
            Advice::FixRequest => {
                self.end(open, Facts::new(ItemOutcome::Refused, attempts).with_error(&error))
            }
            _ if open.parsed.item.target.is_bundle() && is_expired(&error) => {
                self.end(open, Facts::new(ItemOutcome::Expired, attempts).with_error(&error))
            }
            _ if turn.cancel.is_cancelled() => Attempt::Stopped,
            _ if attempts >= most && error.object_state() == ObjectState::NotStored => {
                let facts = Facts::new(ItemOutcome::Refused, attempts).with_error(&error);
                let message = format!("given up after {attempts} attempts: {error}");
                self.end(open, facts.with_message(&message))
            }
            _ => Attempt::Again { is_shared: error.status() != Status::Body, error },
        }
    }

    /// An earlier attempt has stored it, and the answer is lost.
    fn stored_before(
        &self,
        turn: &Turn<'_>,
        open: &mut OpenItem,
        result: &UploadResult,
    ) -> Attempt {
        let outcome = outcome_without_answer(&open.parsed.item);
        let message = "an earlier attempt has stored it; what became of the callback is not known";
        let facts = Facts::new(outcome, open.attempts + 1).with_result(result);
        self.tell_or_end(turn, open, facts.with_message(message), false)
    }

    /// The key of a bundle exists after an attempt whose end nobody knows. Who has no keys cannot look.
    fn stored_most_probably(&self, turn: &Turn<'_>, open: &mut OpenItem, error: &Error) -> Attempt {
        let message = "its key exists, and an earlier attempt whose answer is lost has most probably stored \
                       it; what became of the callback is not known";
        let facts = Facts::new(ItemOutcome::NotAcknowledged, open.attempts + 1).with_error(error);
        self.tell_or_end(turn, open, facts.with_message(message), false)
    }

    /// Tells the application server, if it has to be told, and ends the item.
    fn tell_or_end(
        &self,
        turn: &Turn<'_>,
        open: &mut OpenItem,
        facts: Facts,
        is_given_up: bool,
    ) -> Attempt {
        let teller = self.config.teller.as_ref().filter(|_| !facts.told && !is_given_up);
        let Some(teller) = teller.filter(|_| facts.outcome == ItemOutcome::NotAcknowledged) else {
            return self.end(open, facts);
        };
        // First: it must not be uploaded again because telling fails.
        if !matches!(open.parsed.last_event, Some(Event::Receipt(_)))
            && let Err(failed) = self.write_or_keep(open, facts.clone())
        {
            return failed;
        }
        let limits = Limits { cancel: Some(turn.cancel), ..Limits::default() };
        let told = tell::Facts::of(open.name.id(), &open.parsed.item, &facts);
        match teller.tell(&turn.client.http, &told, Timestamp::of_device(), limits) {
            Ok(()) => {
                let message = "its callback failed, or the answer is lost; the application server was told \
                               later, and has answered";
                self.end(open, Facts { told: true, ..facts }.with_message(message))
            }
            Err(_) if turn.cancel.is_cancelled() => Attempt::Stopped,
            Err(error) => Attempt::again_for_itself(error),
        }
    }

    /// Writes the receipt, unless it is there.
    fn end(&self, open: &mut OpenItem, facts: Facts) -> Attempt {
        let outcome = facts.outcome;
        let is_written = match &open.parsed.last_event {
            Some(Event::Receipt(written)) => written.told == facts.told,
            _ => false,
        };
        if !is_written && let Err(failed) = self.write_or_keep(open, facts) {
            return failed;
        }
        Attempt::Over(outcome)
    }

    /// Writes a receipt. One for which the disk has no room is kept in memory: the upload is not made again
    /// to find out what is known.
    fn write_or_keep(&self, open: &mut OpenItem, facts: Facts) -> std::result::Result<(), Attempt> {
        self.write_receipt(open, facts.clone()).map_err(|error| {
            open.unwritten = Some(facts);
            let error = self.store.failed("written to", &error);
            Attempt::Again { error, is_shared: true }
        })
    }

    fn lifetime(&self, item: &Item) -> u64 {
        let own = item.options.lifetime_s.map(u64::from);
        own.or(self.config.max_age.map(|age| age.as_secs())).unwrap_or(u64::MAX)
    }

    fn ready_body(&self, open: &OpenItem, cancel: &CancelToken) -> Result<Ready> {
        match &open.parsed.item.body {
            KeptBody::Inline { .. } => Ok(Ready::Inline),
            KeptBody::File { stamp, crc64 } => {
                let path = self.store.body_path("items", open.name.id());
                match fs::symlink_metadata(&path) {
                    Ok(found) if found.is_file() && Stamp::of(&found) == *stamp => {}
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        return Err(self.store.failed("read", &error));
                    }
                    _ => return Ok(Ready::Damaged),
                }
                // Once, before the first attempt of this process.
                if let Some(crc64) = crc64
                    && open.attempts == 0
                    && crc64_of_file(&path, cancel)? != *crc64
                {
                    return Ok(Ready::Damaged);
                }
                Ok(Ready::File(path))
            }
            body @ KeptBody::Reference { stamp, inode, .. } => {
                let Some(path) = body.referenced() else { return Ok(Ready::Damaged) };
                Ok(match fs::metadata(&path) {
                    Ok(found) if Stamp::of(&found) == *stamp && found.ino() == *inode => {
                        Ready::File(path)
                    }
                    Ok(_) => {
                        Ready::Changed(format!("{} has changed since it was added", path.display()))
                    }
                    Err(error) => Ready::Changed(format!("{} is gone: {error}", path.display())),
                })
            }
        }
    }

    /// Where a large file keeps its checkpoint: inside of what belongs to the item. None when it has none, or
    /// no room.
    fn checkpoint_folder(&self, open: &OpenItem) -> Result<Option<PathBuf>> {
        if !open.parsed.item.goes_in_parts() {
            return Ok(None);
        }
        let folder = self.store.checkpoint_path(open.name.id());
        match make_private(&folder) {
            Ok(()) => Ok(Some(folder)),
            // To send it makes room.
            Err(error) if error.kind() == ErrorKind::StorageFull => Ok(None),
            Err(error) => Err(self.store.failed("written to", &error)),
        }
    }

    /// Asks what became of an attempt that a power cut or a lost answer has ended. None for what was signed
    /// elsewhere.
    fn find(
        &self,
        turn: &Turn<'_>,
        open: &OpenItem,
        path: Option<PathBuf>,
        doubt_age: Duration,
    ) -> Option<Result<UploadResult>> {
        let item = &open.parsed.item;
        let (Some(bucket), Some(key)) = item.target.object() else { return None };
        Some(turn.client.find(FindRequest {
            doubt_age,
            timeout: turn.left,
            cancel: Some(turn.cancel),
            ..FindRequest::new(bucket, key, body(open, path))
        }))
    }
}

/// Of what is stored, when nobody knows what the application server has said.
fn outcome_without_answer(item: &Item) -> ItemOutcome {
    match item.has_callback() {
        true => ItemOutcome::NotAcknowledged,
        false => ItemOutcome::Acknowledged,
    }
}

fn is_doubt_of_bundle(item: &Item, error: &Error) -> bool {
    item.target.is_bundle() && error.code() == Some("FileAlreadyExists")
}

fn is_not_found(error: &Error) -> bool {
    error.status() == Status::NotFound
}

fn body(open: &OpenItem, path: Option<PathBuf>) -> Body<'_> {
    path.map_or(Body::Memory(&open.parsed.inline), Body::File)
}
