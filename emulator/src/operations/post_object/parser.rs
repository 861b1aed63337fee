//! `multipart/form-data`, read piece by piece (spec: post-object.md 1).
//!
//! The parser holds back only what may be the beginning of a delimiter, and one part head. Values are
//! limited by whoever collects them.

use memchr::memmem::{self, Finder};

/// The longest field name, and room for the rest of a head.
const MAX_HEAD_BYTES: usize = 16 * 1024;
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// What a form consists of, in order: for each part a head, any number of data, an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The header lines of a part, without the empty line.
    Head(Vec<u8>),
    /// A piece of its value, not empty.
    Data(Vec<u8>),
    PartEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormError {
    Malformed,
    HeadTooLong,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the first delimiter.
    Preamble,
    /// Behind a delimiter, where `--` is the end and a line end begins a part.
    Delimiter,
    Head,
    Data,
    /// Behind the last delimiter.
    Epilogue,
}

pub(super) struct Parser {
    delimiter: Finder<'static>,
    buffer: Vec<u8>,
    state: State,
}

impl Parser {
    pub(super) fn new(boundary: &str) -> Parser {
        let delimiter = format!("\r\n--{boundary}");
        Parser {
            delimiter: Finder::new(delimiter.as_bytes()).into_owned(),
            // The first delimiter has no line end before it.
            buffer: b"\r\n".to_vec(),
            state: State::Preamble,
        }
    }

    /// Takes in what has arrived; [`next`](Parser::next) has to be asked until it has no more.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next event, or `None` when more has to arrive before.
    pub(super) fn next(&mut self) -> Result<Option<Event>, FormError> {
        loop {
            let state = self.state;
            let event = match state {
                State::Preamble => self.preamble(),
                State::Delimiter => self.behind_delimiter()?,
                State::Head => self.head()?,
                State::Data => self.data(),
                State::Epilogue => {
                    self.buffer.clear();
                    None
                }
            };
            if event.is_some() || self.state == state {
                return Ok(event);
            }
        }
    }

    /// To be asked when nothing more arrives.
    pub(super) fn finish(&self) -> Result<(), FormError> {
        if self.state == State::Epilogue { Ok(()) } else { Err(FormError::Malformed) }
    }

    fn preamble(&mut self) -> Option<Event> {
        match self.delimiter.find(&self.buffer) {
            Some(at) => {
                self.buffer.drain(..at + self.delimiter.needle().len());
                self.state = State::Delimiter;
            }
            None => {
                self.take(self.without_delimiter());
            }
        }
        None
    }

    fn behind_delimiter(&mut self) -> Result<Option<Event>, FormError> {
        // RFC 2046 allows padding here.
        let padding = self.buffer.iter().take_while(|byte| b" \t".contains(byte)).count();
        self.buffer.drain(..padding);
        match self.buffer.get(..2) {
            None => {}
            Some(b"--") => self.state = State::Epilogue,
            // The line end stays: with it an empty head ends like any other.
            Some(b"\r\n") => self.state = State::Head,
            Some(_) => return Err(FormError::Malformed),
        }
        Ok(None)
    }

    fn head(&mut self) -> Result<Option<Event>, FormError> {
        match memmem::find(&self.buffer, END_OF_HEAD) {
            Some(at) if at <= MAX_HEAD_BYTES => {
                let mut head = self.take(at + END_OF_HEAD.len());
                head.truncate(at);
                head.drain(..at.min(2));
                self.state = State::Data;
                // The delimiter begins with a line end; a value may be empty.
                Ok(Some(Event::Head(head)))
            }
            None if self.buffer.len() <= MAX_HEAD_BYTES => Ok(None),
            _ => Err(FormError::HeadTooLong),
        }
    }

    fn data(&mut self) -> Option<Event> {
        let length = match self.delimiter.find(&self.buffer) {
            Some(0) => {
                self.take(self.delimiter.needle().len());
                self.state = State::Delimiter;
                return Some(Event::PartEnd);
            }
            Some(at) => at,
            None => self.without_delimiter(),
        };
        (length > 0).then(|| Event::Data(self.take(length)))
    }

    /// How many bytes cannot belong to a delimiter whose end has not arrived.
    fn without_delimiter(&self) -> usize {
        self.buffer.len().saturating_sub(self.delimiter.needle().len() - 1)
    }

    /// Removes bytes from the front.
    fn take(&mut self, length: usize) -> Vec<u8> {
        let rest = self.buffer.split_off(length);
        std::mem::replace(&mut self.buffer, rest)
    }
}

#[cfg(test)]
#[path = "parser_tests.rs"]
mod tests;
