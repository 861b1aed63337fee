//! Credentials from a function of the program.

use super::provider::{Fetched, Limits, Provider};
use crate::error::Result;

type Fetch = dyn Fn(&Limits) -> Result<Fetched> + Send + Sync;

/// Asks a function of the program.
pub struct Function(Box<Fetch>);

impl Function {
    /// The function runs on a thread of its own, one call at a time.
    pub fn new(fetch: impl Fn(&Limits) -> Result<Fetched> + Send + Sync + 'static) -> Self {
        Self(Box::new(fetch))
    }
}

impl Provider for Function {
    fn describe(&self) -> String {
        "the credentials function of the program".to_owned()
    }

    fn fetch(&self, limits: &Limits) -> Result<Fetched> {
        (self.0)(limits)
    }
}
