//! Providers against real sockets, processes and files, and the source against many threads.

mod chain;
mod ecs;
mod files;
mod process;
mod server;
mod source;
mod sts_and_uri;

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::{Environment, Limits};
use crate::wait::CancelToken;

/// Longer than any test takes.
fn limits() -> Limits {
    limits_of(Duration::from_secs(60))
}

fn limits_of(time: Duration) -> Limits {
    Limits { deadline: Instant::now() + time, cancel: CancelToken::new() }
}

/// Calls `test` with an environment of these variables.
fn with_environment<T>(variables: &[(&str, &str)], test: impl FnOnce(&Environment<'_>) -> T) -> T {
    let variables: HashMap<_, _> = variables.iter().copied().collect();
    test(&Environment::new(&|name| variables.get(name).map(OsString::from)))
}

/// A folder that is removed with this value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ossbind-credentials-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn as_str(&self) -> &str {
        text(&self.0)
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
