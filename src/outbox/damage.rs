//! What is wrong with a file that was set aside, for people.

use serde_json::Value;

use super::item::{ItemFile, KeptBody, VERSION};
use crate::sealed::sha256;

/// Of something that is none of an outbox.
pub(super) const FOREIGN: &str =
    "it is no file of an outbox: move it away by hand, or delete it if nobody needs it";

/// What is wrong with the file of an item, given its text.
pub(super) fn of_item(text: &[u8], parsed: Option<&ItemFile>, has_body: bool) -> String {
    match parsed {
        Some(parsed) if matches!(parsed.item.body, KeptBody::File { .. }) && !has_body => {
            "its body is missing".to_owned()
        }
        Some(_) => "its body is not what was added, or its receipt is damaged".to_owned(),
        None => of_first_line(text),
    }
}

/// Whether it is the file of an item, of whatever version. The rest of it may be damaged.
pub(super) fn is_item(text: &[u8]) -> bool {
    first_line(text).and_then(version).is_some()
}

/// The JSON of the first line, unless that is damaged.
fn first_line(text: &[u8]) -> Option<&[u8]> {
    let line = text.split(|byte| *byte == b'\n').next()?;
    let (checksum, json) = line.split_at_checked(65)?;
    (sha256(json).as_bytes() == &checksum[..64]).then_some(json)
}

fn of_first_line(text: &[u8]) -> String {
    let Some(json) = first_line(text) else { return "its first line is damaged".to_owned() };
    match version(json) {
        Some(version) if version == u64::from(VERSION) => "its content is damaged".to_owned(),
        Some(version) => format!(
            "it is of version {version}, and this library reads version {VERSION}: update the library, \
             and put it back into items/"
        ),
        None => "its first line says something else than an item".to_owned(),
    }
}

/// Each version has it.
fn version(json: &[u8]) -> Option<u64> {
    serde_json::from_slice::<Value>(json).ok()?["version"].as_u64()
}
