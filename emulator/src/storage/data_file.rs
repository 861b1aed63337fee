//! The file of a content.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A file in a data directory. Once it is not wanted any more, it goes with the last of those who hold
/// it: nothing is taken from under somebody who is about to read or copy it.
#[derive(Clone, Debug)]
pub(crate) struct DataFile(Arc<Held>);

#[derive(Debug)]
struct Held {
    path: PathBuf,
    is_unwanted: AtomicBool,
}

impl DataFile {
    pub(super) fn new(path: PathBuf) -> DataFile {
        DataFile(Arc::new(Held { path, is_unwanted: AtomicBool::new(false) }))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0.path
    }

    pub(super) fn remove(&self) {
        self.0.is_unwanted.store(true, Ordering::Relaxed);
    }

    pub(super) fn is(&self, other: &DataFile) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Drop for Held {
    /// What cannot be removed is no longer referenced, and goes at the next start.
    fn drop(&mut self) {
        if *self.is_unwanted.get_mut() {
            drop(fs::remove_file(&self.path));
        }
    }
}
