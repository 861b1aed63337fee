//! A stored object.

use std::fs;
use std::io::{self, Read};
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Bytes;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use super::data_file::DataFile;
use super::writer::HEAD_LIMIT;
use super::{Digests, Value};

/// An object as the emulator holds it.
#[derive(Clone, Debug)]
pub struct StoredObject {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) object_type: ObjectType,
    /// The MD5 is that of the content or, of an object in parts or pieces, that of their MD5s; of a
    /// link, that of its target's key.
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

    /// ETag without quotes: the MD5 in uppercase hex; of a multipart object the MD5 of the MD5s of
    /// its parts, and their number; of an appendable object another one after each piece;
    /// of a symbolic link one that depends on its target's key.
    pub fn etag(&self) -> String {
        match self.object_type {
            ObjectType::Normal | ObjectType::Appendable | ObjectType::Symlink { .. } => {
                self.digests.etag()
            }
            ObjectType::Multipart { parts, .. } => format!("{}-{parts}", self.digests.etag()),
        }
    }

    /// CRC-64 of the content.
    pub fn crc64(&self) -> u64 {
        self.digests.crc64
    }

    /// MD5 of the content in Base64; empty for an appendable object and a symbolic link, and for a
    /// multipart object unless it was begun as `sequential`.
    pub fn content_md5(&self) -> String {
        match self.object_type {
            ObjectType::Normal => self.digests.content_md5(),
            ObjectType::Multipart { content_md5, .. } => {
                content_md5.map(|md5| STANDARD.encode(md5)).unwrap_or_default()
            }
            ObjectType::Appendable | ObjectType::Symlink { .. } => String::new(),
        }
    }

    /// `x-oss-object-type`: `Normal`, `Multipart`, `Appendable` or `Symlink`.
    pub fn object_type(&self) -> &'static str {
        self.object_type.name()
    }

    /// The key that a symbolic link leads to.
    pub fn symlink_target(&self) -> Option<&str> {
        match &self.object_type {
            ObjectType::Symlink { target } => Some(target),
            _ => None,
        }
    }

    /// Stored `Content-Type`.
    pub fn content_type(&self) -> &str {
        &self.properties.content_type
    }

    /// Other stored headers (`cache-control`, `x-oss-meta-…`) with lowercase names; what is no text
    /// is replaced.
    pub fn headers(&self) -> Vec<(String, String)> {
        let headers = self.properties.headers.iter();
        headers.map(|(name, value)| (name.clone(), value.text().into_owned())).collect()
    }

    /// Names and values of the tags.
    pub fn tags(&self) -> &[(String, String)] {
        &self.properties.tags
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
            Content::Memory(pieces) => Ok(Some(pieces.concat())),
            Content::File(file) => fs::read(file.path()).map(Some),
            Content::Discarded => Ok(None),
        }
    }
}

/// How an object came to be (spec: put-object.md 6).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ObjectType {
    /// In one request.
    #[default]
    Normal,
    /// From this number of parts; of those that came in sequence, the MD5 of the whole is known.
    Multipart {
        parts: usize,
        #[serde(default)]
        content_md5: Option<[u8; 16]>,
        /// The upload that it was, also of a copy. Absent from files of earlier versions.
        #[serde(default)]
        upload_id: Option<String>,
    },
    /// In pieces, each put behind the last.
    Appendable,
    /// A link to the object of this key, in the same bucket.
    Symlink { target: String },
}

impl ObjectType {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            ObjectType::Normal => "Normal",
            ObjectType::Multipart { .. } => "Multipart",
            ObjectType::Appendable => "Appendable",
            ObjectType::Symlink { .. } => "Symlink",
        }
    }
}

/// What an upload says about its object besides the content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Properties {
    pub(crate) content_type: String,
    pub(crate) storage_class: String,
    pub(crate) acl: String,
    pub(crate) headers: Vec<(String, Value)>,
    /// Absent from files of earlier versions.
    #[serde(default)]
    pub(crate) tags: Vec<(String, String)>,
}

/// Where the content is.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// In pieces: an object made of parts shares their memory.
    Memory(Vec<Bytes>),
    File(DataFile),
    Discarded,
}

impl Content {
    /// Of all bytes; `None` if they were discarded.
    pub(crate) fn md5(&self) -> io::Result<Option<[u8; 16]>> {
        let mut md5 = Md5::new();
        match self {
            Content::Memory(pieces) => pieces.iter().for_each(|piece| md5.update(piece)),
            Content::File(file) => {
                let mut file = fs::File::open(file.path())?;
                let mut piece = vec![0; 64 * 1024];
                loop {
                    match file.read(&mut piece)? {
                        0 => break,
                        length => md5.update(&piece[..length]),
                    }
                }
            }
            Content::Discarded => return Ok(None),
        }
        Ok(Some(md5.finalize().into()))
    }

    /// The first bytes, at most those that [`Writer`](super::Writer) would remember.
    pub(crate) fn head(&self) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        match self {
            Content::Memory(pieces) => {
                for piece in pieces {
                    let room = HEAD_LIMIT - head.len();
                    head.extend_from_slice(&piece[..piece.len().min(room)]);
                }
            }
            Content::File(file) => {
                fs::File::open(file.path())?.take(HEAD_LIMIT as u64).read_to_end(&mut head)?;
            }
            Content::Discarded => {}
        }
        Ok(head)
    }

    /// Frees the space of an object that was replaced or deleted, as soon as nobody reads it.
    pub(crate) fn remove(&self) {
        if let Content::File(file) = self {
            file.remove();
        }
    }

    /// None, unless it is in memory.
    pub(super) fn pieces(&self) -> &[Bytes] {
        match self {
            Content::Memory(pieces) => pieces,
            Content::File(_) | Content::Discarded => &[],
        }
    }

    pub(super) fn file(&self) -> Option<&DataFile> {
        match self {
            Content::File(file) => Some(file),
            Content::Memory(_) | Content::Discarded => None,
        }
    }

    /// Whether both are in the same file.
    pub(super) fn is(&self, other: &Content) -> bool {
        self.file().zip(other.file()).is_some_and(|(one, two)| one.is(two))
    }
}
