//! The content of an upload: memory, a file or a stream.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::content::{Content, OpenFile, clamp};
use crate::error::{Advice, Error, Result, Status};
use crate::http::{caller_error, failed_by_caller};

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
    Content { content: Content<'a>, position: u64 },
    Stream(StreamBody<'a>),
}

/// A body that comes from a source.
pub(super) struct StreamBody<'a> {
    source: &'a mut dyn Source,
    length: Option<u64>,
    taken: u64,
}

impl<'a> Body<'a> {
    /// The same content to be read a second time. None for a stream.
    pub(super) fn once_more(&self) -> Option<Self> {
        match self {
            Self::Memory(bytes) => Some(Self::Memory(bytes)),
            Self::File(path) => Some(Self::File(path.clone())),
            Self::Stream { .. } => None,
        }
    }

    pub(super) fn open(self) -> Result<OpenBody<'a>> {
        match self {
            Self::Memory(bytes) => Ok(OpenBody::of(Content::Memory(bytes))),
            Self::File(path) => Ok(OpenBody::of(Content::File(OpenFile::open(path)?))),
            Self::Stream { source, length } => {
                Ok(OpenBody::Stream(StreamBody { source, length, taken: 0 }))
            }
        }
    }
}

impl<'a> OpenBody<'a> {
    pub(super) fn of(content: Content<'a>) -> Self {
        Self::Content { content, position: 0 }
    }

    /// Name of the file, without its folder.
    pub(super) fn file_name(&self) -> Option<String> {
        match self {
            Self::Content { content: Content::File(file), .. } => {
                Some(file.path.file_name()?.to_string_lossy().into_owned())
            }
            _ => None,
        }
    }

    pub(super) fn is_stream(&self) -> bool {
        matches!(self, Self::Stream(_))
    }

    /// None for a stream that does not know.
    pub(super) fn length(&self) -> Option<u64> {
        match self {
            Self::Content { content, .. } => Some(content.length()),
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
            Self::Content { position, .. } => {
                *position = 0;
                Ok(true)
            }
            Self::Stream(stream) => {
                stream.taken = 0;
                stream.source.rewind()
            }
        }
    }
}

/// Reads up to the promised length and no further; an end before that is an error.
impl Read for OpenBody<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Content { content, position } => {
                let end = content.length();
                let count = content.read_before(end, *position, buf)?;
                *position += count as u64;
                // Before the last byte goes out, so that nothing is stored.
                if *position == end && count > 0 {
                    content.check_unchanged().map_err(caller_error)?;
                }
                Ok(count)
            }
            Self::Stream(stream) => stream.read(buf),
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
