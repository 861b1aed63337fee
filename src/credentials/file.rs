//! Small files with secrets.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use zeroize::Zeroizing;

use super::provider::unusable;
use crate::error::Result;
use crate::text::quoted;

/// The text of a file of at most `limit` bytes.
pub(super) fn read(who: &str, path: &Path, limit: usize) -> Result<Zeroizing<String>> {
    let name = quoted(&path.to_string_lossy());
    // Made large enough at once: growing would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(limit + 1));
    let outcome = open(path).and_then(|file| file.take(limit as u64 + 1).read_to_string(&mut text));
    match outcome {
        Ok(length) if length <= limit => Ok(text),
        Ok(_) => Err(unusable(format!("{who}: {name} has more than {limit} bytes"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(unusable(format!("{who}: {name} does not exist")))
        }
        Err(error) => Err(unusable(format!("{who}: {name} cannot be read: {error}"))),
    }
}

/// To open a FIFO would otherwise wait for its writer, perhaps for ever.
fn open(path: &Path) -> io::Result<File> {
    let file = File::options().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("it is not a regular file")),
    }
}
