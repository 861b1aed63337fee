//! A disk in memory that records what is written to it, as a file in a file system of its own (FUSE).

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use fuser::{
    BackgroundSession, Config, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags,
    Generation, INodeNo, LockOwner, OpenFlags, ReplyAttr, ReplyData, ReplyEmpty, ReplyEntry,
    ReplyOpen, ReplyWrite, Request, WriteFlags,
};

/// What a drive writes whole, or not at all.
pub const BLOCK: usize = 4096;

const NAME: &str = "disk";
const FILE: INodeNo = INodeNo(2);

/// What happens while a program writes.
pub enum Event {
    Write(Write),
    /// All that was written before is durable.
    Flush,
    /// The service has done something, and has now what it had at this moment.
    Service(usize),
    /// The program has said this, and goes on.
    Said(String),
}

/// One block, or less.
pub struct Write {
    pub offset: usize,
    pub bytes: Vec<u8>,
}

struct State {
    content: Vec<u8>,
    /// None while nothing is recorded.
    events: Option<Vec<Event>>,
}

impl State {
    fn note(&mut self, events: impl Iterator<Item = Event>) {
        if let Some(recorded) = &mut self.events {
            recorded.extend(events);
        }
    }
}

/// Where others note what they do meanwhile.
#[derive(Clone)]
pub struct Recorder(Arc<Mutex<State>>);

impl Recorder {
    pub fn note(&self, event: Event) {
        lock(&self.0).note([event].into_iter());
    }
}

pub struct Disk {
    path: PathBuf,
    state: Arc<Mutex<State>>,
    _session: BackgroundSession,
}

impl Disk {
    /// A disk of `size` bytes; its file is in `folder`.
    pub fn new(folder: &Path, size: usize) -> std::io::Result<Self> {
        let content = vec![0; size];
        let state = Arc::new(Mutex::new(State { content, events: None }));
        let session = fuser::spawn_mount(File(Arc::clone(&state)), folder, &Config::default())?;
        Ok(Self { path: folder.join(NAME), state, _session: session })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Only while it is not mounted.
    pub fn set_content(&self, content: &[u8]) {
        lock(&self.state).content.copy_from_slice(content);
    }

    pub fn recorder(&self) -> Recorder {
        Recorder(Arc::clone(&self.state))
    }

    /// Records what happens from now on. Gives what is there before it.
    pub fn record(&self) -> Vec<u8> {
        let mut state = lock(&self.state);
        state.events = Some(Vec::new());
        state.content.clone()
    }

    /// What has happened since [`Disk::record`].
    pub fn take_events(&self) -> Vec<Event> {
        lock(&self.state).events.take().unwrap_or_default()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The file system: a folder with one file.
struct File(Arc<Mutex<State>>);

impl File {
    fn attributes(&self, inode: INodeNo) -> FileAttr {
        let is_file = inode == FILE;
        let size = if is_file { lock(&self.0).content.len() as u64 } else { 0 };
        FileAttr {
            ino: inode,
            size,
            blocks: size.div_ceil(512),
            atime: UNIX_EPOCH,
            mtime: UNIX_EPOCH,
            ctime: UNIX_EPOCH,
            crtime: UNIX_EPOCH,
            kind: if is_file { FileType::RegularFile } else { FileType::Directory },
            perm: if is_file { 0o600 } else { 0o700 },
            nlink: 1,
            uid: 0,
            gid: 0,
            rdev: 0,
            blksize: BLOCK as u32,
            flags: 0,
        }
    }
}

/// The attributes never change.
const FOR_EVER: Duration = Duration::MAX;

impl Filesystem for File {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        match parent == INodeNo::ROOT && name == NAME {
            true => reply.entry(&FOR_EVER, &self.attributes(FILE), Generation(0)),
            false => reply.error(Errno::ENOENT),
        }
    }

    fn getattr(&self, _: &Request, inode: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        reply.attr(&FOR_EVER, &self.attributes(inode));
    }

    /// Past the page cache, so that a disk whose content was set is read anew.
    fn open(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        reply.opened(FileHandle(0), FopenFlags::FOPEN_DIRECT_IO);
    }

    fn read(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let state = lock(&self.0);
        let start = (offset as usize).min(state.content.len());
        let end = (start + size as usize).min(state.content.len());
        reply.data(&state.content[start..end]);
    }

    fn write(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let mut state = lock(&self.0);
        let offset = offset as usize;
        let Some(place) = state.content.get_mut(offset..offset + data.len()) else {
            return reply.error(Errno::ENOSPC);
        };
        place.copy_from_slice(data);
        // The power may fail between two blocks of one write.
        state.note(data.chunks(BLOCK).enumerate().map(|(number, bytes)| {
            let offset = offset + number * BLOCK;
            Event::Write(Write { offset, bytes: bytes.to_vec() })
        }));
        reply.written(data.len() as u32);
    }

    fn fsync(&self, _: &Request, _: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        lock(&self.0).note([Event::Flush].into_iter());
        reply.ok();
    }
}
