//! Objects in a directory.
//!
//! `DIR/<bucket>/` holds two files for each object: `<random>.data` with the content and
//! `<SHA-256 of the key>.json` with the rest, the key included. File names never contain any part
//! of the key, so a key cannot reach outside. The rename of the JSON file is what makes an upload
//! visible; data files that no JSON file names are left-overs of a crash.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::directory::{
    Directory, data_file_name, from_milliseconds, invalid, read_record, referenced_content,
    remove_record, to_milliseconds, write_record,
};
use super::{Digests, ObjectType, Properties, StoredObject};

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
    /// Makes the object the one that a restart finds under its key.
    pub(super) fn commit(&self, object: &StoredObject) -> io::Result<()> {
        let record = Record {
            key: object.key.clone(),
            object_type: object.object_type.clone(),
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
        remove_record(&self.record_path(&object.bucket, &object.key))
    }

    fn record_path(&self, bucket: &str, key: &str) -> PathBuf {
        let name: String = Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect();
        self.bucket(bucket).join(name).with_extension("json")
    }

    /// Under another name than its key's, a record would never be replaced or removed.
    pub(super) fn read_object(&self, bucket: &str, path: &Path) -> io::Result<StoredObject> {
        let record: Record = read_record(path)?;
        if self.record_path(bucket, &record.key) != path {
            return Err(invalid("the name of the file does not belong to the key".to_owned()));
        }
        let folder = self.bucket(bucket);
        object(bucket, &folder, record)
    }
}

fn object(bucket: &str, folder: &Path, record: Record) -> io::Result<StoredObject> {
    Ok(StoredObject {
        bucket: bucket.to_owned(),
        content: referenced_content(folder, &record.data_file, record.digests.size)?,
        key: record.key,
        object_type: record.object_type,
        digests: record.digests,
        properties: record.properties,
        last_modified: from_milliseconds(record.modified_milliseconds),
        version_id: record.version_id,
    })
}
