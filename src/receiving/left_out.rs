//! In the place of `verify`, in a library that was built without that feature.

use super::{ReceivedCallback, ReceivedRequest, Refused, VerifierConfig};
use crate::error::{Error, Result, Status};

/// There is none.
pub enum Verifier {}

impl Verifier {
    /// Fails.
    pub fn new(_: VerifierConfig<'_>) -> Result<Self> {
        left_out()
    }

    /// Cannot be called.
    pub fn check(&self, _: &ReceivedRequest<'_>) -> std::result::Result<ReceivedCallback, Refused> {
        match *self {}
    }
}

/// Fails.
pub fn test_callback(_: &str, _: &[u8]) -> Result<Vec<(&'static str, String)>> {
    left_out()
}

fn left_out<T>() -> Result<T> {
    let message = "this library was built without the feature `verify`: it verifies no callbacks, and \
                   makes none for tests";
    Err(Error::new(Status::LeftOut, message))
}
