//! Small files with secrets.

use std::io::ErrorKind;
use std::path::Path;

use zeroize::Zeroizing;

use super::provider::unusable;
use crate::error::Result;
use crate::file;
use crate::text::quoted;

/// The text of a file of at most `limit` bytes.
pub(super) fn read(who: &str, path: &Path, limit: u64) -> Result<Zeroizing<String>> {
    let name = quoted(&path.to_string_lossy());
    let mut bytes = file::read(path, limit).map_err(|error| match error.kind() {
        ErrorKind::NotFound => unusable(format!("{who}: {name} does not exist")),
        _ => unusable(format!("{who}: {name} cannot be read: {error}")),
    })?;
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            Err(unusable(format!("{who}: {name} is not UTF-8 text")))
        }
    }
}
