//! What an earlier run has left in a data directory.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::Path;

use super::directory::{Directory, data_file};
use super::object_records::read_object;
use super::upload_records::is_upload_folder;
use super::{StoredObject, Upload};

impl Directory {
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
}
