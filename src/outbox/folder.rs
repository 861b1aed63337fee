//! The folder of an outbox: what is in it, and whether it may be used.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{StatVfsMountFlags, statfs, statvfs};

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
    check_file_system(&root, log)?;
    check_content(&root).map_err(fails("read"))?.map_or(Ok(()), |other| {
        let other = quoted(&other);
        let fault = format!(
            "has {other}, which is none of an outbox; give a folder that is empty or missing"
        );
        Err(error(path, &fault))
    })?;
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
            "belongs to user {owner}, and this process is user {own}; give a folder of its own"
        ));
    }
    match metadata.mode() & 0o7777 {
        mode if mode & 0o077 != 0 => Err(format!(
            "has mode {mode:o}, so that others may look or write to it; make it private: chmod 700"
        )),
        _ => Ok(()),
    }
}

/// What the outbox promises needs a file system that keeps order.
fn check_file_system(root: &Path, log: &Logger) -> Result<()> {
    const FAT: i64 = 0x4D44;
    const EXFAT: i64 = 0x2011_BAB0;
    const NFS: i64 = 0x6969;
    const TMPFS: i64 = 0x0102_1994;
    const RAMFS: i64 = 0x8584_58F6;
    const OVERLAY: i64 = 0x794C_7630;
    let fails = |error: rustix::io::Errno| failed(root, "examined", &error.into());
    let read_only = statvfs(root).map_err(fails)?.f_flag.contains(StatVfsMountFlags::RDONLY);
    if read_only {
        return Err(error(
            root,
            "is on a read-only file system; mount it writable, or give another",
        ));
    }
    // The type is narrower, or signed, on some systems.
    #[allow(clippy::unnecessary_cast)]
    let kind = statfs(root).map_err(fails)?.f_type as i64 & 0xFFFF_FFFF;
    let refuse = |name: &str, fault: &str| {
        Err(error(root, &format!("is on {name}, which {fault}; give a folder on ext4 or the like")))
    };
    let warn = |name: &str, fault: &str| {
        log.warn(|| format!("folder: {} is on {name}: {fault}", quoted(&root.to_string_lossy())));
        Ok(())
    };
    match kind {
        FAT => {
            refuse("FAT", "does not rename in one step, and would damage the outbox at a power cut")
        }
        EXFAT => refuse("exFAT", "does not rename in one step, and would damage it at a power cut"),
        NFS => refuse("NFS", "does not tell other processes what has changed"),
        TMPFS | RAMFS => {
            warn("a file system in memory", "the items are lost when the power is cut")
        }
        OVERLAY => warn("an overlay", "the items survive only if its upper layer is on a disk"),
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

/// Bytes and inodes that are free.
pub(super) fn free_space(root: &Path) -> Result<(u64, u64)> {
    let free = statvfs(root).map_err(|error| failed(root, "examined", &error.into()))?;
    // Some file systems have no fixed number of inodes, and say zero.
    let inodes = if free.f_files == 0 { u64::MAX } else { free.f_favail };
    Ok((free.f_bavail.saturating_mul(free.f_frsize), inodes))
}

/// The folder cannot be used as it is.
fn error(path: &Path, fault: &str) -> Error {
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
