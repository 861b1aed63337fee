//! Multipart uploads in a directory.
//!
//! `DIR/<bucket>/<upload id>/` holds `upload.json` with what was given at initiation and
//! `<part number>.json` for each part, which names the data file of the part in the folder of the
//! bucket. A part that is uploaded again gets a new data file; the rename of its JSON file is what
//! replaces it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::directory::{
    Directory, data_file_name, entries, from_milliseconds, invalid, read_record,
    referenced_content, remove_folder, remove_left_overs, remove_record, to_milliseconds,
    write_record,
};
use super::load::Damage;
use super::{Digests, Part, Properties, Upload};

const UPLOAD: &str = "upload.json";

#[derive(Serialize, Deserialize)]
struct UploadRecord {
    key: String,
    properties: Properties,
    initiated_milliseconds: u64,
    /// Absent from files of earlier versions.
    #[serde(default)]
    sequential: bool,
}

#[derive(Serialize, Deserialize)]
struct PartRecord {
    number: u32,
    data_file: String,
    digests: Digests,
    modified_milliseconds: u64,
}

impl Directory {
    pub(super) fn save_upload(&self, bucket: &str, upload: &Upload) -> io::Result<()> {
        let folder = self.upload_folder(bucket, &upload.id);
        fs::create_dir(&folder)?;
        let record = UploadRecord {
            key: upload.key.clone(),
            properties: upload.properties.clone(),
            initiated_milliseconds: to_milliseconds(upload.initiated),
            sequential: upload.sequential,
        };
        write_record(&folder.join(UPLOAD), &record)
    }

    pub(super) fn save_part(&self, bucket: &str, upload_id: &str, part: &Part) -> io::Result<()> {
        let record = PartRecord {
            number: part.number,
            data_file: data_file_name(&part.content)?,
            digests: part.digests.clone(),
            modified_milliseconds: to_milliseconds(part.last_modified),
        };
        let name = format!("{}.json", part.number);
        write_record(&self.upload_folder(bucket, upload_id).join(name), &record)
    }

    /// Without its own file an upload does not exist any more. What cannot be removed of the rest goes
    /// at the next start.
    pub(super) fn forget_upload(&self, bucket: &str, upload_id: &str) -> io::Result<()> {
        let folder = self.upload_folder(bucket, upload_id);
        remove_record(&folder.join(UPLOAD))?;
        drop(remove_folder(&folder));
        Ok(())
    }

    /// The upload in a folder; the rest of a forgotten one is removed.
    pub(super) fn load_upload(
        &self,
        bucket: &str,
        folder: &Path,
        damage: &mut Damage<'_>,
    ) -> io::Result<Option<Upload>> {
        let file = folder.join(UPLOAD);
        if !file.exists() {
            remove_folder(folder)?;
            return Ok(None);
        }
        let Some(record) = damage.sort_out(&file, read_record::<UploadRecord>(&file)) else {
            return Ok(None);
        };
        let id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let initiated = from_milliseconds(record.initiated_milliseconds);
        let mut upload =
            Upload::new(record.key, id, record.properties, initiated, record.sequential);
        for path in entries(folder)? {
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("temporary") => remove_left_overs([path])?,
                Some("json") if path != file => {
                    let part = damage.sort_out(&path, read_part(&self.bucket(bucket), &path));
                    upload.parts.extend(part.map(|part| (part.number, part)));
                }
                _ => {}
            }
        }
        Ok(Some(upload))
    }

    fn upload_folder(&self, bucket: &str, upload_id: &str) -> PathBuf {
        self.bucket(bucket).join(upload_id)
    }
}

/// Whether the name is that of an upload; a folder of somebody else is left alone.
pub(super) fn is_upload_folder(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    let digit = |b: &u8| b.is_ascii_digit() || (b'A'..=b'F').contains(b);
    name.len() == 32 && name.iter().all(digit) && path.is_dir()
}

fn read_part(bucket: &Path, path: &Path) -> io::Result<Part> {
    let record: PartRecord = read_record(path)?;
    if path.file_stem() != Some(record.number.to_string().as_ref()) {
        return Err(invalid("the name of the file does not belong to the part".to_owned()));
    }
    Ok(Part {
        content: referenced_content(bucket, &record.data_file, record.digests.size)?,
        number: record.number,
        digests: record.digests,
        last_modified: from_milliseconds(record.modified_milliseconds),
    })
}
