//! What a program, or somebody at a board, asks of an outbox besides sending.

use std::fs;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::time::SystemTime;

use rustix::event::epoll;

use super::Outbox;
use super::age::Moment;
use super::damage;
use super::file_system::free_space;
use super::index::Place;
use super::item::{Event, ItemFile};
use super::name::{Name, hash};
use super::receipt::{ItemOutcome, Receipt};
use super::settle::Opened;
use super::store::Locked;
use crate::error::{Advice, Error, Result, Status};

/// What state an item is in. The numbers are those of the C face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemState {
    /// It is sent when it is its turn.
    Waiting = 0,
    /// It waits to be released.
    Held = 1,
    /// It is over, and its receipt was not acknowledged.
    Receipt = 2,
    /// It was refused, and its receipt acknowledged.
    Dead = 3,
    /// It is damaged, or of another version of the library.
    Corrupt = 4,
    /// It is being sent.
    Sending = 5,
}

/// An item in a list.
#[derive(Debug, Clone)]
pub struct ListedItem {
    /// Its id; 0 for a file that is none of an outbox.
    pub id: u64,
    /// Its state.
    pub state: ItemState,
    /// 0 to 9.
    pub priority: u8,
    /// Of the body, in bytes.
    pub size: u64,
    /// Seconds since it was added, if anybody can tell.
    pub age_s: Option<u64>,
    /// Where it goes.
    pub bucket: Option<String>,
    /// Its name.
    pub key: Option<String>,
    /// That the program gave.
    pub caller_id: Option<String>,
    /// That the program gave.
    pub order: Option<String>,
    /// Why the last attempt of this process failed, what the receipt says, or what is damaged.
    pub message: Option<String>,
    /// Its file, below the folder.
    pub file_name: String,
}

/// How full an outbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Items that wait to be sent.
    pub waiting: u64,
    /// Items that wait to be released.
    pub held: u64,
    /// Receipts that were not acknowledged.
    pub receipts: u64,
    /// Refused items.
    pub dead: u64,
    /// Damaged items, and foreign files.
    pub corrupt: u64,
    /// What all of them take.
    pub bytes: u64,
    /// Free on the file system.
    pub free_bytes: u64,
    /// Seconds since the oldest item that waits was added, if anybody can tell.
    pub oldest_age_s: Option<u64>,
}

impl ListedItem {
    /// Of which no more is known.
    fn new(id: u64, state: ItemState, priority: u8, file_name: String) -> Self {
        Self {
            id,
            state,
            priority,
            size: 0,
            age_s: None,
            bucket: None,
            key: None,
            caller_id: None,
            order: None,
            message: None,
            file_name,
        }
    }
}

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
                    locked.index.mark_given(name);
                    return Ok(Some(Receipt::new(name.id(), &item, *facts)));
                }
                Ok(_) => self.set_item_aside(&mut locked, Place::Receipts, name),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    locked.index.remove(Place::Receipts, name);
                }
                Err(error) => return Err(self.store.failed("read", &error)),
            }
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

    /// Shows each item to `show`, which ends the list with `false`. Items that come and go meanwhile may be
    /// left out.
    /// Last come files that are none of an outbox, and were set aside.
    pub fn each(&self, mut show: impl FnMut(&ListedItem) -> bool) -> Result<()> {
        let now = Moment::now();
        for place in Place::ALL {
            // A part at a time, so that other processes need not wait.
            let mut after = None;
            loop {
                let names: Vec<Name> = {
                    let locked = self.store.lock()?;
                    let names = locked.index.of(place);
                    let begin =
                        names.partition_point(|name| after.is_some_and(|last| *name <= last));
                    names[begin..].iter().take(256).copied().collect()
                };
                let Some(last) = names.last() else { break };
                after = Some(*last);
                for name in names {
                    if let Some(listed) = self.describe(place, name, &now)?
                        && !show(&listed)
                    {
                        return Ok(());
                    }
                }
            }
        }
        let foreign = self.store.foreign().map_err(|error| self.store.failed("read", &error))?;
        let mut foreign = foreign.iter().map(|name| self.describe_foreign(name));
        let _ = foreign.all(|listed| show(&listed));
        Ok(())
    }

    /// One item.
    pub fn find_item(&self, id: u64) -> Result<ListedItem> {
        loop {
            let found = self.store.lock()?.index.find(id);
            let (place, name) = found.ok_or_else(|| no_item(id, "item"))?;
            // It may just be going elsewhere.
            if let Some(listed) = self.describe(place, name, &Moment::now())? {
                return Ok(listed);
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

    fn describe_foreign(&self, name: &str) -> ListedItem {
        let file_name = format!("corrupt/{name}");
        let metadata = fs::symlink_metadata(self.store.root.join(&file_name));
        ListedItem {
            size: metadata.map_or(0, |metadata| metadata.len()),
            message: Some(damage::FOREIGN.to_owned()),
            ..ListedItem::new(0, ItemState::Corrupt, 0, file_name)
        }
    }

    fn describe(&self, place: Place, name: Name, now: &Moment) -> Result<Option<ListedItem>> {
        let parsed = match self.read(place, name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.store.failed("read", &error)),
            Ok(parsed) => parsed,
        };
        let state = match (place, &parsed) {
            (Place::Corrupt, _) | (_, None) => ItemState::Corrupt,
            (Place::Waiting, _) if self.is_locked(place, name) => ItemState::Sending,
            (Place::Waiting, _) => ItemState::Waiting,
            (Place::Held, _) => ItemState::Held,
            (Place::Receipts, _) => ItemState::Receipt,
            (Place::Dead, _) => ItemState::Dead,
        };
        let mut listed = ListedItem::new(name.id(), state, name.priority(), place.path(name));
        if state == ItemState::Corrupt {
            listed.message = Some(self.damage(place, name, parsed.as_ref()));
        }
        let Some(ItemFile { item, last_event, .. }) = parsed else { return Ok(Some(listed)) };
        let (bucket, key) = item.target.object();
        (listed.bucket, listed.key) = (bucket.map(str::to_owned), key.map(str::to_owned));
        listed.size = item.size();
        listed.age_s = item.added.age_at(now);
        listed.message = match last_event {
            _ if listed.message.is_some() => listed.message,
            Some(Event::Receipt(facts)) => facts.message,
            _ => self.store.lock()?.sending.attempts(name.id()).1.map(str::to_owned),
        };
        (listed.caller_id, listed.order) = (item.options.caller_id, item.options.order);
        Ok(Some(listed))
    }

    fn damage(&self, place: Place, name: Name, parsed: Option<&ItemFile>) -> String {
        let text = crate::file::read_own(&self.store.path(place, name), super::item::MAX_FILE * 2);
        let has_body = self.store.body_path(place.folder(), name.id()).exists();
        damage::of_item(&text.unwrap_or_default(), parsed, has_body)
    }

    /// How full it is.
    pub fn stats(&self) -> Result<Stats> {
        let (free_bytes, _) = free_space(&self.store.root)?;
        let foreign = self.store.foreign().map_err(|error| self.store.failed("read", &error))?;
        let locked = self.store.lock()?;
        let index = &locked.index;
        let open = index.of(Place::Waiting).iter().map(|name| (Place::Waiting, *name));
        let open = open.chain(index.of(Place::Held).iter().map(|name| (Place::Held, *name)));
        let oldest = open.min_by_key(|(_, name)| name.id());
        let oldest = oldest.and_then(|(place, name)| self.read(place, name).ok()?);
        Ok(Stats {
            waiting: index.count(Place::Waiting),
            held: index.count(Place::Held),
            receipts: index.count(Place::Receipts),
            dead: index.count(Place::Dead),
            corrupt: index.count(Place::Corrupt) + foreign.len() as u64,
            bytes: index.bytes,
            free_bytes,
            oldest_age_s: oldest.and_then(|file| file.item.added.age_at(&Moment::now())),
        })
    }

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
        let touch = |path| -> io::Result<()> {
            // The process that sends sees that, but only if both times change.
            let now = SystemTime::now();
            let times = fs::FileTimes::new().set_accessed(now).set_modified(now);
            fs::File::open(path)?.set_times(times)
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
            None | Some((Place::Corrupt, _)) => return Err(no_item(id, "undamaged item")),
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
            refuse_what_is_over(name.id(), last_event.as_ref())?;
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
        locked.sending.retry(name.id());
        self.store.wake.set();
        Ok(())
    }

    /// Moves the body of an item, if it has a file of its own.
    fn move_body(&self, id: u64, from: &str, to: &str) -> io::Result<()> {
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

    fn change_place(
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
    fn take(&self, place: Place, name: Name) -> Result<Option<Box<super::settle::OpenItem>>> {
        match self.open_item(place, name, 0).map_err(|error| self.store.failed("read", &error))? {
            Opened::Item(open) => Ok(Some(open)),
            Opened::Damaged => Ok(None),
            Opened::Taken => {
                let message = format!("id: item {} is being sent", name.id());
                Err(Error::new(Status::OutboxBusy, message).with_field("id"))
            }
        }
    }

    fn is_locked(&self, place: Place, name: Name) -> bool {
        let file = fs::File::open(self.store.path(place, name));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(fs::TryLockError::WouldBlock)))
    }

    /// None when it is damaged.
    fn read(&self, place: Place, name: Name) -> io::Result<Option<ItemFile>> {
        let path = self.store.path(place, name);
        match crate::file::read_own(&path, super::item::MAX_FILE * 2) {
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
}

/// Of what is stored, or was let go, nothing is sent again.
fn refuse_what_is_over(id: u64, last_event: Option<&Event>) -> Result<()> {
    let outcome = match last_event {
        Some(Event::Receipt(facts)) => facts.outcome,
        _ => return Ok(()),
    };
    if matches!(outcome, ItemOutcome::Refused | ItemOutcome::Expired) {
        return Ok(());
    }
    let message = format!("id: item {id} is over and needs no bundle; acknowledge its receipt");
    Err(Error::new(Status::InvalidArgument, message).with_field("id"))
}

fn no_item(id: u64, what: &str) -> Error {
    let message = format!("id: there is no {what} with the id {id}");
    Error::new(Status::NotFound, message).with_field("id").with_advice(Advice::FixRequest)
}
