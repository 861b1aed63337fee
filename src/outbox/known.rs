//! Adding again what is there already: a program that was interrupted repeats its add.

use std::fs;
use std::path::{Path, PathBuf};

use super::Outbox;
use super::add::Pending;
use super::index::Place;
use super::item::{Item, ItemFile, KeptBody, read_text};
use super::name::{Name, hash};
use super::options::{ItemOptions, Keep};
use super::store::Locked;
use crate::error::{Error, Result};
use crate::file::Stamp;
use crate::text::quoted;
use crate::upload::{Body, UploadRequest, crc64_of_file};
use crate::wait::CancelToken;

impl Outbox {
    /// The item that was added with the same id of the caller.
    pub(super) fn known(
        &self,
        locked: &Locked<'_>,
        later: &[Pending],
        options: &ItemOptions,
    ) -> Option<(u64, Item)> {
        let wanted = options.caller_id.as_deref()?;
        let caller = hash(Some(wanted));
        let is_it = |(path, name): (PathBuf, Name)| {
            let ItemFile { item, .. } = ItemFile::parse(&read_text(&path).ok()?)?;
            (item.options.caller_id.as_deref() == Some(wanted)).then(|| (name.id(), item))
        };
        let places = [Place::Waiting, Place::Held, Place::Receipts, Place::Dead];
        let placed = places.into_iter().flat_map(|place| {
            let names = locked.index.of(place).iter().filter(|name| name.caller == caller);
            names.map(move |name| (self.store.path(place, *name), *name))
        });
        let pending = later.iter().filter(|pending| pending.name.caller == caller);
        let pending = pending.map(|pending| (pending.file.path().to_owned(), pending.name));
        placed.chain(pending).find_map(is_it)
    }

    /// Ends an add of what is known: it is durable, and the file that was to be moved is removed, as it would
    /// have been. The folder is not locked.
    pub(super) fn added_before(
        &self,
        (id, item): (u64, Item),
        later: &mut Vec<Pending>,
        request: &UploadRequest<'_>,
        options: &ItemOptions,
    ) -> Result<u64> {
        refuse_another(id, &item, request)?;
        if options.later {
            return Ok(id);
        }
        if later.iter().any(|pending| pending.name.id() == id) {
            self.commit_all(later)?;
        }
        // Another process may be adding it just now.
        self.store.sync_items().map_err(|error| self.store.failed("synced", &error))?;
        if let (Body::File(path), Keep::Move) = (&request.body, options.keep)
            && is_same(&item, path)
        {
            // It stays where its folder is closed.
            let _ = fs::remove_file(path);
        }
        Ok(id)
    }
}

/// The program would take another recording for safe.
fn refuse_another(id: u64, item: &Item, request: &UploadRequest<'_>) -> Result<()> {
    let size = match &request.body {
        Body::Memory(bytes) => Some(bytes.len() as u64),
        // It may have been moved.
        Body::File(path) => fs::metadata(path).ok().map(|metadata| metadata.len()),
        Body::Stream { .. } => None,
    };
    let kept = item.target.object();
    let other = if !item.target.is_same(&request.destination) {
        let key = kept.1.map(quoted).unwrap_or_default();
        format!("which goes to {key}")
    } else if let Some(size) = size.filter(|size| *size != item.size()) {
        format!("which has {} bytes, and this has {size}", item.size())
    } else {
        return Ok(());
    };
    let fault = format!("is that of item {id}, {other}; give each content an id of its own");
    Err(Error::invalid("options.caller_id", fault))
}

/// Whether the file has what the outbox keeps.
fn is_same(item: &Item, path: &Path) -> bool {
    let KeptBody::File { stamp, crc64 } = &item.body else { return false };
    let Ok(metadata) = fs::symlink_metadata(path) else { return false };
    let has_crc64 =
        |crc64: u64| crc64_of_file(path, &CancelToken::new()).is_ok_and(|found| found == crc64);
    metadata.is_file()
        && metadata.len() == stamp.size
        && (Stamp::of(&metadata) == *stamp || crc64.is_some_and(has_crc64))
}
