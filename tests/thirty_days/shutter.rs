//! A picture of the folder as it is in the middle of a request: what a power cut then would leave.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

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

/// With the times of the files, by which the outbox knows its bodies.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::DirBuilder::new().mode(0o700).create(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
            let modified = entry.metadata().unwrap().modified().unwrap();
            let file = fs::File::options().write(true).open(&target).unwrap();
            file.set_modified(modified).unwrap();
        }
    }
}
