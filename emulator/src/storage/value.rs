//! The value of a header that is stored with an object.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Text, or bytes that are none: they go out as they came in. In a record the one is a string, the
/// other an array.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Value {
    Text(String),
    Bytes(Vec<u8>),
}

impl Value {
    pub(crate) fn new(bytes: &[u8]) -> Value {
        match String::from_utf8(bytes.to_owned()) {
            Ok(text) => Value::Text(text),
            Err(error) => Value::Bytes(error.into_bytes()),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Value::Text(text) => text.as_bytes(),
            Value::Bytes(bytes) => bytes,
        }
    }

    /// For people: what is no text is replaced.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_a_record() {
        for (bytes, json) in [(&b"a\xc3\xa9"[..], "\"aé\""), (b"\xff", "[255]"), (b"", "\"\"")] {
            let value = Value::new(bytes);
            assert_eq!(serde_json::to_string(&value).unwrap(), json);
            assert_eq!(serde_json::from_str::<Value>(json).unwrap().bytes(), bytes);
        }
    }
}
