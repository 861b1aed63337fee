//! What is kept of a multipart upload across a power cut: its id, and what it is an upload of.
//!
//! The parts are not in the file. The service knows which it has, and only what it says is believed,
//! so the file is written once per upload. It holds no secrets.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result, Status};
use crate::log::Logger;
use crate::text::{hex, quoted};

/// Raised when the meaning of the file changes; others are set aside.
const VERSION: u32 = 1;
/// Largest checkpoint that is read, in bytes.
const MAX_FILE_SIZE: u64 = 64 * 1024;

/// What an upload is bound to. When any of it changes, the parts that are there are of no use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Binding {
    version: u32,
    endpoint: String,
    bucket: String,
    key: String,
    /// The bytes of the absolute path, in hexadecimal.
    source: String,
    size: u64,
    modified: (i64, i64),
    part_size: u64,
    /// SHA-256 of the properties of the object, which the service fixed when the upload began.
    properties: String,
}

#[derive(Serialize, Deserialize)]
struct Document {
    /// SHA-256 of the JSON text of `upload`.
    checksum: String,
    upload: Upload,
}

#[derive(Serialize, Deserialize)]
struct Upload {
    binding: Binding,
    upload_id: String,
}

impl Binding {
    pub(super) fn new(
        url: &str,
        (bucket, key): (&str, &str),
        (file, path): (&File, &Path),
        part_size: u64,
        properties: &[(&str, &str)],
    ) -> Result<Self> {
        let failed = |error: io::Error| checkpoint_error(path, "cannot be examined", &error);
        let metadata = file.metadata().map_err(failed)?;
        let source = fs::canonicalize(path).map_err(failed)?;
        let mut properties = properties.to_vec();
        properties.sort_unstable();
        Ok(Self {
            version: VERSION,
            endpoint: url.to_owned(),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            source: hex(source.as_os_str().as_bytes()),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            part_size,
            properties: sha256(&json(&properties)),
        })
    }

    /// Whether the source is still what it was.
    pub(super) fn is_of(&self, file: &File) -> bool {
        file.metadata().is_ok_and(|metadata| {
            metadata.len() == self.size
                && (metadata.mtime(), metadata.mtime_nsec()) == self.modified
        })
    }

    /// Two uploads of the same source to the same object share a file.
    fn name(&self) -> String {
        let identity = [&self.endpoint, &self.bucket, &self.key, &self.source];
        format!("ossbind-{}", &sha256(&json(&identity))[..32])
    }
}

/// A checkpoint that this process has for itself.
pub(super) struct Checkpoint {
    path: PathBuf,
    binding: Binding,
    upload_id: Option<String>,
    superseded: Option<String>,
    /// Locked until it is closed, which the end of a process does as well.
    _lock: File,
}

impl Checkpoint {
    /// Takes the checkpoint in `dir`. One that cannot be understood is set aside.
    pub(super) fn take(dir: &Path, binding: Binding, log: &Logger) -> Result<Self> {
        let base = dir.join(binding.name());
        let lock = lock(&base.with_extension("lock"))?;
        let path = base.with_extension("json");
        let (mut upload_id, mut superseded) = (None, None);
        match read(&path) {
            Found::Nothing => {}
            Found::Upload(upload) if upload.binding == binding => {
                upload_id = Some(upload.upload_id)
            }
            Found::Upload(upload) => superseded = Some(upload.upload_id),
            Found::Unusable => {
                let aside = base.with_extension("set-aside");
                fs::rename(&path, &aside)
                    .map_err(|error| checkpoint_error(&path, "cannot be set aside", &error))?;
                log.warn(|| {
                    format!(
                        "checkpoint_dir: a checkpoint is damaged, or of another version of the library: it is set \
                         aside as {}.set-aside, and the upload begins anew",
                        binding.name()
                    )
                });
            }
        }
        Ok(Self { path, binding, upload_id, superseded, _lock: lock })
    }

    /// Id of an earlier upload of the same file with other content or properties. It is no longer needed.
    pub(super) fn superseded(&self) -> Option<&str> {
        self.superseded.as_deref()
    }

    /// The upload that was begun before.
    pub(super) fn upload_id(&self) -> Option<&str> {
        self.upload_id.as_deref()
    }

    pub(super) fn binding(&self) -> &Binding {
        &self.binding
    }

    /// Writes the id of an upload that has begun. After a power cut the file is there whole, or it
    /// is the one before.
    pub(super) fn store(&mut self, upload_id: &str) -> Result<()> {
        let upload = Upload { binding: self.binding.clone(), upload_id: upload_id.to_owned() };
        let document = Document { checksum: sha256(&json(&upload)), upload };
        write_durably(&self.path, json(&document).as_bytes())
            .map_err(|error| checkpoint_error(&self.path, "cannot be written", &error))?;
        self.upload_id = Some(upload_id.to_owned());
        self.superseded = None;
        Ok(())
    }

    /// Removes the checkpoint of an upload that is over. If that fails, the next call finds that the upload is gone.
    pub(super) fn remove(mut self) {
        self.upload_id = None;
        let _ = fs::remove_file(&self.path);
    }
}

impl Drop for Checkpoint {
    /// Removes the file that was created only for the lock, while the lock is still held.
    fn drop(&mut self) {
        if self.upload_id.is_none() && self.superseded.is_none() {
            let _ = fs::remove_file(self.path.with_extension("lock"));
        }
    }
}

enum Found {
    Nothing,
    Upload(Upload),
    Unusable,
}

fn read(path: &Path) -> Found {
    let text = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Found::Nothing,
        Ok(metadata) if metadata.len() <= MAX_FILE_SIZE => fs::read(path).unwrap_or_default(),
        _ => return Found::Unusable,
    };
    match serde_json::from_slice::<Document>(&text) {
        Ok(document) if document.checksum == sha256(&json(&document.upload)) => {
            Found::Upload(document.upload)
        }
        _ => Found::Unusable,
    }
}

/// A second upload of the same file would spoil the first.
fn lock(path: &Path) -> Result<File> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|error| checkpoint_error(path, "cannot be opened", &error))?;
    match file.try_lock() {
        // Whoever had it before may have removed it meanwhile.
        Ok(()) if is_at(&file, path) => Ok(file),
        Ok(()) => lock(path),
        Err(fs::TryLockError::WouldBlock) => {
            let fault = "another upload of the same file to the same object is under way";
            Err(Error::invalid("checkpoint_dir", fault))
        }
        Err(fs::TryLockError::Error(error)) => {
            Err(checkpoint_error(path, "cannot be locked", &error))
        }
    }
}

fn is_at(file: &File, path: &Path) -> bool {
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let (held, named) = (file.metadata().map(identity), fs::metadata(path).map(identity));
    held.is_ok() && held.ok() == named.ok()
}

fn write_durably(path: &Path, text: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    // The name is durable once the folder is.
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

fn checkpoint_error(path: &Path, fault: &str, error: &io::Error) -> Error {
    let message = format!("checkpoint_dir: {} {fault}: {error}", quoted(&path.to_string_lossy()));
    Error::new(Status::Body, message).with_field("checkpoint_dir")
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts and numbers always serialize")
}

fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text))
}
