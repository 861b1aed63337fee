//! TCP connections that count: few writes, and a truthful account of what the kernel took.

use std::fmt;
use std::io::{self, IoSlice, Read as _, Write as _};
use std::mem::MaybeUninit;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::SockRef;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
};
use ureq::{Error, Timeout};

use super::exchange;

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
        let stream = connect_any(&details.addrs, limit)?;
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
    /// An exchange was left in the middle, so no other may use the connection.
    broken: bool,
}

impl TcpTransport {
    /// Gives everything pending and `amount` bytes of the output buffer to the kernel.
    fn flush(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if self.pending.is_empty() && amount == 0 {
            return Ok(());
        }
        let timeout = timeout.for_write();
        let limit = timeout.not_zero().map(|limit| *limit);
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
                    return Err(Error::Timeout(timeout.reason));
                }
                // Perhaps the server answered before it hung up: go on to read.
                exchange::note_write_error(error);
                Ok(())
            }
        }
    }

    fn has_early_answer(&self) -> bool {
        // With MSG_DONTWAIT in place of a time-out this never waits.
        let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
        let mut byte = [MaybeUninit::uninit()];
        SockRef::from(&self.stream).recv_with_flags(&mut byte, flags).is_ok()
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
        let timeout = timeout.for_read();
        let limit = timeout.not_zero().map(|limit| *limit);
        if limit != self.read_timeout {
            self.stream.set_read_timeout(limit)?;
            self.read_timeout = limit;
        }
        let count = loop {
            match self.stream.read(self.buffers.input_append_buf()) {
                Ok(count) => break count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_timeout(&error) => return Err(Error::Timeout(timeout.reason)),
                Err(error) => return Err(error.into()),
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
    let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
    let mut byte = [MaybeUninit::uninit()];
    match SockRef::from(stream).recv_with_flags(&mut byte, flags) {
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        Ok(_) => false,
    }
}

/// Writes two pieces, together as long as both are left.
fn write_both(mut stream: &TcpStream, first: &[u8], second: &[u8]) -> io::Result<()> {
    let mut slices = [IoSlice::new(first), IoSlice::new(second)];
    let mut left = &mut slices[..];
    IoSlice::advance_slices(&mut left, 0);
    while !left.is_empty() {
        match stream.write_vectored(left) {
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
