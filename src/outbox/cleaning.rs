//! What no item of the folder needs: it is removed, or set aside where nobody knows what it is.

use std::fs::{self, DirEntry, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::index::Place;
use super::name::body_name;
use super::store::{State, Store};
use crate::retry::random_bits;
use crate::text::quoted;

impl Store {
    /// Moves something damaged or foreign away. It is never deleted. False when the disk does not let it.
    pub(super) fn set_aside(&self, state: &mut State, path: &Path) -> bool {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default().replace(".held", ".item");
        let moved = fs::rename(path, self.path_aside(&name));
        let is_moved = moved.is_ok();
        let path = quoted(&path.to_string_lossy());
        state.warn(match moved {
            Ok(()) => {
                format!("outbox: {path} is damaged, or no file of an outbox: it is in corrupt/ now")
            }
            Err(error) => format!("outbox: {path} is damaged, and cannot be moved: {error}"),
        });
        is_moved
    }

    /// What was set aside before stays as well.
    fn path_aside(&self, name: &str) -> PathBuf {
        let corrupt = self.root.join("corrupt");
        let mut path = corrupt.join(name);
        while path.symlink_metadata().is_ok() {
            path = corrupt.join(format!("{:016x}-{name}", random_bits()));
        }
        path
    }

    /// Moves the body of what was set aside after it, if it has one.
    pub(super) fn set_body_aside(&self, id: u64) {
        for folder in ["items", "dead"] {
            let body = self.body_path(folder, id);
            if body.symlink_metadata().is_ok() {
                let _ = fs::rename(body, self.path_aside(&body_name(id)));
            }
        }
    }

    /// Names of the files in `corrupt` that are none of an outbox.
    pub(super) fn foreign(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.root.join("corrupt"))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if Place::of_file("corrupt", &name).is_none() && !is_body(&name) {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// What processes were writing that are no more.
    pub(super) fn remove_leftovers(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.root.join("new"))? {
            let entry = entry?;
            // Locked until it is gone, so that nobody begins to use it meanwhile. To open what is no folder
            // might wait.
            let dir = is_folder(&entry).then(|| File::open(entry.path()));
            match dir.as_ref().map(|dir| dir.as_ref().map(File::try_lock)) {
                Some(Ok(Err(fs::TryLockError::WouldBlock))) => {}
                _ => remove(&entry)?,
            }
        }
        Ok(())
    }

    /// Bodies and checkpoints of items that are no more.
    pub(super) fn remove_orphans(&self, state: &State) -> io::Result<()> {
        let id = |name: &str| u64::from_str_radix(name.strip_suffix(".body").unwrap_or(name), 16);
        for (folder, places) in [
            // A dead item may have been on its way from one folder to the other.
            ("items", &Place::ALL[..]),
            ("dead", &[Place::Dead, Place::Receipts][..]),
            ("checkpoints", &[Place::Waiting, Place::Held][..]),
        ] {
            for entry in fs::read_dir(self.root.join(folder))? {
                let entry = entry?;
                let file = entry.file_name().to_string_lossy().into_owned();
                if folder != "checkpoints" && !is_body(&file) {
                    continue;
                }
                let is_kept = |id| {
                    state.index.foreign_ids.contains(&id)
                        || places.iter().any(|place| state.index.find_in(*place, id).is_some())
                };
                let is_usable = folder != "checkpoints" || is_folder(&entry);
                if !(is_usable && id(&file).is_ok_and(is_kept)) {
                    remove(&entry)?;
                }
            }
        }
        Ok(())
    }
}

/// The id with which a foreign name begins: it may be that of an item, which somebody has renamed.
pub(super) fn id_of_foreign(file: &str) -> Option<u64> {
    let digits = file.get(..16)?;
    let id = u64::from_str_radix(digits, 16).ok()?;
    is_body(&format!("{digits}.body")).then_some(id)
}

fn is_folder(entry: &DirEntry) -> bool {
    entry.file_type().is_ok_and(|kind| kind.is_dir())
}

/// It may be gone already, if it belongs to another process.
fn remove(entry: &DirEntry) -> io::Result<()> {
    let removed = match is_folder(entry) {
        true => fs::remove_dir_all(entry.path()),
        false => fs::remove_file(entry.path()),
    };
    removed.or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

pub(super) fn is_body(file: &str) -> bool {
    let id = file.strip_suffix(".body").and_then(|id| u64::from_str_radix(id, 16).ok());
    id.is_some_and(|id| body_name(id) == file)
}
