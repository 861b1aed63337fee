//! Making a file the outbox's business.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use super::attempt::Turn;
use super::body::{KeptBytes, NewFile};
use super::file_system::free_space;
use super::index::Place;
use super::item::{Item, MAX_FILE};
use super::known::added_before;
use super::name::{BLOCK, Name, hash};
use super::options::{ItemOptions, Keep};
use super::settle::Opened;
use super::store::{Locked, State, charge};
use super::{Outbox, WhenFull};
use crate::callback::Audience;
use crate::client::Client;
use crate::error::{Advice, Error, Result, Status, refuse_if};
use crate::file;
use crate::text::quoted;
use crate::upload::{Body, Destination, UploadRequest};
use crate::wait::CancelToken;

/// So many adds wait for a commit; the next one makes it itself.
const MAX_LATER: usize = 1000;

/// An item that is complete, and not in the queue yet.
pub(super) struct Pending {
    place: Place,
    pub(super) name: Name,
    pub(super) file: NewFile,
    body: Option<NewFile>,
    /// The program's file, which is removed once the item is durable.
    moved: Option<PathBuf>,
}

impl Outbox {
    /// Takes an upload. When this returns it survives a power cut, unless it was added for
    /// [later](ItemOptions::later); when it fails, the program's file is as it was.
    pub fn add(&self, request: &UploadRequest<'_>, options: &ItemOptions) -> Result<u64> {
        let added = self.check_and_add(request, options);
        self.store.write_warnings();
        added
    }

    fn check_and_add(&self, request: &UploadRequest<'_>, options: &ItemOptions) -> Result<u64> {
        options.check()?;
        refuse_what_cannot_be_kept(request, options)?;
        let audience = self.config.client.as_ref();
        let audience = audience.map_or(Audience::Any, |client| client.audience());
        let callback = request.check(audience)?;
        let (size, unwritten) = sizes_of(&request.body, options.keep);
        {
            let later = self.later();
            let mut locked = self.store.lock_second()?;
            if let Some(known) = self.known(&locked, &later, options) {
                drop((locked, later));
                return added_before(known, request, options);
            }
            let priority = options.priority;
            let new = Room { bytes: charge(&[size, BLOCK]), unwritten, priority };
            self.make_room(&mut locked, new, &later)?;
        }
        let kept = self.store.take_body(&request.body, options)?;
        let KeptBytes { body, inline, file: body_file, moved } = kept;
        let item = Item::new(request, callback.as_deref(), body, options);
        let text = item.to_file(inline, None);
        if text.end > MAX_FILE {
            let fault = format!("with its headers and the callback it has {} bytes", text.end);
            return Err(Error::invalid("request", format!("{fault}; at most {MAX_FILE} are kept")));
        }
        let file = self.write_new(&text.bytes, options.later)?;
        let body_size = if body_file.is_some() { item.size() } else { 0 };
        let bytes = charge(&[text.bytes.len() as u64, body_size]);
        let mut later = self.later();
        if later.len() >= MAX_LATER {
            self.commit_all(&mut later)?;
        }
        let mut locked = self.store.lock_second()?;
        // Another thread or process may have been faster.
        if let Some(known) = self.known(&locked, &later, options) {
            drop((locked, later));
            return added_before(known, request, options);
        }
        let new = Room { bytes, unwritten: 0, priority: options.priority };
        self.make_room(&mut locked, new, &later)?;
        let taken = self.store.take_id(&mut locked);
        let id = taken.map_err(|error| self.store.failed("written to", &error))?;
        let (caller, order) = (hash(options.caller_id.as_deref()), hash(options.order.as_deref()));
        let name = Name::new(id, options.priority, caller, order, bytes);
        let place = if options.held { Place::Held } else { Place::Waiting };
        let pending = Pending { place, name, file, body: body_file, moved };
        if options.later {
            later.push(pending);
            return Ok(id);
        }
        drop(later);
        self.place(&mut locked, &pending)?;
        match &self.config.client {
            Some(client) if options.at_once && begins_at_once(&mut locked, name) => {
                drop(locked);
                self.send_at_once(client, pending)?;
            }
            _ => self.finish(&mut locked, vec![pending])?,
        }
        Ok(id)
    }

    /// Sends an item before it is durable: the receipt is written with it, or, when it fails, the item.
    fn send_at_once(&self, client: &Client, pending: Pending) -> Result<()> {
        let cancel = CancelToken::new();
        let turn = Turn::new(client, Instant::now(), &cancel);
        let mut opened = self.open_item(pending.place, pending.name, 0);
        if let Ok(Opened::Item(open)) = &mut opened {
            open.is_new = true;
        }
        if !self.turn_of(&turn, pending.name, opened)? {
            self.store.sync_items().map_err(|error| self.store.failed("synced", &error))?;
        }
        if let Some(fault) = remove_moved(pending.moved) {
            self.store.log.warn(|| fault);
        }
        Ok(())
    }

    /// Makes durable what was added for [later](ItemOptions::later). When it fails, none of that is there,
    /// and the next commit tries again.
    pub fn commit(&self) -> Result<()> {
        let committed = self.commit_all(&mut self.later());
        self.store.write_warnings();
        committed
    }

    fn commit_all(&self, later: &mut Vec<Pending>) -> Result<()> {
        if later.is_empty() {
            return Ok(());
        }
        self.store.sync_all().map_err(|error| self.store.failed("synced", &error))?;
        let mut locked = self.store.lock_second()?;
        for (at, pending) in later.iter().enumerate() {
            if let Err(error) = self.place(&mut locked, pending) {
                self.take_back(&mut locked, &later[..at]);
                return Err(error);
            }
        }
        self.finish(&mut locked, std::mem::take(later))
    }

    /// Gives an item its name in the queue.
    fn place(&self, locked: &mut Locked<'_>, pending: &Pending) -> Result<()> {
        let Pending { place, name, file, body, .. } = pending;
        let path = self.store.path(*place, *name);
        let body_path = self.store.body_path("items", name.id());
        // The body first: an item without a body would be damaged.
        let placed = match body {
            Some(body) => fs::rename(body.path(), &body_path),
            None => Ok(()),
        }
        .and_then(|()| fs::rename(file.path(), &path));
        placed.map_err(|error| {
            self.take_back(locked, std::slice::from_ref(pending));
            self.store.failed("written to", &error)
        })
    }

    /// Makes the names durable. Nobody else has seen them so far.
    fn finish(&self, locked: &mut Locked<'_>, placed: Vec<Pending>) -> Result<()> {
        if let Err(error) = self.store.sync_items() {
            self.take_back(locked, &placed);
            return Err(self.store.failed("synced", &error));
        }
        for Pending { place, name, moved, .. } in placed {
            locked.index.insert(place, name);
            if let Some(fault) = remove_moved(moved) {
                locked.warn(fault);
            }
        }
        self.store.wake.set();
        Ok(())
    }

    fn take_back(&self, locked: &mut Locked<'_>, placed: &[Pending]) {
        for Pending { place, name, file, body, .. } in placed {
            let back = |from: PathBuf, to: &NewFile| drop(fs::rename(from, to.path()));
            back(self.store.path(*place, *name), file);
            if let Some(body) = body {
                back(self.store.body_path("items", name.id()), body);
            }
            locked.index.remove(*place, *name);
        }
    }

    /// Writes the file of an item, which is in the queue when it is renamed.
    pub(super) fn write_new(&self, text: &[u8], later: bool) -> Result<NewFile> {
        let write = || {
            let new = NewFile::new(self.store.new_path("item")?);
            let mut file = file::create_own(new.path())?;
            file.write_all(text)?;
            self.store.sync_content(&file, later)?;
            Ok(new)
        };
        write().map_err(|error| self.store.failed("written to", &error))
    }

    /// Refuses what has no room, or makes room. `unwritten` bytes are still to be written.
    fn make_room(&self, locked: &mut Locked<'_>, new: Room, later: &[Pending]) -> Result<()> {
        while let Some(full) = self.check_room(locked, new, later)? {
            let may_drop = self.config.when_full != WhenFull::Refuse
                && new.bytes <= self.config.limits.max_bytes
                && self.drop_one(locked, new.priority, full.field == KEPT)?;
            if !may_drop {
                let Full { field, fault } = full;
                let message = format!(
                    "{field}: the outbox is full: {fault}; nothing was added, and the file is as it was"
                );
                let full = Error::new(Status::OutboxFull, message).with_field(field);
                // An empty outbox would not take it either.
                return Err(match new.bytes > self.config.limits.max_bytes {
                    true => full.with_advice(Advice::FixRequest),
                    false => full,
                });
            }
        }
        Ok(())
    }

    fn check_room(
        &self,
        locked: &Locked<'_>,
        new: Room,
        later: &[Pending],
    ) -> Result<Option<Full>> {
        let limits = &self.config.limits;
        let (free_bytes, free_inodes) = free_space(&self.store.root)?;
        let of_later: u64 = later.iter().map(|pending| pending.name.bytes()).sum();
        let open = locked.index.open_items() + later.len() as u64;
        let kept = locked.index.all() - locked.index.open_items();
        let used = locked.index.bytes.saturating_add(of_later);
        let full = |field, fault| Ok(Some(Full { field, fault }));
        // First, since nothing that is dropped would help.
        if open + kept >= limits.max_items.saturating_mul(2) {
            let fault = format!(
                "{kept} receipts, refused and damaged items are kept, and {open} items wait: acknowledge \
                 receipts, and look at dead/ and corrupt/"
            );
            return full(KEPT, fault);
        }
        if used.saturating_add(new.bytes) > limits.max_bytes {
            let (needed, most) = (new.bytes, limits.max_bytes);
            let fault = format!("it takes {used} bytes of at most {most}, and this needs {needed}");
            return full("max_bytes", fault);
        }
        if open >= limits.max_items {
            return full(
                "max_items",
                format!("{open} items wait, of at most {}", limits.max_items),
            );
        }
        if free_bytes < limits.min_free_bytes.saturating_add(new.unwritten) {
            let (least, needed) = (limits.min_free_bytes, new.unwritten);
            let fault = format!(
                "its file system has {free_bytes} bytes free, {least} of them stay free, and this needs \
                 {needed}"
            );
            return full("min_free_bytes", fault);
        }
        if free_inodes < limits.min_free_inodes {
            let least = limits.min_free_inodes;
            let fault =
                format!("its file system has {free_inodes} inodes free, and {least} stay free");
            return full("min_free_inodes", fault);
        }
        Ok(None)
    }
}

/// The limit on what is kept besides the items that wait.
const KEPT: &str = "receipts";

/// Removes the program's file, which is in the outbox now. Says why it cannot be removed.
fn remove_moved(moved: Option<PathBuf>) -> Option<String> {
    let path = moved?;
    let error = fs::remove_file(&path).err()?;
    let path = quoted(&path.to_string_lossy());
    Some(format!("outbox: {path} is in the outbox, and cannot be removed: {error}"))
}

fn begins_at_once(locked: &mut Locked<'_>, name: Name) -> bool {
    let State { index, sending, .. } = &mut **locked;
    let begins = sending.begin_at_once(index, name);
    if begins {
        index.insert(Place::Waiting, name);
    }
    begins
}

/// A limit that is reached.
struct Full {
    field: &'static str,
    fault: String,
}

/// What a new item needs.
#[derive(Clone, Copy)]
struct Room {
    /// What it will take.
    bytes: u64,
    /// What of it is not on the disk yet.
    unwritten: u64,
    priority: u8,
}

fn refuse_what_cannot_be_kept(request: &UploadRequest<'_>, options: &ItemOptions) -> Result<()> {
    let is_signed =
        matches!(request.destination, Destination::SignedUrl(_) | Destination::SignedForm { .. });
    let is_file = matches!(request.body, Body::File(_));
    refuse_if([
        (is_signed, "url", "cannot be kept; give a bundle, or bucket and key"),
        (request.checkpoint_dir.is_some(), "checkpoint_dir", "is set; the outbox has its own"),
        (request.progress.is_some(), "progress", "is set; an item has none"),
        (request.cancel.is_some(), "cancel", "is set; give it to ossbind_outbox_run()"),
        (
            options.keep != Keep::Copy && !is_file,
            "options.keep",
            "is for files, and the body is MEMORY; leave it out",
        ),
    ])
}

/// What a body will take in the outbox, and what of that has to be written.
fn sizes_of(body: &Body<'_>, keep: Keep) -> (u64, u64) {
    let size = match body {
        Body::Memory(bytes) => bytes.len() as u64,
        Body::File(path) => fs::metadata(path).map_or(0, |metadata| metadata.len()),
        Body::Stream { .. } => 0,
    };
    match keep {
        Keep::Copy => (size, size),
        Keep::Link | Keep::Move => (size, 0),
        Keep::Reference => (0, 0),
    }
}
