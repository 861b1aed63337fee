//! The connections of the emulator, and which operation answers a request.

mod connection;
mod dispatch;
mod door;
mod faulty_stream;
mod handshake;
mod socket;
mod transport;

pub(crate) use connection::serve;
pub(crate) use door::{DoorKey, door};
