//! What the headers of an upload ask for (spec: put-object.md 1).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;

use crate::error::OssError;
use crate::error::catalogue::{
    invalid_argument, invalid_crc64, invalid_digest, invalid_encryption_algorithm, not_implemented,
};
use crate::storage::{Digests, Properties};

const ACLS: &[&str] = &["default", "private", "public-read", "public-read-write"];
const STORAGE_CLASSES: &[&str] = &["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"];
const ENCRYPTIONS: &[&str] = &["AES256", "KMS", "SM4"];
const CONDITIONS: &[&str] =
    &["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"];
/// Stored and returned as they are.
const STORED: &[&str] = &["cache-control", "content-disposition", "content-encoding", "expires"];
const METADATA: &str = "x-oss-meta-";
const MAX_METADATA_BYTES: usize = 8 * 1024;

/// The checked headers of an upload.
#[derive(Clone, Debug)]
pub(super) struct UploadHeaders {
    pub(super) properties: Properties,
    pub(super) encryption: Option<String>,
    pub(super) forbid_overwrite: bool,
    content_md5: Option<[u8; 16]>,
    crc64: Option<u64>,
}

impl UploadHeaders {
    pub(super) fn read(headers: &HeaderMap) -> Result<UploadHeaders, OssError> {
        if let Some(condition) = CONDITIONS.iter().find(|name| headers.contains_key(**name)) {
            return Err(not_implemented(condition));
        }
        let choice =
            |name, allowed: &[&str], default: &str| match text(headers, name) {
                None => Ok(default.to_owned()),
                Some(value) if allowed.contains(&value.as_str()) => Ok(value),
                Some(value) => Err(invalid_argument(format!("The {name} header is invalid."))
                    .argument(name, value)),
            };
        let acl = choice("x-oss-object-acl", ACLS, "default")?;
        let storage_class = choice("x-oss-storage-class", STORAGE_CLASSES, "Standard")?;
        let forbid_overwrite =
            choice("x-oss-forbid-overwrite", &["true", "false"], "false")? == "true";
        let encryption = text(headers, "x-oss-server-side-encryption");
        if encryption.as_ref().is_some_and(|value| !ENCRYPTIONS.contains(&value.as_str())) {
            return Err(invalid_encryption_algorithm());
        }
        let mut stored = metadata(headers)?;
        let named =
            STORED.iter().filter_map(|name| Some(((*name).to_owned(), text(headers, name)?)));
        stored.extend(named);
        let encrypted = encryption.iter();
        stored.extend(encrypted.map(|v| ("x-oss-server-side-encryption".to_owned(), v.clone())));
        let content_type = text(headers, "content-type").filter(|value| !value.is_empty());
        Ok(UploadHeaders {
            properties: Properties {
                content_type: content_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
                storage_class,
                acl,
                headers: stored,
            },
            encryption,
            forbid_overwrite,
            content_md5: content_md5(headers)?,
            crc64: crc64(headers)?,
        })
    }

    /// Compares what arrived with what the client had announced.
    pub(super) fn check(&self, digests: &Digests) -> Result<(), OssError> {
        if self.content_md5.is_some_and(|expected| expected != digests.md5) {
            return Err(invalid_digest());
        }
        if self.crc64.is_some_and(|expected| expected != digests.crc64) {
            return Err(invalid_crc64());
        }
        Ok(())
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
}

fn content_md5(headers: &HeaderMap) -> Result<Option<[u8; 16]>, OssError> {
    let Some(value) = text(headers, "content-md5") else {
        return Ok(None);
    };
    let bytes = STANDARD.decode(value).map_err(|_| invalid_digest())?;
    bytes.try_into().map(Some).map_err(|_| invalid_digest())
}

fn crc64(headers: &HeaderMap) -> Result<Option<u64>, OssError> {
    let Some(value) = text(headers, "x-oss-hash-crc64ecma") else {
        return Ok(None);
    };
    value.parse().map(Some).map_err(|_| invalid_crc64())
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
