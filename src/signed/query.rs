//! Query parameters that a program gives for a request to be signed.

use crate::error::{Error, Result};
use crate::text::quoted;

/// What signatures in URLs are made of.
const OF_SIGNATURES: [&str; 11] = [
    "x-oss-signature-version",
    "x-oss-credential",
    "x-oss-date",
    "x-oss-expires",
    "x-oss-additional-headers",
    "x-oss-signature",
    "x-oss-security-token",
    "security-token",
    "OSSAccessKeyId",
    "Expires",
    "Signature",
];

/// Parameters with which a PUT or POST does something else than store an object.
const OF_OTHER_OPERATIONS: [&str; 13] = [
    "acl",
    "append",
    "delete",
    "objectMeta",
    "partNumber",
    "position",
    "restore",
    "sequential",
    "symlink",
    "tagging",
    "uploadId",
    "uploads",
    "x-oss-process",
];

pub(crate) fn makes_another_operation(name: &str) -> bool {
    OF_OTHER_OPERATIONS.contains(&name)
}

/// A parameter that is there already, or that belongs to the signature, would be read in two ways.
pub(super) fn check_parameter(index: usize, name: &str, taken: &[(&str, &str)]) -> Result<()> {
    let fault = if name.is_empty() {
        "is empty".to_owned()
    } else if OF_SIGNATURES.contains(&name) {
        format!("{name} cannot be set here: it belongs to the signature")
    } else if taken.iter().any(|(known, _)| *known == name) {
        format!("{} is given twice", quoted(name))
    } else {
        return Ok(());
    };
    Err(Error::invalid(format!("query[{index}].name"), fault))
}
