//! The one way of waiting: for sockets and events together, until a deadline, and cancelled from
//! any thread.

mod cancel;
mod deadline;
mod event;
mod signal;

pub use cancel::CancelToken;
pub use deadline::Deadline;
pub(crate) use event::{Event, poll, wait_for_any};
pub(crate) use signal::Signal;
