//! The one way to open files. What is no regular file is refused, and never waited for: to open a FIFO
//! would wait for its writer, and a device may have no end.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Seek as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::record::record;

/// By what a file is known, whatever its name: device and inode.
pub(crate) type Identity = (u64, u64);

pub(crate) fn identity(metadata: &Metadata) -> Identity {
    (metadata.dev(), metadata.ino())
}

/// By what a change of a file is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) size: u64,
    /// Seconds and nanoseconds.
    pub(crate) modified: (i64, i64),
}

record!(Stamp { size, modified });

impl Stamp {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self { size: metadata.len(), modified: (metadata.mtime(), metadata.mtime_nsec()) }
    }
}

/// Opens a file that the program has named, for reading. [`ErrorKind::InvalidInput`] says that it is no
/// regular file.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    regular(path, File::options().read(true), 0)
}

/// The content of such a file, which may be a secret.
pub(crate) fn read(path: &Path, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    read_at_most(&open(path)?, limit)
}

/// Opens a file that the library has written, for reading.
pub(crate) fn open_own(path: &Path) -> io::Result<File> {
    regular(path, File::options().read(true), libc::O_NOFOLLOW)
}

/// The content of a file that the library has written to a folder to which others may write as well:
/// no link is followed.
///
/// It may be growing; it does so up to the limit at most.
pub(crate) fn read_own(path: &Path, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut file = open_own(path)?;
    loop {
        if let Some(bytes) = read_unless_it_grows(&file, limit)? {
            return Ok(bytes);
        }
        file.rewind()?;
    }
}

/// Creates a file that only its owner may read, in place of one that an earlier call left. It is not
/// written to what somebody else has put there.
pub(crate) fn create_own(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true).mode(0o600);
    match regular(path, &mut options, 0) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            std::fs::remove_file(path)?;
            regular(path, &mut options, 0)
        }
        opened => opened,
    }
}

/// Opens a file to be locked, and creates it where it is missing. Others cannot hold the lock.
pub(crate) fn open_lock(path: &Path) -> io::Result<File> {
    regular(path, File::options().write(true).create(true).mode(0o600), libc::O_NOFOLLOW)
}

/// Opens a file that the library has written, to append to it.
pub(crate) fn open_for_update(path: &Path) -> io::Result<File> {
    regular(path, File::options().read(true).write(true), libc::O_NOFOLLOW)
}

/// The content of a file from where it is.
pub(crate) fn read_rest(file: &File, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    read_at_most(file, limit)
}

/// Whether other files would fail as well: this process or the system has no more descriptors or memory, or the
/// disk takes nothing.
pub(crate) fn is_fault_of_all(error: &io::Error) -> bool {
    let number = error.raw_os_error();
    matches!(number, Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM | libc::EROFS))
}

fn regular(path: &Path, options: &mut OpenOptions, flags: i32) -> io::Result<File> {
    let no_regular_file = || io::Error::new(ErrorKind::InvalidInput, "it is not a regular file");
    // A terminal must not become that of this process.
    let flags = flags | libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = match options.custom_flags(flags).open(path) {
        // A link that is not followed; a FIFO that nobody reads.
        Err(error) if matches!(error.raw_os_error(), Some(libc::ELOOP | libc::ENXIO)) => {
            return Err(no_regular_file());
        }
        opened => opened?,
    };
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(no_regular_file()),
    }
}

fn read_at_most(file: &File, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let read = read_unless_it_grows(file, limit)?;
    read.ok_or_else(|| io::Error::other("it grew while it was read"))
}

/// None when it grew meanwhile.
fn read_unless_it_grows(file: &File, limit: u64) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    // Made large enough at once: growing would leave copies of a secret behind. Files below /proc say
    // that they are empty.
    let room = match file.metadata()?.len() {
        0 => limit,
        length => length.min(limit),
    } + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(room).unwrap_or(0)));
    match file.take(room).read_to_end(&mut bytes)? as u64 {
        length if length < room => Ok(Some(bytes)),
        _ if room > limit => {
            Err(io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {limit} bytes")))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_regular_files_of_a_bounded_size_are_read() {
        let folder = std::env::temp_dir().join(format!("ossbind-file-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("file");
        fs::write(&path, "12345").unwrap();
        assert_eq!(*read(&path, 5).unwrap(), b"12345");
        assert!(read(&path, 4).unwrap_err().to_string().contains("more than 4 bytes"));
        for irregular in [Path::new("/dev/zero"), &folder] {
            assert_eq!(read(irregular, 5).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
        let link = folder.join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(*read(&link, 5).unwrap(), b"12345");
        assert_eq!(read_own(&link, 5).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(open_lock(&link).unwrap_err().kind(), ErrorKind::InvalidInput);
        create_own(&link).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"12345", "the link was replaced, not followed");
        fs::remove_dir_all(&folder).unwrap();
    }
}
