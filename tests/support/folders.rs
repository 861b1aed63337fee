//! Folders of an outbox, as a power cut would leave them.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

/// Whether it is a mark of the ids, which stays.
pub fn is_mark(name: &str) -> bool {
    name.starts_with("next-") || name.starts_with("later-")
}

/// A copy, with the times of the files, by which the outbox knows its bodies.
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
