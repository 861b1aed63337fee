//! Buckets and objects.

mod append;
mod assembly;
mod bucket_records;
mod buckets;
mod commit;
mod completion;
mod crc64;
mod data_file;
mod digest;
mod directory;
mod load;
mod object;
mod object_records;
mod page;
mod settings;
mod temporary;
mod upload_records;
mod uploads;
mod value;
mod writer;

use std::collections::BTreeMap;
use std::io;
use std::ops::Bound;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

pub(crate) use append::AppendError;
pub(crate) use buckets::{BucketError, BucketProperties, BucketWishes};
pub(crate) use commit::CommitError;
pub(crate) use completion::{CompleteError, Completion, ListedPart, PartSelection};
pub(crate) use digest::Digests;
pub use object::StoredObject;
pub(crate) use object::{Content, ObjectType, Properties};
pub(crate) use page::{Entry, Page, Selection};
pub use settings::{Bucket, Storage, Versioning};
pub use uploads::{MultipartUpload, UploadedPart};
pub(crate) use uploads::{Part, Upload, UploadError, UploadSummary};
pub(crate) use value::Value;
pub(crate) use writer::{Writer, Written};

use crate::log::Log;
use directory::{Directory, remove_left_overs};
use load::Found;

/// All buckets with their objects.
#[derive(Debug)]
pub(crate) struct Store {
    medium: Medium,
    buckets: Mutex<BTreeMap<String, BucketState>>,
}

/// Where contents go.
#[derive(Clone, Debug)]
pub(crate) enum Medium {
    Memory,
    Directory(Directory),
    Discard,
}

#[derive(Debug)]
struct BucketState {
    versioning: Versioning,
    requester_pays: bool,
    properties: BucketProperties,
    objects: BTreeMap<String, Arc<StoredObject>>,
    /// By key and upload id, which is the order of their list.
    uploads: BTreeMap<(String, String), Upload>,
    /// How many more are out of reach, since an object is being made of their parts.
    completing: usize,
}

impl BucketState {
    /// Takes in what was found; what is left over.
    fn fill(&mut self, found: Found) -> Vec<PathBuf> {
        let Found { objects, uploads, left_overs } = found;
        self.objects.extend(objects.into_iter().map(|o| (o.key.clone(), Arc::new(o))));
        self.uploads.extend(uploads.into_iter().map(|u| ((u.key.clone(), u.id.clone()), u)));
        left_overs
    }
}

impl Store {
    /// Sets up the buckets; with a directory, further buckets, objects and multipart uploads of an
    /// earlier run are found again.
    pub(crate) fn open(
        storage: &Storage,
        buckets: &[Bucket],
        now: SystemTime,
        log: &Log,
    ) -> io::Result<Store> {
        let medium = match storage {
            Storage::Memory => Medium::Memory,
            Storage::Discard => Medium::Discard,
            Storage::Directory(path) => Medium::Directory(Directory::open(path)?),
        };
        let mut states = BTreeMap::new();
        if let Medium::Directory(directory) = &medium {
            for (name, properties) in directory.load_buckets(log)? {
                states.insert(name, BucketState::new(properties));
            }
        }
        for bucket in buckets {
            let state = states.entry(bucket.name.clone());
            let state = state.or_insert_with(|| BucketState::new(BucketProperties::new(now)));
            state.versioning = bucket.versioning;
            state.requester_pays = bucket.requester_pays;
        }
        if let Medium::Directory(directory) = &medium {
            for (name, state) in &mut states {
                remove_left_overs(state.fill(directory.load(name, log)?))?;
            }
        }
        Ok(Store { medium, buckets: Mutex::new(states) })
    }

    pub(crate) fn object(&self, bucket: &str, key: &str) -> Option<Arc<StoredObject>> {
        self.buckets().get(bucket)?.objects.get(key).cloned()
    }

    pub(crate) fn list_objects(
        &self,
        bucket: &str,
        selection: &Selection<'_>,
        limit: usize,
    ) -> Page<Arc<StoredObject>> {
        let buckets = self.buckets();
        let Some(state) = buckets.get(bucket) else {
            return Page::empty();
        };
        let Selection { prefix, after, .. } = *selection;
        let start = if after < prefix { Bound::Included(prefix) } else { Bound::Excluded(after) };
        let selected = state
            .objects
            .range::<str, _>((start, Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix))
            .map(|(key, object)| (key, Arc::clone(object)));
        selection.page(selected, limit)
    }

    /// Begins an upload; nothing is visible before [`commit`](Store::commit).
    pub(crate) async fn writer(&self, bucket: &str) -> io::Result<Writer> {
        Writer::open(&self.medium, bucket).await
    }

    /// Removes an object; an absent one is no error.
    pub(crate) fn delete(&self, bucket: &str, key: &str) -> io::Result<()> {
        let mut buckets = self.buckets();
        let Some(state) = buckets.get_mut(bucket) else {
            return Ok(());
        };
        let Some(object) = state.objects.get(key) else {
            return Ok(());
        };
        // If this fails, the object is there as before.
        if let Medium::Directory(directory) = &self.medium {
            directory.forget(object)?;
        }
        object.content.remove();
        state.objects.remove(key);
        Ok(())
    }

    fn buckets(&self) -> MutexGuard<'_, BTreeMap<String, BucketState>> {
        // A panic while the lock was held cannot leave the map half changed.
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
