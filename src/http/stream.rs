//! TCP with any number of TLS layers: none for plain HTTP, two for https through an https proxy.

use std::io::{self, BufRead as _, ErrorKind, IoSlice, Read, Write};

use rustls::{ClientConnection, StreamOwned};

use super::socket::Socket;

/// How an answer begins that ends nothing, like "100 Continue".
const INTERIM: [&[u8]; 2] = [b"HTTP/1.1 1", b"HTTP/1.0 1"];

#[derive(Debug)]
pub(super) enum Stream {
    Plain(Socket),
    Tls(Box<StreamOwned<ClientConnection, Stream>>),
}

impl Stream {
    pub(super) fn socket(&self) -> &Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(tls) => tls.sock.socket(),
        }
    }

    fn socket_mut(&mut self) -> &mut Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(tls) => tls.sock.socket_mut(),
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
                is_silent && tls.sock.is_quiet()
            }
        }
    }

    /// Gives all of the pieces to the kernel, in as few calls as it takes them. A final answer that
    /// comes meanwhile ends it: then it gives false.
    pub(super) fn send(&mut self, pieces: &mut [IoSlice<'_>], heeds: bool) -> io::Result<bool> {
        let mut left = pieces;
        IoSlice::advance_slices(&mut left, 0);
        self.socket_mut().heeds_input = heeds && self.can_see_input();
        let outcome = loop {
            match self.send_some(&mut left) {
                Ok(true) => break Ok(true),
                Ok(false) => {}
                // Something came in. When it is no answer, it is not worth another look.
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if self.has_final_answer() {
                        break Ok(false);
                    }
                    self.socket_mut().heeds_input = false;
                }
                Err(error) => break Err(error),
            }
        };
        self.socket_mut().heeds_input = false;
        outcome
    }

    /// True when nothing is left.
    fn send_some(&mut self, left: &mut &mut [IoSlice<'_>]) -> io::Result<bool> {
        match self {
            Self::Plain(socket) => {
                let count = socket.write_vectored(left)?;
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
                while tls.conn.wants_write() {
                    if tls.conn.write_tls(&mut tls.sock)? == 0 {
                        return Err(ErrorKind::WriteZero.into());
                    }
                }
                // A layer below may have kept something.
                tls.sock.flush()?;
                Ok(left.is_empty())
            }
        }
    }

    /// What comes in can be read without waiting for more: not through two layers of TLS.
    fn can_see_input(&self) -> bool {
        match self {
            Self::Plain(_) => true,
            Self::Tls(tls) => !tls.sock.is_tls(),
        }
    }

    /// Whether a final answer begins, or the peer has closed the connection. Never waits.
    pub(super) fn has_final_answer(&mut self) -> bool {
        let mut head = [0; INTERIM[0].len()];
        match self {
            Self::Plain(socket) => socket.peek(&mut head).is_some_and(|said| !is_interim(said)),
            Self::Tls(tls) => {
                let Stream::Plain(socket) = &tls.sock else {
                    return false;
                };
                match socket.peek(&mut head) {
                    None => return false,
                    Some([]) => return true,
                    Some(_) => {}
                }
                // There is something, so this does not wait. Errors show again when reading.
                let is_sound = tls.conn.read_tls(&mut tls.sock).is_ok()
                    && tls.conn.process_new_packets().is_ok_and(|state| !state.peer_has_closed());
                let mut reader = tls.conn.reader();
                match reader.fill_buf() {
                    Ok(said) => !is_interim(said),
                    Err(_) => !is_sound,
                }
            }
        }
    }
}

fn is_interim(said: &[u8]) -> bool {
    INTERIM.iter().any(|interim| said.starts_with(interim))
}

impl Read for Stream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buf),
            Self::Tls(tls) => tls.read(buf),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(buf),
            Self::Tls(tls) => tls.write(buf),
        }
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write_vectored(slices),
            Self::Tls(tls) => tls.write_vectored(slices),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}
