//! Connections that count: few writes, and a truthful account of what the kernel took.

use std::io::{self, IoSlice, Read as _};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};

use super::connect::{Dialer, Target};
use super::exchange::{self, State, Stopped, is_stopped};
use super::stream::{Said, Stream};
use crate::sys::generation;

/// What is written in one go with what follows: the head with the first bytes of the body.
const COALESCED: usize = 64 * 1024;
/// For so long a kept connection that was alive is taken to be alive.
pub(super) const ALIVE: Duration = Duration::from_millis(1);

/// Hands new connections to the HTTP library.
#[derive(Debug)]
pub(super) struct OwnConnector(pub(super) Arc<Dialer>);

impl Connector for OwnConnector {
    type Out = Connection;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _chained: Option<()>,
    ) -> Result<Option<Connection>, ureq::Error> {
        let state = state()?;
        let target = Target::of(details.uri).ok_or(ureq::Error::HostNotFound)?;
        let stream = self.0.open(&target, &state)?;
        Ok(Some(Connection {
            stream,
            buffers: LazyBuffers::new(
                details.config.input_buffer_size(),
                details.config.output_buffer_size(),
            ),
            pending: Vec::new(),
            broken: false,
            generation: generation(),
            seen_alive: Instant::now(),
            is_direct: self.0.is_direct(&target, &state),
            dialer: Arc::clone(&self.0),
            target,
        }))
    }
}

/// A connection to the server that requests are for, whatever is on the way.
#[derive(Debug)]
pub(super) struct Connection {
    stream: Stream,
    buffers: LazyBuffers,
    /// Written, but not yet given to the kernel.
    pending: Vec<u8>,
    /// An exchange was left in the middle, so no other may use the connection.
    broken: bool,
    /// A child has the same socket after fork(), and both would talk at once.
    generation: u32,
    /// When a look found that the server had not closed it.
    seen_alive: Instant,
    is_direct: bool,
    dialer: Arc<Dialer>,
    target: Target,
}

impl Connection {
    /// Gives everything pending and `amount` bytes of the output buffer to the kernel.
    fn flush(&mut self, state: &State, amount: usize) -> Result<(), Stopped> {
        if self.pending.is_empty() && amount == 0 {
            return Ok(());
        }
        let may_be_stale = state.is_uncommitted() && state.is_reused();
        // The source may have taken its time to give the first bytes.
        if may_be_stale && self.seen_alive.elapsed() >= ALIVE && !self.stream.is_quiet() {
            self.reopen(state)?;
        }
        let mut written = self.write(state, amount);
        if may_be_stale && state.is_reused() && written.as_ref().is_err_and(|e| !is_stopped(e)) {
            // All that was written is still here, and the server cannot have the whole of it.
            self.reopen(state)?;
            written = self.write(state, amount);
        }
        state.note_committed();
        self.pending.clear();
        match written {
            Ok(true) => {}
            Ok(false) => {
                self.broken = true;
                state.note_early_answer();
            }
            Err(error) if is_stopped(&error) => {
                self.broken = true;
                return Err(Stopped);
            }
            // Perhaps the server answered before it hung up: go on to read.
            Err(error) => {
                self.broken = true;
                state.note_write_error(error);
            }
        }
        Ok(())
    }

    /// Writes in pieces when a rate is to be kept, else in one. False when an answer came before
    /// the end.
    fn write(&mut self, state: &State, amount: usize) -> io::Result<bool> {
        let Self { stream, buffers, pending, .. } = self;
        let mut left = [IoSlice::new(pending), IoSlice::new(&buffers.output()[..amount])];
        let mut left = &mut left[..];
        // Before the request has begun, all input is that of an earlier exchange.
        let mut heeds = !state.is_uncommitted();
        loop {
            let wanted = left.iter().map(|piece| piece.len()).sum();
            if wanted == 0 {
                return Ok(true);
            }
            let piece = state.allowance(wanted)?;
            if heeds && stream.look() == Said::Final {
                return Ok(false);
            }
            if !stream.send(&mut first_bytes(left, piece), true)? {
                return Ok(false);
            }
            IoSlice::advance_slices(&mut left, piece);
            heeds = true;
        }
    }

    /// Replaces a kept connection that the server has closed.
    fn reopen(&mut self, state: &State) -> Result<(), Stopped> {
        self.stream = self.dialer.open(&self.target, state)?;
        state.note_resumed();
        Ok(())
    }
}

/// The first `count` bytes of what is left.
fn first_bytes<'a>(left: &'a [IoSlice<'_>], mut count: usize) -> Vec<IoSlice<'a>> {
    left.iter()
        .map(|slice| {
            let len = slice.len().min(count);
            count -= len;
            IoSlice::new(&slice[..len])
        })
        .collect()
}

impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        let state = state()?;
        state.note_request_begun(self.stream.socket().peer());
        if state.sending_ended() {
            return Ok(());
        }
        if self.pending.len() + amount <= COALESCED {
            self.pending.extend_from_slice(&self.buffers.output()[..amount]);
            return Ok(());
        }
        Ok(self.flush(&state, amount)?)
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let state = state()?;
        if state.sending_ended() {
            self.pending.clear();
        }
        self.flush(&state, 0)?;
        state.note_flushed();
        let count = self.stream.read(self.buffers.input_append_buf()).map_err(|error| {
            self.broken = true;
            read_error(error, &state)
        })?;
        if count > 0 {
            state.note_answer_begun();
        }
        self.buffers.input_appended(count);
        Ok(count > 0)
    }

    /// Whether another exchange may use the connection, which it asks when it takes it, and whether
    /// this one may give it back. Only who takes it looks whether the peer has closed it or said
    /// anything unasked.
    fn is_open(&mut self) -> bool {
        let Ok(state) = state() else {
            return false;
        };
        self.seen_alive = Instant::now();
        !self.broken
            && self.pending.is_empty()
            && self.generation == generation()
            && (state.is_request_begun() || self.stream.is_quiet() && !state.terms().fresh_only)
            && self.is_direct == self.dialer.is_direct(&self.target, &state)
    }

    fn is_tls(&self) -> bool {
        self.stream.is_tls()
    }
}

fn state() -> Result<Rc<State>, ureq::Error> {
    exchange::current().ok_or(ureq::Error::ConnectionFailed)
}

fn read_error(error: io::Error, state: &State) -> ureq::Error {
    match error.kind() {
        // The HTTP library takes some errors for the regular end of an answer, which would pass a
        // part of it for the whole. In TLS an end without the closing alert is such a part.
        io::ErrorKind::ConnectionReset => io::Error::other(error.to_string()).into(),
        io::ErrorKind::UnexpectedEof => {
            io::Error::other("the server closed the connection before it had answered").into()
        }
        _ => match error.downcast::<rustls::Error>() {
            Ok(error) => {
                state.note_tls_error(error);
                ureq::Error::ConnectionFailed
            }
            Err(error) => error.into(),
        },
    }
}
