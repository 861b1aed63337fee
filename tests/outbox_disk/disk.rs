//! A small file system, to be filled up, made read-only or taken away.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::native::out_dir;

/// What a file system gives out at a time.
pub const BLOCK: usize = 4096;

pub struct Disk {
    path: PathBuf,
    image: Option<PathBuf>,
}

impl Disk {
    /// With the options of `mount`. An error says that the system lets nobody mount, or not us.
    pub fn tmpfs(name: &str, options: &str) -> Result<Self, String> {
        let disk = Self { path: mount_point(name), image: None };
        let mount = ["-t", "tmpfs", "-o", options, "none"].map(OsStr::new);
        run("mount", mount.into_iter().chain([disk.path.as_os_str()])).map(|()| disk)
    }

    /// 8 MiB, with the options of `mkfs.ext4`.
    pub fn ext4(name: &str, options: &[&str]) -> Result<Self, String> {
        let disk =
            Self { path: mount_point(name), image: Some(out_dir().join(format!("{name}.img"))) };
        let image = disk.image.as_deref().unwrap();
        File::create(image)
            .and_then(|file| file.set_len(8 << 20))
            .expect("the target folder is writable");
        let make = ["-q", "-F", "-m", "0", "-b", "4096"].iter().chain(options).map(OsStr::new);
        run("mkfs.ext4", make.chain([image.as_os_str()]))?;
        let mount = ["-o", "loop"].map(OsStr::new);
        run("mount", mount.into_iter().chain([image.as_os_str(), disk.path.as_os_str()]))
            .map(|()| disk)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Uses up all bytes but those of so many blocks, or all.
    pub fn fill(&self, blocks_left: usize) {
        let left: Vec<_> = (0..blocks_left).map(|at| self.path(&format!("left-{at}"))).collect();
        for path in &left {
            fs::write(path, [0; BLOCK]).expect("there is room for what is to be left");
        }
        self.sync();
        let mut filler = File::options().create(true).append(true).open(self.path("filler"));
        let filler = filler.as_mut().expect("there is an inode left");
        // What was freed before comes back late on some.
        for _ in 0..3 {
            for size in [64 * BLOCK, BLOCK, 1] {
                until_full(|| filler.write_all(&vec![1; size]));
            }
            self.sync();
        }
        left.iter().for_each(|path| fs::remove_file(path).unwrap());
        self.sync();
    }

    /// Uses up all inodes but so many.
    pub fn fill_inodes(&self, left: usize) {
        fs::create_dir_all(self.path("fillers")).unwrap();
        let mut count = 0;
        until_full(|| {
            count += 1;
            File::create(self.path(&format!("fillers/{count}"))).map(drop)
        });
        (1..=left).for_each(|at| fs::remove_file(self.path(&format!("fillers/{at}"))).unwrap());
        self.sync();
    }

    pub fn make_room(&self) {
        let _ = fs::remove_file(self.path("filler"));
        let _ = fs::remove_dir_all(self.path("fillers"));
        self.sync();
    }

    pub fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        run("mount", ["-o", &options].map(OsStr::new).into_iter().chain([self.path.as_os_str()]))
            .unwrap();
    }

    fn sync(&self) {
        run("sync", ["-f".as_ref(), self.path.as_os_str()]).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // A test that fails may have something open on it.
        let is_mounted = run("umount", [self.path.as_os_str()]).is_err();
        if is_mounted {
            let _ = run("umount", ["-l".as_ref(), self.path.as_os_str()]);
        }
        let _ = fs::remove_dir(&self.path);
        if let Some(image) = &self.image {
            let _ = fs::remove_file(image);
        }
        assert!(!is_mounted || std::thread::panicking() || fs::metadata(&self.path).is_err());
    }
}

fn mount_point(name: &str) -> PathBuf {
    let path = out_dir().join(name);
    // What an earlier run has left when it was killed.
    let _ = run("umount", ["-l".as_ref(), path.as_os_str()]);
    fs::create_dir_all(&path).expect("the target folder is writable");
    path
}

fn until_full(mut write: impl FnMut() -> std::io::Result<()>) {
    loop {
        match write() {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::StorageFull => return,
            Err(error) => panic!("{error}"),
        }
    }
}

fn run<'a>(program: &str, words: impl IntoIterator<Item = &'a OsStr>) -> Result<(), String> {
    let output = Command::new(program).args(words).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

/// The names of all files below a folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files_below(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}
