//! Objects that grow. (Source: the AppendObject page of the vendor.)

use std::sync::Arc;

use super::{CommitError, Digests, ObjectType, Store, StoredObject};

/// Why nothing was appended.
#[derive(Debug)]
pub(crate) enum AppendError {
    NotAppendable,
    /// The object ends here.
    OtherEnd(u64),
    Commit(CommitError),
}

impl From<CommitError> for AppendError {
    fn from(error: CommitError) -> AppendError {
        AppendError::Commit(error)
    }
}

impl Store {
    /// The object that ends at this position; none where there is none yet.
    pub(crate) fn object_ending_at(
        &self,
        position: u64,
        bucket: &str,
        key: &str,
    ) -> Result<Option<Arc<StoredObject>>, AppendError> {
        let object = self.object(bucket, key);
        if object.as_ref().is_some_and(|object| object.object_type != ObjectType::Appendable) {
            return Err(AppendError::NotAppendable);
        }
        match object.as_ref().map_or(0, |object| object.size()) {
            end if end == position => Ok(object),
            end => Err(AppendError::OtherEnd(end)),
        }
    }

    /// Puts a piece behind what ends at this position. A piece that begins an object is given as that
    /// object; of another only content and time count.
    pub(crate) fn append(
        &self,
        position: u64,
        piece: &StoredObject,
    ) -> Result<Arc<StoredObject>, AppendError> {
        loop {
            let before = self.object_ending_at(position, &piece.bucket, &piece.key)?;
            if let Some(appended) = self.append_to(before.as_ref(), piece)? {
                return Ok(appended);
            }
        }
    }

    /// `None` if the object has been changed in the meantime.
    fn append_to(
        &self,
        before: Option<&Arc<StoredObject>>,
        piece: &StoredObject,
    ) -> Result<Option<Arc<StoredObject>>, AppendError> {
        let digests = before.iter().map(|object| &object.digests).chain([&piece.digests]);
        let contents = before.iter().map(|object| &object.content).chain([&piece.content]);
        let content = self.assemble(&piece.bucket, contents).map_err(CommitError::Io)?;
        let appended = StoredObject {
            digests: Digests::of_whole(digests),
            content: content.clone(),
            last_modified: piece.last_modified,
            ..before.map_or(piece, |object| object).clone()
        };
        let replaced = self.replace(&piece.bucket, &piece.key, |present| {
            match present.map(Arc::as_ptr) == before.map(Arc::as_ptr) {
                true => Ok(appended),
                false => Err(Obstacle::Changed),
            }
        });
        match replaced {
            Ok(object) => Ok(Some(object)),
            Err(obstacle) => {
                content.remove();
                match obstacle {
                    Obstacle::Changed => Ok(None),
                    Obstacle::Commit(error) => Err(AppendError::Commit(error)),
                }
            }
        }
    }
}

enum Obstacle {
    Changed,
    Commit(CommitError),
}

impl From<CommitError> for Obstacle {
    fn from(error: CommitError) -> Obstacle {
        Obstacle::Commit(error)
    }
}
