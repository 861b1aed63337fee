//! A board with a disk, and the program that uploads a file from it.

use std::collections::HashSet;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ossbind_emulator::Operation;

use crate::cuts::Recording;
use crate::disk::{BLOCK, Disk};
use crate::service::Service;
use crate::support::local_oss::{BUCKET, LocalOss, PATIENCE};
use crate::support::native::{Compiler, expect_success, out_dir};

/// In bytes. Enough for a journal.
const SIZE: usize = 24 << 20;

/// Of the file that is uploaded; `c_examples/multipart_callback.c` makes parts of 1 MiB.
const PARTS: usize = 3;

pub struct Board {
    program: PathBuf,
    content: Vec<u8>,
    service: Service,
    disk: Disk,
    /// Dropped last: the disk is in it.
    folder: Folder,
}

/// A folder for all that a board needs, removed with it.
struct Folder(PathBuf);

/// A file system that is mounted.
struct Mounted<'a>(&'a Path);

impl Board {
    /// A board with an empty file system. `fsync` of the files of which the macro `left_out` is true does nothing.
    pub fn new(left_out: Option<&str>) -> Result<Self, String> {
        let folder = Folder(out_dir().join(format!("power-cut-{}", std::process::id())));
        for name in ["fuse", "mounted", "service"] {
            fs::create_dir_all(folder.0.join(name)).expect("the target folder is writable");
        }
        let disk = Disk::new(&folder.0.join("fuse"), SIZE)
            .map_err(|error| format!("FUSE cannot be used: {error}"))?;
        let mut make = Command::new("mkfs.ext4");
        make.args(["-q", "-F", "-b", &BLOCK.to_string(), "-E"]);
        make.arg("lazy_itable_init=0,lazy_journal_init=0,nodiscard").arg(disk.path());
        run(&mut make)?;
        let board = Self {
            program: build(left_out),
            content: (0..(PARTS << 20) - 777).map(|i| (i * 31 % 251) as u8).collect(),
            service: Service::new(folder.0.join("service")),
            disk,
            folder,
        };
        let mounted = board.mount()?;
        fs::write(board.path("file"), &board.content).expect("the disk has space");
        fs::create_dir(board.path("checkpoints")).expect("the disk has space");
        drop(mounted);
        Ok(board)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.0.join("mounted").join(name)
    }

    fn mount(&self) -> Result<Mounted<'_>, String> {
        let mut mount = Command::new("mount");
        mount.args(["-o", "loop"]).arg(self.disk.path()).arg(self.folder.0.join("mounted"));
        run(&mut mount).map(|()| Mounted(&self.folder.0))
    }

    fn upload(&self, oss: &LocalOss, key: &str) -> Output {
        let mut command = Command::new(&self.program);
        command.args([&self.path("file"), &self.path("checkpoints")]).arg(key);
        oss.environment(&mut command);
        command.output().expect("the program can be run")
    }

    /// Uploads the file under each key, and records what the disk sees of it.
    pub fn record(&mut self, keys: impl Iterator<Item = String>) -> Vec<Recording> {
        let oss = self.service.start(self.disk.recorder());
        let mounted = self.mount().expect("the file system is sound");
        sync(&mounted);
        let (mut recordings, mut moment) = (Vec::new(), 0);
        for key in keys {
            let before = self.disk.record();
            let output = self.upload(&oss, &key);
            assert_eq!(output.status.code(), Some(0), "{}", said(&output));
            // What it did last is on the disk before the next upload begins.
            sync(&mounted);
            let recording = Recording { key, before, moment, events: self.disk.take_events() };
            moment = recording.end();
            recordings.push(recording);
        }
        recordings
    }

    /// Uploads the file again after each cut. Gives the number of cuts, and what was wrong after which.
    pub fn cut(&self, recording: &Recording, reorderings: u64) -> (usize, Vec<String>) {
        let mut seen = HashSet::new();
        let mut wrong = Vec::new();
        for cut in recording.cuts(reorderings) {
            let (disk, moment) = (recording.disk_after(cut), recording.moment_after(cut));
            let mut hasher = DefaultHasher::new();
            (&disk, moment).hash(&mut hasher);
            if seen.insert(hasher.finish()) {
                self.disk.set_content(&disk);
                if let Err(fault) = self.judge(&recording.key, moment) {
                    wrong.push(format!("{} {cut}: {fault}", recording.key));
                }
            }
        }
        (seen.len(), wrong)
    }

    /// Runs the program after a power cut, and compares what is there then with what was promised.
    fn judge(&self, key: &str, moment: usize) -> Result<(), String> {
        let oss = self.service.start_as_at(moment);
        let begun = parts_of_begun(&oss);
        let was_completed = oss.content(key).is_some();
        let mounted = self.mount()?;
        let had_checkpoint = self.checkpoints().iter().any(|name| name.ends_with(".checkpoint"));
        let output = self.upload(&oss, key);
        let left = self.checkpoints();
        drop(mounted);
        assert!(oss.emulator.wait_idle(PATIENCE));

        let fault = |what: &str| Err(format!("{what}: {}", said(&output)));
        match output.status.code() {
            Some(0) => {}
            // The answer to its callback is gone with the power.
            Some(1) if was_completed && said(&output).contains("stored by an earlier attempt") => {}
            _ => return fault("the program fails"),
        }
        if oss.content(key).as_ref() != Some(&self.content) {
            return fault("what is stored is not the file");
        }
        if parts_of_begun(&oss) > 0 {
            return fault("the parts of an upload are left for ever");
        }
        if begun > 0 && oss.count(Operation::UploadPart) != PARTS - begun {
            return fault("parts are sent again");
        }
        if was_completed && had_checkpoint && oss.count(Operation::CompleteMultipartUpload) > 0 {
            return fault("it is completed again");
        }
        match left.is_empty() {
            true => Ok(()),
            false => fault(&format!("{left:?} is left")),
        }
    }

    fn checkpoints(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("checkpoints")).expect("the folder is there");
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let unmounted = run(Command::new("umount").arg(self.0.join("mounted")));
        // Not over a panic of the test.
        assert!(unmounted.is_ok() || std::thread::panicking(), "{unmounted:?}");
    }
}

fn build(left_out: Option<&str>) -> PathBuf {
    let example = "c_examples/multipart_callback.c";
    match left_out {
        None => Compiler::c("c99").build(&[example], "power-cut"),
        Some(left_out) => Compiler::c("c99")
            .flag(&format!("-DIS_LEFT_OUT(mode)={left_out}"))
            .build(&[example, "tests/c/no_fsync.c"], "power-cut-planted"),
    }
}

/// How many parts there are of uploads that have begun.
fn parts_of_begun(oss: &LocalOss) -> usize {
    let uploads = oss.emulator.multipart_uploads();
    uploads.iter().filter(|upload| upload.bucket == BUCKET).map(|upload| upload.parts.len()).sum()
}

fn sync(mounted: &Mounted<'_>) {
    expect_success(Command::new("sync").arg("-f").arg(mounted.0.join("mounted")));
}

fn run(command: &mut Command) -> Result<(), String> {
    match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("{command:?}: {}", said(&output))),
        Err(error) => Err(format!("{command:?}: {error}")),
    }
}

/// What a program wrote, without its progress.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.rsplit('\r').next().unwrap_or_default().trim().to_owned()
}
