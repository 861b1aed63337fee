//! Making objects visible.

use std::io;
use std::sync::Arc;

use super::{Medium, Properties, Store, StoredObject, Versioning};

/// Why an object was not stored or changed.
#[derive(Debug)]
pub(crate) enum CommitError {
    NoSuchBucket,
    NoSuchObject,
    AlreadyExists,
    Io(io::Error),
}

impl Store {
    /// Makes an upload visible, all at once. With `forbid_overwrite` an object that has appeared
    /// in the meantime wins.
    pub(crate) fn commit(
        &self,
        object: StoredObject,
        forbid_overwrite: bool,
    ) -> Result<Arc<StoredObject>, CommitError> {
        let (bucket, key) = (object.bucket.clone(), object.key.clone());
        // Without effect where older versions stay (spec: put-object.md 1).
        let forbidden = forbid_overwrite && self.versioning(&bucket) == Some(Versioning::Disabled);
        self.replace(&bucket, &key, |present| match present {
            Some(_) if forbidden => Err(CommitError::AlreadyExists),
            _ => Ok(object),
        })
    }

    /// Changes what an object has besides its content.
    pub(crate) fn change_properties(
        &self,
        bucket: &str,
        key: &str,
        change: impl FnOnce(&mut Properties),
    ) -> Result<Arc<StoredObject>, CommitError> {
        self.replace(bucket, key, |present| {
            let mut object = StoredObject::clone(present.ok_or(CommitError::NoSuchObject)?);
            change(&mut object.properties);
            Ok(object)
        })
    }

    /// Puts what `make` makes of the object that is present in its place. Nobody else changes that
    /// object in the meantime.
    pub(crate) fn replace<Refusal: From<CommitError>>(
        &self,
        bucket: &str,
        key: &str,
        make: impl FnOnce(Option<&Arc<StoredObject>>) -> Result<StoredObject, Refusal>,
    ) -> Result<Arc<StoredObject>, Refusal> {
        let mut buckets = self.buckets();
        let state = buckets.get_mut(bucket).ok_or(CommitError::NoSuchBucket)?;
        let object = Arc::new(make(state.objects.get(key))?);
        if let Medium::Directory(directory) = &self.medium {
            directory.commit(&object).map_err(CommitError::Io)?;
        }
        let replaced = state.objects.insert(key.to_owned(), Arc::clone(&object));
        drop(buckets);
        if let Some(replaced) = replaced.filter(|replaced| !replaced.content.is(&object.content)) {
            replaced.content.remove();
        }
        Ok(object)
    }
}
