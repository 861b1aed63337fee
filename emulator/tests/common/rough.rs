//! A client for connections that end badly.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use ossbind_emulator::{AnswerFate, Emulator, FaultHandle, RequestRecord};

use super::{PATIENCE, Request, connect};

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Closed,
    Reset,
}

/// Signs and sends, and reads all that comes until the connection ends.
pub fn exchange(emulator: &Emulator, request: Request) -> (Vec<u8>, End) {
    until_end(begin(emulator, request))
}

/// Signs and sends as much as the emulator takes.
pub fn begin(emulator: &Emulator, request: Request) -> TcpStream {
    let mut stream = connect(emulator.address());
    send_on(&mut stream, emulator, request);
    stream
}

/// Signs and sends on a connection as much as the emulator takes.
pub fn send_on(stream: &mut TcpStream, emulator: &Emulator, request: Request) {
    let request = request.sign_v4();
    let bytes = [request.head(emulator.address()).as_bytes(), &request.body].concat();
    // The emulator may end the connection before.
    let _ = stream.write_all(&bytes);
}

pub fn until_end(mut stream: impl Read) -> (Vec<u8>, End) {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => (bytes, End::Closed),
        Err(error) if error.kind() == ErrorKind::ConnectionReset => (bytes, End::Reset),
        Err(error) => panic!("{error}, after {} bytes", bytes.len()),
    }
}

/// Adds a fault.
pub fn add(emulator: &Emulator, fault: &str) -> FaultHandle {
    emulator.faults().add(fault).unwrap_or_else(|error| panic!("{error}"))
}

/// The newest request, once nothing can change about it.
pub fn last_request(emulator: &Emulator) -> RequestRecord {
    assert!(emulator.wait_idle(PATIENCE));
    emulator.requests().pop().expect("a request is recorded")
}

/// The newest request, which met one fault that happened, and got no answer.
pub fn cut_request(emulator: &Emulator) -> RequestRecord {
    let record = last_request(emulator);
    assert_eq!(record.faults.len(), 1);
    assert!(record.faults[0].happened);
    assert_eq!((record.status, record.answer), (0, AnswerFate::Cut { bytes: 0 }));
    assert_eq!(record.stored, None);
    record
}
