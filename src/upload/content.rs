//! Content that can be read anywhere, so that workers can take parts in any order.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use crate::error::{Advice, Error, Result, Status, advice_for_file};
use crate::file::{self, Stamp};
use crate::http::caller_error;
use crate::text::quoted;

/// Content with random access.
pub(super) enum Content<'a> {
    Memory(&'a [u8]),
    File(OpenFile),
}

/// A file, and what it was when it was opened.
pub(super) struct OpenFile {
    file: File,
    pub(super) path: PathBuf,
    pub(super) stamp: Stamp,
}

impl Content<'_> {
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File(file) => file.stamp.size,
        }
    }

    /// Reads some bytes from `position`, and none from `end`, which is not behind that of the content.
    pub(super) fn read_before(&self, end: u64, position: u64, buf: &mut [u8]) -> io::Result<usize> {
        let len = clamp(buf.len(), end - position);
        match self {
            _ if len == 0 => Ok(0),
            Self::Memory(bytes) => {
                let rest = usize::try_from(position).ok().and_then(|at| bytes.get(at..));
                rest.unwrap_or_default().read(&mut buf[..len])
            }
            Self::File(file) => file.read_at(position, &mut buf[..len]).map_err(caller_error),
        }
    }

    /// The bytes of one part.
    pub(super) fn part(&self, offset: u64, length: u64) -> PartReader<'_> {
        PartReader { content: self, position: offset, end: offset + length }
    }

    /// Fails when what was read may be of different times.
    pub(super) fn check_unchanged(&self) -> Result<()> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::File(file) => file.check_unchanged(),
        }
    }
}

/// Reads one part.
pub(super) struct PartReader<'a> {
    content: &'a Content<'a>,
    position: u64,
    end: u64,
}

impl Read for PartReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.content.read_before(self.end, self.position, buf)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl OpenFile {
    pub(super) fn open(path: PathBuf) -> Result<Self> {
        let failed = |error: io::Error| failed_call(&path, "opened", &error);
        let file = file::open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput => {
                let fault = "is not a regular file; use a read function for pipes and devices";
                file_error(&path, fault)
            }
            _ => failed(error),
        })?;
        let metadata = file.metadata().map_err(failed)?;
        // Files below /proc and /sys say that they are empty, and are not.
        if metadata.len() == 0 && file.read_at(&mut [0], 0).map_err(failed)? > 0 {
            let fault = "does not know its size, like the files of /proc; use a read function";
            return Err(file_error(&path, fault));
        }
        Ok(Self { file, path, stamp: Stamp::of(&metadata) })
    }

    /// Reads some bytes. The end of the file is an error.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        loop {
            match self.file.read_at(buf, offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed_call(&self.path, "read", &error)),
                Ok(0) => return Err(self.ended_at(offset)),
                Ok(count) => return Ok(count),
            }
        }
    }

    /// A file that ends before the size that it had when it was opened.
    fn ended_at(&self, end: u64) -> Error {
        match self.file.metadata() {
            Ok(metadata) if metadata.len() > end => {
                let size = metadata.len();
                let fault = format!(
                    "says that it has {size} bytes, but gives {end}, like the files of /sys; use a \
                     read function"
                );
                file_error(&self.path, &fault)
            }
            _ => {
                let fault = format!(
                    "became shorter while it was read: it ends at byte {end}; the object is not \
                     stored, upload it again"
                );
                file_error(&self.path, &fault).with_advice(Advice::Again)
            }
        }
    }

    /// Fails when the file was written to and did not grow: then what was read may mix old and new
    /// content. Growing files, such as logs, are uploaded up to the size they had when they were opened.
    fn check_unchanged(&self) -> Result<()> {
        // A file that cannot be examined any more was read all the same.
        let Ok(now) = self.file.metadata().map(|metadata| Stamp::of(&metadata)) else {
            return Ok(());
        };
        if now.size > self.stamp.size || now.modified == self.stamp.modified {
            return Ok(());
        }
        let fault = "was changed while it was read; upload it again";
        Err(file_error(&self.path, fault).with_advice(Advice::Again))
    }
}

fn file_error(path: &Path, fault: &str) -> Error {
    let message = format!("file_path: {} {fault}", quoted(&path.to_string_lossy()));
    Error::new(Status::Body, message).with_field("file_path")
}

/// A system call failed.
fn failed_call(path: &Path, done: &str, error: &io::Error) -> Error {
    file_error(path, &format!("cannot be {done}: {error}")).with_advice(advice_for_file(error))
}

pub(super) fn clamp(len: usize, left: u64) -> usize {
    len.min(usize::try_from(left).unwrap_or(usize::MAX))
}
