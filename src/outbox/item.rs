//! What the file of an item says (docs/outbox.md, *Format*).

use std::io;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use zeroize::Zeroizing;

use super::age::Moment;
use super::options::ItemOptions;
use super::receipt::Facts;
use crate::callback::{Audience, Callback, EncodedCallback};
use crate::error::{Error, Result};
use crate::file::{self, Stamp};
use crate::record::{Record, record, tagged, untagged, variants};
use crate::sealed::{seal, unseal};
use crate::service::{CALLBACK, CALLBACK_VARIABLES};
use crate::upload::{Body, ContentMd5, Destination, UploadRequest, goes_in_parts};

/// Raised when the meaning of the file changes. Files of other versions are set aside.
pub(super) const VERSION: u32 = 1;
/// Bytes of line ends behind an item: what happens to it is written over them, which changes neither the
/// size of the file nor its blocks, and so costs one block and one flush.
const ROOM: usize = 640;
/// Longest file of an item that is read, in bytes.
pub(super) const MAX_FILE: u64 = 1024 * 1024;
/// The same with what has happened to it.
pub(super) const MAX_WITH_EVENTS: u64 = 2 * MAX_FILE;

/// What is to be uploaded, and how.
#[derive(Debug, Clone)]
pub(super) struct Item {
    version: u32,
    pub(super) added: Moment,
    pub(super) target: Target,
    pub(super) body: KeptBody,
    pub(super) options: ItemOptions,
    properties: Properties,
    callback: Option<KeptCallback>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Object { bucket: String, key: String },
    Form { bucket: String, key: String },
    Bundle { text: String, key: Option<String> },
}

/// Where the bytes of the body are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeptBody {
    /// In the file of the item.
    Inline { size: u64, crc64: u64 },
    /// In a file beside it.
    File { stamp: Stamp, crc64: Option<u64> },
    /// In a file of the program; its path in hexadecimal, since paths are bytes.
    Reference { path: String, stamp: Stamp, inode: u64 },
}

/// Members of the request, under the names that they have there.
#[derive(Debug, Clone, Default)]
struct Properties {
    content_type: Option<String>,
    metadata: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    storage_class: Option<String>,
    acl: Option<String>,
    forbid_overwrite: bool,
    content_md5: Option<String>,
    compute_md5: bool,
    multipart_threshold: Option<u64>,
    part_size: Option<u64>,
    parallel: Option<usize>,
    timeout_ms: Option<u64>,
    rate_limit: Option<NonZeroU64>,
    traffic_limit: Option<NonZeroU64>,
    requester_pays: bool,
}

/// A callback that was checked; its parameter is JSON text.
#[derive(Debug, Clone)]
struct KeptCallback {
    parameter: String,
    variables: Vec<(String, String)>,
}

/// What happened to an item, in lines that are appended to its file. The last one counts.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// A request is going out that may overwrite: after a power cut the object must be asked for.
    Tried(Moment),
    /// It is over.
    Receipt(Box<Facts>),
}

record!(Item { version, added, target, body, options, properties, callback });
record!(KeptCallback { parameter, variables });
record!(Properties {
    content_type,
    metadata,
    headers,
    storage_class,
    acl,
    forbid_overwrite,
    content_md5,
    compute_md5,
    multipart_threshold,
    part_size,
    parallel,
    timeout_ms,
    rate_limit,
    traffic_limit,
    requester_pays,
});
variants!(Target {
    "object": Object { bucket, key },
    "form": Form { bucket, key },
    "bundle": Bundle { text, key },
});
variants!(KeptBody {
    "inline": Inline { size, crc64 },
    "file": File { stamp, crc64 },
    "reference": Reference { path, stamp, inode },
});

impl Record for Event {
    fn to_json(&self) -> Value {
        match self {
            Self::Tried(moment) => tagged("tried", moment.to_json()),
            Self::Receipt(facts) => tagged("receipt", facts.to_json()),
        }
    }

    fn from_json(json: Value) -> Option<Self> {
        let (name, json) = untagged(json)?;
        match &*name {
            "tried" => Moment::from_json(json).map(Self::Tried),
            "receipt" => Facts::from_json(json).map(|facts| Self::Receipt(Box::new(facts))),
            _ => None,
        }
    }
}

/// The file of an item, taken apart.
#[derive(Debug)]
pub(super) struct ItemFile {
    pub(super) item: Item,
    pub(super) inline: Vec<u8>,
    pub(super) last_event: Option<Event>,
    /// Where that is.
    pub(super) last_at: u64,
    /// Where the next event is written.
    pub(super) end: u64,
    /// Of the file, in bytes.
    pub(super) size: u64,
}

impl Item {
    pub(super) fn new(
        request: &UploadRequest<'_>,
        callback: Option<&EncodedCallback>,
        body: KeptBody,
        options: &ItemOptions,
    ) -> Self {
        let texts = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let callback = callback.map(|encoded| KeptCallback {
            parameter: encoded.parameter(),
            variables: encoded.pairs().to_vec(),
        });
        // What travels in headers is kept as a callback.
        let is_callback = |name: &str| {
            callback.is_some()
                && [CALLBACK, CALLBACK_VARIABLES].iter().any(|n| name.eq_ignore_ascii_case(n))
        };
        let headers: Vec<_> =
            request.headers.iter().filter(|(name, _)| !is_callback(name)).copied().collect();
        Self {
            version: VERSION,
            added: Moment::now(),
            target: Target::of(&request.destination),
            body,
            options: options.clone(),
            properties: Properties {
                content_type: request.content_type.map(str::to_owned),
                metadata: texts(request.metadata),
                headers: texts(&headers),
                storage_class: request.storage_class.map(str::to_owned),
                acl: request.acl.map(str::to_owned),
                forbid_overwrite: request.forbid_overwrite,
                content_md5: match request.content_md5 {
                    ContentMd5::Given(text) => Some(text.to_owned()),
                    _ => None,
                },
                compute_md5: request.content_md5 == ContentMd5::Computed,
                multipart_threshold: request.multipart_threshold,
                part_size: request.part_size,
                parallel: request.parallel,
                timeout_ms: request.timeout.map(|limit| limit.as_millis() as u64),
                rate_limit: request.rate_limit,
                traffic_limit: request.traffic_limit,
                requester_pays: request.requester_pays,
            },
            callback,
        }
    }

    /// The text of the file, with an event if there is one, and room for more.
    pub(super) fn to_file(&self, inline: &[u8], event: Option<&Event>) -> FileText {
        let mut bytes = seal(self).into_bytes();
        bytes.extend_from_slice(inline);
        if !inline.is_empty() {
            bytes.push(b'\n');
        }
        if let Some(event) = event {
            bytes.extend_from_slice(seal(event).as_bytes());
        }
        let end = bytes.len();
        bytes.resize(end + ROOM, b'\n');
        FileText { bytes, end: end as u64 }
    }

    /// The callback as it was given, ready to be sent.
    pub(super) fn encode_callback(&self) -> Result<Option<EncodedCallback>> {
        let Some(kept) = &self.callback else { return Ok(None) };
        let callback = Callback::from_parameter(&kept.parameter).relaxed(true);
        let variables = kept.variables.iter();
        let callback = variables.fold(callback, |callback, (name, value)| {
            callback.variable(name.clone(), value.clone())
        });
        callback.encode(Audience::Any).map(Some)
    }

    /// Puts another bundle in the place of its own.
    pub(super) fn renew(&mut self, bundle: &str) -> Result<()> {
        let Target::Bundle { text, .. } = &mut self.target else {
            return Err(Error::invalid("id", "is of an item that was not added with a bundle"));
        };
        bundle.clone_into(text);
        let pairs = self.pairs();
        self.request(&pairs, None, Body::Memory(b"")).check(Audience::Any).map(|_| ())
    }

    pub(super) fn has_callback(&self) -> bool {
        self.callback.is_some()
    }

    pub(super) fn variables(&self) -> &[(String, String)] {
        self.callback.as_ref().map_or(&[], |callback| &callback.variables)
    }

    pub(super) fn content_type(&self) -> Option<&str> {
        self.properties.content_type.as_deref()
    }

    pub(super) fn size(&self) -> u64 {
        match &self.body {
            KeptBody::Inline { size, .. } => *size,
            KeptBody::File { stamp, .. } | KeptBody::Reference { stamp, .. } => stamp.size,
        }
    }

    pub(super) fn goes_in_parts(&self) -> bool {
        !self.target.is_bundle() && goes_in_parts(self.size(), self.properties.multipart_threshold)
    }

    /// Whether the key is for this content alone. What was signed elsewhere cannot say so.
    pub(super) fn is_once(&self) -> bool {
        !self.options.overwrite && !self.target.is_bundle()
    }

    /// Metadata and headers, as a request borrows them.
    pub(super) fn pairs(&self) -> Pairs<'_> {
        Pairs {
            metadata: borrowed(&self.properties.metadata),
            headers: borrowed(&self.properties.headers),
        }
    }

    /// The upload.
    pub(super) fn request<'a>(
        &'a self,
        pairs: &'a Pairs<'a>,
        callback: Option<&'a EncodedCallback>,
        body: Body<'a>,
    ) -> UploadRequest<'a> {
        let properties = &self.properties;
        UploadRequest {
            content_type: properties.content_type.as_deref(),
            metadata: &pairs.metadata,
            headers: &pairs.headers,
            storage_class: properties.storage_class.as_deref(),
            acl: properties.acl.as_deref(),
            forbid_overwrite: properties.forbid_overwrite,
            once: self.is_once(),
            content_md5: match (&properties.content_md5, properties.compute_md5) {
                (Some(text), _) => ContentMd5::Given(text),
                (None, true) => ContentMd5::Computed,
                (None, false) => ContentMd5::None,
            },
            encoded_callback: callback,
            multipart_threshold: properties.multipart_threshold,
            part_size: properties.part_size,
            parallel: properties.parallel,
            timeout: properties.timeout_ms.map(Duration::from_millis),
            rate_limit: properties.rate_limit,
            traffic_limit: properties.traffic_limit,
            requester_pays: properties.requester_pays,
            ..UploadRequest::to(self.target.destination(), body)
        }
    }
}

/// What is written to a new file.
pub(super) struct FileText {
    pub(super) bytes: Vec<u8>,
    /// Where the next event is written.
    pub(super) end: u64,
}

/// Names and values that a request borrows.
pub(super) struct Pairs<'a> {
    metadata: Vec<(&'a str, &'a str)>,
    headers: Vec<(&'a str, &'a str)>,
}

impl Target {
    fn of(destination: &Destination<'_>) -> Self {
        match *destination {
            Destination::Form { bucket, key } => {
                Self::Form { bucket: bucket.to_owned(), key: key.to_owned() }
            }
            Destination::Bundle { text, key } => {
                Self::Bundle { text: text.to_owned(), key: key.map(str::to_owned) }
            }
            Destination::Object { bucket, key } => {
                Self::Object { bucket: bucket.to_owned(), key: key.to_owned() }
            }
            Destination::SignedUrl(_) | Destination::SignedForm { .. } => {
                unreachable!("refused by `add`")
            }
        }
    }

    fn destination(&self) -> Destination<'_> {
        match self {
            Self::Object { bucket, key } => Destination::Object { bucket, key },
            Self::Form { bucket, key } => Destination::Form { bucket, key },
            Self::Bundle { text, key } => Destination::Bundle { text, key: key.as_deref() },
        }
    }

    /// Whether it is the same object. A bundle may have been signed again.
    pub(super) fn is_same(&self, destination: &Destination<'_>) -> bool {
        let other = Self::of(destination);
        *self == other || (self.is_bundle() && other.is_bundle())
    }

    /// Whether it was signed elsewhere.
    pub(super) fn is_bundle(&self) -> bool {
        matches!(self, Self::Bundle { .. })
    }

    /// Bucket and key, as far as they are known.
    pub(super) fn object(&self) -> (Option<&str>, Option<&str>) {
        match self {
            Self::Object { bucket, key } | Self::Form { bucket, key } => (Some(bucket), Some(key)),
            Self::Bundle { key, .. } => (None, key.as_deref()),
        }
    }
}

impl KeptBody {
    /// Path of the program's own file.
    pub(super) fn referenced(&self) -> Option<PathBuf> {
        use std::os::unix::ffi::OsStringExt as _;
        let Self::Reference { path, .. } = self else { return None };
        let byte = |at| u8::from_str_radix(path.get(at..at + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..path.len()).step_by(2).map(byte).collect();
        Some(PathBuf::from(std::ffi::OsString::from_vec(bytes?)))
    }
}

impl ItemFile {
    /// None when it is damaged, or of another version.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let (line, mut rest) = split_line(text)?;
        let item: Item = unseal(line).filter(|item: &Item| item.version == VERSION)?;
        let mut inline = Vec::new();
        if let KeptBody::Inline { size, crc64 } = item.body
            && size > 0
        {
            let (bytes, after) = rest.split_at_checked(usize::try_from(size).ok()?)?;
            rest = after.strip_prefix(b"\n")?;
            if super::name::crc64(bytes) != crc64 {
                return None;
            }
            inline = bytes.to_vec();
        }
        let (mut last_event, mut last_at) = (None, 0);
        while let Some((line, after)) = split_line(rest) {
            // A power cut may have damaged the last one, which was not promised to anybody yet.
            let Some(event) = unseal(line) else { break };
            (last_event, last_at) = (Some(event), (text.len() - rest.len()) as u64);
            rest = after;
        }
        let size = text.len() as u64;
        Some(Self { item, inline, last_event, last_at, end: size - rest.len() as u64, size })
    }
}

/// The file of an item, with what has happened to it.
pub(super) fn read_text(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    file::read_own(path, MAX_WITH_EVENTS)
}

fn split_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    Some((&text[..end], &text[end + 1..]))
}

fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
