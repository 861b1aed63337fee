//! A data directory.

use std::fs;
use std::path::PathBuf;

use ossbind_emulator::{Emulator, Options, Storage};

use super::BUCKET;

/// A directory that goes with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        drop(fs::remove_dir_all(&path));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// An emulator that keeps its data there.
    pub fn emulator(&self) -> Emulator {
        let storage = Storage::Directory(self.0.join("data"));
        Emulator::start(Options { storage, ..Options::default() }).unwrap()
    }

    /// In the folder of the bucket.
    pub fn files(&self) -> usize {
        fs::read_dir(self.0.join("data").join(BUCKET)).unwrap().count()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
