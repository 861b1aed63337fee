//! What is in the folder, as its names say, kept up to date with what other processes do.

use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};

use rustix::fs::inotify::{self, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;

use super::cleaning::{id_of_foreign, is_body};
use super::damage;
use super::index::{Index, Place};
use super::item::read_text;
use super::name::{END_OF_IDS, Name};
use super::store::{State, Store};
use crate::file;

/// Ids are reserved in blocks of so many.
const RESERVED: u64 = 256;
/// Prefix of the empty file in `items/` whose name says below which number ids may have been used.
const MARK: &str = "next-";
/// Prefix of the one whose name says below which number ids belong to what a process has added for later, and
/// which nobody sees yet.
const CLAIM: &str = "later-";
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
                Err(Errno::AGAIN) => break,
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            };
            let (what, number) = (event.events(), event.wd());
            if what.contains(ReadFlags::QUEUE_OVERFLOW) {
                state.needs_scan = true;
                continue;
            }
            let watched = state.watched.iter().find(|(known, _)| *known == number);
            let Some((_, folder)) = watched.copied() else { continue };
            let file = event.file_name().map(|file| file.to_string_lossy().into_owned());
            self.note(state, folder, file.as_deref(), what);
        }
        if state.needs_scan {
            // Should this fail, there is still something to look at.
            self.arrived.set();
            self.scan(state)?;
            state.needs_scan = false;
        }
        Ok(())
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
        let is_here = what.intersects(ReadFlags::CREATE | ReadFlags::MOVED_TO);
        let Some((place, name)) = Place::of_file(folder, file) else {
            if folder == "items" && is_here {
                self.note_mark(state, file);
            }
            return;
        };
        if is_here {
            let is_new = state.index.insert(place, name);
            if is_new {
                self.note_id(state, place, name);
            }
            match place {
                Place::Waiting if is_new => self.wake.set(),
                Place::Receipts if is_new => self.arrived.set(),
                _ => {}
            }
        } else if what.intersects(ReadFlags::DELETE | ReadFlags::MOVED_FROM) {
            state.index.remove(place, name);
            if place == Place::Waiting && what.contains(ReadFlags::DELETE) {
                state.sending.forget(name.id());
            }
            // Somebody may wait for the outbox to be empty.
            self.wake.set();
        } else if what.contains(ReadFlags::ATTRIB) && place == Place::Waiting {
            state.sending.retry(name.id());
            self.wake.set();
        }
    }

    /// Another process has reserved ids, or has taken some for later.
    fn note_mark(&self, state: &mut State, file: &str) {
        let mark = self.root.join("items").join(file);
        if let Some(reserved) = number_of(&mark, MARK).filter(|number| *number > state.reserved) {
            (state.mark, state.reserved) = (Some(mark), reserved);
        } else if let Some(claimed) = number_of(&mark, CLAIM) {
            state.index.next_id = state.index.next_id.max(claimed);
        }
    }

    /// Items have ids below the mark, unless that was lost. Any other file with such a name is foreign, and is
    /// not believed.
    fn note_id(&self, state: &mut State, place: Place, name: Name) {
        let is_item = || {
            let text = read_text(&self.path(place, name));
            text.is_ok_and(|text| damage::is_item(&text))
        };
        if name.id() >= state.index.next_id && (name.id() < state.reserved || is_item()) {
            state.index.next_id = name.id() + 1;
        }
    }

    /// Looks at all names, and sets aside what is none of an outbox.
    pub(super) fn scan(&self, state: &mut State) -> io::Result<()> {
        let mut index = Index::default();
        let (mut marks, mut claims) = (Vec::new(), Vec::new());
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
                    None if is_file && folder == "items" && file.starts_with(CLAIM) => {
                        claims.push(entry.path());
                    }
                    None => {
                        self.set_aside(state, &entry.path());
                        index.foreign_ids.extend(id_of_foreign(&file));
                    }
                }
            }
        }
        index.sort();
        for id in index.foreign_ids.iter().filter(|id| index.find(**id).is_none()) {
            self.set_body_aside(*id);
        }
        let number = |path: &Option<PathBuf>, prefix| {
            path.as_deref().and_then(|path| number_of(path, prefix)).unwrap_or(1)
        };
        (state.mark, state.claim) = (newest(marks), newest(claims));
        state.reserved = number(&state.mark, MARK);
        let claimed = number(&state.claim, CLAIM);
        index.next_id = state.index.next_id.max(state.reserved).max(claimed);
        if index.count(Place::Receipts) > 0 {
            self.arrived.set();
        }
        index.keep_given(&mut state.index, |name| self.receipt_written(name));
        state.index = index;
        for place in Place::ALL {
            for at in 0..state.index.of(place).len() {
                let name = state.index.of(place)[at];
                self.note_id(state, place, name);
            }
        }
        self.wake.set();
        Ok(())
    }

    /// The id of the next item. None is ever given twice, also when the last ones are gone after a power cut:
    /// the mark is durable with the item, whose folder is synced after both.
    pub(super) fn take_id(&self, state: &mut State) -> io::Result<u64> {
        // What is added for later now comes after this one.
        state.later_ids = 0..0;
        // A foreign file may have it.
        while state.index.find(state.index.next_id.max(1)).is_some() {
            state.index.next_id += 1;
        }
        self.reserve(state, 1)
    }

    /// The id of an item that is added for later. Others give none of these meanwhile, though they do not see
    /// the item.
    pub(super) fn take_later_id(&self, state: &mut State) -> io::Result<u64> {
        for id in state.later_ids.by_ref() {
            if state.index.find(id).is_none() {
                return Ok(id);
            }
        }
        let first = self.reserve(state, RESERVED)?;
        let end = first + RESERVED;
        rename_number(&mut state.claim, &self.root, CLAIM, end)?;
        state.later_ids = first + 1..end;
        Ok(first)
    }

    /// The first of so many ids.
    fn reserve(&self, state: &mut State, count: u64) -> io::Result<u64> {
        let first = state.index.next_id.max(1);
        let end = first + count;
        if end + RESERVED >= END_OF_IDS {
            let message = "no id is left: an item has, or had, one of the last; use a new folder";
            return Err(io::Error::other(message));
        }
        if end > state.reserved {
            rename_number(&mut state.mark, &self.root, MARK, end - 1 + RESERVED)?;
            state.reserved = end - 1 + RESERVED;
        }
        state.index.next_id = end;
        Ok(first)
    }
}

/// The one with the greatest number; the others are removed.
fn newest(files: Vec<PathBuf>) -> Option<PathBuf> {
    let newest = files.iter().max().cloned();
    for older in files.iter().filter(|file| Some(*file) != newest.as_ref()) {
        // The newest one counts, also on a disk that takes nothing any more.
        let _ = fs::remove_file(older);
    }
    newest
}

/// Gives an empty file in `items/` a name with this number.
fn rename_number(
    file: &mut Option<PathBuf>,
    root: &Path,
    prefix: &str,
    number: u64,
) -> io::Result<()> {
    let path = root.join("items").join(format!("{prefix}{number:016x}"));
    match file.take() {
        Some(old) if fs::rename(&old, &path).is_ok() => {}
        _ => drop(file::create_own(&path)?),
    }
    *file = Some(path);
    Ok(())
}

/// The number in the name of such a file.
fn number_of(path: &Path, prefix: &str) -> Option<u64> {
    let name = path.file_name()?.to_str()?.strip_prefix(prefix)?;
    u64::from_str_radix(name, 16).ok().filter(|number| *number < END_OF_IDS)
}
