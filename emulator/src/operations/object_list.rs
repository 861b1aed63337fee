//! What both versions of the list of objects have in common.

use std::sync::Arc;

use super::listing::{Encoding, folders, owner};
use crate::clock;
use crate::error::xml::Document;
use crate::storage::{Entry, Page, StoredObject};

pub(super) const DEFAULT_PAGE: usize = 100;

pub(super) type ObjectPage = Page<Arc<StoredObject>>;

/// The key or the folder behind which the next page begins.
pub(super) fn next_marker(page: &ObjectPage) -> Option<&str> {
    page.last().map(|last| match last {
        Entry::Item(object) => object.key(),
        Entry::Folder(folder) => folder,
    })
}

pub(super) fn contents(
    document: &mut Document,
    page: &ObjectPage,
    encoding: Encoding,
    with_owner: bool,
) {
    for object in page.items() {
        document.open("Contents");
        document.text("Key", &encoding.apply(&object.key));
        document.text("LastModified", &clock::extended(object.last_modified));
        document.text("ETag", &format!("\"{}\"", object.etag()));
        document.text("Type", object.object_type.name());
        document.text("Size", &object.size().to_string());
        document.text("StorageClass", object.storage_class());
        if with_owner {
            owner(document);
        }
        document.close();
    }
    folders(document, page, encoding);
}
