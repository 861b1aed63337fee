//! The file system below an outbox: whether it will do, what is free on it, and how it makes content durable.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{StatVfsMountFlags, major, minor, statfs, statvfs};

use super::folder::{error, failed};
use crate::error::Result;
use crate::log::Logger;
use crate::sys;
use crate::text::quoted;

/// What the outbox promises needs a file system that keeps order.
pub(super) fn check(root: &Path, log: &Logger) -> Result<()> {
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
    let kind = kind(root).map_err(fails)?;
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

/// Bytes and inodes that are free.
pub(super) fn free_space(root: &Path) -> Result<(u64, u64)> {
    let free = statvfs(root).map_err(|error| failed(root, "examined", &error.into()))?;
    // Some file systems have no fixed number of inodes, and say zero.
    let inodes = if free.f_files == 0 { u64::MAX } else { free.f_favail };
    Ok((free.f_bavail.saturating_mul(free.f_frsize), inodes))
}

fn kind(root: &Path) -> rustix::io::Result<i64> {
    // The type is narrower, or signed, on some systems.
    #[allow(clippy::unnecessary_cast)]
    statfs(root).map(|found| found.f_type as i64 & 0xFFFF_FFFF)
}

/// How the content of a file becomes durable before its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentSync {
    /// The content goes to the disk now. Where the file begins and ends follows with its name, in the
    /// same write of the journal: an add costs half as much.
    WithName,
    /// All of it now.
    Whole,
}

impl ContentSync {
    /// ext4 writes changes of names and sizes to one journal, in their order, so that no name survives
    /// without what was there before it. It may be without a journal, and others promise less.
    pub(super) fn of(root: &Path) -> Self {
        const EXT4: i64 = 0xEF53;
        let has_journal = || -> Option<bool> {
            let device = fs::metadata(root).ok()?.dev();
            let link = format!("/sys/dev/block/{}:{}", major(device), minor(device));
            let device = fs::read_link(link).ok()?;
            let journal = Path::new("/sys/fs/ext4").join(device.file_name()?).join("journal_task");
            // The thread that writes the journal.
            Some(fs::read_to_string(journal).ok()?.trim().parse::<u32>().is_ok())
        };
        match kind(root) {
            Ok(EXT4) if writes_back_all() && has_journal() == Some(true) => Self::WithName,
            _ => Self::Whole,
        }
    }

    /// For a file that is renamed next, in a folder that is synced then.
    pub(super) fn sync(self, file: &File) -> io::Result<()> {
        match self {
            Self::WithName => match sys::write_back(file) {
                Err(error) if is_not_known(&error) => file.sync_all(),
                written => written,
            },
            Self::Whole => file.sync_all(),
        }
    }
}

/// Linux before 5.2 may leave pages out when it is asked to write a file back.
fn writes_back_all() -> bool {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut numbers = release.split(['.', '-']).map_while(|number| number.parse::<u32>().ok());
    (numbers.next(), numbers.next()) >= (Some(5), Some(2))
}

/// A sandbox may not know the call.
fn is_not_known(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied)
}
