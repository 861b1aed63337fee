//! What an earlier run has left in a data directory.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use super::data_file::DataFile;
use super::directory::{Directory, entries, make_folder};
use super::upload_records::is_upload_folder;
use super::{Content, ObjectType, StoredObject, Upload};
use crate::log::Log;

/// Records that cannot be used. They stay where they are, for somebody to look at, and what they
/// describe is not there; the rest of the directory is.
pub(super) struct Damage<'a> {
    log: &'a Log,
    found: bool,
}

impl<'a> Damage<'a> {
    pub(super) fn new(log: &'a Log) -> Damage<'a> {
        Damage { log, found: false }
    }

    /// What was read, if it could be.
    pub(super) fn sort_out<T>(&mut self, path: &Path, read: io::Result<T>) -> Option<T> {
        read.inspect_err(|error| {
            self.found = true;
            self.log.line(&format!("left out: {}: {error}", path.display()));
        })
        .ok()
    }
}

/// What there is of a bucket.
#[derive(Default)]
pub(super) struct Found {
    pub(super) objects: Vec<StoredObject>,
    pub(super) uploads: Vec<Upload>,
    /// Files of an interrupted run, or of uploads on their way; none while one of them may belong to a
    /// damaged record.
    pub(super) left_overs: Vec<PathBuf>,
}

impl Directory {
    /// The objects and multipart uploads of a bucket.
    pub(super) fn load(&self, bucket: &str, log: &Log) -> io::Result<Found> {
        let folder = self.bucket(bucket);
        make_folder(&folder)?;
        let mut damage = Damage::new(log);
        let Found { mut objects, mut uploads, mut left_overs } = Found::default();
        for path in entries(&folder)? {
            match path.extension().and_then(|extension| extension.to_str()) {
                None if is_upload_folder(&path) => {
                    uploads.extend(self.load_upload(bucket, &path, &mut damage)?);
                }
                Some("json") => {
                    objects.extend(damage.sort_out(&path, self.read_object(bucket, &path)));
                }
                Some("data" | "temporary") if !path.is_dir() => left_overs.push(path),
                _ => {}
            }
        }
        // A crash came between the object and the end of its upload.
        let completed = completed(&objects);
        let is_completed = |upload: &mut Upload| completed.contains(&(&upload.key, &upload.id));
        for upload in uploads.extract_if(.., is_completed) {
            self.forget_upload(bucket, &upload.id)?;
        }
        if damage.found {
            return Ok(Found { objects, uploads, left_overs: Vec::new() });
        }
        let parts = uploads.iter().flat_map(|upload: &Upload| upload.parts.values());
        let contents = objects.iter().map(|object| &object.content);
        let files = contents.chain(parts.map(|part| &part.content)).filter_map(Content::file);
        let referenced: HashSet<&Path> = files.map(DataFile::path).collect();
        left_overs.retain(|path| !referenced.contains(path.as_path()));
        Ok(Found { objects, uploads, left_overs })
    }
}

/// Key and upload id of the objects that were uploads.
fn completed(objects: &[StoredObject]) -> HashSet<(&str, &str)> {
    let completed = objects.iter().filter_map(|object| match &object.object_type {
        ObjectType::Multipart { upload_id, .. } => Some((object.key(), upload_id.as_deref()?)),
        _ => None,
    });
    completed.collect()
}
