//! What is stored under a key. (Source: the HeadObject page of the vendor.)

use std::sync::Arc;
use std::time::SystemTime;

use crate::error::OssError;
use crate::error::catalogue::{invalid_target_type, no_such_key, symlink_target_not_exist};
use crate::exchange::Exchange;
use crate::protocol::target::ObjectName;
use crate::storage::StoredObject;

/// An object, or a link together with what it leads to: there, content and checksums are those of the
/// target, and everything else is that of the link.
pub(super) struct Found {
    pub(super) named: Arc<StoredObject>,
    pub(super) read: Arc<StoredObject>,
}

impl Found {
    /// Follows a link, but not from one to another.
    pub(super) fn behind(exchange: &Exchange, name: &ObjectName) -> Result<Found, OssError> {
        let named = find(exchange, name)?;
        Ok(Found { read: target(exchange, &named)?, named })
    }

    /// The link itself.
    pub(super) fn itself(exchange: &Exchange, name: &ObjectName) -> Result<Found, OssError> {
        let named = find(exchange, name)?;
        Ok(Found { read: Arc::clone(&named), named })
    }

    pub(super) fn last_modified(&self) -> SystemTime {
        self.named.last_modified.max(self.read.last_modified)
    }
}

pub(super) fn find(exchange: &Exchange, name: &ObjectName) -> Result<Arc<StoredObject>, OssError> {
    let object = exchange.state.store.object(&name.bucket, &name.key);
    object.ok_or_else(|| no_such_key(&name.key))
}

/// What is read where this object is asked for.
fn target(exchange: &Exchange, object: &Arc<StoredObject>) -> Result<Arc<StoredObject>, OssError> {
    let Some(target) = object.symlink_target() else {
        return Ok(Arc::clone(object));
    };
    let read = exchange.state.store.object(&object.bucket, target);
    let read = read.ok_or_else(|| symlink_target_not_exist(target))?;
    match read.symlink_target() {
        Some(_) => Err(invalid_target_type(target)),
        None => Ok(read),
    }
}
