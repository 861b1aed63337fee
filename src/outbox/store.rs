//! The folder in use: what is in it, kept up to date with what other processes do, and changed under a lock.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use once_cell::sync::OnceCell;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;

use super::file_system::ContentSync;
use super::folder::failed;
use super::index::{Index, Place};
use super::name::{BLOCK, END_OF_IDS, Name, body_name};
use super::sending::Sending;
use crate::error::{Error, Result, Status};
use crate::log::Logger;
use crate::retry::random_bits;
use crate::text::quoted;
use crate::wait::Signal;

/// Ids are reserved in blocks of so many.
const RESERVED: u64 = 256;
/// Prefix of the empty file in `items/` whose name says below which number ids may have been used.
const MARK: &str = "next-";
/// Folders that have items.
const WATCHED: [&str; 4] = ["items", "receipts", "dead", "corrupt"];

pub(super) struct Store {
    pub(super) root: PathBuf,
    pub(super) log: Logger,
    content_sync: ContentSync,
    /// Locked while something changes.
    root_dir: File,
    /// Device and inode of that: another folder under its name is none of this outbox.
    identity: (u64, u64),
    /// `items`, which is synced after each change, and locked by the one who sends.
    items: File,
    /// Made when something is written: to open an outbox, and to send from it, needs no room on the disk.
    new: OnceCell<NewFolder>,
    watch: OwnedFd,
    state: Mutex<State>,
    /// There may be something to send.
    pub(super) wake: Signal,
    /// There may be a receipt.
    pub(super) arrived: Signal,
}

/// A folder below `new`, which is locked as long as this object lives.
struct NewFolder {
    path: PathBuf,
    dir: File,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) index: Index,
    pub(super) sending: Sending,
    /// What the numbers of a watch belong to.
    watched: Vec<(i32, &'static str)>,
    /// Ids below may be used without writing the mark again.
    reserved: u64,
    mark: Option<PathBuf>,
    is_lost: bool,
    /// Lines for the log, whose function may call the outbox: they are written when nothing is locked any more.
    warnings: Vec<String>,
}

impl State {
    /// Writes this to the log once nothing is locked any more.
    pub(super) fn warn(&mut self, line: String) {
        self.warnings.push(line);
    }
}

/// The state, which no other thread or process changes meanwhile.
pub(super) struct Locked<'a> {
    store: &'a Store,
    state: MutexGuard<'a, State>,
    /// Dropped after the guard.
    warnings: Warnings<'a>,
}

/// Lines that are written to the log when this is dropped.
struct Warnings<'a> {
    log: &'a Logger,
    lines: Vec<String>,
    /// Whoever locks it writes them, after another lock is released as well.
    are_left: bool,
}

impl Drop for Warnings<'_> {
    fn drop(&mut self) {
        for line in self.lines.drain(..) {
            self.log.warn(|| line);
        }
    }
}

impl std::ops::Deref for Locked<'_> {
    type Target = State;
    fn deref(&self) -> &State {
        &self.state
    }
}

impl std::ops::DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // To close it is not enough: a child that was forked meanwhile has it open as well.
        let _ = self.store.root_dir.unlock();
        if !self.warnings.are_left {
            self.warnings.lines = std::mem::take(&mut self.state.warnings);
        }
    }
}

impl Store {
    /// `root` was prepared by [`super::folder::open`].
    pub(super) fn open(root: PathBuf, log: Logger) -> Result<Self> {
        let store = Self::new(&root, log).map_err(|error| failed(&root, "opened", &error))?;
        let mut locked = store.locked(false);
        let prepared = store.prepare(&mut locked);
        drop(locked);
        prepared.map_err(|error| store.failed("opened", &error))?;
        Ok(store)
    }

    /// With the folder locked.
    fn new(root: &Path, log: Logger) -> io::Result<Self> {
        let root_dir = File::open(root)?;
        lock(&root_dir)?;
        Ok(Self {
            identity: identity_of(&root_dir.metadata()?),
            items: File::open(root.join("items"))?,
            watch: inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?,
            root: root.to_owned(),
            content_sync: ContentSync::of(root),
            state: Mutex::default(),
            wake: Signal::new()?,
            arrived: Signal::new()?,
            log,
            root_dir,
            new: OnceCell::new(),
        })
    }

    fn prepare(&self, state: &mut State) -> io::Result<()> {
        self.remove_leftovers()?;
        let flags = WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVE
            | WatchFlags::ATTRIB
            | WatchFlags::DELETE_SELF
            | WatchFlags::MOVE_SELF
            | WatchFlags::ONLYDIR;
        for folder in WATCHED {
            let number = inotify::add_watch(&self.watch, self.root.join(folder), flags)?;
            state.watched.push((number, folder));
        }
        self.scan(state)?;
        self.remove_orphans(state)
    }

    fn locked(&self, leaves_warnings: bool) -> Locked<'_> {
        let warnings = Warnings { log: &self.log, lines: Vec::new(), are_left: leaves_warnings };
        Locked { store: self, state: self.state(), warnings }
    }

    /// As it was when it was locked last.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the folder, and takes note of what has changed in it.
    pub(super) fn lock(&self) -> Result<Locked<'_>> {
        self.lock_and_follow(false)
    }

    /// For one who holds another lock as well, and calls [`Self::write_warnings`] without it.
    pub(super) fn lock_second(&self) -> Result<Locked<'_>> {
        self.lock_and_follow(true)
    }

    pub(super) fn write_warnings(&self) {
        let lines = std::mem::take(&mut self.state().warnings);
        drop(Warnings { log: &self.log, lines, are_left: false });
    }

    fn lock_and_follow(&self, leaves_warnings: bool) -> Result<Locked<'_>> {
        let mut locked = self.locked(leaves_warnings);
        lock(&self.root_dir).map_err(|error| self.failed("locked", &error))?;
        self.follow(&mut locked).map_err(|error| self.failed("followed", &error))?;
        // It may be gone with its file system, and come back.
        let is_there = fs::metadata(&self.root).map(|found| identity_of(&found) == self.identity);
        match is_there {
            Ok(true) if !locked.is_lost => Ok(locked),
            Err(error) => Err(self.failed("used", &error)),
            _ => Err(self.failed("used", &ErrorKind::NotFound.into())),
        }
    }

    pub(super) fn failed(&self, done: &str, error: &io::Error) -> Error {
        failed(&self.root, done, error)
    }

    /// Becomes readable when another process changes something.
    pub(super) fn watch(&self) -> &OwnedFd {
        &self.watch
    }

    /// The one who sends holds this lock.
    pub(super) fn lock_sender(&self) -> Result<()> {
        match self.items.try_lock() {
            Ok(()) => Ok(()),
            Err(fs::TryLockError::WouldBlock) => {
                let message = "folder: another process sends from this outbox; one at a time does";
                Err(Error::new(Status::OutboxBusy, message).with_field("folder"))
            }
            Err(fs::TryLockError::Error(error)) => Err(self.failed("locked", &error)),
        }
    }

    pub(super) fn unlock_sender(&self) {
        let _ = self.items.unlock();
    }

    pub(super) fn path(&self, place: Place, name: Name) -> PathBuf {
        self.root.join(place.path(name))
    }

    pub(super) fn body_path(&self, folder: &str, id: u64) -> PathBuf {
        self.root.join(folder).join(body_name(id))
    }

    /// Where files are written before they are items.
    pub(super) fn new_path(&self, extension: &str) -> io::Result<PathBuf> {
        let new = self.new.get_or_try_init(|| NewFolder::make(&self.root.join("new")))?;
        Ok(new.path.join(format!("{:016x}.{extension}", random_bits())))
    }

    pub(super) fn checkpoint_path(&self, id: u64) -> PathBuf {
        self.root.join("checkpoints").join(format!("{id:016x}"))
    }

    /// Makes all renames in `items` durable.
    pub(super) fn sync_items(&self) -> io::Result<()> {
        self.items.sync_all()
    }

    /// Makes a new file durable, if its folder is synced after it gets its name.
    pub(super) fn sync_content(&self, file: &File, later: bool) -> io::Result<()> {
        if later { Ok(()) } else { self.content_sync.sync(file) }
    }

    /// Makes all files durable that were written to the file system of the folder.
    pub(super) fn sync_all(&self) -> io::Result<()> {
        Ok(rustix::fs::syncfs(&self.root_dir)?)
    }

    fn follow(&self, state: &mut State) -> io::Result<()> {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = Reader::new(&self.watch, &mut buffer);
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
    fn scan(&self, state: &mut State) -> io::Result<()> {
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
                _ => drop(crate::file::create_own(&mark)?),
            }
            (state.mark, state.reserved) = (Some(mark), reserved);
        }
        state.index.next_id = id + 1;
        Ok(id)
    }

    /// Moves something damaged or foreign away. It is never deleted. False when the disk does not let it.
    pub(super) fn set_aside(&self, state: &mut State, path: &Path) -> bool {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default().replace(".held", ".item");
        let corrupt = self.root.join("corrupt");
        let mut target = corrupt.join(&name);
        // What was set aside before stays as well.
        while target.symlink_metadata().is_ok() {
            target = corrupt.join(format!("{:016x}-{name}", random_bits()));
        }
        let moved = fs::rename(path, target);
        let is_moved = moved.is_ok();
        let path = quoted(&path.to_string_lossy());
        state.warn(match moved {
            Ok(()) => format!("outbox: {path} is damaged, or of others: it is in corrupt/ now"),
            Err(error) => format!("outbox: {path} is damaged, and cannot be moved: {error}"),
        });
        is_moved
    }

    /// Names of the files in `corrupt` that are none of an outbox.
    pub(super) fn foreign(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.root.join("corrupt"))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if Place::of_file("corrupt", &name).is_none() && !is_body(&name) {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// What processes were writing that are no more.
    fn remove_leftovers(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.root.join("new"))? {
            let path = entry?.path();
            // Locked until it is gone, so that nobody begins to use it meanwhile.
            let dir = File::open(&path);
            match dir.as_ref().map(File::try_lock) {
                Ok(Err(fs::TryLockError::WouldBlock)) => {}
                _ if path.symlink_metadata().is_ok_and(|m| m.is_dir()) => fs::remove_dir_all(path)?,
                _ => fs::remove_file(path)?,
            }
        }
        Ok(())
    }

    /// Bodies and checkpoints of items that are no more.
    fn remove_orphans(&self, state: &State) -> io::Result<()> {
        let id = |name: &str| u64::from_str_radix(name.strip_suffix(".body").unwrap_or(name), 16);
        for (folder, places) in [
            // A dead item may have been on its way from one folder to the other.
            ("items", &Place::ALL[..]),
            ("dead", &[Place::Dead, Place::Receipts][..]),
            ("checkpoints", &[Place::Waiting, Place::Held][..]),
        ] {
            for entry in fs::read_dir(self.root.join(folder))? {
                let entry = entry?;
                let file = entry.file_name().to_string_lossy().into_owned();
                if folder != "checkpoints" && !is_body(&file) {
                    continue;
                }
                let is_kept =
                    |id| places.iter().any(|place| state.index.find_in(*place, id).is_some());
                match id(&file) {
                    Ok(id) if is_kept(id) => {}
                    _ if folder == "checkpoints" => fs::remove_dir_all(entry.path())?,
                    _ => fs::remove_file(entry.path())?,
                }
            }
        }
        Ok(())
    }
}

impl NewFolder {
    fn make(new: &Path) -> io::Result<Self> {
        loop {
            let path = new.join(format!("{:016x}", random_bits()));
            DirBuilder::new().mode(0o700).create(&path)?;
            // Before it is locked, another process may take it for what a dead one has left.
            let dir = match File::open(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                opened => opened?,
            };
            lock(&dir)?;
            if fs::metadata(&path).is_ok() {
                return Ok(Self { path, dir });
            }
        }
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
        let _ = self.dir.unlock();
    }
}

/// What files of these sizes take.
pub(super) fn charge(sizes: &[u64]) -> u64 {
    sizes.iter().fold(0, |sum, size| sum.saturating_add(size.div_ceil(BLOCK) * BLOCK))
}

fn is_body(file: &str) -> bool {
    let id = file.strip_suffix(".body").and_then(|id| u64::from_str_radix(id, 16).ok());
    id.is_some_and(|id| body_name(id) == file)
}

fn lock(file: &File) -> io::Result<()> {
    loop {
        match file.lock() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            locked => return locked,
        }
    }
}

fn identity_of(folder: &fs::Metadata) -> (u64, u64) {
    (folder.dev(), folder.ino())
}

/// The number of a mark.
fn reserved_by(mark: &Path) -> Option<u64> {
    let name = mark.file_name()?.to_str()?.strip_prefix(MARK)?;
    u64::from_str_radix(name, 16).ok().filter(|number| *number < END_OF_IDS)
}
