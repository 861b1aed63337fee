//! TCP with any number of TLS layers: none for plain HTTP, two for https through an https proxy.

use std::io::{self, BufRead as _, ErrorKind, IoSlice, Read, Write};

use rustls::ClientConnection;

use super::exchange::State;
use super::socket::Socket;

/// Interim answers that are passed over at a time.
const MAX_INTERIM: usize = 16;

#[derive(Debug)]
pub(super) enum Stream {
    Plain(Socket),
    Tls(Box<TlsLayer>),
}

#[derive(Debug)]
pub(super) struct TlsLayer {
    pub(super) conn: ClientConnection,
    pub(super) below: Stream,
}

impl Stream {
    pub(super) fn socket(&self) -> &Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(tls) => tls.below.socket(),
        }
    }

    fn socket_mut(&mut self) -> &mut Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(tls) => tls.below.socket_mut(),
        }
    }

    /// For those who know nothing of exchanges.
    pub(super) fn with<'a>(&'a mut self, state: &'a mut State) -> InUse<'a> {
        InUse { stream: self, state }
    }

    pub(super) fn read(&mut self, buf: &mut [u8], state: &mut State) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buf, state),
            Self::Tls(tls) => tls.read(buf, state),
        }
    }

    pub(super) fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// The peer has neither closed the connection nor said anything.
    pub(super) fn is_quiet(&mut self) -> bool {
        match self {
            Self::Plain(socket) => socket.is_quiet(),
            Self::Tls(tls) => {
                let is_silent = tls.conn.process_new_packets().is_ok_and(|state| {
                    !state.peer_has_closed() && state.plaintext_bytes_to_read() == 0
                });
                is_silent && tls.below.is_quiet()
            }
        }
    }

    /// Gives all of the pieces to the kernel, in as few calls as it takes them. A final answer that
    /// comes meanwhile ends it: then it gives false.
    pub(super) fn send(
        &mut self,
        pieces: &mut [IoSlice<'_>],
        state: &mut State,
    ) -> io::Result<bool> {
        let mut left = pieces;
        IoSlice::advance_slices(&mut left, 0);
        self.socket_mut().stops_on_input = self.can_see_input();
        let outcome = loop {
            match self.send_some(&mut left, state) {
                Ok(true) => break Ok(true),
                Ok(false) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => match self.look(state) {
                    Said::Nothing => {}
                    // It stays there, and would be reported again and again.
                    Said::Undecided => self.socket_mut().stops_on_input = false,
                    Said::Final => break Ok(false),
                },
                Err(error) => break Err(error),
            }
        };
        self.socket_mut().stops_on_input = false;
        outcome
    }

    /// True when nothing is left.
    fn send_some(&mut self, left: &mut &mut [IoSlice<'_>], state: &mut State) -> io::Result<bool> {
        match self {
            Self::Plain(socket) => {
                let count = socket.write(left, state)?;
                if count == 0 && !left.is_empty() {
                    return Err(ErrorKind::WriteZero.into());
                }
                IoSlice::advance_slices(left, count);
                Ok(left.is_empty())
            }
            Self::Tls(tls) => {
                if !left.is_empty() {
                    let count = tls.conn.writer().write_vectored(left)?;
                    IoSlice::advance_slices(left, count);
                }
                tls.write_out(state)?;
                Ok(left.is_empty())
            }
        }
    }

    /// What comes in can be read without waiting for more: not through two layers of TLS.
    fn can_see_input(&self) -> bool {
        match self {
            Self::Plain(_) => true,
            Self::Tls(tls) => !tls.below.is_tls(),
        }
    }

    /// No answer has begun, and the peer has not closed the connection: it may have sent tickets of TLS.
    pub(super) fn is_unanswered(&mut self, state: &mut State) -> bool {
        for _ in 0..MAX_INTERIM {
            if self.look(state) != Said::Nothing {
                return false;
            }
            if self.socket().is_quiet() {
                return true;
            }
        }
        false
    }

    /// Whether a final answer begins, or the peer has closed the connection. Interim answers are
    /// passed over, and nothing is waited for.
    pub(super) fn look(&mut self, state: &mut State) -> Said {
        if !self.can_see_input() {
            return Said::Nothing;
        }
        let mut buf = [0; 512];
        match self {
            Self::Plain(socket) => {
                for _ in 0..MAX_INTERIM {
                    let Some(said) = socket.peek(&mut buf) else {
                        return Said::Nothing;
                    };
                    match interim_length(said) {
                        None => return Said::Final,
                        Some(0) => return Said::Undecided,
                        Some(length) if socket.read(&mut buf[..length], state).is_ok() => {}
                        Some(_) => return Said::Final,
                    }
                }
                Said::Nothing
            }
            Self::Tls(tls) => {
                match tls.below.socket().peek(&mut buf[..1]) {
                    None => return Said::Nothing,
                    Some([]) => return Said::Final,
                    Some(_) => {}
                }
                // There is something, so this does not wait.
                let read = tls.conn.read_tls(&mut tls.below.with(state));
                // What the socket fails with shows again when it is used, errors of TLS when reading.
                if read.as_ref().is_err_and(|error| error.raw_os_error().is_some()) {
                    return Said::Nothing;
                }
                let is_sound = read.is_ok()
                    && tls.conn.process_new_packets().is_ok_and(|state| !state.peer_has_closed());
                loop {
                    let mut reader = tls.conn.reader();
                    let said = match reader.fill_buf() {
                        Ok(said) => interim_length(said),
                        Err(_) if is_sound => return Said::Nothing,
                        Err(_) => return Said::Final,
                    };
                    match said {
                        // What is left of it comes with another record, if there is room for one.
                        Some(0) if is_sound => return Said::Nothing,
                        Some(0) => return Said::Undecided,
                        Some(length) => reader.consume(length),
                        None => return Said::Final,
                    }
                }
            }
        }
    }
}

/// What the peer has said while a request is being sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    Nothing,
    /// Too little to tell.
    Undecided,
    /// The beginning of an answer, or the end of the connection.
    Final,
}

/// Length of an answer that ends nothing, like "100 Continue"; 0 when more of it has to come, None
/// when it is something else.
fn interim_length(said: &[u8]) -> Option<usize> {
    const BEGINNINGS: [&[u8]; 2] = [b"HTTP/1.1 1", b"HTTP/1.0 1"];
    const END: &[u8] = b"\r\n\r\n";
    let is_interim = !said.is_empty()
        && BEGINNINGS.iter().any(|all| said.starts_with(all) || all.starts_with(said));
    let end = || said.windows(END.len()).position(|window| window == END);
    is_interim.then(|| end().map_or(0, |at| at + END.len()))
}

/// A stream and the exchange that it is used for.
pub(super) struct InUse<'a> {
    stream: &'a mut Stream,
    state: &'a mut State,
}

impl Read for InUse<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buf, self.state)
    }
}

impl Write for InUse<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(buf)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match self.stream {
            Stream::Plain(socket) => socket.write(slices, self.state),
            Stream::Tls(tls) => {
                let count = tls.conn.writer().write_vectored(slices)?;
                tls.write_out(self.state)?;
                Ok(count)
            }
        }
    }

    /// Nothing is held back.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TlsLayer {
    /// Reads and nothing else: what could not be written must not keep the reason from being heard.
    fn read(&mut self, buf: &mut [u8], state: &mut State) -> io::Result<usize> {
        loop {
            match self.conn.reader().read(buf) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                outcome => return outcome,
            }
            self.conn.read_tls(&mut self.below.with(state))?;
            self.conn
                .process_new_packets()
                .map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
        }
    }

    /// Gives all that was encrypted to the layer below.
    fn write_out(&mut self, state: &mut State) -> io::Result<()> {
        while self.conn.wants_write() {
            if self.conn.write_tls(&mut self.below.with(state))? == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }
}
