//! Bodies that can be read anywhere, so that workers can take parts in any order.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::plan::Part;
use crate::error::Error;
use crate::http::caller_error;
use crate::upload::body::{FileStamp, ended_at, failed_call};

/// A body with random access.
#[derive(Clone, Copy)]
pub(in crate::upload) enum Source<'a> {
    Memory(&'a [u8]),
    File { file: &'a File, path: &'a Path, stamp: FileStamp },
}

impl<'a> Source<'a> {
    /// The bytes of one part.
    pub(super) fn part(self, part: Part) -> PartReader<'a> {
        PartReader { source: self, position: part.offset, end: part.offset + part.length }
    }

    /// Fails when what was read may be of different times.
    pub(super) fn check_unchanged(self) -> Result<(), Error> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::File { file, path, stamp } => stamp.check(file, path),
        }
    }

    fn read_at(self, offset: u64, buf: &mut [u8]) -> Result<usize, Error> {
        match self {
            Self::Memory(bytes) => {
                let rest = usize::try_from(offset).ok().and_then(|at| bytes.get(at..));
                Ok(rest.unwrap_or_default().read(buf).unwrap_or(0))
            }
            Self::File { file, path, .. } => loop {
                match file.read_at(buf, offset) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => break Err(failed_call(path, "read", &error)),
                    Ok(0) => break Err(ended_at(file, path, offset)),
                    Ok(count) => break Ok(count),
                }
            },
        }
    }
}

/// Reads one part.
pub(super) struct PartReader<'a> {
    source: Source<'a>,
    position: u64,
    end: u64,
}

impl Read for PartReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.position).unwrap_or(usize::MAX);
        let len = buf.len().min(left);
        if len == 0 {
            return Ok(0);
        }
        let count = self.source.read_at(self.position, &mut buf[..len]).map_err(caller_error)?;
        self.position += count as u64;
        Ok(count)
    }
}
