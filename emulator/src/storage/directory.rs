//! A data directory, and how its JSON files are read and written.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Content;
use super::data_file::DataFile;

/// No bucket has a `.` in its name.
const LOCK: &str = "in-use.lock";

/// A data directory, of one emulator at a time.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    root: PathBuf,
    /// Locked as long as it is open, so that a crash leaves no lock behind.
    _lock: Arc<File>,
}

impl Directory {
    /// Makes the directory where there is none. A second emulator in it would remove what the first
    /// is writing.
    pub(super) fn open(root: &Path) -> io::Result<Directory> {
        make_folder(root)?;
        let lock = File::create(root.join(LOCK)).map_err(at(root))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                at(root)(io::Error::other("another emulator keeps its data here"))
            }
            TryLockError::Error(error) => at(root)(error),
        })?;
        Ok(Directory { root: root.to_owned(), _lock: Arc::new(lock) })
    }

    /// The folders of buckets, and what is beside them.
    pub(super) fn entries(&self) -> io::Result<Vec<PathBuf>> {
        entries(&self.root)
    }

    /// The folder of a bucket.
    pub(super) fn bucket(&self, bucket: &str) -> PathBuf {
        self.root.join(bucket)
    }
}

/// Names the path in an error about it.
fn at(path: &Path) -> impl Fn(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// What is in a folder.
pub(super) fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(at(folder))?;
    entries.map(|entry| Ok(entry.map_err(at(folder))?.path())).collect()
}

pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path).map_err(at(path))
}

/// Removes files that nothing refers to.
pub(super) fn remove_left_overs(paths: impl IntoIterator<Item = PathBuf>) -> io::Result<()> {
    paths.into_iter().try_for_each(|path| fs::remove_file(&path).map_err(at(&path)))
}

/// Removes what is left of an upload.
pub(super) fn remove_folder(path: &Path) -> io::Result<()> {
    fs::remove_dir_all(path).map_err(at(path))
}

/// The name under which a record refers to a content.
pub(super) fn data_file_name(content: &Content) -> io::Result<String> {
    content
        .file()
        .and_then(|file| file.path().file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .ok_or_else(|| io::Error::other("the content is not in a file"))
}

/// The content that a record refers to. A name that leads out of the folder, or to anything but a
/// content of this size, would let a record serve and remove the file of somebody else.
pub(super) fn referenced_content(folder: &Path, name: &str, size: u64) -> io::Result<Content> {
    let path = folder.join(name);
    let is_plain = path.file_name() == Some(name.as_ref()) && path.parent() == Some(folder);
    if !is_plain || path.extension().is_none_or(|extension| extension != "data") {
        return Err(invalid(format!("{name:?} is no name of a data file")));
    }
    let found = fs::symlink_metadata(&path).map_err(|error| invalid(format!("{name}: {error}")))?;
    if !found.is_file() || found.len() != size {
        return Err(invalid(format!("{name} is not a file of {size} bytes")));
    }
    Ok(Content::File(DataFile::new(path)))
}

pub(super) fn read_record<Record: DeserializeOwned>(path: &Path) -> io::Result<Record> {
    serde_json::from_slice(&fs::read(path)?).map_err(|error| invalid(error.to_string()))
}

/// What is wrong with a record.
pub(super) fn invalid(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// Writes a record, all at once.
pub(super) fn write_record(path: &Path, record: &impl Serialize) -> io::Result<()> {
    let temporary = path.with_extension("json.temporary");
    fs::write(&temporary, serde_json::to_vec_pretty(record)?)?;
    fs::rename(&temporary, path)
}

/// Removes a record, unless it is gone already.
pub(super) fn remove_record(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

pub(super) fn to_milliseconds(time: SystemTime) -> u64 {
    let age = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(age.as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn from_milliseconds(milliseconds: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds)).unwrap_or(UNIX_EPOCH)
}
