//! How the bytes of an item come into the outbox.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::Access;
use rustix::io::Errno;

use super::item::KeptBody;
use super::name::crc64;
use super::options::{ItemOptions, Keep};
use super::store::Store;
use crate::error::{Advice, Error, Result, Status, advice_for_file};
use crate::file::{self, Identity, Stamp};
use crate::text::{hex, quoted};
use crate::upload::Body;

/// Longer ones get a file of their own: this way an item fits into one block.
pub(super) const MAX_INLINE: usize = 2048;

/// A body that is in `new/`, or where it stays.
pub(super) struct KeptBytes<'a> {
    pub(super) body: KeptBody,
    pub(super) inline: &'a [u8],
    /// Its file in `new/`.
    pub(super) file: Option<NewFile>,
    /// The program's file, which is removed once the item is durable.
    pub(super) moved: Option<Moved>,
}

/// The program's file, which has become the outbox's.
pub(super) struct Moved {
    path: PathBuf,
    identity: Identity,
}

impl Moved {
    /// Removes it, unless something else has its name by now. Says why it cannot be removed.
    pub(super) fn remove(&self) -> Option<String> {
        let found = fs::symlink_metadata(&self.path).ok()?;
        if file::identity(&found) != self.identity {
            return None;
        }
        let error = fs::remove_file(&self.path).err()?;
        let path = quoted(&self.path.to_string_lossy());
        Some(format!("outbox: {path} is in the outbox, and cannot be removed: {error}"))
    }
}

/// A file in `new/`, which is removed unless it becomes something.
pub(super) struct NewFile(PathBuf);

impl NewFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Store {
    /// Takes a body into `new/`. What a program has is not changed so far.
    pub(super) fn take_body<'a>(
        &self,
        body: &Body<'a>,
        options: &ItemOptions,
    ) -> Result<KeptBytes<'a>> {
        match body {
            Body::Memory(bytes) if bytes.len() <= MAX_INLINE => Ok(KeptBytes {
                body: KeptBody::Inline { size: bytes.len() as u64, crc64: crc64(bytes) },
                inline: bytes,
                file: None,
                moved: None,
            }),
            Body::Memory(bytes) => {
                let write = |file: &mut File| file.write_all(bytes).map(|()| Some(crc64(bytes)));
                self.new_body(options, write).map_err(|error| self.failed("written to", &error))
            }
            Body::File(path) => self.take_file(path, options),
            Body::Stream { .. } => {
                let fault = "is READ; an outbox keeps bytes (MEMORY) and files (FILE)";
                Err(Error::invalid("body", fault))
            }
        }
    }

    fn take_file<'a>(&self, path: &Path, options: &ItemOptions) -> Result<KeptBytes<'a>> {
        let read = |error: io::Error| file_error(path, &format!("cannot be read: {error}"), &error);
        let opened = file::open(path).map_err(read)?;
        // Its own name, and not that of a link.
        let path = fs::canonicalize(path).map_err(read)?;
        match options.keep {
            Keep::Reference => {
                let metadata = opened.metadata().map_err(read)?;
                let body = KeptBody::Reference {
                    path: hex(path.as_os_str().as_bytes()),
                    stamp: Stamp::of(&metadata),
                    inode: metadata.ino(),
                };
                Ok(KeptBytes { body, inline: &[], file: None, moved: None })
            }
            Keep::Copy => self.copy(&path, opened, options),
            Keep::Link => self.link(&path, &opened, options).map_err(|error| {
                let fault = format!("cannot be linked into the outbox: {error}; keep a copy");
                let failed = file_error(&path, &fault, &error);
                match error.kind() {
                    // Of all files that are there.
                    ErrorKind::CrossesDevices => failed.with_advice(Advice::FixSettings),
                    _ => failed,
                }
            }),
            Keep::Move => {
                check_that_it_can_go(&path)?;
                let identity = file::identity(&opened.metadata().map_err(read)?);
                let kept = match self.link(&path, &opened, options) {
                    Ok(kept) => kept,
                    // Another file system, or one without links.
                    Err(error) if error.kind() != ErrorKind::StorageFull => {
                        self.copy(&path, opened, options)?
                    }
                    Err(error) => return Err(self.failed("written to", &error)),
                };
                Ok(KeptBytes { moved: Some(Moved { path, identity }), ..kept })
            }
        }
    }

    fn link<'a>(
        &self,
        path: &Path,
        opened: &File,
        options: &ItemOptions,
    ) -> io::Result<KeptBytes<'a>> {
        let new = NewFile::new(self.new_path("body")?);
        fs::hard_link(path, new.path())?;
        let linked = file::open(new.path())?;
        let (ours, theirs) = (linked.metadata()?, opened.metadata()?);
        if ours.ino() != theirs.ino() {
            return Err(io::Error::other("another file has its name now"));
        }
        self.sync_content(&linked, options.later)?;
        let body = KeptBody::File { stamp: Stamp::of(&ours), crc64: None };
        Ok(KeptBytes { body, inline: &[], file: Some(new), moved: None })
    }

    fn copy<'a>(
        &self,
        path: &Path,
        mut from: File,
        options: &ItemOptions,
    ) -> Result<KeptBytes<'a>> {
        let stamp = |from: &File| from.metadata().map(|metadata| Stamp::of(&metadata));
        let mut read_fault = None;
        let copied = stamp(&from).and_then(|before| {
            let copied = self.new_body(options, |to| {
                if rustix::fs::ioctl_ficlone(&*to, &from).is_ok() {
                    return Ok(None);
                }
                copy_bytes(&mut from, to, before.size, &mut read_fault).map(Some)
            })?;
            Ok((before, copied))
        });
        if let Some(error) = read_fault {
            return Err(file_error(path, &format!("cannot be read: {error}"), &error));
        }
        let (before, kept) = copied.map_err(|error| self.failed("written to", &error))?;
        if !stamp(&from).is_ok_and(|after| after == before) {
            let fault = "was changed while it was copied; add it again once it is complete";
            return Err(file_error(path, fault, &io::Error::from_raw_os_error(libc::EAGAIN)));
        }
        Ok(kept)
    }

    fn new_body<'a>(
        &self,
        options: &ItemOptions,
        write: impl FnOnce(&mut File) -> io::Result<Option<u64>>,
    ) -> io::Result<KeptBytes<'a>> {
        let new = NewFile::new(self.new_path("body")?);
        let mut file = file::create_own(new.path())?;
        let crc64 = write(&mut file)?;
        self.sync_content(&file, options.later)?;
        let body = KeptBody::File { stamp: Stamp::of(&file.metadata()?), crc64 };
        Ok(KeptBytes { body, inline: &[], file: Some(new), moved: None })
    }
}

/// Copies so many bytes, and gives their CRC-64. A fault of the source is told apart.
fn copy_bytes(
    from: &mut File,
    to: &mut File,
    size: u64,
    read_fault: &mut Option<io::Error>,
) -> io::Result<u64> {
    let mut digest = crc64fast::Digest::new();
    let mut buffer = vec![0; 128 * 1024];
    let mut from = from.take(size);
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok(digest.sum64()),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => {
                let copy = io::Error::new(error.kind(), error.to_string());
                *read_fault = Some(error);
                return Err(copy);
            }
        };
        digest.write(&buffer[..count]);
        to.write_all(&buffer[..count])?;
    }
}

/// A moved file loses its name, which its folder has to let go.
fn check_that_it_can_go(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    match rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK) {
        Err(error @ (Errno::ACCESS | Errno::PERM)) => {
            let fault =
                format!("cannot be moved out of its folder: {error}; keep a copy, or a link");
            Err(file_error(path, &fault, &error.into()))
        }
        _ => Ok(()),
    }
}

fn file_error(path: &Path, fault: &str, error: &io::Error) -> Error {
    let message = format!("file_path: {} {fault}", quoted(&path.to_string_lossy()));
    Error::new(Status::Body, message).with_field("file_path").with_advice(advice_for_file(error))
}
