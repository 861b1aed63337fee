//! The content of an upload: memory, a file or a stream.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use crate::error::{Advice, Error, Result, Status, advice_for_file};
use crate::file;
use crate::http::{caller_error, failed_by_caller};
use crate::text::quoted;

/// The content of an object.
pub enum Body<'a> {
    /// Bytes in memory.
    Memory(&'a [u8]),
    /// A regular file. Its size is taken when the upload begins; what is appended later is not
    /// part of the object. When it is overwritten meanwhile, nothing is stored.
    File(PathBuf),
    /// Bytes that a source gives one after the other.
    Stream {
        /// Gives the bytes.
        source: &'a mut dyn Source,
        /// How many there are, when that is known. Without it a part at a time is kept in memory.
        length: Option<u64>,
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
pub(super) enum OpenBody<'a> {
    Memory { bytes: &'a [u8], position: usize },
    File { file: File, path: PathBuf, stamp: FileStamp, position: u64 },
    Stream(StreamBody<'a>),
}

/// What a file was when it was opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct FileStamp {
    pub(super) length: u64,
    /// Seconds and nanoseconds.
    pub(super) modified: (i64, i64),
}

impl FileStamp {
    fn of(metadata: &Metadata) -> Self {
        Self { length: metadata.len(), modified: (metadata.mtime(), metadata.mtime_nsec()) }
    }

    /// Fails when the file was written to and did not grow: then what was read may mix old and new
    /// content. Growing files, such as logs, are uploaded up to the size they had when they were opened.
    pub(super) fn check(&self, file: &File, path: &Path) -> Result<()> {
        // A file that cannot be examined any more was read all the same.
        let Ok(now) = file.metadata().map(|metadata| Self::of(&metadata)) else {
            return Ok(());
        };
        if now.length > self.length || now.modified == self.modified {
            return Ok(());
        }
        let fault = "was changed while it was read; the object is not stored, upload it again";
        Err(file_error(path, fault.to_owned()).with_advice(Advice::Again))
    }
}

/// A body that comes from a source.
pub(super) struct StreamBody<'a> {
    source: &'a mut dyn Source,
    length: Option<u64>,
    taken: u64,
}

impl<'a> Body<'a> {
    pub(super) fn open(self) -> Result<OpenBody<'a>> {
        match self {
            Self::Memory(bytes) => Ok(OpenBody::memory(bytes)),
            Self::File(path) => open_file(path),
            Self::Stream { source, length } => {
                Ok(OpenBody::Stream(StreamBody { source, length, taken: 0 }))
            }
        }
    }
}

fn open_file<'a>(path: PathBuf) -> Result<OpenBody<'a>> {
    let failed = |error: io::Error| failed_call(&path, "opened", &error);
    let file = file::open(&path).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput => {
            let fault = "is not a regular file; use a read function for pipes and devices";
            file_error(&path, fault.to_owned())
        }
        _ => failed(error),
    })?;
    let metadata = file.metadata().map_err(failed)?;
    // Files below /proc and /sys say that they are empty, and are not.
    if metadata.len() == 0 && file.read_at(&mut [0], 0).map_err(failed)? > 0 {
        let fault = "does not know its size, like the files of /proc; use a read function";
        return Err(file_error(&path, fault.to_owned()));
    }
    let stamp = FileStamp::of(&metadata);
    Ok(OpenBody::File { file, path, stamp, position: 0 })
}

pub(super) fn file_error(path: &Path, fault: String) -> Error {
    let message = format!("file_path: {} {fault}", quoted(&path.to_string_lossy()));
    Error::new(Status::Body, message).with_field("file_path")
}

impl<'a> OpenBody<'a> {
    pub(super) fn memory(bytes: &'a [u8]) -> Self {
        Self::Memory { bytes, position: 0 }
    }

    /// Name of the file, without its folder.
    pub(super) fn file_name(&self) -> Option<String> {
        match self {
            Self::File { path, .. } => Some(path.file_name()?.to_string_lossy().into_owned()),
            _ => None,
        }
    }

    pub(super) fn is_stream(&self) -> bool {
        matches!(self, Self::Stream(_))
    }

    /// None for a stream that does not know.
    pub(super) fn length(&self) -> Option<u64> {
        match self {
            Self::Memory { bytes, .. } => Some(bytes.len() as u64),
            Self::File { stamp, .. } => Some(stamp.length),
            Self::Stream(stream) => stream.length,
        }
    }

    /// Goes back to the first byte for another attempt. False when something was read and the source cannot
    /// rewind.
    pub(super) fn restart(&mut self) -> Result<bool> {
        match self {
            Self::Stream(stream) if stream.taken == 0 => Ok(true),
            _ => self.rewind(),
        }
    }

    /// Goes back to the first byte, for a second pass. False when the source cannot.
    pub(super) fn rewind(&mut self) -> Result<bool> {
        match self {
            Self::Memory { position, .. } => *position = 0,
            Self::File { file, path, position, .. } => {
                file.rewind()
                    .map_err(|error| file_error(path, format!("cannot be read again: {error}")))?;
                *position = 0;
            }
            Self::Stream(stream) => {
                stream.taken = 0;
                return stream.source.rewind();
            }
        }
        Ok(true)
    }
}

/// Reads up to the promised length and no further; an end before that is an error.
impl Read for OpenBody<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Memory { bytes, position } => {
                let mut rest = &bytes[*position..];
                let count = rest.read(buf)?;
                *position += count;
                Ok(count)
            }
            Self::File { file, path, stamp, position } => {
                let len = clamp(buf.len(), stamp.length - *position);
                let count =
                    read_file(file, path, &mut buf[..len], *position).map_err(caller_error)?;
                *position += count as u64;
                // Before the last byte goes out, so that nothing is stored.
                if *position == stamp.length && count > 0 {
                    stamp.check(file, path).map_err(caller_error)?;
                }
                Ok(count)
            }
            Self::Stream(stream) => stream.read(buf),
        }
    }
}

fn read_file(file: &mut File, path: &Path, buf: &mut [u8], position: u64) -> Result<usize> {
    loop {
        match file.read(buf) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed_call(path, "read", &error)),
            Ok(0) if !buf.is_empty() => return Err(ended_at(file, path, position)),
            Ok(count) => return Ok(count),
        }
    }
}

/// A system call failed.
pub(super) fn failed_call(path: &Path, done: &str, error: &io::Error) -> Error {
    file_error(path, format!("cannot be {done}: {error}")).with_advice(advice_for_file(error))
}

/// A file that ends before the size that it had when it was opened.
pub(super) fn ended_at(file: &File, path: &Path, end: u64) -> Error {
    match file.metadata() {
        Ok(metadata) if metadata.len() > end => {
            let size = metadata.len();
            let fault = format!(
                "says that it has {size} bytes, but gives {end}, like the files of /sys; use a read function"
            );
            file_error(path, fault)
        }
        _ => {
            let fault = format!(
                "became shorter while it was read: it ends at byte {end}; the object is not stored, \
                 upload it again"
            );
            file_error(path, fault).with_advice(Advice::Again)
        }
    }
}

impl StreamBody<'_> {
    /// How many bytes the source has given.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    pub(super) fn length(&self) -> Option<u64> {
        self.length
    }

    /// Goes back to a byte that was given before, by reading again what stands before it. False when
    /// the source cannot. An error of `check` ends the reading.
    pub(super) fn go_back(
        &mut self,
        position: u64,
        check: impl Fn() -> Result<()>,
    ) -> Result<bool> {
        const STEP: usize = 64 * 1024;
        if self.taken == position {
            return Ok(true);
        }
        if !self.source.rewind()? {
            return Ok(false);
        }
        self.taken = 0;
        let mut buffer = vec![0; STEP];
        while self.taken < position {
            check()?;
            let len = clamp(STEP, position - self.taken);
            self.read_exact(&mut buffer[..len]).map_err(failed_by_caller)?;
        }
        Ok(true)
    }

    /// Fills `buffer` with the next `size` bytes, or with fewer at the end of the stream. An error of
    /// `check` ends the reading.
    pub(super) fn fill(
        &mut self,
        buffer: &mut Vec<u8>,
        size: usize,
        check: impl Fn() -> Result<()>,
    ) -> Result<()> {
        const STEP: usize = 256 * 1024;
        buffer.clear();
        while buffer.len() < size {
            check()?;
            let filled = buffer.len();
            let step = STEP.min(size - filled);
            reserve(buffer, step, size)?;
            buffer.resize(filled + step, 0);
            let count = self.source.read(&mut buffer[filled..])?;
            buffer.truncate(filled + count);
            if count == 0 {
                break;
            }
        }
        Ok(())
    }
}

/// Makes room for `count` further bytes of a part of `size` bytes. The buffer grows with what really
/// comes, by half each time, and never beyond the part.
fn reserve(buffer: &mut Vec<u8>, count: usize, size: usize) -> Result<()> {
    let filled = buffer.len();
    if buffer.capacity() - filled >= count {
        return Ok(());
    }
    let wanted = count.max(filled / 2).min(size - filled);
    buffer.try_reserve_exact(wanted).map_err(|_| {
        let message = format!(
            "part_size: is {size}, and a body whose length is not known is kept in memory part by part, \
             but there is none for more than {filled} bytes: make the parts smaller, or say \
             content_length (flag HAS_CONTENT_LENGTH)"
        );
        let error = Error::new(Status::Body, message).with_field("part_size");
        error.with_advice(Advice::FixSettings)
    })
}

impl Read for StreamBody<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = self.length.map_or(u64::MAX, |length| length - self.taken);
        let len = clamp(buf.len(), left);
        if len == 0 {
            return Ok(0);
        }
        let count = self.source.read(&mut buf[..len]).map_err(caller_error)?;
        if count == 0 && self.length.is_some() {
            return Err(caller_error(ended_early(self.taken, left)));
        }
        self.taken += count as u64;
        Ok(count)
    }
}

fn ended_early(taken: u64, left: u64) -> Error {
    let length = taken + left;
    let message = format!("read: ended after {taken} bytes, but content_length promises {length}");
    Error::new(Status::Body, message).with_field("read")
}

fn clamp(len: usize, left: u64) -> usize {
    len.min(usize::try_from(left).unwrap_or(usize::MAX))
}
