//! The body of a form (`multipart/form-data`): its fields, and the content as the last one.

use std::io::Read;

use super::body::OpenBody;
use super::checksum::Meter;
use crate::http::Progress;
use crate::retry::random_bits;

/// What stands before and behind the content.
pub(super) struct FormBody {
    boundary: String,
    before: Vec<u8>,
    behind: Vec<u8>,
}

impl FormBody {
    pub(super) fn new(fields: &[(String, String)], file_name: &str) -> Self {
        let boundary = boundary();
        let before = beginning(&boundary, fields, file_name);
        let behind = format!("\r\n--{boundary}--\r\n").into_bytes();
        Self { boundary, before, behind }
    }

    pub(super) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// Length of the whole body with a content of `size` bytes.
    pub(super) fn length(&self, size: u64) -> u64 {
        size + (self.before.len() + self.behind.len()) as u64
    }

    /// The whole body.
    pub(super) fn reader<'a>(&'a self, content: &'a mut OpenBody<'_>) -> impl Read + 'a {
        self.before.chain(content).chain(&self.behind[..])
    }

    /// Lets `meter` see the `size` bytes of the content, and nothing else.
    pub(super) fn watch<'a, 'm>(&self, size: u64, meter: &'a mut Meter<'m>) -> FormMeter<'a, 'm> {
        FormMeter { meter, before: self.before.len() as u64, content: size }
    }
}

/// Lets the meter see the content alone.
pub(super) struct FormMeter<'a, 'm> {
    meter: &'a mut Meter<'m>,
    /// Bytes before the content that are still to come.
    before: u64,
    /// Bytes of the content that are still to come.
    content: u64,
}

impl Progress for FormMeter<'_, '_> {
    fn sent(&mut self, chunk: &[u8]) -> std::io::Result<()> {
        let (before, rest) = split(chunk, self.before);
        let (content, _) = split(rest, self.content);
        self.before -= before.len() as u64;
        self.content -= content.len() as u64;
        if content.is_empty() { Ok(()) } else { self.meter.sent(content) }
    }
}

fn split(bytes: &[u8], at: u64) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.len().min(usize::try_from(at).unwrap_or(usize::MAX)))
}

/// All that stands before the content.
fn beginning(boundary: &str, fields: &[(String, String)], file_name: &str) -> Vec<u8> {
    let mut text = String::new();
    let disposition = "Content-Disposition: form-data; name=";
    for (name, value) in fields {
        text += &format!("--{boundary}\r\n{disposition}\"{name}\"\r\n\r\n{value}\r\n");
    }
    let file_name = harmless(file_name);
    text += &format!(
        "--{boundary}\r\n{disposition}\"file\"; filename=\"{file_name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    text.into_bytes()
}

/// Parsers of forms disagree on escaping, so characters that would need it are replaced.
fn harmless(file_name: &str) -> String {
    file_name.replace(|c: char| c.is_control() || c == '"' || c == '\\', "_")
}

/// Random, so that no content can contain it on purpose.
fn boundary() -> String {
    format!("ossbind-{:016x}{:016x}", random_bits(), random_bits())
}
