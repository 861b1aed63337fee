//! TCP connections that count: few writes, and a truthful account of what the kernel took.

use std::fmt;
use std::io::{self, IoSlice, Read as _};
use std::mem::MaybeUninit;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::SockRef;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
};
use ureq::{Error, Timeout};

use super::{exchange, resolver};

/// What is written in one go with what follows: the head with the first bytes of the body, and
/// the records of TLS with each other.
const COALESCED: usize = 64 * 1024;

/// Opens TCP connections when no proxy did.
#[derive(Debug)]
pub(super) struct TcpConnector;

impl<In: Transport> Connector<In> for TcpConnector {
    type Out = Either<In, TcpTransport>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        if let Some(transport) = chained {
            return Ok(Some(Either::A(transport)));
        }
        let limit = details.timeout.not_zero().map(|limit| *limit);
        let addresses = resolver::addresses(details)?;
        let stream = connect_any(&addresses, limit)?;
        // Coalescing is done here, with knowledge of what follows.
        stream.set_nodelay(true)?;
        Ok(Some(Either::B(TcpTransport {
            stream,
            buffers: LazyBuffers::new(
                details.config.input_buffer_size(),
                details.config.output_buffer_size(),
            ),
            pending: Vec::new(),
            read_timeout: None,
            write_timeout: None,
            connect_deadline: limit.map(|limit| Instant::now() + limit),
            timed_out: None,
            broken: false,
        })))
    }
}

/// Tries the addresses in turn; each gets an equal share of the time that is left.
fn connect_any(addresses: &[SocketAddr], limit: Option<Duration>) -> Result<TcpStream, Error> {
    let started = Instant::now();
    let mut last_error = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for (tried, address) in addresses.iter().enumerate() {
        let outcome = match limit {
            None => TcpStream::connect(address),
            Some(limit) => {
                let rest = u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
                let share = limit.saturating_sub(started.elapsed()) / rest;
                TcpStream::connect_timeout(address, share.max(Duration::from_millis(10)))
            }
        };
        match outcome {
            Ok(stream) => return Ok(stream),
            Err(error) => {
                let message = format!("connecting to {address}: {error}");
                last_error = io::Error::new(error.kind(), message);
            }
        }
    }
    match last_error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            Err(Error::Timeout(Timeout::Connect))
        }
        _ => Err(last_error.into()),
    }
}

/// A TCP connection.
pub(super) struct TcpTransport {
    stream: TcpStream,
    buffers: LazyBuffers,
    /// Written, but not yet given to the kernel.
    pending: Vec<u8>,
    read_timeout: Option<Duration>,
    write_timeout: Option<Duration>,
    /// Until when the talk with a proxy and the TLS handshake must be over. The HTTP library bounds
    /// each of their reads, not all of them together.
    connect_deadline: Option<Instant>,
    /// After a time-out every further use fails at once: what was to be written is lost.
    timed_out: Option<Timeout>,
    /// An exchange was left in the middle, so no other may use the connection.
    broken: bool,
}

impl TcpTransport {
    /// Gives everything pending and `amount` bytes of the output buffer to the kernel.
    fn flush(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if self.pending.is_empty() && amount == 0 {
            return Ok(());
        }
        let (limit, reason) = self.limit(timeout.for_write())?;
        if limit != self.write_timeout {
            self.stream.set_write_timeout(limit)?;
            self.write_timeout = limit;
        }
        let written = write_both(&self.stream, &self.pending, &self.buffers.output()[..amount]);
        self.pending.clear();
        match written {
            Ok(()) => Ok(()),
            Err(error) => {
                self.broken = true;
                if is_timeout(&error) {
                    self.timed_out = Some(reason);
                    return Err(Error::Timeout(reason));
                }
                // Perhaps the server answered before it hung up: go on to read.
                exchange::note_write_error(error);
                Ok(())
            }
        }
    }

    /// Time for the next read or write, and what it is called when it is over.
    fn limit(&mut self, timeout: NextTimeout) -> Result<(Option<Duration>, Timeout), Error> {
        if let Some(reason) = self.timed_out {
            return Err(Error::Timeout(reason));
        }
        if exchange::is_request_begun() {
            self.connect_deadline = None;
        }
        let limit = timeout.not_zero().map(|limit| *limit);
        let Some(deadline) = self.connect_deadline else {
            return Ok((limit, timeout.reason));
        };
        let left = deadline.saturating_duration_since(Instant::now());
        match limit {
            _ if left.is_zero() => Err(Error::Timeout(Timeout::Connect)),
            Some(limit) if limit <= left => Ok((Some(limit), timeout.reason)),
            _ => Ok((Some(left), Timeout::Connect)),
        }
    }

    /// Whether a final answer begins; answers like "100 Continue" come in between and end nothing.
    fn has_early_answer(&self) -> bool {
        let mut buf = [MaybeUninit::uninit()];
        if SockRef::from(&self.stream).recv_with_flags(&mut buf, PEEK).is_err() {
            return false;
        }
        // There is something, so this does not wait.
        let mut head = [0; b"HTTP/1.1 1".len()];
        let count = self.stream.peek(&mut head).unwrap_or(0);
        !(head[..count].starts_with(b"HTTP/1.") && head[..count].ends_with(b" 1"))
    }
}

impl Transport for TcpTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if exchange::sending_ended() {
            return Ok(());
        }
        if self.pending.len() + amount <= COALESCED {
            self.pending.extend_from_slice(&self.buffers.output()[..amount]);
            return Ok(());
        }
        if exchange::is_sending_plain_body() && self.has_early_answer() {
            self.broken = true;
            exchange::note_early_answer();
            return Ok(());
        }
        self.flush(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        if exchange::sending_ended() {
            self.pending.clear();
        }
        self.flush(0, timeout)?;
        exchange::note_flushed();
        let (limit, reason) = self.limit(timeout.for_read())?;
        if limit != self.read_timeout {
            self.stream.set_read_timeout(limit)?;
            self.read_timeout = limit;
        }
        let count = loop {
            match self.stream.read(self.buffers.input_append_buf()) {
                Ok(count) => break count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_timeout(&error) => {
                    self.timed_out = Some(reason);
                    return Err(Error::Timeout(reason));
                }
                Err(error) => return Err(not_an_end(error).into()),
            }
        };
        self.buffers.input_appended(count);
        Ok(count > 0)
    }

    /// Whether another exchange may use the connection: the peer has neither closed it nor said
    /// anything unasked.
    fn is_open(&mut self) -> bool {
        !self.broken && self.pending.is_empty() && is_quiet(&self.stream)
    }
}

fn is_quiet(stream: &TcpStream) -> bool {
    let mut byte = [MaybeUninit::uninit()];
    match SockRef::from(stream).recv_with_flags(&mut byte, PEEK) {
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        Ok(_) => false,
    }
}

/// Looks without taking, and never waits.
const PEEK: libc::c_int = libc::MSG_PEEK | libc::MSG_DONTWAIT;

/// The HTTP library takes some errors for the regular end of an answer, which would pass a part of
/// it for the whole.
fn not_an_end(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => {
            io::Error::other(error.to_string())
        }
        _ => error,
    }
}

/// Writes two pieces, together as long as both are left. A closed connection must be an error and
/// not a signal, which would end the caller's process.
fn write_both(stream: &TcpStream, first: &[u8], second: &[u8]) -> io::Result<()> {
    let mut slices = [IoSlice::new(first), IoSlice::new(second)];
    let mut left = &mut slices[..];
    IoSlice::advance_slices(&mut left, 0);
    let socket = SockRef::from(stream);
    while !left.is_empty() {
        match socket.send_vectored_with_flags(left, libc::MSG_NOSIGNAL) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => IoSlice::advance_slices(&mut left, count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A socket with a time-out says "would block" when the time is over.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}

impl fmt::Debug for TcpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpTransport").field("peer", &self.stream.peer_addr().ok()).finish()
    }
}
