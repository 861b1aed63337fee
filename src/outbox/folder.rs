//! The folder of an outbox: what is in it, and whether it may be used.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use super::file_system;
use crate::error::{Advice, Error, Result, Status};
use crate::log::Logger;
use crate::text::quoted;

/// What is below it, in the order in which it is made.
pub(super) const FOLDERS: [&str; 6] =
    ["items", "receipts", "dead", "corrupt", "new", "checkpoints"];

/// Opens the folder, or makes it, and what is below it.
pub(super) fn open(path: &Path, log: &Logger) -> Result<PathBuf> {
    if path.as_os_str().is_empty() {
        return Err(Error::invalid("folder", "is empty; \".\" is the current folder"));
    }
    let fails = |done: &str| {
        let done = done.to_owned();
        move |error: io::Error| failed(path, &done, &error)
    };
    make_private(path).map_err(fails("made"))?;
    let root = fs::canonicalize(path).map_err(fails("opened"))?;
    check_owner(&root).map_err(|fault| error(path, &fault))?;
    if let Some(other) = check_content(&root).map_err(fails("read"))? {
        let fault = format!(
            "has {}, which does not belong to an outbox; give a folder that is empty or missing",
            quoted(&other)
        );
        return Err(error(path, &fault));
    }
    check_mode(&root).map_err(|fault| error(path, &fault))?;
    file_system::check(&root, log)?;
    for folder in FOLDERS {
        make_private(&root.join(folder)).map_err(fails("prepared"))?;
        // A link would lead elsewhere.
        if !root.join(folder).symlink_metadata().map_err(fails("prepared"))?.is_dir() {
            return Err(error(path, &format!("has {folder}, which is no folder; move it away")));
        }
    }
    let synced = File::open(&root).and_then(|root| root.sync_all());
    synced.map_err(fails("synced"))?;
    Ok(root)
}

/// Makes a folder for the owner alone, unless it is there.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Files of others in it would become uploads.
fn check_owner(root: &Path) -> std::result::Result<(), String> {
    let metadata = fs::metadata(root).map_err(|error| format!("cannot be examined: {error}"))?;
    let (owner, own) = (metadata.uid(), rustix::process::geteuid().as_raw());
    if !metadata.is_dir() {
        return Err("is no folder".to_owned());
    }
    if owner != own {
        return Err(format!(
            "belongs to user {owner}, and this process is user {own}; run it as that user, or give a folder \
             of its own"
        ));
    }
    Ok(())
}

fn check_mode(root: &Path) -> std::result::Result<(), String> {
    let metadata = fs::metadata(root).map_err(|error| format!("cannot be examined: {error}"))?;
    match metadata.mode() & 0o7777 {
        mode if mode & 0o077 != 0 => Err(format!(
            "has mode {mode:o}, so that others may look or write to it; make it private: chmod 700"
        )),
        _ => Ok(()),
    }
}

/// The first thing in it that no outbox has there.
fn check_content(root: &Path) -> io::Result<Option<String>> {
    for entry in fs::read_dir(root)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !FOLDERS.contains(&&*name) && name != "lost+found" {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// The folder cannot be used as it is.
pub(super) fn error(path: &Path, fault: &str) -> Error {
    let message = format!("folder: {} {fault}", quoted(&path.to_string_lossy()));
    Error::new(Status::Outbox, message).with_field("folder")
}

/// A system call failed.
pub(super) fn failed(path: &Path, done: &str, error: &io::Error) -> Error {
    let cure = match error.kind() {
        ErrorKind::StorageFull => "; make room on it: what was added before is safe",
        ErrorKind::QuotaExceeded => "; the user's quota is used up: what was added before is safe",
        ErrorKind::ReadOnlyFilesystem => "; mount it writable again: what was added before is safe",
        ErrorKind::NotFound => {
            "; is its file system mounted? What was added before is where it was"
        }
        ErrorKind::PermissionDenied => "; it must belong to the user of this process",
        _ if error.raw_os_error() == Some(libc::EIO) => {
            "; the disk may be failing: look at the kernel's log"
        }
        _ => "",
    };
    let message =
        format!("folder: {} cannot be {done}: {error}{cure}", quoted(&path.to_string_lossy()));
    Error::new(Status::Outbox, message).with_field("folder").with_advice(Advice::Again)
}
