//! Where the bytes come from.

use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result, Status};
use crate::http::caller_error;
use crate::text::quoted;

/// The content of an object.
pub enum Body<'a> {
    /// Bytes in memory.
    Memory(&'a [u8]),
    /// A regular file. Its size is taken when the upload begins; what is appended later is not
    /// part of the object.
    File(PathBuf),
    /// Bytes that a source gives one after the other.
    Stream {
        /// Gives the bytes.
        source: &'a mut dyn Source,
        /// How many there are.
        length: u64,
    },
}

impl Body<'_> {
    /// A regular file.
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self::File(path.as_ref().to_owned())
    }
}

/// Gives the bytes of a stream.
pub trait Source {
    /// Fills the beginning of `buf`, which is never empty, and says how far. 0 ends the stream.
    fn read(&mut self, buf: &mut [u8]) -> Result<usize>;

    /// Goes back to the first byte. `Ok(false)` when the source cannot.
    fn rewind(&mut self) -> Result<bool> {
        Ok(false)
    }
}

/// A body that is ready to be read.
pub(super) struct OpenBody<'a> {
    length: u64,
    taken: u64,
    reader: Reader<'a>,
}

enum Reader<'a> {
    Memory { bytes: &'a [u8], position: usize },
    File { file: File, path: PathBuf },
    Stream(&'a mut dyn Source),
}

impl<'a> Body<'a> {
    pub(super) fn open(self) -> Result<OpenBody<'a>> {
        let (length, reader) = match self {
            Self::Memory(bytes) => (bytes.len() as u64, Reader::Memory { bytes, position: 0 }),
            Self::File(path) => open_file(path)?,
            Self::Stream { source, length } => (length, Reader::Stream(source)),
        };
        Ok(OpenBody { length, taken: 0, reader })
    }
}

fn open_file<'a>(path: PathBuf) -> Result<(u64, Reader<'a>)> {
    let failed = |error: io::Error| file_error(&path, format!("cannot be opened: {error}"));
    // To open a FIFO would otherwise wait for its writer; regular files do not care.
    let file =
        File::options().read(true).custom_flags(libc::O_NONBLOCK).open(&path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        let fault = "is not a regular file; use a read function for pipes and devices";
        return Err(file_error(&path, fault.to_owned()));
    }
    // Files below /proc and /sys say that they are empty, and are not.
    if metadata.len() == 0 && file.read_at(&mut [0], 0).map_err(failed)? > 0 {
        let fault = "does not know its size, like the files of /proc; use a read function";
        return Err(file_error(&path, fault.to_owned()));
    }
    Ok((metadata.len(), Reader::File { file, path }))
}

fn file_error(path: &Path, fault: String) -> Error {
    let message = format!("file_path: {} {fault}", quoted(&path.to_string_lossy()));
    Error::new(Status::Body, message).with_field("file_path")
}

impl OpenBody<'_> {
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Goes back to the first byte, for a second pass. False when the source cannot.
    pub(super) fn rewind(&mut self) -> Result<bool> {
        let rewound = match &mut self.reader {
            Reader::Memory { position, .. } => {
                *position = 0;
                true
            }
            Reader::File { file, path } => {
                file.rewind()
                    .map_err(|error| file_error(path, format!("cannot be read again: {error}")))?;
                true
            }
            Reader::Stream(source) => source.rewind()?,
        };
        self.taken = 0;
        Ok(rewound)
    }

    fn next(&mut self, buf: &mut [u8]) -> Result<usize> {
        match &mut self.reader {
            Reader::Memory { bytes, position } => {
                let rest = &bytes[*position..];
                let count = rest.len().min(buf.len());
                buf[..count].copy_from_slice(&rest[..count]);
                *position += count;
                Ok(count)
            }
            Reader::File { file, path } => loop {
                match file.read(buf) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => break Err(file_error(path, format!("cannot be read: {error}"))),
                    Ok(count) => break Ok(count),
                }
            },
            Reader::Stream(source) => source.read(buf),
        }
    }

    fn ended_early(&self) -> Error {
        let (taken, length) = (self.taken, self.length);
        if let Reader::File { path, .. } = &self.reader {
            let fault =
                format!("became shorter while it was read: {taken} instead of {length} bytes");
            return file_error(path, fault);
        }
        let message =
            format!("read: ended after {taken} bytes, but content_length promises {length}");
        Error::new(Status::Body, message).with_field("read")
    }
}

/// Reads up to the promised length and no further; an end before that is an error.
impl Read for OpenBody<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length - self.taken).unwrap_or(usize::MAX);
        let len = buf.len().min(left);
        if len == 0 {
            return Ok(0);
        }
        match self.next(&mut buf[..len]) {
            Ok(0) => Err(caller_error(self.ended_early())),
            Ok(count) => {
                self.taken += count as u64;
                Ok(count)
            }
            Err(error) => Err(caller_error(error)),
        }
    }
}
