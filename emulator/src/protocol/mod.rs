//! The vocabulary of the service: what a request can ask for, of what, and what is answered.

mod help;
mod operation;
pub(crate) mod query;
pub(crate) mod reply;
mod routing;
mod signature_version;
pub(crate) mod sub_resources;
pub(crate) mod target;

pub use operation::Operation;
pub use signature_version::SignatureVersion;
pub use target::Cname;
