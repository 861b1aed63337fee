//! Connections that count: few writes, and a truthful account of what the kernel took.

use std::io::{self, IoSlice};
use std::time::{Duration, Instant};

use ureq::unversioned::transport::{Buffers as _, LazyBuffers};
use zeroize::Zeroize as _;

use super::connect::{Dialer, Target};
use super::exchange::{Phase, State, Stopped};
use super::failure::{FailureKind, io_message};
use super::head::without_surplus;
use super::stream::{Said, Stream};
use super::tls;
use crate::sys::generation;

const INPUT_BUFFER: usize = 64 * 1024;
/// One read of the source and one write to the network.
const OUTPUT_BUFFER: usize = 128 * 1024;
/// What is written in one go with what follows: the head with the first bytes of the body.
const COALESCED: usize = 64 * 1024;
/// For so long a kept connection that was alive is taken to be alive.
pub(super) const ALIVE: Duration = Duration::from_millis(1);

/// A connection to the server that requests are for, whatever is on the way.
#[derive(Debug)]
pub(super) struct Connection {
    stream: Stream,
    pub(super) buffers: LazyBuffers,
    /// Written, but not yet given to the kernel.
    pending: Vec<u8>,
    /// An exchange was left in the middle, so no other may use the connection.
    broken: bool,
    /// Why writing failed, until it is known that the server has not said more.
    write_error: Option<io::Error>,
    /// A child has the same socket after fork(), and both would talk at once.
    generation: u32,
    /// When an exchange ended, or a look found that the server had not closed it.
    seen_alive: Instant,
    target: Target,
    is_direct: bool,
}

impl Drop for Connection {
    /// Requests have tokens, and answers may have keys.
    fn drop(&mut self) {
        self.pending.zeroize();
        let unread = self.buffers.input().len();
        self.buffers.input_consume(unread);
        self.buffers.input_append_buf().zeroize();
        self.buffers.output().zeroize();
    }
}

impl Connection {
    pub(super) fn new(stream: Stream, target: Target, is_direct: bool) -> Self {
        Self {
            stream,
            buffers: LazyBuffers::new(INPUT_BUFFER, OUTPUT_BUFFER),
            pending: Vec::new(),
            broken: false,
            write_error: None,
            generation: generation(),
            seen_alive: Instant::now(),
            target,
            is_direct,
        }
    }

    pub(super) fn is_tls(&self) -> bool {
        self.stream.is_tls()
    }

    pub(super) fn suits(&self, target: &Target, is_direct: bool) -> bool {
        self.target == *target && self.is_direct == is_direct
    }

    /// Not kept for too long, and made by this process.
    pub(super) fn is_young(&self, max_age: Duration) -> bool {
        self.seen_alive.elapsed() <= max_age && self.generation == generation()
    }

    /// The peer has neither closed it nor said anything unasked.
    pub(super) fn is_alive(&mut self) -> bool {
        self.seen_alive = Instant::now();
        self.stream.is_quiet()
    }

    /// Ends an exchange. False when no other may use the connection.
    pub(super) fn put_to_rest(&mut self) -> bool {
        self.seen_alive = Instant::now();
        !self.broken && self.pending.is_empty() && self.generation == generation()
    }

    /// Takes `amount` bytes of the output buffer, and may keep them for a while.
    pub(super) fn take_output(
        &mut self,
        amount: usize,
        state: &mut State,
        dialer: &Dialer,
    ) -> Result<(), Stopped> {
        state.note_request_begun(self.stream.socket().peer());
        if state.sending_ended {
            return Ok(());
        }
        if self.pending.len() + amount <= COALESCED {
            self.pending.extend_from_slice(&self.buffers.output()[..amount]);
            return Ok(());
        }
        self.flush(amount, state, dialer)
    }

    /// Reads what there is of the answer, after all output is with the kernel. False at the end.
    pub(super) fn await_input(
        &mut self,
        state: &mut State,
        dialer: &Dialer,
    ) -> Result<bool, Stopped> {
        if state.sending_ended {
            self.pending.clear();
        }
        self.flush(0, state, dialer)?;
        state.note_flushed();
        // A peer that hung up has said before why. It knows nothing of any other failure, and will not answer.
        if let Some(error) = self.write_error.take_if(|_| self.stream.is_unanswered(state)) {
            return Err(lost(error));
        }
        let count = match self.stream.read(self.buffers.input_append_buf(), state) {
            Ok(0) => 0,
            Ok(count) => {
                state.note_answer_begun();
                count
            }
            Err(error) => {
                self.broken = true;
                return Err(self.write_error.take().map_or_else(|| read_error(error), lost));
            }
        };
        if count == 0
            && let Some(error) = self.write_error.take()
        {
            return Err(lost(error));
        }
        self.buffers.input_appended(count);
        if state.is_in_head() {
            self.shorten_head();
        }
        Ok(count > 0)
    }

    fn shorten_head(&mut self) {
        let said = self.buffers.input();
        if let Some(kept) = without_surplus(said) {
            self.buffers.input_consume(said.len());
            self.buffers.input_append_buf()[..kept.len()].copy_from_slice(&kept);
            self.buffers.input_appended(kept.len());
        }
    }

    /// Gives everything pending and `amount` bytes of the output buffer to the kernel.
    fn flush(&mut self, amount: usize, state: &mut State, dialer: &Dialer) -> Result<(), Stopped> {
        if self.pending.is_empty() && amount == 0 {
            return Ok(());
        }
        let may_be_stale = !state.is_committed && state.is_reused();
        // The source may have taken its time to give the first bytes.
        if may_be_stale && self.seen_alive.elapsed() >= ALIVE && !self.stream.is_quiet() {
            self.reopen(state, dialer)?;
        }
        let mut written = self.write(amount, state);
        if may_be_stale
            && state.is_reused()
            && written.as_ref().is_err_and(|error| !Stopped::is_in(error))
        {
            // All that was written is still here, and the server cannot have the whole of it.
            self.reopen(state, dialer)?;
            written = self.write(amount, state);
        }
        state.is_committed = true;
        self.pending.clear();
        self.broken |= !matches!(written, Ok(true));
        match written.map_err(io::Error::downcast) {
            Ok(true) => {}
            Ok(false) => state.sending_ended = true,
            Err(Ok(stopped)) => return Err(stopped),
            // Perhaps the server answered before it hung up: go on to read.
            Err(Err(error)) => {
                self.write_error = Some(error);
                state.sending_ended = true;
            }
        }
        Ok(())
    }

    /// Writes in pieces when a rate is to be kept, else in one. False when an answer came before
    /// the end.
    fn write(&mut self, amount: usize, state: &mut State) -> io::Result<bool> {
        let Self { stream, buffers, pending, .. } = self;
        let mut left = [IoSlice::new(pending), IoSlice::new(&buffers.output()[..amount])];
        let mut left = &mut left[..];
        // Before the request has begun, all input is that of an earlier exchange.
        let mut watches_input = state.is_committed;
        loop {
            let wanted = left.iter().map(|piece| piece.len()).sum();
            if wanted == 0 {
                return Ok(true);
            }
            let piece = state.allowance(wanted)?;
            if watches_input && stream.look(state) == Said::Final {
                return Ok(false);
            }
            if !stream.send(&mut first_bytes(left, piece), state)? {
                return Ok(false);
            }
            IoSlice::advance_slices(&mut left, piece);
            watches_input = true;
        }
    }

    /// Replaces a kept connection that the server has closed.
    fn reopen(&mut self, state: &mut State, dialer: &Dialer) -> Result<(), Stopped> {
        self.stream = dialer.open(&self.target, state)?;
        state.enter(Phase::Sending, "");
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

fn lost(error: io::Error) -> Stopped {
    Stopped::transport(io_message(&error))
}

/// The HTTP library takes some errors for the regular end of an answer, which would pass a part of
/// it for the whole. In TLS an end without the closing alert is such a part. So it sees none of
/// them.
fn read_error(error: io::Error) -> Stopped {
    let error = match error.downcast::<Stopped>() {
        Ok(stopped) => return stopped,
        Err(error) => error,
    };
    match error.downcast::<rustls::Error>() {
        Ok(error) => Stopped::new(FailureKind::Tls, tls::message(&error)),
        Err(error) => lost(error),
    }
}
