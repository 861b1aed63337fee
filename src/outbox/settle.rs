//! The end of an item: its receipt, and where its file goes.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::time::Instant;

use super::Outbox;
use super::index::Place;
use super::item::{self, Event, ItemFile, MAX_WITH_EVENTS};
use super::name::{Name, body_name};
use super::receipt::{Facts, ItemOutcome};
use super::store::{Locked, charge};
use crate::file;
use crate::sealed::seal;

/// An item's file that this thread has for itself, so that nobody else sends, drops or removes it.
pub(super) struct OpenItem {
    pub(super) place: Place,
    pub(super) name: Name,
    pub(super) file: File,
    pub(super) parsed: ItemFile,
    /// Attempts of this process that failed.
    pub(super) attempts: u32,
    /// An earlier attempt ended, and nobody knows how: that of another process, or one whose answer is lost.
    pub(super) is_in_doubt: bool,
    /// Its name is not durable yet.
    pub(super) is_new: bool,
    /// What became of it, while the disk does not take the receipt.
    pub(super) unwritten: Option<Facts>,
}

/// What opening an item gives.
pub(super) enum Opened {
    Item(Box<OpenItem>),
    /// Somebody else has it, or it is gone.
    Taken,
    Damaged,
}

impl Drop for OpenItem {
    fn drop(&mut self) {
        // To close it is not enough: a child that was forked meanwhile has it open as well.
        let _ = self.file.unlock();
    }
}

impl Outbox {
    pub(super) fn open_item(&self, place: Place, name: Name, attempts: u32) -> io::Result<Opened> {
        let path = self.store.path(place, name);
        let file = match file::open_for_update(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Opened::Taken),
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                return Ok(Opened::Damaged);
            }
            Err(error) => return Err(error),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Ok(Opened::Taken),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
        let is_still_there = fs::symlink_metadata(&path).is_ok_and(|named| {
            file.metadata().is_ok_and(|held| file::identity(&held) == file::identity(&named))
        });
        if !is_still_there {
            return Ok(Opened::Taken);
        }
        let text = match file::read_rest(&file, MAX_WITH_EVENTS) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                return Ok(Opened::Damaged);
            }
            Err(error) => return Err(error),
        };
        Ok(match ItemFile::parse(&text) {
            Some(parsed) => Opened::Item(Box::new(OpenItem {
                place,
                name,
                file,
                parsed,
                attempts,
                is_in_doubt: attempts == 0,
                is_new: false,
                unwritten: None,
            })),
            None => Opened::Damaged,
        })
    }

    /// The same for one who sends it, and has not locked the folder.
    pub(super) fn open_to_send(&self, name: Name, attempts: u32) -> io::Result<Opened> {
        let mut opened = self.open_item(Place::Waiting, name, attempts);
        if matches!(opened, Ok(Opened::Taken)) {
            // Perhaps by somebody who only looks whether it is being sent, with the folder locked.
            let _locked = self.store.lock();
            opened = self.open_item(Place::Waiting, name, attempts);
        }
        opened
    }

    /// None when it is damaged.
    pub(super) fn read(&self, place: Place, name: Name) -> io::Result<Option<ItemFile>> {
        match item::read_text(&self.store.path(place, name)) {
            Ok(text) => Ok(ItemFile::parse(&text)),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::InvalidInput | io::ErrorKind::FileTooLarge
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes what happened to the end of the item's file, durably.
    pub(super) fn append(&self, open: &mut OpenItem, event: Event) -> io::Result<()> {
        let line = seal(&event);
        let at = match (&event, &open.parsed.last_event) {
            // A thousand attempts need no more room than one.
            (Event::Tried(_), Some(Event::Tried(_))) => open.parsed.last_at,
            // Over the room behind the item, and over what a power cut has left there, which is no line.
            _ => open.parsed.end,
        };
        open.file.write_all_at(line.as_bytes(), at)?;
        open.file.sync_data()?;
        if open.is_new {
            self.store.sync_items()?;
            open.is_new = false;
        }
        (open.parsed.last_at, open.parsed.end) = (at, at + line.len() as u64);
        open.parsed.size = open.parsed.size.max(open.parsed.end);
        open.parsed.last_event = Some(event);
        Ok(())
    }

    /// Writes the receipt. From then on the item is not sent again.
    pub(super) fn write_receipt(&self, open: &mut OpenItem, facts: Facts) -> io::Result<()> {
        let event = |facts: &Facts| Event::Receipt(Box::new(facts.clone()));
        let written = self.append(open, event(&facts));
        if written.is_ok() {
            return written;
        }
        // The disk may be full: a short receipt fits into the block that the file has.
        match self.append(open, event(&facts.shortened())) {
            Ok(()) => Ok(()),
            // A failed sync is not tried again on the same file.
            Err(_) => self.rewrite(open, event(&facts.shortened())),
        }
    }

    /// Writes the item and what happened to it to a new file.
    fn rewrite(&self, open: &mut OpenItem, event: Event) -> io::Result<()> {
        let path = self.store.path(open.place, open.name);
        let new = super::body::NewFile::new(self.store.new_path("item")?);
        let text = open.parsed.item.to_file(&open.parsed.inline, Some(&event));
        let mut file = file::create_own(new.path())?;
        file.try_lock()?;
        file.write_all(&text.bytes)?;
        self.store.sync_content(&file, false)?;
        fs::rename(new.path(), path)?;
        self.store.sync_items()?;
        (open.parsed.end, open.parsed.size) = (text.end, text.bytes.len() as u64);
        open.parsed.last_event = Some(event);
        open.file = file;
        Ok(())
    }

    /// Moves an item with a receipt to the receipts. A power cut may undo that, and the next run does it again.
    pub(super) fn move_to_receipts(
        &self,
        locked: &mut Locked<'_>,
        open: &OpenItem,
        outcome: ItemOutcome,
    ) -> io::Result<()> {
        let body = self.store.body_path("items", open.name.id());
        // What expired may get a new bundle.
        let is_bundle = open.parsed.item.target.is_bundle();
        let keeps_body =
            outcome == ItemOutcome::Refused || (outcome == ItemOutcome::Expired && is_bundle);
        let of_body = if keeps_body { fs::metadata(&body).map_or(0, |body| body.len()) } else { 0 };
        let name = open.name.of_receipt(charge(&[open.parsed.size, of_body]));
        fs::rename(self.store.path(open.place, open.name), self.store.path(Place::Receipts, name))?;
        locked.index.remove(open.place, open.name);
        if locked.index.insert(Place::Receipts, name) {
            self.store.arrived.set();
        }
        locked.sending.forget(name.id());
        if !keeps_body {
            let _ = fs::remove_file(body);
        }
        let _ = fs::remove_dir_all(self.store.checkpoint_path(name.id()));
        Ok(())
    }

    /// Sets a damaged item aside, with its body. One that the disk does not let go stays where it is, and is
    /// looked at again later.
    pub(super) fn set_item_aside(&self, locked: &mut Locked<'_>, place: Place, name: Name) {
        let path = self.store.path(place, name);
        if !self.store.set_aside(locked, &path) {
            match place {
                Place::Receipts => {
                    locked.index.mark_given(name, self.store.receipt_written(name));
                }
                _ => {
                    let message = "it is damaged, and cannot be set aside";
                    locked.sending.postpone(name, Instant::now(), &self.policy, None, message);
                }
            }
            return;
        }
        locked.index.remove(place, name);
        locked.index.insert(Place::Corrupt, name);
        locked.sending.forget(name.id());
        self.store.set_body_aside(name.id());
    }

    /// Removes an item with all that it has.
    pub(super) fn delete(
        &self,
        locked: &mut Locked<'_>,
        place: Place,
        name: Name,
    ) -> io::Result<()> {
        fs::remove_file(self.store.path(place, name))?;
        locked.index.remove(place, name);
        locked.sending.forget(name.id());
        for folder in ["items", "dead", "corrupt"] {
            let is_of_this = folder == place.folder() || place == Place::Receipts;
            if is_of_this {
                let _ = fs::remove_file(self.store.root.join(folder).join(body_name(name.id())));
            }
        }
        let _ = fs::remove_dir_all(self.store.checkpoint_path(name.id()));
        Ok(())
    }
}
