//! A stored object.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use hyper::body::Bytes;
use serde::{Deserialize, Serialize};

use super::Digests;

/// An object as the emulator holds it.
#[derive(Clone, Debug)]
pub struct StoredObject {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) digests: Digests,
    pub(crate) properties: Properties,
    pub(crate) last_modified: SystemTime,
    pub(crate) version_id: Option<String>,
    pub(crate) content: Content,
}

impl StoredObject {
    /// Name of the bucket.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Full key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Size in bytes.
    pub fn size(&self) -> u64 {
        self.digests.size
    }

    /// ETag without quotes: the MD5 in uppercase hex.
    pub fn etag(&self) -> String {
        self.digests.etag()
    }

    /// CRC-64 of the content.
    pub fn crc64(&self) -> u64 {
        self.digests.crc64
    }

    /// MD5 of the content in Base64.
    pub fn content_md5(&self) -> String {
        self.digests.content_md5()
    }

    /// Stored `Content-Type`.
    pub fn content_type(&self) -> &str {
        &self.properties.content_type
    }

    /// Other stored headers (`cache-control`, `x-oss-meta-…`) with lowercase names.
    pub fn headers(&self) -> &[(String, String)] {
        &self.properties.headers
    }

    /// Storage class, `Standard` unless the upload asked for another.
    pub fn storage_class(&self) -> &str {
        &self.properties.storage_class
    }

    /// Access control list, `default` unless the upload asked for another.
    pub fn acl(&self) -> &str {
        &self.properties.acl
    }

    /// Time of the upload, by the emulator's clock.
    pub fn last_modified(&self) -> SystemTime {
        self.last_modified
    }

    /// Version id, in a bucket with versioning.
    pub fn version_id(&self) -> Option<&str> {
        self.version_id.as_deref()
    }

    /// The content; `None` when the emulator discards contents.
    pub fn content(&self) -> io::Result<Option<Vec<u8>>> {
        match &self.content {
            Content::Memory(bytes) => Ok(Some(bytes.to_vec())),
            Content::File(path) => fs::read(path).map(Some),
            Content::Discarded => Ok(None),
        }
    }
}

/// What an upload says about its object besides the content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Properties {
    pub(crate) content_type: String,
    pub(crate) storage_class: String,
    pub(crate) acl: String,
    pub(crate) headers: Vec<(String, String)>,
}

/// Where the content is.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Memory(Bytes),
    File(PathBuf),
    Discarded,
}

impl Content {
    /// Frees the space of an object that was replaced or deleted. A file that cannot be removed
    /// is no longer referenced and goes at the next start.
    pub(crate) fn remove(&self) {
        if let Content::File(path) = self {
            drop(fs::remove_file(path));
        }
    }
}
