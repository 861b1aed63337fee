//! Making an object of the parts of a multipart upload (spec: multipart.md 4).

use std::sync::Arc;
use std::time::SystemTime;

use super::{CommitError, Digests, ObjectType, Part, Store, StoredObject, Upload};

/// Every part but the last has at least this size.
const MIN_PART_BYTES: u64 = 100 * 1024;

/// What CompleteMultipartUpload asks for.
#[derive(Clone, Debug)]
pub(crate) struct Completion {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) upload_id: String,
    pub(crate) parts: PartSelection,
    /// `None` leaves the list of the initiation.
    pub(crate) acl: Option<String>,
    pub(crate) forbid_overwrite: bool,
    pub(crate) now: SystemTime,
    pub(crate) version_id: Option<String>,
}

/// The parts that the object consists of.
#[derive(Clone, Debug)]
pub(crate) enum PartSelection {
    All,
    /// In ascending order.
    Listed(Vec<ListedPart>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListedPart {
    pub(crate) number: u32,
    /// Uppercase, without quotes.
    pub(crate) etag: String,
}

/// Why there is no object; the upload is as it was.
#[derive(Debug)]
pub(crate) enum CompleteError {
    NoSuchUpload,
    /// Missing, or of another ETag; without a number when there are no parts.
    InvalidPart(Option<u32>),
    PartTooSmall {
        number: u32,
        size: u64,
    },
    Commit(CommitError),
}

impl Store {
    /// Ends an upload with an object. While the parts are put together the upload is out of reach:
    /// nobody can abort it, complete it a second time or add to it. It comes back if this fails.
    pub(crate) fn complete(
        &self,
        completion: Completion,
    ) -> Result<Arc<StoredObject>, CompleteError> {
        let (upload, parts) = self.take_upload(&completion)?;
        let bucket = completion.bucket.clone();
        let committed = self.assemble_and_commit(completion, &upload, &parts);
        if committed.is_ok() {
            // What cannot be removed now goes at the next start.
            drop(self.forget_upload(&bucket, &upload));
        }
        if let Some(state) = self.buckets().get_mut(&bucket) {
            state.completing -= 1;
            if committed.is_err() {
                state.uploads.insert((upload.key.clone(), upload.id.clone()), upload);
            }
        }
        committed.map_err(CompleteError::Commit)
    }

    /// Takes the upload away, if an object can be made of the selected parts. The bucket must not go in
    /// the meantime.
    fn take_upload(&self, completion: &Completion) -> Result<(Upload, Vec<Part>), CompleteError> {
        let mut buckets = self.buckets();
        let name = (completion.key.clone(), completion.upload_id.clone());
        let state = buckets.get_mut(&completion.bucket).ok_or(CompleteError::NoSuchUpload)?;
        let upload = state.uploads.get(&name).ok_or(CompleteError::NoSuchUpload)?;
        let parts = select(upload, &completion.parts)?;
        let upload = state.uploads.remove(&name).ok_or(CompleteError::NoSuchUpload)?;
        state.completing += 1;
        Ok((upload, parts))
    }

    fn assemble_and_commit(
        &self,
        completion: Completion,
        upload: &Upload,
        parts: &[Part],
    ) -> Result<Arc<StoredObject>, CommitError> {
        let contents = parts.iter().map(|part| &part.content);
        let content = self.assemble(&completion.bucket, contents).map_err(CommitError::Io)?;
        let content_md5 = match upload.sequential {
            true => content.md5().map_err(CommitError::Io)?,
            false => None,
        };
        let mut properties = upload.properties.clone();
        if let Some(acl) = completion.acl {
            properties.acl = acl;
        }
        let object = StoredObject {
            bucket: completion.bucket,
            key: completion.key,
            object_type: ObjectType::Multipart {
                parts: parts.len(),
                content_md5,
                upload_id: Some(upload.id.clone()),
            },
            digests: Digests::of_whole(parts.iter().map(|part| &part.digests)),
            properties,
            last_modified: completion.now,
            version_id: completion.version_id,
            content: content.clone(),
        };
        self.commit(object, completion.forbid_overwrite).inspect_err(|_| content.remove())
    }
}

fn select(upload: &Upload, selection: &PartSelection) -> Result<Vec<Part>, CompleteError> {
    let parts: Vec<Part> = match selection {
        PartSelection::All => upload.parts.values().cloned().collect(),
        PartSelection::Listed(listed) => {
            listed.iter().map(|listed| find(upload, listed)).collect::<Result<_, _>>()?
        }
    };
    let Some((_, all_but_last)) = parts.split_last() else {
        return Err(CompleteError::InvalidPart(None));
    };
    match all_but_last.iter().find(|part| part.digests.size < MIN_PART_BYTES) {
        Some(part) => {
            Err(CompleteError::PartTooSmall { number: part.number, size: part.digests.size })
        }
        None => Ok(parts),
    }
}

fn find(upload: &Upload, listed: &ListedPart) -> Result<Part, CompleteError> {
    let part = upload.parts.get(&listed.number);
    let part = part.filter(|part| part.digests.etag() == listed.etag);
    part.cloned().ok_or(CompleteError::InvalidPart(Some(listed.number)))
}
