//! Multipart uploads that are neither completed nor aborted (spec: multipart.md 7).

use std::collections::BTreeMap;
use std::io;
use std::ops::Bound;
use std::time::SystemTime;

use super::{
    BucketState, CommitError, Content, Digests, Medium, Page, Properties, Selection, Store,
};

/// An upload with its parts so far.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) id: String,
    pub(crate) properties: Properties,
    pub(crate) initiated: SystemTime,
    /// Whether the object is to have the MD5 of its whole content.
    pub(crate) sequential: bool,
    pub(crate) parts: BTreeMap<u32, Part>,
}

#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) number: u32,
    pub(crate) digests: Digests,
    pub(crate) last_modified: SystemTime,
    pub(crate) content: Content,
}

/// A multipart upload that is neither completed nor aborted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MultipartUpload {
    /// Name of the bucket.
    pub bucket: String,
    /// Key of the object to be.
    pub key: String,
    /// The upload id.
    pub upload_id: String,
    /// Time of the initiation, by the emulator's clock.
    pub initiated: SystemTime,
    /// The parts so far, by number.
    pub parts: Vec<UploadedPart>,
}

/// A part of a multipart upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadedPart {
    /// 1 to 10000.
    pub number: u32,
    /// Size in bytes.
    pub size: u64,
    /// ETag without quotes: the MD5 in uppercase hex.
    pub etag: String,
    /// CRC-64 of the part alone.
    pub crc64: u64,
}

/// What the list of uploads says about one.
#[derive(Clone, Debug)]
pub(crate) struct UploadSummary {
    pub(crate) key: String,
    pub(crate) id: String,
    pub(crate) storage_class: String,
    pub(crate) initiated: SystemTime,
}

/// Why an upload could not be changed.
#[derive(Debug)]
pub(crate) enum UploadError {
    NoSuchUpload,
    Io(io::Error),
}

impl Upload {
    pub(crate) fn new(
        key: String,
        id: String,
        properties: Properties,
        initiated: SystemTime,
        sequential: bool,
    ) -> Upload {
        Upload { key, id, properties, initiated, sequential, parts: BTreeMap::new() }
    }
}

impl Store {
    /// Begins a multipart upload.
    pub(crate) fn initiate(&self, bucket: &str, upload: Upload) -> Result<(), CommitError> {
        let mut buckets = self.buckets();
        let state = buckets.get_mut(bucket).ok_or(CommitError::NoSuchBucket)?;
        if let Medium::Directory(directory) = &self.medium {
            directory.save_upload(bucket, &upload).map_err(CommitError::Io)?;
        }
        state.uploads.insert((upload.key.clone(), upload.id.clone()), upload);
        Ok(())
    }

    /// Looks at an upload while nothing can change it.
    pub(crate) fn with_upload<T>(
        &self,
        bucket: &str,
        key: &str,
        id: &str,
        look: impl FnOnce(&Upload) -> T,
    ) -> Option<T> {
        let buckets = self.buckets();
        buckets.get(bucket)?.uploads.get(&(key.to_owned(), id.to_owned())).map(look)
    }

    /// Adds a part or replaces it, unless the upload has ended in the meantime.
    pub(crate) fn put_part(
        &self,
        bucket: &str,
        key: &str,
        id: &str,
        part: Part,
    ) -> Result<(), UploadError> {
        let content = part.content.clone();
        let put = |buckets: &mut BTreeMap<String, BucketState>| {
            let name = (key.to_owned(), id.to_owned());
            let upload = buckets.get_mut(bucket).and_then(|state| state.uploads.get_mut(&name));
            let upload = upload.ok_or(UploadError::NoSuchUpload)?;
            if let Medium::Directory(directory) = &self.medium {
                directory.save_part(bucket, id, &part).map_err(UploadError::Io)?;
            }
            Ok(upload.parts.insert(part.number, part))
        };
        let result = put(&mut self.buckets());
        match result {
            Ok(Some(replaced)) => replaced.content.remove(),
            Ok(None) => {}
            Err(error) => {
                content.remove();
                return Err(error);
            }
        }
        Ok(())
    }

    /// Drops an upload with all its parts.
    pub(crate) fn abort(&self, bucket: &str, key: &str, id: &str) -> Result<(), UploadError> {
        let mut buckets = self.buckets();
        let name = (key.to_owned(), id.to_owned());
        let state = buckets.get_mut(bucket).ok_or(UploadError::NoSuchUpload)?;
        let upload = state.uploads.get(&name).ok_or(UploadError::NoSuchUpload)?;
        // If this fails, the upload is there as before.
        self.forget_upload(bucket, upload).map_err(UploadError::Io)?;
        state.uploads.remove(&name);
        Ok(())
    }

    /// Frees the space of an upload that has ended.
    pub(super) fn forget_upload(&self, bucket: &str, upload: &Upload) -> io::Result<()> {
        if let Medium::Directory(directory) = &self.medium {
            directory.forget_upload(bucket, &upload.id)?;
        }
        for part in upload.parts.values() {
            part.content.remove();
        }
        Ok(())
    }

    /// Of the key after which the page begins, the uploads after `after_id` are on it; without an id,
    /// none of them. Without a key the id has no meaning.
    pub(crate) fn list_uploads(
        &self,
        bucket: &str,
        selection: &Selection<'_>,
        after_id: &str,
        limit: usize,
    ) -> Page<UploadSummary> {
        let buckets = self.buckets();
        let Some(state) = buckets.get(bucket) else {
            return Page::empty();
        };
        let Selection { prefix, after, .. } = *selection;
        let start = (prefix.max(after).to_owned(), String::new());
        let is_after = |upload: &Upload| match upload.key.as_str() {
            key if after.is_empty() || key > after => true,
            key => key == after && !after_id.is_empty() && upload.id.as_str() > after_id,
        };
        let selected = state
            .uploads
            .range((Bound::Included(start), Bound::Unbounded))
            .map(|(_, upload)| upload)
            .take_while(|upload| upload.key.starts_with(prefix))
            .filter(|upload| is_after(upload))
            .map(|upload| (&upload.key, UploadSummary::of(upload)));
        selection.page(selected, limit)
    }

    /// All uploads with all their parts.
    pub(crate) fn multipart_uploads(&self) -> Vec<MultipartUpload> {
        let buckets = self.buckets();
        let all = buckets.iter().flat_map(|(bucket, state)| {
            state.uploads.values().map(|upload| MultipartUpload {
                bucket: bucket.clone(),
                key: upload.key.clone(),
                upload_id: upload.id.clone(),
                initiated: upload.initiated,
                parts: upload.parts.values().map(UploadedPart::of).collect(),
            })
        });
        all.collect()
    }
}

impl UploadSummary {
    fn of(upload: &Upload) -> UploadSummary {
        UploadSummary {
            key: upload.key.clone(),
            id: upload.id.clone(),
            storage_class: upload.properties.storage_class.clone(),
            initiated: upload.initiated,
        }
    }
}

impl UploadedPart {
    fn of(part: &Part) -> UploadedPart {
        UploadedPart {
            number: part.number,
            size: part.digests.size,
            etag: part.digests.etag(),
            crc64: part.digests.crc64,
        }
    }
}
