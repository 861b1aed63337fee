//! What the texts of both versions begin with.

use std::collections::BTreeMap;

/// Lines, and then a line for each header.
pub(super) fn lines<'a>(
    lines: impl IntoIterator<Item = &'a String>,
    headers: &BTreeMap<String, Vec<u8>>,
) -> Vec<u8> {
    let mut text = Vec::new();
    for line in lines {
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
    }
    for (name, value) in headers {
        text.extend_from_slice(name.as_bytes());
        text.push(b':');
        text.extend_from_slice(value);
        text.push(b'\n');
    }
    text
}
