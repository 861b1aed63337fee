//! Faults on request: what clients of a service far away meet now and then.
//!
//! [`kind`] says what can go wrong, [`fault`] adds to which requests and how often, [`text`] is how
//! people write that down. [`queue`] holds the faults that wait and hands them to the requests that
//! they fit. What they then do is done where it happens: in `server` on connections, in `exchange` on
//! requests and answers, in `callback` on callbacks.

mod check;
mod error;
mod fault;
mod kind;
mod passed;
mod queue;
mod selection;
mod taken;
mod text;
mod waiting;

pub use error::FaultError;
pub use fault::Fault;
pub(crate) use kind::Stage;
pub use kind::{CallbackFault, FaultKind, Position, TlsFault, When, WireFault};
pub use queue::Faults;
pub(crate) use queue::TlsSide;
pub(crate) use selection::Candidate;
pub(crate) use taken::Taken;
pub(crate) use text::parse_offset;
pub use waiting::{FaultHandle, FaultStatus};
