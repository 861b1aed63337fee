//! What a program, or somebody at a board, decides about items.

use std::fs;
use std::io;
use std::path::PathBuf;

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_NOW, utimensat};

use super::Outbox;
use super::index::Place;
use super::item::{Event, ItemFile};
use super::name::{Name, hash};
use super::receipt::ItemOutcome;
use super::settle::{OpenItem, Opened};
use super::store::Locked;
use crate::error::{Advice, Error, Result, Status};

impl Outbox {
    /// Removes an item that waits, is held, refused or damaged. There is no receipt of it.
    pub fn remove(&self, id: u64) -> Result<()> {
        let mut locked = self.store.lock()?;
        let (place, name) = match locked.index.find(id) {
            Some((Place::Receipts, _)) => {
                let message = format!("id: item {id} is over; acknowledge its receipt");
                return Err(Error::new(Status::InvalidArgument, message).with_field("id"));
            }
            found => found.ok_or_else(|| no_item(id, "item"))?,
        };
        let open = self.take(place, name)?;
        self.delete(&mut locked, place, name)
            .map_err(|error| self.store.failed("written to", &error))?;
        drop(open);
        Ok(())
    }

    /// Keeps an item from being sent until it is released, also by other processes.
    pub fn hold(&self, id: u64) -> Result<()> {
        let mut locked = self.store.lock()?;
        match locked.index.find(id) {
            Some((Place::Held, _)) => Ok(()),
            Some((Place::Waiting, name)) => {
                let _open = self.take(Place::Waiting, name)?;
                self.change_place(&mut locked, (Place::Waiting, name), Place::Held)
            }
            _ => Err(no_item(id, "item that waits")),
        }
    }

    /// Lets an item that is held be sent.
    pub fn release(&self, id: u64) -> Result<()> {
        let mut locked = self.store.lock()?;
        match locked.index.find(id) {
            Some((Place::Waiting, _)) => Ok(()),
            Some((Place::Held, name)) => {
                self.change_place(&mut locked, (Place::Held, name), Place::Waiting)
            }
            _ => Err(no_item(id, "item that is held")),
        }
    }

    /// Ends all pauses; or with an id those of one item, which may be a refused one.
    pub fn retry_now(&self, id: Option<u64>) -> Result<()> {
        let mut locked = self.store.lock()?;
        let fails = |error: io::Error| self.store.failed("written to", &error);
        let touch = |path: PathBuf| -> io::Result<()> {
            // The process that sends sees that, but only if both times change. By its name: to open what
            // somebody has put there might wait.
            let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
            let times = Timestamps { last_access: now, last_modification: now };
            Ok(utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW)?)
        };
        let Some(id) = id else {
            return touch(self.store.root.join("items")).map_err(fails);
        };
        match locked.index.find(id) {
            Some((place @ Place::Waiting, name)) => {
                touch(self.store.path(place, name)).map_err(fails)
            }
            Some(dead @ (Place::Dead, _)) => self.requeue(&mut locked, dead, None),
            Some((Place::Receipts, _)) => {
                let message = format!("id: acknowledge the receipt of item {id} first");
                Err(Error::new(Status::InvalidArgument, message).with_field("id"))
            }
            _ => Err(no_item(id, "item that waits or was refused")),
        }
    }

    /// Gives an item a bundle in place of one that has expired, or soon will, and sends it with that. Its
    /// receipt goes, if it has one.
    pub fn renew(&self, id: u64, bundle: &str) -> Result<()> {
        let mut locked = self.store.lock()?;
        let (place, name) = match locked.index.find(id) {
            None => return Err(no_item(id, "item")),
            Some((Place::Corrupt, _)) => return Err(no_item(id, "undamaged item")),
            Some(found) => found,
        };
        let _open = self.take(place, name)?;
        self.requeue(&mut locked, (place, name), Some(bundle))
    }

    /// Puts an item into the queue as if it had just been added, except that it keeps its age.
    fn requeue(
        &self,
        locked: &mut Locked<'_>,
        (place, name): (Place, Name),
        bundle: Option<&str>,
    ) -> Result<()> {
        let fails = |error: io::Error| self.store.failed("written to", &error);
        let Some(ItemFile { mut item, inline, last_event, .. }) =
            self.read(place, name).map_err(fails)?
        else {
            self.set_item_aside(locked, place, name);
            return Err(no_item(name.id(), "undamaged item"));
        };
        if let Some(bundle) = bundle {
            let written = match &last_event {
                Some(Event::Receipt(facts)) => Some(facts.outcome),
                _ => None,
            };
            let unwritten = locked.sending.unwritten(name.id()).map(|facts| facts.outcome);
            refuse_what_is_over(name.id(), written.or(unwritten))?;
            item.renew(bundle)?;
        }
        let text = item.to_file(&inline, None).bytes;
        let new = self.write_new(&text, false)?;
        let order = hash(item.options.order.as_deref());
        let to = if place == Place::Held { Place::Held } else { Place::Waiting };
        let again = Name::new(name.id(), name.priority(), name.caller, order, name.bytes());
        let path = self.store.path(to, again);
        // By renaming only, so that no power cut leaves it in both places. What comes into the queue with its
        // receipt is not sent, but gives that again.
        self.move_body(name.id(), "dead", "items")
            .and_then(|()| fs::rename(self.store.path(place, name), &path))
            .and_then(|()| fs::rename(new.path(), &path))
            .and_then(|()| self.store.sync_items())
            .map_err(fails)?;
        locked.index.remove(place, name);
        locked.index.insert(to, again);
        locked.sending.forget(name.id());
        self.store.wake.set();
        Ok(())
    }

    /// Moves the body of an item, if it has a file of its own.
    pub(super) fn move_body(&self, id: u64, from: &str, to: &str) -> io::Result<()> {
        match fs::rename(self.store.body_path(from, id), self.store.body_path(to, id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// What the program knows of the network: nothing is sent while it is down.
    pub fn set_network(&self, is_up: bool, is_metered: bool) -> Result<()> {
        self.store.lock()?.sending.set_network(is_up, is_metered);
        self.store.wake.set();
        Ok(())
    }

    pub(super) fn change_place(
        &self,
        locked: &mut Locked<'_>,
        (from, name): (Place, Name),
        to: Place,
    ) -> Result<()> {
        fs::rename(self.store.path(from, name), self.store.path(to, name))
            .and_then(|()| self.store.sync_items())
            .map_err(|error| self.store.failed("written to", &error))?;
        locked.index.remove(from, name);
        locked.index.insert(to, name);
        self.store.wake.set();
        Ok(())
    }

    /// An item that nobody is sending.
    fn take(&self, place: Place, name: Name) -> Result<Option<Box<OpenItem>>> {
        match self.open_item(place, name, 0).map_err(|error| self.store.failed("read", &error))? {
            Opened::Item(open) => Ok(Some(open)),
            Opened::Damaged => Ok(None),
            Opened::Taken => {
                let message = format!("id: item {} is being sent", name.id());
                Err(Error::new(Status::OutboxBusy, message).with_field("id"))
            }
        }
    }
}

/// Of what is stored, or was let go, nothing is sent again.
fn refuse_what_is_over(id: u64, outcome: Option<ItemOutcome>) -> Result<()> {
    if matches!(outcome, None | Some(ItemOutcome::Refused | ItemOutcome::Expired)) {
        return Ok(());
    }
    let message = format!("id: item {id} is over and needs no bundle; acknowledge its receipt");
    Err(Error::new(Status::InvalidArgument, message).with_field("id"))
}

pub(super) fn no_item(id: u64, what: &str) -> Error {
    let message = format!("id: there is no {what} with the id {id}");
    Error::new(Status::NotFound, message).with_field("id").with_advice(Advice::FixRequest)
}
