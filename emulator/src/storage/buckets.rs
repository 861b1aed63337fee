//! Buckets that come and go while the emulator runs.

use std::collections::BTreeMap;
use std::io;
use std::time::SystemTime;

use super::{BucketState, Medium, Page, Selection, Store, Versioning};
use crate::log::Log;

/// As many as the service allows an account.
const MAX_BUCKETS: usize = 100;

/// What a bucket is. It is remembered, and has no effect on objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BucketProperties {
    pub(crate) created: SystemTime,
    pub(crate) storage_class: String,
    pub(crate) redundancy: String,
    pub(crate) acl: String,
}

/// What a request says about its bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BucketWishes {
    pub(crate) storage_class: Option<String>,
    pub(crate) redundancy: Option<String>,
    pub(crate) acl: Option<String>,
}

/// Why a bucket was not made, changed or removed.
#[derive(Debug)]
pub(crate) enum BucketError {
    TooMany,
    OtherStorageClass,
    OtherRedundancy,
    NotFound,
    NotEmpty,
    Io(io::Error),
}

impl BucketProperties {
    pub(super) fn new(created: SystemTime) -> BucketProperties {
        BucketProperties {
            created,
            storage_class: "Standard".to_owned(),
            redundancy: "LRS".to_owned(),
            acl: "private".to_owned(),
        }
    }

    fn apply(&mut self, wishes: BucketWishes) {
        let BucketWishes { storage_class, redundancy, acl } = wishes;
        for (property, wish) in [
            (&mut self.storage_class, storage_class),
            (&mut self.redundancy, redundancy),
            (&mut self.acl, acl),
        ] {
            if let Some(wish) = wish {
                *property = wish;
            }
        }
    }
}

impl BucketState {
    pub(super) fn new(properties: BucketProperties) -> BucketState {
        BucketState {
            versioning: Versioning::Disabled,
            requester_pays: false,
            properties,
            objects: BTreeMap::new(),
            uploads: BTreeMap::new(),
            completing: 0,
        }
    }
}

impl Store {
    pub(crate) fn has_bucket(&self, bucket: &str) -> bool {
        self.buckets().contains_key(bucket)
    }

    /// The buckets by name.
    pub(crate) fn list_buckets(
        &self,
        selection: &Selection<'_>,
        limit: usize,
    ) -> Page<(String, BucketProperties)> {
        let buckets = self.buckets();
        let selected = buckets.iter().filter(|(name, _)| {
            name.starts_with(selection.prefix) && name.as_str() > selection.after
        });
        let described =
            selected.map(|(name, state)| (name, (name.clone(), state.properties.clone())));
        selection.page(described, limit)
    }

    pub(crate) fn bucket(&self, bucket: &str) -> Option<BucketProperties> {
        self.buckets().get(bucket).map(|state| state.properties.clone())
    }

    pub(crate) fn versioning(&self, bucket: &str) -> Option<Versioning> {
        self.buckets().get(bucket).map(|state| state.versioning)
    }

    pub(crate) fn requester_pays(&self, bucket: &str) -> bool {
        self.buckets().get(bucket).is_some_and(|state| state.requester_pays)
    }

    /// Makes a bucket, or changes what may be changed of one that is there. From then on it is there
    /// after a restart. In a directory it may have been there by an option: then its objects are found
    /// again now, as the restart would find them.
    pub(crate) fn put_bucket(
        &self,
        bucket: &str,
        wishes: BucketWishes,
        now: SystemTime,
        log: &Log,
    ) -> Result<(), BucketError> {
        let mut buckets = self.buckets();
        let mut properties = match buckets.get(bucket) {
            None if buckets.len() >= MAX_BUCKETS => return Err(BucketError::TooMany),
            None => BucketProperties::new(now),
            Some(BucketState { properties, .. }) => {
                let differs = |wish: &Option<String>, property: &String| {
                    wish.as_ref().is_some_and(|wish| wish != property)
                };
                if differs(&wishes.storage_class, &properties.storage_class) {
                    return Err(BucketError::OtherStorageClass);
                }
                if differs(&wishes.redundancy, &properties.redundancy) {
                    return Err(BucketError::OtherRedundancy);
                }
                properties.clone()
            }
        };
        properties.apply(wishes);
        if let Medium::Directory(directory) = &self.medium {
            directory.save_bucket(bucket, &properties).map_err(BucketError::Io)?;
        }
        if let Some(state) = buckets.get_mut(bucket) {
            state.properties = properties;
            return Ok(());
        }
        let mut state = BucketState::new(properties);
        if let Medium::Directory(directory) = &self.medium {
            // What is left over may be on its way, so it stays until the next start.
            drop(state.fill(directory.load(bucket, log).map_err(BucketError::Io)?));
        }
        buckets.insert(bucket.to_owned(), state);
        Ok(())
    }

    /// Removes a bucket without objects and multipart uploads. Of a directory, what is not understood
    /// stays.
    pub(crate) fn delete_bucket(&self, bucket: &str) -> Result<(), BucketError> {
        let mut buckets = self.buckets();
        let state = buckets.get(bucket).ok_or(BucketError::NotFound)?;
        if !state.objects.is_empty() || !state.uploads.is_empty() || state.completing > 0 {
            return Err(BucketError::NotEmpty);
        }
        if let Medium::Directory(directory) = &self.medium {
            directory.forget_bucket(bucket).map_err(BucketError::Io)?;
        }
        buckets.remove(bucket);
        Ok(())
    }
}
