//! The form fields before the file (spec: post-object.md 1 and 2).

use crate::error::OssError;
use crate::error::catalogue::{
    field_item_too_long, malformed_post_request, max_post_pre_data_length_exceeded,
};

const MAX_NAME_BYTES: usize = 8 * 1024;
const MAX_VALUE_BYTES: usize = 2 << 20;
/// Of all names and values together. The service has such a limit; its value is not documented.
const MAX_TOTAL_BYTES: usize = 8 << 20;
/// What a field weighs besides its texts, so that many empty ones are limited too.
const FIELD_BYTES: usize = 64;

/// Names and values in the order of the form.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    fields: Vec<(String, Vec<u8>)>,
    total: usize,
}

impl Fields {
    pub(super) fn begin(&mut self, name: String) -> Result<(), OssError> {
        if name.len() > MAX_NAME_BYTES {
            return Err(field_item_too_long());
        }
        self.count(FIELD_BYTES + name.len())?;
        self.fields.push((name, Vec::new()));
        Ok(())
    }

    /// Adds to the value of the field begun last.
    pub(super) fn extend(&mut self, data: &[u8]) -> Result<(), OssError> {
        self.count(data.len())?;
        if let Some((_, value)) = self.fields.last_mut() {
            if value.len() + data.len() > MAX_VALUE_BYTES {
                return Err(field_item_too_long());
            }
            value.extend_from_slice(data);
        }
        Ok(())
    }

    fn count(&mut self, bytes: usize) -> Result<(), OssError> {
        self.total += bytes;
        if self.total > MAX_TOTAL_BYTES {
            return Err(max_post_pre_data_length_exceeded());
        }
        Ok(())
    }

    pub(super) fn into_form(self) -> Result<Form, OssError> {
        let texts = self.fields.into_iter().map(|(name, value)| {
            String::from_utf8(value)
                .map(|value| (name, value))
                .map_err(|_| malformed_post_request())
        });
        Ok(Form { fields: texts.collect::<Result<_, _>>()? })
    }
}

/// The fields as text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    fields: Vec<(String, String)>,
}

impl Form {
    /// The first field of a name; case does not matter.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    #[cfg(test)]
    pub(super) fn of(fields: &[(&str, &str)]) -> Form {
        let owned = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        Form { fields: owned.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits() {
        let mut fields = Fields::default();
        assert!(fields.begin("n".repeat(MAX_NAME_BYTES)).is_ok());
        assert!(fields.extend(&vec![b'v'; MAX_VALUE_BYTES]).is_ok());
        assert_eq!(fields.extend(b"v").unwrap_err().code, "FieldItemTooLong");
        let name = "n".repeat(MAX_NAME_BYTES + 1);
        assert_eq!(fields.begin(name).unwrap_err().code, "FieldItemTooLong");

        let mut fields = Fields::default();
        let mut add = || fields.begin(String::new());
        let error = (0..=MAX_TOTAL_BYTES / FIELD_BYTES).find_map(|_| add().err()).unwrap();
        assert_eq!(error.code, "MaxPOSTPreDataLengthExceededError");
    }

    #[test]
    fn names_match_whatever_their_case() {
        let form = Form::of(&[("Key", "a"), ("key", "b")]);
        assert_eq!((form.value("KEY"), form.value("file")), (Some("a"), None));
    }

    #[test]
    fn values_are_text() {
        let mut fields = Fields::default();
        fields.begin("key".to_owned()).unwrap();
        fields.extend(b"\xff").unwrap();
        assert_eq!(fields.into_form().unwrap_err().code, "MalformedPOSTRequest");
    }
}
