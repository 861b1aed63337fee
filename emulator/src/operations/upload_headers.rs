//! What the headers of an upload ask for (spec: put-object.md 1).

use hyper::HeaderMap;
use percent_encoding::{CONTROLS, percent_encode};

use super::encryption::{self, ENCRYPTION_HEADERS};
use super::tagging;
use crate::error::OssError;
use crate::error::catalogue::invalid_argument;
use crate::storage::{Properties, Value};

/// That of the bucket.
pub(super) const DEFAULT_ACL: &str = "default";
pub(super) const ACL: &str = "x-oss-object-acl";
const ACLS: &[&str] = &[DEFAULT_ACL, "private", "public-read", "public-read-write"];
pub(super) const STORAGE_CLASSES: &[&str] =
    &["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"];
/// Stored and returned as they are.
const STORED: &[&str] = &["cache-control", "content-disposition", "content-encoding", "expires"];
const METADATA: &str = "x-oss-meta-";
const MAX_METADATA_BYTES: usize = 8 * 1024;

/// The checked headers of an upload.
#[derive(Clone, Debug)]
pub(super) struct UploadHeaders {
    pub(super) properties: Properties,
    pub(super) forbid_overwrite: bool,
}

impl UploadHeaders {
    pub(super) fn read(headers: &HeaderMap) -> Result<UploadHeaders, OssError> {
        let acl = acl(headers)?.unwrap_or_else(|| DEFAULT_ACL.to_owned());
        let storage_class = choice(headers, "x-oss-storage-class", STORAGE_CLASSES)?
            .unwrap_or_else(|| "Standard".to_owned());
        let forbid_overwrite = forbid_overwrite(headers)?;
        encryption::check(headers)?;
        let tags = text(headers, "x-oss-tagging").map(|list| tagging::parse(&list)).transpose()?;
        let mut stored = metadata(headers)?;
        let named = STORED.iter().chain(&ENCRYPTION_HEADERS);
        stored.extend(named.filter_map(|name| Some(((*name).to_owned(), value(headers, name)?))));
        let content_type = text(headers, "content-type").filter(|value| !value.is_empty());
        Ok(UploadHeaders {
            properties: Properties {
                content_type: content_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
                storage_class,
                acl,
                headers: stored,
                tags: tags.unwrap_or_default(),
            },
            forbid_overwrite,
        })
    }
}

/// The access control list that a request sets, if it does.
pub(super) fn acl(headers: &HeaderMap) -> Result<Option<String>, OssError> {
    choice(headers, ACL, ACLS)
}

pub(super) fn forbid_overwrite(headers: &HeaderMap) -> Result<bool, OssError> {
    let value = choice(headers, "x-oss-forbid-overwrite", &["true", "false"])?;
    Ok(value.as_deref() == Some("true"))
}

fn choice(headers: &HeaderMap, name: &str, allowed: &[&str]) -> Result<Option<String>, OssError> {
    match text(headers, name) {
        Some(value) if !allowed.contains(&value.as_str()) => {
            Err(invalid_argument(format!("The {name} header is invalid.")).argument(name, value))
        }
        value => Ok(value),
    }
}

pub(super) fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(value(headers, name)?.text().into_owned())
}

/// A name of an object, encoded as in a path; some programs send it as it is.
pub(super) fn encoded_name(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.as_bytes().trim_ascii();
    Some(percent_encode(value, CONTROLS).to_string())
}

fn value(headers: &HeaderMap, name: &str) -> Option<Value> {
    Some(Value::new(headers.get(name)?.as_bytes().trim_ascii()))
}

/// User metadata: letters, digits and `-` in names, 8 KB in total.
fn metadata(headers: &HeaderMap) -> Result<Vec<(String, Value)>, OssError> {
    let mut found = Vec::new();
    let mut total = 0;
    for name in headers.keys().map(|name| name.as_str()) {
        let Some(rest) = name.strip_prefix(METADATA) else {
            continue;
        };
        let Some(value) = value(headers, name) else {
            continue;
        };
        if rest.is_empty() || !rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            let message = "The name of a user metadata header is invalid.";
            return Err(invalid_argument(message).argument(name, value.text()));
        }
        total += name.len() + value.bytes().len();
        found.push((name.to_owned(), value));
    }
    if total > MAX_METADATA_BYTES {
        return Err(invalid_argument("The user metadata exceeds 8 KB in total.")
            .argument(METADATA, total.to_string()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;
    use crate::protocol::target::decode;

    #[test]
    fn a_name_of_any_letters_is_encoded() {
        let name = |bytes: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert("a", HeaderValue::from_bytes(bytes).unwrap());
            decode(&encoded_name(&headers, "a").unwrap())
        };
        for bytes in [&b"d/%C3%A9"[..], b" d/\xc3\xa9 "] {
            assert_eq!(name(bytes).unwrap(), "d/\u{e9}");
        }
        // In another encoding it would be another name.
        assert_eq!(name(b"d/\xe9").unwrap_err().code, "InvalidArgument");
    }
}
