//! Objects in a directory.
//!
//! `DIR/<bucket>/` holds two files for each object: `<random>.data` with the content and
//! `<SHA-256 of the key>.json` with the rest, the key included. File names never contain any part
//! of the key, so a key cannot reach outside. The rename of the JSON file is what makes an upload
//! visible; data files that no JSON file names are left-overs of a crash. Folders in it are multipart
//! uploads.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::upload_records::is_upload_folder;
use super::{Content, Digests, ObjectType, Properties, StoredObject, Upload};

/// A data directory.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    root: PathBuf,
}

/// The JSON file of an object.
#[derive(Serialize, Deserialize)]
struct Record {
    key: String,
    /// Absent from files of earlier versions, which knew only one.
    #[serde(default)]
    object_type: ObjectType,
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

    /// The folder of a bucket.
    pub(super) fn bucket(&self, bucket: &str) -> PathBuf {
        self.root.join(bucket)
    }

    /// The objects and multipart uploads of a bucket; left-overs of an interrupted run are removed.
    pub(super) fn load(&self, bucket: &str) -> io::Result<(Vec<StoredObject>, Vec<Upload>)> {
        let folder = self.bucket(bucket);
        fs::create_dir_all(&folder)?;
        let (mut objects, mut uploads, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            match path.extension().and_then(|extension| extension.to_str()) {
                None if is_upload_folder(&path) => uploads.extend(self.load_upload(bucket, &path)?),
                Some("json") => objects.push(read_object(bucket, &path)?),
                Some("data" | "temporary") => others.push(path),
                _ => {}
            }
        }
        let parts = uploads.iter().flat_map(|upload: &Upload| upload.parts.values());
        let contents = objects.iter().map(|object| &object.content);
        let referenced: HashSet<&Path> =
            contents.chain(parts.map(|part| &part.content)).filter_map(data_file).collect();
        for orphan in others.iter().filter(|path| !referenced.contains(path.as_path())) {
            fs::remove_file(orphan)?;
        }
        Ok((objects, uploads))
    }

    /// Makes the object the one that a restart finds under its key.
    pub(super) fn commit(&self, object: &StoredObject) -> io::Result<()> {
        let record = Record {
            key: object.key.clone(),
            object_type: object.object_type,
            data_file: data_file_name(&object.content)?,
            digests: object.digests.clone(),
            properties: object.properties.clone(),
            modified_milliseconds: to_milliseconds(object.last_modified),
            version_id: object.version_id.clone(),
        };
        write_record(&self.record_path(&object.bucket, &object.key), &record)
    }

    /// Removes the JSON file of an object.
    pub(super) fn forget(&self, object: &StoredObject) -> io::Result<()> {
        fs::remove_file(self.record_path(&object.bucket, &object.key))
    }

    fn record_path(&self, bucket: &str, key: &str) -> PathBuf {
        let name: String = Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect();
        self.bucket(bucket).join(name).with_extension("json")
    }
}

fn data_file(content: &Content) -> Option<&Path> {
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

fn read_object(bucket: &str, path: &Path) -> io::Result<StoredObject> {
    let record: Record = read_record(path)?;
    Ok(StoredObject {
        bucket: bucket.to_owned(),
        content: Content::File(path.with_file_name(record.data_file)),
        key: record.key,
        object_type: record.object_type,
        digests: record.digests,
        properties: record.properties,
        last_modified: from_milliseconds(record.modified_milliseconds),
        version_id: record.version_id,
    })
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
