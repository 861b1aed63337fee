//! JSON texts: what the caller wrote, and what travels.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::{Deserialize, MapAccess, Visitor};
use serde::{Deserializer as _, Serializer as _};

/// The JSON text of a parameter, which may be in Base64, as the vendor's SDKs make it.
pub(super) fn plain(parameter: &str) -> Cow<'_, str> {
    if parameter.trim_start().starts_with('{') {
        return parameter.into();
    }
    let decoded =
        BASE64.decode(parameter.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.map_or(parameter.into(), Cow::Owned)
}

/// Names and values of an object, in their order, with names that are given twice. `expected` says in a
/// message what the object must be.
pub(crate) fn read_object<'a, V: Deserialize<'a>>(
    text: &'a str,
    expected: &'static str,
) -> serde_json::Result<Vec<(String, V)>> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let members = reader.deserialize_map(Members(expected, PhantomData))?;
    reader.end().map(|()| members)
}

struct Members<V>(&'static str, PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for Members<V> {
    type Value = Vec<(String, V)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

/// The object of these names and values, in their order.
pub(super) fn write_object(members: &[(String, String)]) -> String {
    let mut text = Vec::new();
    serde_json::Serializer::new(&mut text)
        .collect_map(members.iter().map(|(name, value)| (name, value)))
        .expect("strings always serialize");
    String::from_utf8(text).expect("JSON text is UTF-8")
}

/// A text as JSON writes it, in its quotes.
pub(super) fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("strings always serialize")
}

/// Byte offset of a fault. The parser counts lines, and bytes in them, from 1; the offset is that of the
/// character.
pub(super) fn byte_offset(text: &str, error: &serde_json::Error) -> usize {
    let lines_before = error.line().saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(lines_before).map(str::len).sum();
    let at = (start + error.column().saturating_sub(1)).min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// The parser's reason without the position, which is given as an offset instead.
pub(super) fn plain_reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}
