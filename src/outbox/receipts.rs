//! The receipts of an outbox, on their way to the program.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use rustix::event::epoll;

use super::Outbox;
use super::index::Place;
use super::item::{Event, ItemFile};
use super::manage::no_item;
use super::receipt::{ItemOutcome, Receipt};
use crate::error::Result;
use crate::file;

impl Outbox {
    /// The next receipt that this object has not given yet.
    pub fn next_receipt(&self) -> Result<Option<Receipt>> {
        loop {
            let mut locked = self.store.lock()?;
            let Some(name) = locked.index.next_receipt() else {
                self.store.arrived.clear();
                return Ok(None);
            };
            match self.read(Place::Receipts, name) {
                Ok(Some(ItemFile { item, last_event: Some(Event::Receipt(facts)), .. })) => {
                    locked.index.mark_given(name, self.store.receipt_written(name));
                    return Ok(Some(Receipt::new(name.id(), &item, *facts)));
                }
                Ok(_) => self.set_item_aside(&mut locked, Place::Receipts, name),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    locked.index.remove(Place::Receipts, name);
                }
                Err(error) if file::is_fault_of_all(&error) => {
                    return Err(self.store.failed("read", &error));
                }
                Err(error) => {
                    // Others need not wait for it. It is given when the outbox is opened again.
                    locked.index.mark_given(name, self.store.receipt_written(name));
                    let id = name.id();
                    locked
                        .warn(format!("outbox: the receipt of item {id} cannot be read: {error}"));
                }
            }
        }
    }

    /// The receipt of an item, whether it was given before or not. It is given as if it had not been asked
    /// for.
    pub fn find_receipt(&self, id: u64) -> Result<Receipt> {
        let locked = self.store.lock()?;
        let name = match locked.index.find(id) {
            Some((Place::Receipts, name)) => name,
            _ => return Err(no_item(id, "receipt")),
        };
        match self.read(Place::Receipts, name).map_err(|error| self.store.failed("read", &error))? {
            Some(ItemFile { item, last_event: Some(Event::Receipt(facts)), .. }) => {
                Ok(Receipt::new(id, &item, *facts))
            }
            _ => Err(no_item(id, "undamaged receipt")),
        }
    }

    /// The program has done with a receipt what it had to. A refused item is kept, until it is
    /// [removed](Self::remove) or [tried again](Self::retry_now).
    pub fn acknowledge(&self, id: u64) -> Result<()> {
        let mut locked = self.store.lock()?;
        let fails = |error: io::Error| self.store.failed("written to", &error);
        let name = match locked.index.find(id) {
            Some((Place::Receipts, name)) => name,
            Some((Place::Dead, _)) => return Ok(()),
            _ => return Err(no_item(id, "receipt")),
        };
        let outcome = match self.read(Place::Receipts, name).map_err(fails)? {
            Some(ItemFile { last_event: Some(Event::Receipt(facts)), .. }) => facts.outcome,
            _ => {
                self.set_item_aside(&mut locked, Place::Receipts, name);
                return Ok(());
            }
        };
        if outcome != ItemOutcome::Refused {
            return self.delete(&mut locked, Place::Receipts, name).map_err(fails);
        }
        self.move_body(id, "items", "dead").map_err(fails)?;
        self.change_place(&mut locked, (Place::Receipts, name), Place::Dead)
    }

    /// A descriptor that is readable when there may be a receipt.
    pub fn receipt_fd(&self) -> Result<BorrowedFd<'_>> {
        let make = || -> io::Result<OwnedFd> {
            let all = epoll::create(epoll::CreateFlags::CLOEXEC)?;
            let data = epoll::EventData::new_u64(0);
            epoll::add(&all, self.store.watch(), data, epoll::EventFlags::IN)?;
            epoll::add(&all, &self.store.arrived, data, epoll::EventFlags::IN)?;
            Ok(all)
        };
        let made = self.receipt_fd.get_or_try_init(make);
        made.map(|fd| fd.as_fd()).map_err(|error| self.store.failed("watched", &error))
    }
}
