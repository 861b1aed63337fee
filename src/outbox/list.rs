//! What is in an outbox, for programs and people.

use std::fs;
use std::io;

use super::Outbox;
use super::age::Moment;
use super::damage;
use super::file_system::free_space;
use super::index::Place;
use super::item::{Event, ItemFile, read_text};
use super::manage::no_item;
use super::name::Name;
use super::store::Locked;
use crate::error::Result;
use crate::file;

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
    /// It is damaged, or of another version of the library, or cannot be read.
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
    /// Shows each item to `show`, which ends the list with `false`. Items that come and go meanwhile may be
    /// left out. Last come files that are none of an outbox, and were set aside.
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
                    // Shown with nothing locked.
                    let described = self.describe(&self.store.lock()?, place, name, &now)?;
                    if let Some(listed) = described
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
        let mut locked = self.store.lock()?;
        let found = locked.index.find(id);
        let (place, name) = found.ok_or_else(|| no_item(id, "item"))?;
        if let Some(listed) = self.describe(&locked, place, name, &Moment::now())? {
            return Ok(listed);
        }
        // Nobody moves it while the folder is locked, so this object has not heard of something.
        locked.needs_scan = true;
        drop(locked);
        let locked = self.store.lock()?;
        let found = locked.index.find(id);
        let described =
            found.map(|(place, name)| self.describe(&locked, place, name, &Moment::now()));
        described.transpose()?.flatten().ok_or_else(|| no_item(id, "item"))
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
            bytes: index.bytes(),
            free_bytes,
            oldest_age_s: oldest.and_then(|file| file.item.added.age_at(&Moment::now())),
        })
    }

    /// With the folder locked, so that to look at the lock of an item is in nobody's way.
    fn describe(
        &self,
        locked: &Locked<'_>,
        place: Place,
        name: Name,
        now: &Moment,
    ) -> Result<Option<ListedItem>> {
        let parsed = match self.read(place, name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if file::is_fault_of_all(&error) => {
                return Err(self.store.failed("read", &error));
            }
            Err(error) => {
                let (id, priority) = (name.id(), name.priority());
                let message = Some(format!("it cannot be read: {error}"));
                let listed = ListedItem::new(id, ItemState::Corrupt, priority, place.path(name));
                return Ok(Some(ListedItem { message, ..listed }));
            }
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
            _ => locked.sending.attempts(name.id()).1.map(str::to_owned),
        };
        (listed.caller_id, listed.order) = (item.options.caller_id, item.options.order);
        Ok(Some(listed))
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

    fn damage(&self, place: Place, name: Name, parsed: Option<&ItemFile>) -> String {
        let text = read_text(&self.store.path(place, name));
        let has_body = self.store.body_path(place.folder(), name.id()).exists();
        damage::of_item(&text.unwrap_or_default(), parsed, has_body)
    }

    fn is_locked(&self, place: Place, name: Name) -> bool {
        let file = file::open_own(&self.store.path(place, name));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(fs::TryLockError::WouldBlock)))
    }
}
