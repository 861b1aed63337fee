//! Which buckets there are, and where their contents go.

use std::path::PathBuf;

/// A bucket that exists from the start; clients can make more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// 3 to 63 lowercase letters, digits and `-`.
    pub name: String,
    /// Whether answers carry a version id. Only the newest version of an object is kept.
    pub versioning: Versioning,
    /// Whether requests about its objects must say that whoever sends them pays, as they must in the
    /// bucket of another account.
    pub requester_pays: bool,
}

impl Bucket {
    /// A bucket without versioning, whose owner pays.
    pub fn new(name: impl Into<String>) -> Bucket {
        Bucket { name: name.into(), versioning: Versioning::Disabled, requester_pays: false }
    }
}

/// State of a bucket's versioning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versioning {
    /// Never switched on: no version ids.
    #[default]
    Disabled,
    /// Each upload gets a version id.
    Enabled,
    /// The version id is the text `null`.
    Suspended,
}

/// Where object contents go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Storage {
    /// Into memory, gone with the emulator.
    #[default]
    Memory,
    /// Into this directory, found again by the next emulator, as are multipart uploads, buckets that
    /// clients have made, and the key that signs callbacks.
    Directory(PathBuf),
    /// Nowhere: only size and checksums are kept, so that bodies of any size need no space. Of what
    /// was uploaded in parts, `imageInfo` is not known. Objects can be copied and appended to, but
    /// neither downloaded nor copied into a part of a multipart upload.
    Discard,
}
