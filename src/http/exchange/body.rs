//! The body of a request on its way from its source to the connection.

use std::io::{self, Read};

use super::Exchange;

/// Smallest amount that is worth a write of its own, unless the body ends before.
const MIN_WRITE: usize = 16 * 1024;

/// Is told of the bytes that were handed to the network.
pub(crate) trait Progress {
    /// `chunk` is the next piece of the body. An error stops the exchange.
    fn sent(&mut self, chunk: &[u8]) -> io::Result<()>;
}

/// For bodies that are none of the caller's.
pub(crate) struct Unwatched;

impl Progress for Unwatched {
    fn sent(&mut self, _chunk: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

/// The body as the HTTP library reads it: exactly `content_length` bytes.
pub(in crate::http) struct BodyReader<'a> {
    source: &'a mut dyn Read,
    progress: &'a mut dyn Progress,
    exchange: Exchange,
}

impl<'a> BodyReader<'a> {
    pub(in crate::http) fn new(
        source: &'a mut dyn Read,
        progress: &'a mut dyn Progress,
        exchange: &Exchange,
    ) -> Self {
        Self { source, progress, exchange: exchange.clone() }
    }

    fn fill(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let wanted = buf.len().min(MIN_WRITE);
        let mut filled = 0;
        while filled < wanted {
            // A source may give little at a time, and take long for it.
            self.exchange.state().check()?;
            match self.source.read(&mut buf[filled..]) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

impl Read for BodyReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = {
            let mut state = self.exchange.state();
            let left = state.terms.content_length - state.taken;
            let len = buf.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            if state.sending_ended {
                // The library has to believe that the body goes on, or it would not read the answer.
                state.taken += len as u64;
                return Ok(len);
            }
            len
        };
        let count = self.fill(&mut buf[..len])?;
        self.progress.sent(&buf[..count])?;
        self.exchange.state().taken += count as u64;
        Ok(count)
    }
}
