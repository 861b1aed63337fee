//! Making a file the outbox's business.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::Outbox;
use super::attempt::Turn;
use super::body::{KeptBytes, MAX_INLINE, Moved, NewFile};
use super::index::Place;
use super::item::{Item, MAX_FILE};
use super::name::{BLOCK, Name, hash};
use super::options::{ItemOptions, Keep};
use super::room::{Later, Room};
use super::settle::Opened;
use super::store::{Locked, State, charge};
use crate::callback::{Audience, EncodedCallback};
use crate::client::Client;
use crate::error::{Error, Result, refuse_if};
use crate::file;
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
    moved: Option<Moved>,
}

/// An item that is complete, and has no id yet.
struct Written {
    file: NewFile,
    body: Option<NewFile>,
    moved: Option<Moved>,
    /// What it takes.
    bytes: u64,
}

impl Written {
    fn with_id(self, id: u64, options: &ItemOptions) -> Pending {
        let Self { file, body, moved, bytes } = self;
        let (caller, order) = (hash(options.caller_id.as_deref()), hash(options.order.as_deref()));
        let name = Name::new(id, options.priority, caller, order, bytes);
        let place = if options.held { Place::Held } else { Place::Waiting };
        Pending { place, name, file, body, moved }
    }
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
            let mut later = self.later();
            let mut locked = self.store.lock_second()?;
            if let Some(known) = self.known(&locked, &later, options) {
                drop(locked);
                return self.added_before(known, &mut later, request, options);
            }
            let priority = options.priority;
            let new = Room { bytes: charge(&[size, BLOCK]), unwritten, priority };
            self.make_room(&mut locked, new, taken_by(&later))?;
        }
        let written = self.write_item(request, callback.as_deref(), options)?;
        let mut later = self.later();
        if later.len() >= MAX_LATER {
            self.commit_all(&mut later)?;
        }
        let mut locked = self.store.lock_second()?;
        // Another thread or process may have been faster.
        if let Some(known) = self.known(&locked, &later, options) {
            drop(locked);
            return self.added_before(known, &mut later, request, options);
        }
        let new = Room { bytes: written.bytes, unwritten: 0, priority: options.priority };
        self.make_room(&mut locked, new, taken_by(&later))?;
        let taken = match options.later {
            true => self.store.take_later_id(&mut locked),
            false => self.store.take_id(&mut locked),
        };
        let id = taken.map_err(|error| self.store.failed("written to", &error))?;
        let pending = written.with_id(id, options);
        if options.later {
            later.push(pending);
            return Ok(id);
        }
        drop(later);
        self.place(&pending)?;
        match &self.config.client {
            Some(client) if options.at_once && begins_at_once(&mut locked, pending.name) => {
                drop(locked);
                self.send_at_once(client, pending)?;
            }
            _ => self.finish(&mut locked, std::slice::from_ref(&pending))?,
        }
        Ok(id)
    }

    /// Writes an item, and takes its body.
    fn write_item(
        &self,
        request: &UploadRequest<'_>,
        callback: Option<&EncodedCallback>,
        options: &ItemOptions,
    ) -> Result<Written> {
        let kept = self.store.take_body(&request.body, options)?;
        let KeptBytes { body, inline, file: body_file, moved } = kept;
        let item = Item::new(request, callback, body, options);
        let text = item.to_file(inline, None);
        if text.end > MAX_FILE {
            let fault = format!("with its headers and the callback it has {} bytes", text.end);
            return Err(Error::invalid("request", format!("{fault}; at most {MAX_FILE} are kept")));
        }
        let file = self.write_new(&text.bytes, options.later)?;
        let body_size = if body_file.is_some() { item.size() } else { 0 };
        let bytes = charge(&[text.bytes.len() as u64, body_size]);
        Ok(Written { file, body: body_file, moved, bytes })
    }

    /// Sends an item before it is durable: the receipt is written with it, or, when it fails, the item.
    fn send_at_once(&self, client: &Client, pending: Pending) -> Result<()> {
        let cancel = CancelToken::new();
        let turn = Turn::new(client, Instant::now(), &cancel);
        let mut opened = self.open_to_send(pending.name, 0);
        if let Ok(Opened::Item(open)) = &mut opened {
            open.is_new = true;
        }
        let is_durable = self.turn_of(&turn, pending.name, opened).and_then(|is_over| {
            let sync = || self.store.sync_items();
            let synced = if is_over { Ok(()) } else { sync() };
            synced.map_err(|error| self.store.failed("synced", &error))
        });
        if is_durable.is_err() {
            let mut locked = self.store.lock()?;
            self.take_back(&mut locked, std::slice::from_ref(&pending));
        } else if let Some(fault) = pending.moved.as_ref().and_then(Moved::remove) {
            self.store.log.warn(|| fault);
        }
        is_durable
    }

    /// Makes durable what was added for [later](ItemOptions::later). When it fails, none of that is there,
    /// and the next commit tries again.
    pub fn commit(&self) -> Result<()> {
        let committed = self.commit_all(&mut self.later());
        self.store.write_warnings();
        committed
    }

    pub(super) fn commit_all(&self, later: &mut Vec<Pending>) -> Result<()> {
        if later.is_empty() {
            return Ok(());
        }
        self.store.sync_all().map_err(|error| self.store.failed("synced", &error))?;
        let mut locked = self.store.lock_second()?;
        for (at, pending) in later.iter().enumerate() {
            if let Err(error) = self.place(pending) {
                self.take_back(&mut locked, &later[..at]);
                return Err(error);
            }
        }
        self.finish(&mut locked, later)?;
        later.clear();
        Ok(())
    }

    /// Gives an item its name in the queue.
    fn place(&self, pending: &Pending) -> Result<()> {
        let Pending { place, name, file, body, .. } = pending;
        let path = self.store.path(*place, *name);
        let body_path = self.store.body_path("items", name.id());
        // The body first: an item without a body would be damaged.
        let placed = match body {
            Some(body) => rename_to_new(body.path(), &body_path),
            None => Ok(()),
        };
        let placed = placed.and_then(|()| {
            rename_to_new(file.path(), &path).inspect_err(|_| {
                if let Some(body) = body {
                    let _ = fs::rename(&body_path, body.path());
                }
            })
        });
        placed.map_err(|error| self.store.failed("written to", &error))
    }

    /// Makes the names durable. Nobody else has seen them so far.
    fn finish(&self, locked: &mut Locked<'_>, placed: &[Pending]) -> Result<()> {
        if let Err(error) = self.store.sync_items() {
            self.take_back(locked, placed);
            return Err(self.store.failed("synced", &error));
        }
        for Pending { place, name, moved, .. } in placed {
            locked.index.insert(*place, *name);
            if let Some(fault) = moved.as_ref().and_then(Moved::remove) {
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
}

/// What was added for later counts as well.
fn taken_by(later: &[Pending]) -> Later {
    let bytes = later.iter().map(|pending| pending.name.bytes());
    Later { items: later.len() as u64, bytes: bytes.fold(0, u64::saturating_add) }
}

/// Nothing that is there is written over, whoever has put it there. The folder is locked.
fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    match to.symlink_metadata() {
        Ok(_) => Err(ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

fn begins_at_once(locked: &mut Locked<'_>, name: Name) -> bool {
    let State { index, sending, .. } = &mut **locked;
    let begins = sending.begin_at_once(index, name, Instant::now());
    if begins {
        index.insert(Place::Waiting, name);
    }
    begins
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
        // In the file of the item.
        Body::Memory(bytes) if bytes.len() <= MAX_INLINE => return (0, bytes.len() as u64),
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
