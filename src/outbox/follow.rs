//! What is in the folder, as its names say, kept up to date with what other processes do.

use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::path::Path;

use rustix::fs::inotify::{self, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;

use super::cleaning::is_body;
use super::index::{Index, Place};
use super::name::END_OF_IDS;
use super::store::{State, Store};
use crate::file;

/// Ids are reserved in blocks of so many.
const RESERVED: u64 = 256;
/// Prefix of the empty file in `items/` whose name says below which number ids may have been used.
const MARK: &str = "next-";
/// Folders that have items.
const WATCHED: [&str; 4] = ["items", "receipts", "dead", "corrupt"];

impl Store {
    /// From now on [`Self::follow`] hears of all changes.
    pub(super) fn watch_folders(&self, state: &mut State) -> io::Result<()> {
        let flags = WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVE
            | WatchFlags::ATTRIB
            | WatchFlags::DELETE_SELF
            | WatchFlags::MOVE_SELF
            | WatchFlags::ONLYDIR;
        for folder in WATCHED {
            let number = inotify::add_watch(self.watch(), self.root.join(folder), flags)?;
            state.watched.push((number, folder));
        }
        Ok(())
    }

    /// Takes note of what has changed since the last time.
    pub(super) fn follow(&self, state: &mut State) -> io::Result<()> {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = Reader::new(self.watch(), &mut buffer);
        loop {
            let event = match reader.next() {
                Ok(event) => event,
                Err(Errno::AGAIN) => return Ok(()),
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            };
            let (what, number) = (event.events(), event.wd());
            if what.contains(ReadFlags::QUEUE_OVERFLOW) {
                self.scan(state)?;
                continue;
            }
            let watched = state.watched.iter().find(|(known, _)| *known == number);
            let Some((_, folder)) = watched.copied() else { continue };
            let file = event.file_name().map(|file| file.to_string_lossy().into_owned());
            self.note(state, folder, file.as_deref(), what);
        }
    }

    fn note(&self, state: &mut State, folder: &'static str, file: Option<&str>, what: ReadFlags) {
        let Some(file) = file else {
            state.is_lost |= what.intersects(ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF);
            if folder == "items" && what.contains(ReadFlags::ATTRIB) {
                state.sending.retry_all();
                self.wake.set();
            }
            return;
        };
        let Some((place, name)) = Place::of_file(folder, file) else { return };
        if what.intersects(ReadFlags::CREATE | ReadFlags::MOVED_TO) {
            let is_new = state.index.insert(place, name);
            match place {
                Place::Waiting if is_new => self.wake.set(),
                Place::Receipts if is_new => self.arrived.set(),
                _ => {}
            }
        } else if what.intersects(ReadFlags::DELETE | ReadFlags::MOVED_FROM) {
            state.index.remove(place, name);
            // Somebody may wait for the outbox to be empty.
            self.wake.set();
        } else if what.contains(ReadFlags::ATTRIB) && place == Place::Waiting {
            state.sending.retry(name.id());
            self.wake.set();
        }
    }

    /// Looks at all names, and sets aside what is none of an outbox.
    pub(super) fn scan(&self, state: &mut State) -> io::Result<()> {
        let mut index = Index::default();
        let mut marks = Vec::new();
        for folder in WATCHED {
            for entry in fs::read_dir(self.root.join(folder))? {
                let entry = entry?;
                let file = entry.file_name().to_string_lossy().into_owned();
                let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
                match Place::of_file(folder, &file).filter(|_| is_file) {
                    Some((place, name)) => index.push(place, name),
                    None if folder == "corrupt" => index.foreign += u64::from(!is_body(&file)),
                    None if is_file && is_body(&file) => {}
                    None if is_file && folder == "items" && file.starts_with(MARK) => {
                        marks.push(entry.path());
                    }
                    None => {
                        self.set_aside(state, &entry.path());
                    }
                }
            }
        }
        index.sort();
        state.mark = marks.iter().max().cloned();
        state.reserved = state.mark.as_deref().and_then(reserved_by).unwrap_or(1);
        index.next_id = index.next_id.max(state.index.next_id).max(state.reserved);
        for older in marks.iter().filter(|mark| Some(*mark) != state.mark.as_ref()) {
            fs::remove_file(older)?;
        }
        if index.count(Place::Receipts) > 0 {
            self.arrived.set();
        }
        index.keep_given(&mut state.index);
        state.index = index;
        self.wake.set();
        Ok(())
    }

    /// The id of the next item. None is ever given twice, also when the last ones are gone after a power cut:
    /// the mark is durable with the item, whose folder is synced after both.
    pub(super) fn take_id(&self, state: &mut State) -> io::Result<u64> {
        let id = state.index.next_id.max(1);
        if id >= state.reserved {
            let reserved = id + RESERVED;
            let mark = self.root.join("items").join(format!("{MARK}{reserved:016x}"));
            match state.mark.take() {
                Some(old) if fs::rename(&old, &mark).is_ok() => {}
                _ => drop(file::create_own(&mark)?),
            }
            (state.mark, state.reserved) = (Some(mark), reserved);
        }
        state.index.next_id = id + 1;
        Ok(id)
    }
}

/// The number of a mark.
fn reserved_by(mark: &Path) -> Option<u64> {
    let name = mark.file_name()?.to_str()?.strip_prefix(MARK)?;
    u64::from_str_radix(name, 16).ok().filter(|number| *number < END_OF_IDS)
}
