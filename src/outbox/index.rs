//! Which items there are, as their names say.

use std::collections::BTreeMap;

use super::name::{END_OF_IDS, MAX_PRIORITY, Name};

/// Where an item's file is, and so what state it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// `items/NAME.item`
    Waiting,
    /// `items/NAME.held`
    Held,
    /// `receipts/NAME.item`
    Receipts,
    /// `dead/NAME.item`
    Dead,
    /// `corrupt/NAME.item`
    Corrupt,
}

impl Place {
    pub(super) const ALL: [Self; 5] =
        [Self::Waiting, Self::Held, Self::Receipts, Self::Dead, Self::Corrupt];

    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Waiting | Self::Held => "items",
            Self::Receipts => "receipts",
            Self::Dead => "dead",
            Self::Corrupt => "corrupt",
        }
    }

    fn extension(self) -> &'static str {
        if self == Self::Held { "held" } else { "item" }
    }

    /// Path below the folder of the outbox.
    pub(super) fn path(self, name: Name) -> String {
        format!("{}/{name}.{}", self.folder(), self.extension())
    }

    /// Reads the name of a file in one of the folders.
    pub(super) fn of_file(folder: &str, file: &str) -> Option<(Self, Name)> {
        let (name, extension) = file.rsplit_once('.')?;
        let is_it = |place: &Self| place.folder() == folder && place.extension() == extension;
        Some((Self::ALL.into_iter().find(is_it)?, Name::parse(name)?))
    }
}

/// All items of an outbox, 16 bytes each, in the order in which they are sent.
#[derive(Debug, Default)]
pub(super) struct Index {
    places: [Vec<Name>; Place::ALL.len()],
    /// What was set aside and has another name.
    pub(super) foreign: u64,
    /// Ids in names that were just set aside: what may be their body is not removed.
    pub(super) foreign_ids: Vec<u64>,
    /// What all of them take. Foreign names may say anything.
    bytes: u128,
    /// Neither this id was given to an item, nor a later one. A foreign name may have one all the same.
    pub(super) next_id: u64,
    /// Receipts that the program was given, by their ids.
    given: BTreeMap<u64, Written>,
}

/// When a file was written, in seconds and nanoseconds, if anybody can tell: so a receipt is told from a later one of
/// the same item.
pub(super) type Written = Option<(i64, i64)>;

/// Lists grow by so many, and not to twice of what they were.
const STEP: usize = 1024;

impl Index {
    pub(super) fn of(&self, place: Place) -> &[Name] {
        &self.places[place as usize]
    }

    /// Notes an item that was found, in any order: [`Self::sort`] is called when all were.
    pub(super) fn push(&mut self, place: Place, name: Name) {
        self.grow(place);
        self.places[place as usize].push(name);
        self.bytes += u128::from(name.bytes());
    }

    pub(super) fn sort(&mut self) {
        for names in &mut self.places {
            names.sort_unstable();
        }
    }

    /// Notes an item. False when it was known.
    pub(super) fn insert(&mut self, place: Place, name: Name) -> bool {
        let Err(at) = self.of(place).binary_search(&name) else { return false };
        self.grow(place);
        self.places[place as usize].insert(at, name);
        self.bytes += u128::from(name.bytes());
        true
    }

    pub(super) fn remove(&mut self, place: Place, name: Name) {
        let names = &mut self.places[place as usize];
        if let Ok(at) = names.binary_search(&name) {
            names.remove(at);
            self.bytes -= u128::from(name.bytes());
            if names.is_empty() {
                *names = Vec::new();
            }
            if place == Place::Receipts {
                self.given.remove(&name.id());
            }
        }
    }

    /// The first receipt that the program was not given yet.
    pub(super) fn next_receipt(&self) -> Option<Name> {
        let is_new = |name: &&Name| !self.given.contains_key(&name.id());
        self.of(Place::Receipts).iter().find(is_new).copied()
    }

    pub(super) fn mark_given(&mut self, name: Name, written: Written) {
        self.given.insert(name.id(), written);
    }

    /// Takes over what the program was given, from before the folder was looked at again. An item that was
    /// sent again meanwhile has another receipt.
    pub(super) fn keep_given(&mut self, before: &mut Self, written: impl Fn(Name) -> Written) {
        let mut given = std::mem::take(&mut before.given);
        given.retain(|id, before| {
            self.find_in(Place::Receipts, *id).is_some_and(|name| written(name) == *before)
        });
        self.given = given;
    }

    fn grow(&mut self, place: Place) {
        let names = &mut self.places[place as usize];
        if names.len() == names.capacity() {
            names.reserve_exact(STEP);
        }
    }

    pub(super) fn find(&self, id: u64) -> Option<(Place, Name)> {
        if id >= END_OF_IDS {
            return None;
        }
        Place::ALL.into_iter().find_map(|place| self.find_in(place, id).map(|name| (place, name)))
    }

    pub(super) fn find_in(&self, place: Place, id: u64) -> Option<Name> {
        let names = self.of(place);
        (0..=MAX_PRIORITY).find_map(|priority| {
            let first = Name::new(id, priority, 0, 0, 0);
            let at = names.partition_point(|name| *name < first);
            names.get(at).copied().filter(|name| name.id() == id)
        })
    }

    /// What all of them take.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.try_into().unwrap_or(u64::MAX)
    }

    pub(super) fn count(&self, place: Place) -> u64 {
        self.of(place).len() as u64
    }

    /// Those that are still to be sent.
    pub(super) fn open_items(&self) -> u64 {
        self.count(Place::Waiting) + self.count(Place::Held)
    }

    /// Those and all that is kept of others.
    pub(super) fn all(&self) -> u64 {
        Place::ALL.into_iter().map(|place| self.count(place)).sum::<u64>() + self.foreign
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_what_is_there() {
        let name = |id| Name::new(id, 0, 0, 0, 4096 * id);
        let mut index = Index::default();
        for id in [3, 1, 2] {
            index.push(Place::Waiting, name(id));
        }
        index.sort();
        assert_eq!(index.of(Place::Waiting), [1, 2, 3].map(name));
        assert!(!index.insert(Place::Waiting, name(2)), "seen twice");
        assert!(index.insert(Place::Receipts, name(5)));
        assert_eq!((index.bytes(), index.all()), (11 * 4096, 4));
        index.remove(Place::Receipts, name(5));
        index.remove(Place::Receipts, name(5));
        assert_eq!((index.bytes(), index.open_items()), (6 * 4096, 3));
        assert_eq!(index.find(2), Some((Place::Waiting, name(2))));
        assert_eq!(index.find(5), None);
    }

    #[test]
    fn files_are_found_by_their_names() {
        let name = Name::new(7, 3, 1, 2, 4096);
        for place in Place::ALL {
            let path = place.path(name);
            let (folder, file) = path.split_once('/').unwrap();
            assert_eq!(Place::of_file(folder, file), Some((place, name)));
        }
        assert_eq!(Place::of_file("dead", &format!("{name}.held")), None);
    }
}
