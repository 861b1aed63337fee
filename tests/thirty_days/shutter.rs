//! A picture of the folder as it is in the middle of a request: what a power cut then would leave.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::support::folders::copy_folder;

/// Where the request is when the picture is taken. The client waits for the answer then, so the folder
/// does not change meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The service has carried the request out, and the answer has not gone.
    Answer,
    /// The application server has the callback.
    Callback,
}

#[derive(Default)]
pub struct Shutter(Mutex<State>);

#[derive(Default)]
struct State {
    armed: Option<(Moment, PathBuf, PathBuf)>,
    /// The line of the log that went with it.
    taken: Option<String>,
}

impl Shutter {
    /// Takes a picture of `from` at the next such moment.
    pub fn arm(&self, moment: Moment, from: &Path, to: &Path) {
        self.state().armed = Some((moment, from.to_owned(), to.to_owned()));
    }

    /// The moment has come.
    pub fn note(&self, moment: Moment, line: &str) {
        let mut state = self.state();
        if state.armed.as_ref().is_some_and(|(wanted, ..)| *wanted == moment)
            && let Some((_, from, to)) = state.armed.take()
        {
            copy_folder(&from, &to);
            state.taken = Some(line.to_owned());
        }
    }

    pub fn take(&self) -> Option<String> {
        self.state().taken.take()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
