//! What is kept of a multipart upload across a power cut: its id, and what it is an upload of.
//!
//! The parts are not in the file. The service knows which it has, and only what it says is believed,
//! so the file is written once per upload. It holds no secrets.
//!
//! The folder is a place that fails, on a full disk for example. That must not stop the upload which
//! would empty the disk, so it goes on without a checkpoint unless the program insists on one.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::error::{Advice, Error, Result, Status};
use crate::file;
use crate::log::Logger;
use crate::record::record;
use crate::sealed::{seal, sha256, unseal};
use crate::text::{hex, quoted};
use crate::upload::content::OpenFile;

/// Raised when the meaning of the file changes; others are of no use.
const VERSION: u32 = 3;
/// Largest checkpoint that is read, in bytes.
const MAX_FILE_SIZE: u64 = 64 * 1024;

/// Stands in place of an upload id in a checkpoint that is over and could not be removed.
const NO_UPLOAD: &str = "";

/// Where checkpoints are kept.
#[derive(Clone, Copy)]
pub(in crate::upload) struct CheckpointFolder<'a> {
    pub(in crate::upload) path: &'a Path,
    /// The program wants no upload without a checkpoint.
    pub(in crate::upload) is_required: bool,
    pub(in crate::upload) log: &'a Logger,
}

/// What an upload is bound to. When any of it changes, the parts that are there are of no use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binding {
    version: u32,
    endpoint: String,
    bucket: String,
    key: String,
    /// The bytes of the absolute path, in hexadecimal.
    source: String,
    size: u64,
    /// Seconds and nanoseconds.
    modified: (i64, i64),
    part_size: u64,
    /// SHA-256 of the properties of the object, which the service fixed when the upload began.
    properties: String,
}

/// The one line of a checkpoint.
struct Upload {
    binding: Binding,
    upload_id: String,
}

record!(Upload { binding, upload_id });
record!(Binding { version, endpoint, bucket, key, source, size, modified, part_size, properties });

impl Binding {
    pub(super) fn new(
        url: &str,
        (bucket, key): (&str, &str),
        file: &OpenFile,
        part_size: u64,
        properties: &[(&str, &str)],
    ) -> io::Result<Self> {
        let source = fs::canonicalize(&file.path)?;
        let mut properties = properties.to_vec();
        properties.sort_unstable();
        Ok(Self {
            version: VERSION,
            endpoint: url.to_owned(),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            source: hex(source.as_os_str().as_bytes()),
            size: file.stamp.size,
            modified: file.stamp.modified,
            part_size,
            properties: digest(
                properties.iter().map(|(name, value)| json!([name, value])).collect(),
            ),
        })
    }

    /// Two uploads of the same source to the same object share a file.
    fn name(&self) -> String {
        let identity = json!([self.endpoint, self.bucket, self.key, self.source]);
        format!("ossbind-{}", &digest(identity)[..32])
    }
}

impl CheckpointFolder<'_> {
    /// Takes the checkpoint of an upload. None when the folder fails, and the upload goes on without.
    pub(super) fn take(&self, binding: io::Result<Binding>) -> Result<Option<Checkpoint<'_>>> {
        match binding.and_then(|binding| self.open(binding)) {
            Ok(checkpoint) => Ok(Some(checkpoint)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let fault = "another upload of the same file to the same object is under way";
                Err(Error::invalid("checkpoint_dir", fault).with_advice(Advice::Again))
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                Err(self.error(&format!("there is no such folder: {error}")))
            }
            Err(error) => self.go_without(&error).map(|()| None),
        }
    }

    fn open(&self, binding: Binding) -> io::Result<Checkpoint<'_>> {
        let base = self.path.join(binding.name());
        let lock = lock(&base.with_extension("lock"))?;
        let path = base.with_extension("checkpoint");
        let (mut upload_id, mut superseded) = (None, None);
        match read(&path)? {
            Found::Nothing => {}
            Found::Upload(upload) if upload.binding == binding => {
                upload_id = Some(upload.upload_id)
            }
            Found::Upload(upload) => superseded = Some(upload.upload_id),
            Found::Unusable => self.log.warn(|| {
                format!(
                    "checkpoint_dir: {} is damaged, or of another version of the library: the upload \
                     begins anew",
                    quoted(&path.to_string_lossy())
                )
            }),
        }
        Ok(Checkpoint { folder: self, path, binding, upload_id, superseded, lock })
    }

    /// Goes on without a checkpoint, where the program allows that.
    fn go_without(&self, error: &io::Error) -> Result<()> {
        if self.is_required {
            let fault = format!("no checkpoint can be kept there, and one is required: {error}");
            return Err(self.error(&fault).with_advice(Advice::Again));
        }
        self.log.warn(|| {
            let folder = quoted(&self.path.to_string_lossy());
            format!(
                "checkpoint_dir: no checkpoint can be kept in {folder} ({error}): the upload goes on \
                 without one, and begins anew if it is interrupted"
            )
        });
        Ok(())
    }

    fn error(&self, fault: &str) -> Error {
        let message = format!("checkpoint_dir: {}: {fault}", quoted(&self.path.to_string_lossy()));
        Error::new(Status::Body, message).with_field("checkpoint_dir")
    }
}

/// A checkpoint that this process has for itself.
pub(super) struct Checkpoint<'a> {
    folder: &'a CheckpointFolder<'a>,
    path: PathBuf,
    binding: Binding,
    upload_id: Option<String>,
    superseded: Option<String>,
    /// Locked until it is unlocked, or closed by the end of the process.
    lock: File,
}

impl Checkpoint<'_> {
    /// Id of an earlier upload of the same file with other content or properties. It is no longer needed.
    pub(super) fn superseded(&self) -> Option<&str> {
        self.superseded.as_deref()
    }

    /// The upload that the next call goes on with.
    pub(super) fn upload_id(&self) -> Option<&str> {
        self.upload_id.as_deref()
    }

    /// Writes the id of an upload that has begun. After a power cut the file is there whole, or it
    /// is the one before.
    pub(super) fn store(&mut self, upload_id: &str) -> Result<()> {
        self.superseded = None;
        self.upload_id = None;
        match self.write(upload_id) {
            Ok(()) => {
                self.upload_id = Some(upload_id.to_owned());
                Ok(())
            }
            Err(error) => {
                // It may have been renamed, and not be durable.
                let _ = fs::remove_file(&self.path);
                self.folder.go_without(&error)
            }
        }
    }

    fn write(&self, upload_id: &str) -> io::Result<()> {
        let upload = Upload { binding: self.binding.clone(), upload_id: upload_id.to_owned() };
        write_durably(&self.path, seal(&upload).as_bytes())
    }

    /// Removes the checkpoint of an upload that is over. One that cannot be removed is written over: a
    /// later upload of the same file would be taken for this one.
    pub(super) fn remove(mut self) {
        self.upload_id = None;
        self.superseded = None;
        let removed = match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => self.write(NO_UPLOAD),
            _ => Ok(()),
        };
        if let Err(error) = removed {
            self.folder.log.warn(|| {
                format!(
                    "checkpoint_dir: {} cannot be removed ({error}): the next upload of this file to \
                     this object is taken for the one that is over",
                    quoted(&self.path.to_string_lossy())
                )
            });
        }
    }
}

impl Drop for Checkpoint<'_> {
    /// Removes the file that was created only for the lock, while the lock is still held.
    fn drop(&mut self) {
        if self.upload_id.is_none() && self.superseded.is_none() {
            let _ = fs::remove_file(self.path.with_extension("lock"));
        }
        // To close it is not enough: a child that was forked meanwhile has it open as well.
        let _ = self.lock.unlock();
    }
}

enum Found {
    Nothing,
    Upload(Upload),
    Unusable,
}

fn digest(json: Value) -> String {
    sha256(json.to_string().as_bytes())
}

fn read(path: &Path) -> io::Result<Found> {
    let text = match file::read_own(path, MAX_FILE_SIZE) {
        Ok(text) => text,
        Err(error) => match error.kind() {
            ErrorKind::NotFound => return Ok(Found::Nothing),
            // No regular file, or too large for a checkpoint.
            ErrorKind::InvalidInput | ErrorKind::FileTooLarge => return Ok(Found::Unusable),
            _ => return Err(error),
        },
    };
    Ok(match text.strip_suffix(b"\n").and_then(unseal::<Upload>) {
        Some(upload) if upload.upload_id == NO_UPLOAD => Found::Nothing,
        Some(upload) => Found::Upload(upload),
        None => Found::Unusable,
    })
}

/// A second upload of the same file would spoil the first, and gets [`ErrorKind::WouldBlock`].
fn lock(path: &Path) -> io::Result<File> {
    loop {
        let file = file::open_lock(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(ErrorKind::WouldBlock.into()),
            Err(fs::TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => {
                continue;
            }
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
        // Whoever had it before may have removed it meanwhile.
        let held = file.metadata()?;
        match fs::metadata(path) {
            Ok(named) if file::identity(&named) == file::identity(&held) => return Ok(file),
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
}

fn write_durably(path: &Path, text: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let written = file::create_own(&new).and_then(|mut file| {
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        // The name is durable once the folder is.
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    });
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}
