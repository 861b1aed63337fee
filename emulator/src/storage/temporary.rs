//! Data files under construction.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rsa::rand_core::{OsRng, RngCore};
use tokio::io::AsyncWriteExt;

use super::data_file::DataFile;

/// A file name that is free again unless it is kept.
struct TemporaryName(PathBuf);

impl TemporaryName {
    fn new(folder: &Path) -> TemporaryName {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("{:016x}{:08x}", OsRng.next_u64(), NEXT.fetch_add(1, Ordering::Relaxed));
        TemporaryName(folder.join(name).with_extension("temporary"))
    }

    /// Gives the file its lasting name.
    fn keep(self) -> io::Result<DataFile> {
        let lasting = self.0.with_extension("data");
        fs::rename(&self.0, &lasting)?;
        Ok(DataFile::new(lasting))
    }
}

impl Drop for TemporaryName {
    fn drop(&mut self) {
        // After `keep` there is nothing under this name any more.
        drop(fs::remove_file(&self.0));
    }
}

/// A file that vanishes unless it is kept. The fields are dropped in this order.
pub(super) struct TemporaryFile {
    file: tokio::fs::File,
    name: TemporaryName,
}

impl TemporaryFile {
    pub(super) async fn create(folder: &Path) -> io::Result<TemporaryFile> {
        let name = TemporaryName::new(folder);
        let file = tokio::fs::File::create(&name.0).await?;
        Ok(TemporaryFile { file, name })
    }

    pub(super) async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes).await
    }

    /// Completes the file and gives it its lasting name.
    pub(super) async fn keep(mut self) -> io::Result<DataFile> {
        self.file.flush().await?;
        self.name.keep()
    }
}

/// Copies files one behind the other into a new one. The kernel does the copying, where it can.
pub(super) fn concatenate<'a>(
    folder: &Path,
    files: impl IntoIterator<Item = &'a Path>,
) -> io::Result<DataFile> {
    let name = TemporaryName::new(folder);
    let mut target = fs::File::create(&name.0)?;
    for file in files {
        io::copy(&mut fs::File::open(file)?, &mut target)?;
    }
    drop(target);
    name.keep()
}
