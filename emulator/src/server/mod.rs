//! The HTTP side of the emulator.

mod connection;
mod cors;
mod exchange;
pub(crate) mod faults;
pub(crate) mod query;
pub(crate) mod reply;
pub(crate) mod state;
pub(crate) mod target;

pub(crate) use connection::serve;
pub(crate) use exchange::Exchange;
