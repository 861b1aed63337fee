//! The variables of the service, and what they are filled in with (spec: callback.md 5.1).

use std::borrow::Cow;

/// What OSS knows of an upload when it calls back, for [`Callback::render`](super::Callback::render).
#[derive(Debug, Clone, Copy, Default)]
pub struct ObjectFacts<'a> {
    /// Name of the bucket.
    pub bucket: Option<&'a str>,
    /// Name of the object.
    pub key: Option<&'a str>,
    /// ETag of the object.
    pub etag: Option<&'a str>,
    /// Its size in bytes.
    pub size: u64,
    /// Its type; none for `application/octet-stream`.
    pub content_type: Option<&'a str>,
    /// None when it is no image.
    pub image: Option<Image<'a>>,
    /// Its CRC-64.
    pub crc64: u64,
    /// The MD5 of the content in Base64; none for what was sent in parts.
    pub content_md5: Option<&'a str>,
    /// The VPC of the sender; none outside of one.
    pub vpc_id: Option<&'a str>,
    /// The address of the sender.
    pub client_ip: Option<&'a str>,
    /// Request id of the upload.
    pub request_id: Option<&'a str>,
    /// What stored it; none for `PutObject`.
    pub operation: Option<&'a str>,
}

/// What OSS finds out of an image.
#[derive(Debug, Clone, Copy)]
pub struct Image<'a> {
    /// Pixels.
    pub width: u64,
    /// Pixels.
    pub height: u64,
    /// For example `jpg`.
    pub format: &'a str,
}

/// How JSON bodies get a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// With quotes around it.
    Text,
    /// Bare.
    Number,
    /// Bare, or nothing at all when the object is no image.
    Pixels,
    /// With quotes, or nothing at all when the object is no image.
    Format,
    /// With quotes; but that is not documented, so a template may be written for either.
    Checksum,
}

/// The value of a variable; or the fact that is needed for it.
type Value<'a> = Result<Cow<'a, str>, &'static str>;

/// A variable of the service.
pub(super) struct System {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) value: for<'a> fn(&ObjectFacts<'a>) -> Value<'a>,
}

impl System {
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|system| system.name == name)
    }
}

pub(super) static ALL: [System; 14] = [
    system("bucket", Kind::Text, |facts| needed("facts.bucket", facts.bucket)),
    system("object", Kind::Text, |facts| needed("facts.key", facts.key)),
    system("etag", Kind::Text, |facts| needed("facts.etag", facts.etag)),
    system("size", Kind::Number, |facts| number(facts.size)),
    system("mimeType", Kind::Text, |facts| {
        text(facts.content_type.or(Some("application/octet-stream")))
    }),
    system("imageInfo.height", Kind::Pixels, |facts| {
        facts.image.map_or(text(None), |image| number(image.height))
    }),
    system("imageInfo.width", Kind::Pixels, |facts| {
        facts.image.map_or(text(None), |image| number(image.width))
    }),
    system("imageInfo.format", Kind::Format, |facts| text(facts.image.map(|image| image.format))),
    system("crc64", Kind::Checksum, |facts| number(facts.crc64)),
    system("contentMd5", Kind::Text, |facts| text(facts.content_md5)),
    system("vpcId", Kind::Text, |facts| text(facts.vpc_id)),
    system("clientIp", Kind::Text, |facts| needed("facts.client_ip", facts.client_ip)),
    system("reqId", Kind::Text, |facts| needed("facts.request_id", facts.request_id)),
    system("operation", Kind::Text, |facts| text(facts.operation.or(Some("PutObject")))),
];

const fn system(
    name: &'static str,
    kind: Kind,
    value: for<'a> fn(&ObjectFacts<'a>) -> Value<'a>,
) -> System {
    System { name, kind, value }
}

fn text(text: Option<&str>) -> Value<'_> {
    Ok(text.unwrap_or_default().into())
}

fn needed<'a>(fact: &'static str, text: Option<&'a str>) -> Value<'a> {
    text.map(Cow::from).ok_or(fact)
}

fn number(number: u64) -> Value<'static> {
    Ok(number.to_string().into())
}
