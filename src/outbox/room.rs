//! The limits of an outbox: whether an item has room, and what makes room for it.

use std::io;

use super::file_system::free_space;
use super::index::Place;
use super::item::Event;
use super::name::{BLOCK, Name};
use super::receipt::{Facts, ItemOutcome};
use super::settle::{OpenItem, Opened};
use super::store::Locked;
use super::{Outbox, WhenFull};
use crate::error::{Advice, Error, Result, Status};
use crate::file;

/// When so many items cannot be read, it is the disk.
const MAX_UNREADABLE: u32 = 100;

/// What a new item needs.
#[derive(Clone, Copy)]
pub(super) struct Room {
    /// What it will take.
    pub(super) bytes: u64,
    /// What of it is not on the disk yet.
    pub(super) unwritten: u64,
    pub(super) priority: u8,
}

/// What was added for later, and takes room.
#[derive(Clone, Copy)]
pub(super) struct Later {
    pub(super) items: u64,
    pub(super) bytes: u64,
}

/// A limit that is reached.
struct Full {
    field: Limit,
    /// So many items, bytes or inodes too few.
    lacks: u64,
    fault: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Limit {
    /// On what is kept besides the items that wait.
    Kept,
    Items,
    Bytes,
    FreeBytes,
    FreeInodes,
}

impl Limit {
    fn field(self) -> &'static str {
        match self {
            Self::Kept => "receipts",
            Self::Items => "max_items",
            Self::Bytes => "max_bytes",
            Self::FreeBytes => "min_free_bytes",
            Self::FreeInodes => "min_free_inodes",
        }
    }
}

impl Outbox {
    /// Refuses what has no room, or makes room. Nothing is dropped that would not help.
    pub(super) fn make_room(&self, locked: &mut Locked<'_>, new: Room, later: Later) -> Result<()> {
        let mut before = None;
        while let Some(full) = self.check_room(locked, new, later)? {
            let state = Some((full.field, full.lacks));
            let may_drop = self.config.when_full != WhenFull::Refuse
                && new.bytes <= self.config.limits.max_bytes
                && before != state
                && self.could_help(locked, new.priority, &full)
                && self.drop_one(locked, new.priority, full.field)?;
            if !may_drop {
                return Err(self.full(new, full));
            }
            before = state;
        }
        Ok(())
    }

    fn full(&self, new: Room, full: Full) -> Error {
        let (field, fault) = (full.field.field(), full.fault);
        let message = format!(
            "{field}: the outbox is full: {fault}; nothing was added, and the file is as it was"
        );
        let full = Error::new(Status::OutboxFull, message).with_field(field);
        // An empty outbox would not take it either.
        match new.bytes > self.config.limits.max_bytes {
            true => full.with_advice(Advice::FixRequest),
            false => full,
        }
    }

    fn check_room(&self, locked: &Locked<'_>, new: Room, later: Later) -> Result<Option<Full>> {
        let limits = &self.config.limits;
        let (free_bytes, free_inodes) = free_space(&self.store.root)?;
        let open = locked.index.open_items() + later.items;
        let kept = locked.index.all() - locked.index.open_items();
        let used = locked.index.bytes().saturating_add(later.bytes);
        let full = |field, lacks, fault| Ok(Some(Full { field, lacks, fault }));
        // First, since of what waits nothing that is dropped would help.
        let most = limits.max_items.saturating_mul(2);
        if open + kept >= most {
            let fault = format!(
                "{kept} receipts, refused and damaged items are kept, and {open} items wait: acknowledge \
                 receipts, and look at dead/ and corrupt/"
            );
            return full(Limit::Kept, open + kept - most + 1, fault);
        }
        let (needed, most) = (new.bytes, limits.max_bytes);
        if used.saturating_add(needed) > most {
            let fault = format!("it takes {used} bytes of at most {most}, and this needs {needed}");
            return full(Limit::Bytes, used.saturating_add(needed) - most, fault);
        }
        if open >= limits.max_items {
            let fault = format!("{open} items wait, of at most {}", limits.max_items);
            return full(Limit::Items, open - limits.max_items + 1, fault);
        }
        let (least, needed) = (limits.min_free_bytes, new.unwritten);
        if free_bytes < least.saturating_add(needed) {
            let fault = format!(
                "its file system has {free_bytes} bytes free, {least} of them stay free, and this needs \
                 {needed}"
            );
            return full(Limit::FreeBytes, least.saturating_add(needed) - free_bytes, fault);
        }
        let least = limits.min_free_inodes;
        if free_inodes < least {
            let fault =
                format!("its file system has {free_inodes} inodes free, and {least} stay free");
            return full(Limit::FreeInodes, least - free_inodes, fault);
        }
        Ok(None)
    }

    /// Whether there is room when all is dropped that may go. The file of an item stays, as its receipt.
    fn could_help(&self, locked: &Locked<'_>, priority: u8, full: &Full) -> bool {
        let dead = locked.index.of(Place::Dead).iter().map(|name| name.bytes());
        let open =
            self.droppable(locked, priority).map(|(_, name)| name.bytes().saturating_sub(BLOCK));
        match full.field {
            Limit::Kept => dead.count() as u64 >= full.lacks,
            Limit::Items => open.count() as u64 >= full.lacks,
            Limit::Bytes | Limit::FreeBytes => {
                dead.chain(open).fold(0, u64::saturating_add) >= full.lacks
            }
            Limit::FreeInodes => {
                dead.count() as u64 + open.filter(|body| *body > 0).count() as u64 >= full.lacks
            }
        }
    }

    /// Makes room for an item of this priority. False when nothing may go.
    fn drop_one(&self, locked: &mut Locked<'_>, priority: u8, limit: Limit) -> Result<bool> {
        // Their receipts were acknowledged. They do not count as items.
        let dead = locked.index.of(Place::Dead).iter().min_by_key(|name| name.id()).copied();
        if let Some(name) = dead.filter(|_| limit != Limit::Items) {
            self.delete(locked, Place::Dead, name)
                .map_err(|error| self.store.failed("written to", &error))?;
            return Ok(true);
        }
        if limit == Limit::Kept {
            return Ok(false);
        }
        let (mut taken, mut unreadable) = (Vec::new(), 0);
        let mut fault = None;
        while let Some((place, name)) = self.victim(locked, priority, &taken) {
            taken.push(name.id());
            let (attempts, _) = locked.sending.attempts(name.id());
            match self.open_item(place, name, attempts) {
                Ok(Opened::Taken) => {}
                Ok(Opened::Damaged) => self.set_item_aside(locked, place, name),
                Err(error) => {
                    unreadable += 1;
                    let is_last = unreadable == MAX_UNREADABLE || file::is_fault_of_all(&error);
                    fault = Some(self.store.failed("read", &error));
                    if is_last {
                        break;
                    }
                }
                Ok(Opened::Item(mut open)) => {
                    open.unwritten = locked.sending.unwritten(name.id()).cloned();
                    self.write_dropped(&mut open)
                        .and_then(|outcome| self.move_to_receipts(locked, &open, outcome))
                        .map_err(|error| self.store.failed("written to", &error))?;
                    return Ok(true);
                }
            }
        }
        fault.map_or(Ok(false), Err)
    }

    /// Writes the receipt of an item that makes room. One that is over already, and waits for its server to be
    /// told or for room on the disk, keeps the outcome that it has.
    fn write_dropped(&self, open: &mut OpenItem) -> io::Result<ItemOutcome> {
        if let Some(Event::Receipt(facts)) = &open.parsed.last_event {
            return Ok(facts.outcome);
        }
        let facts = open.unwritten.take().unwrap_or_else(|| {
            Facts::new(ItemOutcome::Dropped, open.attempts)
                .with_message("the outbox was full, and this item made room")
        });
        let outcome = facts.outcome;
        self.write_receipt(open, facts).map(|()| outcome)
    }

    /// Those that may go.
    fn droppable<'a>(
        &self,
        locked: &'a Locked<'_>,
        priority: u8,
    ) -> impl Iterator<Item = (Place, Name)> + use<'a> {
        let when_full = self.config.when_full;
        let may_go =
            move |name: Name| when_full != WhenFull::DropLeastUrgent || name.priority() <= priority;
        let places = [Place::Waiting, Place::Held].into_iter();
        let all = places.flat_map(|place| locked.index.of(place).iter().map(move |n| (place, *n)));
        all.filter(move |(_, name)| may_go(*name))
    }

    /// The next one that may go.
    fn victim(&self, locked: &Locked<'_>, priority: u8, taken: &[u64]) -> Option<(Place, Name)> {
        let when_full = self.config.when_full;
        let rank = |name: Name| match when_full {
            WhenFull::Refuse | WhenFull::DropOldest => (0, name.id()),
            WhenFull::DropNewest => (0, !name.id()),
            WhenFull::DropLeastUrgent => (name.priority(), name.id()),
        };
        let free = self.droppable(locked, priority).filter(|(_, name)| !taken.contains(&name.id()));
        free.min_by_key(|(_, name)| rank(*name))
    }
}
