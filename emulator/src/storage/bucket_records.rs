//! Buckets in a directory: `DIR/<bucket>.json` for each that a request has made or changed.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::BucketProperties;
use super::directory::{
    Directory, from_milliseconds, invalid, make_folder, read_record, remove_left_overs,
    remove_record, to_milliseconds, write_record,
};
use super::load::Damage;
use crate::log::Log;
use crate::protocol::target::check_bucket_name;

/// The JSON file of a bucket.
#[derive(Serialize, Deserialize)]
struct Record {
    created_milliseconds: u64,
    storage_class: String,
    redundancy: String,
    acl: String,
}

impl Directory {
    pub(super) fn save_bucket(
        &self,
        bucket: &str,
        properties: &BucketProperties,
    ) -> io::Result<()> {
        make_folder(&self.bucket(bucket))?;
        let record = Record {
            created_milliseconds: to_milliseconds(properties.created),
            storage_class: properties.storage_class.clone(),
            redundancy: properties.redundancy.clone(),
            acl: properties.acl.clone(),
        };
        write_record(&self.bucket_record(bucket), &record)
    }

    /// Of a bucket that is there by an option there may be no record.
    pub(super) fn forget_bucket(&self, bucket: &str) -> io::Result<()> {
        remove_record(&self.bucket_record(bucket))
    }

    /// The buckets of which there are records; left-overs of an interrupted run are removed.
    pub(super) fn load_buckets(&self, log: &Log) -> io::Result<Vec<(String, BucketProperties)>> {
        let mut damage = Damage::new(log);
        let mut buckets = Vec::new();
        for path in self.entries()? {
            if path.extension().is_some_and(|extension| extension == "json") {
                buckets.extend(damage.sort_out(&path, read_bucket(&path)));
            } else if is_left_over(&path) {
                remove_left_overs([path])?;
            }
        }
        Ok(buckets)
    }

    fn bucket_record(&self, bucket: &str) -> PathBuf {
        self.bucket(bucket).with_extension("json")
    }
}

/// Whether it is a record that was being written.
fn is_left_over(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.strip_suffix(".json.temporary").is_some_and(|name| check_bucket_name(name).is_ok())
}

fn read_bucket(path: &Path) -> io::Result<(String, BucketProperties)> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    check_bucket_name(&name).map_err(|_| invalid(format!("{name:?} is no name of a bucket")))?;
    let record: Record = read_record(path)?;
    let properties = BucketProperties {
        created: from_milliseconds(record.created_milliseconds),
        storage_class: record.storage_class,
        redundancy: record.redundancy,
        acl: record.acl,
    };
    Ok((name, properties))
}
