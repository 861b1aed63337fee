//! The HTTP side of the emulator.

mod connection;
mod cors;
mod door;
mod exchange;
mod faults;
mod faulty_stream;
mod handshake;
mod link;
mod outgoing;
pub(crate) mod query;
pub(crate) mod reply;
mod request_body;
mod socket;
pub(crate) mod state;
pub(crate) mod target;
mod transport;

pub(crate) use connection::serve;
pub(crate) use door::{DoorKey, door};
pub(crate) use exchange::Exchange;
