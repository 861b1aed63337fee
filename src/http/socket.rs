//! A TCP connection whose every wait obeys the exchange that uses it.

use std::io::{self, IoSlice, Read as _};
use std::mem::MaybeUninit;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd as _;
use std::time::Duration;

use rustix::event::PollFlags;
use socket2::SockRef;

use super::exchange::{State, Stopped};

/// Looks without taking, and never waits.
const PEEK: libc::c_int = libc::MSG_PEEK | libc::MSG_DONTWAIT;

/// How often the system is asked again that has no memory for the moment.
const MEMORY_PAUSES: u32 = 6;
/// Each pause is twice as long as the one before: 0.63 s in all.
const FIRST_MEMORY_PAUSE: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub(super) struct Socket {
    /// Never blocks.
    stream: TcpStream,
    peer: SocketAddr,
    /// Writing ends with "would block" when the peer says something meanwhile.
    pub(super) stops_on_input: bool,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, peer: SocketAddr) -> Self {
        Self { stream, peer, stops_on_input: false }
    }

    pub(super) fn peer(&self) -> SocketAddr {
        self.peer
    }

    #[cfg(test)]
    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// The peer has neither closed the connection nor said anything.
    pub(super) fn is_quiet(&self) -> bool {
        let mut byte = [MaybeUninit::uninit()];
        match SockRef::from(&self.stream).recv_with_flags(&mut byte, PEEK) {
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
            Ok(_) => false,
        }
    }

    /// The beginning of what the peer has said: empty when it closed the connection, None when
    /// there is nothing. What fails here fails again when the connection is used.
    pub(super) fn peek<'a>(&self, buf: &'a mut [u8]) -> Option<&'a [u8]> {
        self.stream.peek(buf).ok().map(|count| &buf[..count])
    }

    pub(super) fn read(&mut self, buf: &mut [u8], state: &mut State) -> io::Result<usize> {
        let mut pauses = MemoryPauses::default();
        // An answer takes its time: to try first would nearly always be in vain.
        if state.awaits_answer() {
            state.wait_for(self.stream.as_fd(), PollFlags::IN)?;
        }
        loop {
            state.check()?;
            match self.stream.read(buf) {
                Ok(count) => {
                    state.note_received(count);
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    state.wait_for(self.stream.as_fd(), PollFlags::IN)?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_out_of_memory(&error) => pauses.pause(error, state)?,
                Err(error) => return Err(error),
            }
        }
    }

    /// A closed connection must be an error and not a signal, which would end the caller's process.
    pub(super) fn write(&mut self, slices: &[IoSlice<'_>], state: &mut State) -> io::Result<usize> {
        let mut pauses = MemoryPauses::default();
        loop {
            state.check()?;
            let socket = SockRef::from(&self.stream);
            match socket.send_vectored_with_flags(slices, libc::MSG_NOSIGNAL) {
                Ok(count) => {
                    state.note_sent(count);
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let input =
                        if self.stops_on_input { PollFlags::IN } else { PollFlags::empty() };
                    let ready = state.wait_for(self.stream.as_fd(), PollFlags::OUT | input)?;
                    if ready & (PollFlags::OUT | PollFlags::IN) == PollFlags::IN {
                        return Err(error);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_out_of_memory(&error) => pauses.pause(error, state)?,
                Err(error) => return Err(error),
            }
        }
    }
}

/// ENOBUFS and ENOMEM pass, but nobody tells when: the socket is ready for all that poll() knows.
fn is_out_of_memory(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOBUFS | libc::ENOMEM))
}

/// The pauses of one call to the system.
#[derive(Default)]
struct MemoryPauses(u32);

impl MemoryPauses {
    fn pause(&mut self, error: io::Error, state: &State) -> io::Result<()> {
        if self.0 == MEMORY_PAUSES {
            let message = format!("the system has no memory for the network: {error}");
            return Err(Stopped::transport(message).into());
        }
        self.0 += 1;
        Ok(state.sleep(FIRST_MEMORY_PAUSE * 2_u32.pow(self.0 - 1))?)
    }
}
