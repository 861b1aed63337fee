//! The folder in use, which one thread of one process changes at a time.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use once_cell::sync::OnceCell;
use rustix::fs::inotify::{self, CreateFlags};

use super::file_system::ContentSync;
use super::folder::failed;
use super::index::{Index, Place, Written};
use super::name::{BLOCK, Name, body_name};
use super::sending::Sending;
use crate::error::{Error, Result, Status};
use crate::file::{self, Identity, Stamp};
use crate::log::Logger;
use crate::retry::random_bits;
use crate::wait::Signal;

pub(super) struct Store {
    pub(super) root: PathBuf,
    pub(super) log: Logger,
    content_sync: ContentSync,
    /// Locked while something changes.
    root_dir: File,
    /// Device and inode of that: another folder under its name is none of this outbox.
    identity: Identity,
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
    pub(super) watched: Vec<(i32, &'static str)>,
    /// Ids below may be used without writing the mark again.
    pub(super) reserved: u64,
    pub(super) mark: Option<PathBuf>,
    /// Ids for what this object adds for later.
    pub(super) later_ids: Range<u64>,
    pub(super) claim: Option<PathBuf>,
    pub(super) is_lost: bool,
    /// Something has changed of which nobody was told: all names have to be looked at.
    pub(super) needs_scan: bool,
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
            identity: file::identity(&root_dir.metadata()?),
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
        self.watch_folders(state)?;
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
        let is_there =
            fs::metadata(&self.root).map(|found| file::identity(&found) == self.identity);
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

    /// When a receipt was written.
    pub(super) fn receipt_written(&self, name: Name) -> Written {
        let metadata = fs::symlink_metadata(self.path(Place::Receipts, name)).ok()?;
        Some(Stamp::of(&metadata).modified)
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
    sizes.iter().fold(0, |sum, size| sum.saturating_add(size.div_ceil(BLOCK).saturating_mul(BLOCK)))
}

fn lock(file: &File) -> io::Result<()> {
    loop {
        match file.lock() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            locked => return locked,
        }
    }
}
