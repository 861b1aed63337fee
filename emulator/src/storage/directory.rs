//! A data directory, and how its JSON files are read and written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Content;

/// A data directory.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    root: PathBuf,
}

impl Directory {
    pub(super) fn new(root: PathBuf) -> Directory {
        Directory { root }
    }

    /// The folder of a bucket.
    pub(super) fn bucket(&self, bucket: &str) -> PathBuf {
        self.root.join(bucket)
    }
}

pub(super) fn data_file(content: &Content) -> Option<&Path> {
    match content {
        Content::File(path) => Some(path),
        Content::Memory(_) | Content::Discarded => None,
    }
}

/// The name under which a record refers to a content.
pub(super) fn data_file_name(content: &Content) -> io::Result<String> {
    data_file(content)
        .and_then(Path::file_name)
        .map(|name| name.to_string_lossy().into_owned())
        .ok_or_else(|| io::Error::other("the content is not in a file"))
}

pub(super) fn read_record<Record: DeserializeOwned>(path: &Path) -> io::Result<Record> {
    serde_json::from_slice(&fs::read(path)?).map_err(|error| {
        io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", path.display()))
    })
}

/// Writes a record, all at once.
pub(super) fn write_record(path: &Path, record: &impl Serialize) -> io::Result<()> {
    let temporary = path.with_extension("json.temporary");
    fs::write(&temporary, serde_json::to_vec_pretty(record)?)?;
    fs::rename(&temporary, path)
}

pub(super) fn to_milliseconds(time: SystemTime) -> u64 {
    let age = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(age.as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn from_milliseconds(milliseconds: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds)).unwrap_or(UNIX_EPOCH)
}
