//! What the headers of an upload ask for (spec: put-object.md 1).

use hyper::HeaderMap;

use crate::error::OssError;
use crate::error::catalogue::{invalid_argument, invalid_encryption_algorithm};
use crate::storage::{ENCRYPTION, Properties};

/// That of the bucket.
pub(super) const DEFAULT_ACL: &str = "default";
const ACLS: &[&str] = &[DEFAULT_ACL, "private", "public-read", "public-read-write"];
const STORAGE_CLASSES: &[&str] = &["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"];
const ENCRYPTIONS: &[&str] = &["AES256", "KMS", "SM4"];
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
        let encryption = text(headers, ENCRYPTION);
        if encryption.as_ref().is_some_and(|value| !ENCRYPTIONS.contains(&value.as_str())) {
            return Err(invalid_encryption_algorithm());
        }
        let mut stored = metadata(headers)?;
        let named =
            STORED.iter().filter_map(|name| Some(((*name).to_owned(), text(headers, name)?)));
        stored.extend(named);
        stored.extend(encryption.map(|value| (ENCRYPTION.to_owned(), value)));
        let content_type = text(headers, "content-type").filter(|value| !value.is_empty());
        Ok(UploadHeaders {
            properties: Properties {
                content_type: content_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
                storage_class,
                acl,
                headers: stored,
            },
            forbid_overwrite,
        })
    }
}

/// The access control list that a request sets, if it does.
pub(super) fn acl(headers: &HeaderMap) -> Result<Option<String>, OssError> {
    choice(headers, "x-oss-object-acl", ACLS)
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
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
}

/// User metadata: letters, digits and `-` in names, 8 KB in total.
fn metadata(headers: &HeaderMap) -> Result<Vec<(String, String)>, OssError> {
    let mut found = Vec::new();
    let mut total = 0;
    for name in headers.keys().map(|name| name.as_str()) {
        let Some(rest) = name.strip_prefix(METADATA) else {
            continue;
        };
        let value = text(headers, name).unwrap_or_default();
        if rest.is_empty() || !rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            let message = "The name of a user metadata header is invalid.";
            return Err(invalid_argument(message).argument(name, value));
        }
        total += name.len() + value.len();
        found.push((name.to_owned(), value));
    }
    if total > MAX_METADATA_BYTES {
        return Err(invalid_argument("The user metadata exceeds 8 KB in total.")
            .argument(METADATA, total.to_string()));
    }
    Ok(found)
}
