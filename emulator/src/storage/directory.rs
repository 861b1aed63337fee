//! Objects in a directory.
//!
//! `DIR/<bucket>/` holds two files for each object: `<upload>.data` with the content and
//! `<SHA-256 of the key>.json` with the rest, the key included. File names never contain any part
//! of the key, so a key cannot reach outside. The rename of the JSON file is what makes an upload
//! visible; data files that no JSON file names are left-overs of a crash.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rsa::rand_core::{OsRng, RngCore};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Content, Digests, Properties, StoredObject};

/// A data directory.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    root: PathBuf,
}

/// The JSON file of an object.
#[derive(Serialize, Deserialize)]
struct Record {
    key: String,
    data_file: String,
    digests: Digests,
    properties: Properties,
    modified_milliseconds: u64,
    version_id: Option<String>,
}

impl Directory {
    pub(super) fn new(root: PathBuf) -> Directory {
        Directory { root }
    }

    /// The objects of a bucket; left-overs of an interrupted run are removed.
    pub(super) fn load(&self, bucket: &str) -> io::Result<Vec<StoredObject>> {
        let folder = self.root.join(bucket);
        fs::create_dir_all(&folder)?;
        let mut objects = Vec::new();
        let mut others = Vec::new();
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("json") => objects.push(read_record(bucket, &path)?),
                Some("data" | "temporary") => others.push(path),
                _ => {}
            }
        }
        let referenced: HashSet<&Path> = objects.iter().filter_map(data_file).collect();
        for orphan in others.iter().filter(|path| !referenced.contains(path.as_path())) {
            fs::remove_file(orphan)?;
        }
        Ok(objects)
    }

    /// Makes the object the one that a restart finds under its key.
    pub(super) fn commit(&self, object: &StoredObject) -> io::Result<()> {
        let data_file = data_file(object)
            .and_then(Path::file_name)
            .map(|name| name.to_string_lossy().into_owned())
            .ok_or_else(|| io::Error::other("the content is not in a file"))?;
        let age = object.last_modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        let record = Record {
            key: object.key.clone(),
            data_file,
            digests: object.digests.clone(),
            properties: object.properties.clone(),
            modified_milliseconds: u64::try_from(age.as_millis()).unwrap_or(u64::MAX),
            version_id: object.version_id.clone(),
        };
        let path = self.record_path(&object.bucket, &object.key);
        let temporary = path.with_extension("json.temporary");
        fs::write(&temporary, serde_json::to_vec_pretty(&record)?)?;
        fs::rename(&temporary, &path)
    }

    /// Removes the JSON file of an object.
    pub(super) fn forget(&self, object: &StoredObject) -> io::Result<()> {
        fs::remove_file(self.record_path(&object.bucket, &object.key))
    }

    pub(super) async fn temporary_file(&self, bucket: &str) -> io::Result<TemporaryFile> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("{:016x}{:08x}", OsRng.next_u64(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = self.root.join(bucket).join(name).with_extension("temporary");
        let file = tokio::fs::File::create(&path).await?;
        Ok(TemporaryFile { path, file: Some(file) })
    }

    fn record_path(&self, bucket: &str, key: &str) -> PathBuf {
        let name: String = Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect();
        self.root.join(bucket).join(name).with_extension("json")
    }
}

fn data_file(object: &StoredObject) -> Option<&Path> {
    match &object.content {
        Content::File(path) => Some(path),
        Content::Memory(_) | Content::Discarded => None,
    }
}

fn read_record(bucket: &str, path: &Path) -> io::Result<StoredObject> {
    let record: Record = serde_json::from_slice(&fs::read(path)?).map_err(|error| {
        io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", path.display()))
    })?;
    Ok(StoredObject {
        bucket: bucket.to_owned(),
        content: Content::File(path.with_file_name(record.data_file)),
        key: record.key,
        digests: record.digests,
        properties: record.properties,
        last_modified: from_milliseconds(record.modified_milliseconds),
        version_id: record.version_id,
    })
}

fn from_milliseconds(milliseconds: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds)).unwrap_or(UNIX_EPOCH)
}

/// A file that vanishes unless it is kept.
pub(super) struct TemporaryFile {
    path: PathBuf,
    file: Option<tokio::fs::File>,
}

impl TemporaryFile {
    pub(super) fn handle(&mut self) -> &mut tokio::fs::File {
        self.file.as_mut().expect("the handle is only taken by `keep`")
    }

    /// Completes the file and gives it its lasting name.
    pub(super) async fn keep(mut self) -> io::Result<PathBuf> {
        if let Some(mut file) = self.file.take() {
            tokio::io::AsyncWriteExt::flush(&mut file).await?;
        }
        let lasting = self.path.with_extension("data");
        tokio::fs::rename(&self.path, &lasting).await?;
        Ok(lasting)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        // After `keep` there is nothing under this name any more.
        drop(fs::remove_file(&self.path));
    }
}
