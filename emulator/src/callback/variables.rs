//! Values of the variables of a template (spec: callback.md 5.1).

use std::collections::BTreeMap;

use super::image::ImageInfo;

/// What the system variables speak of.
#[derive(Clone, Debug)]
pub(crate) struct Upload<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) object: &'a str,
    /// Without quotes (spec: callback.md 5.4).
    pub(crate) etag: String,
    pub(crate) size: u64,
    pub(crate) mime_type: &'a str,
    pub(crate) crc64: u64,
    pub(crate) content_md5: String,
    pub(crate) client_ip: String,
    pub(crate) request_id: &'a str,
    pub(crate) operation: &'a str,
    /// `None` when the object is not an image.
    pub(crate) image: Option<ImageInfo>,
}

/// All variables of one callback.
#[derive(Clone, Debug)]
pub(crate) struct Variables<'a> {
    pub(crate) upload: Upload<'a>,
    pub(crate) custom: &'a BTreeMap<String, String>,
}

/// A value, by the way it is written into JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// In double quotes.
    Text(String),
    /// As it is.
    Bare(String),
}

impl Value {
    pub(crate) fn text(&self) -> &str {
        match self {
            Value::Text(text) | Value::Bare(text) => text,
        }
    }
}

impl Variables<'_> {
    /// The value of a variable; names are case-sensitive, unknown ones are empty (spec:
    /// callback.md 5.5).
    pub(crate) fn value(&self, name: &str) -> Value {
        let upload = &self.upload;
        match name {
            "bucket" => text(upload.bucket),
            "object" => text(upload.object),
            "etag" => text(&upload.etag),
            "size" => Value::Bare(upload.size.to_string()),
            "mimeType" => text(upload.mime_type),
            "imageInfo.height" => self.image_number(|image| image.height),
            "imageInfo.width" => self.image_number(|image| image.width),
            // Like the numbers, an absent format is inserted as nothing (spec: callback.md 5.3).
            "imageInfo.format" => {
                upload.image.map_or(Value::Bare(String::new()), |image| text(image.format))
            }
            // Quoted, because it exceeds what a double holds (spec: callback.md 5.3).
            "crc64" => Value::Text(upload.crc64.to_string()),
            "contentMd5" => text(&upload.content_md5),
            // There is no VPC around a local server.
            "vpcId" => text(""),
            "clientIp" => text(&upload.client_ip),
            "reqId" => text(upload.request_id),
            "operation" => text(upload.operation),
            custom if custom.starts_with("x:") => {
                text(self.custom.get(custom).map_or("", String::as_str))
            }
            _ => Value::Bare(String::new()),
        }
    }

    fn image_number(&self, of: impl Fn(ImageInfo) -> usize) -> Value {
        Value::Bare(self.upload.image.map(|image| of(image).to_string()).unwrap_or_default())
    }
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}
