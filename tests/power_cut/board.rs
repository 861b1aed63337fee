//! A board with a disk, and the program that runs on it.

use std::collections::HashSet;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use ossbind_emulator::RequestRecord;

use crate::cuts::{Cut, Recording};
use crate::disk::{BLOCK, Disk};
use crate::program::{Past, Place, Program, said};
use crate::service::Service;
use crate::support::local_oss::PATIENCE;
use crate::support::native::{expect_success, out_dir};

/// In bytes. Enough for a journal.
const SIZE: usize = 24 << 20;

pub struct Board<'a> {
    program: &'a dyn Program,
    service: Service,
    /// What the service was asked while the power was on.
    requests: Vec<RequestRecord>,
    disk: Disk,
    /// Dropped last: the disk is in it.
    folder: Folder,
}

/// A folder for all that a board needs, removed with it.
struct Folder(PathBuf);

/// A file system that is mounted.
struct Mounted<'a>(&'a Path);

impl<'a> Board<'a> {
    /// A board with an empty file system. An error where this system lets nobody make a disk.
    pub fn new(program: &'a dyn Program) -> Result<Self, String> {
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
        let service = Service::new(folder.0.join("service"));
        let board = Self { program, service, requests: Vec::new(), disk, folder };
        board.mount().map(drop)?;
        Ok(board)
    }

    fn mounted(&self) -> PathBuf {
        self.folder.0.join("mounted")
    }

    fn mount(&self) -> Result<Mounted<'_>, String> {
        let mut mount = Command::new("mount");
        mount.args(["-o", "loop"]).arg(self.disk.path()).arg(self.mounted());
        run(&mut mount).map(|()| Mounted(&self.folder.0))
    }

    /// Runs the program under each name, and records what the disk sees of it.
    pub fn record(&mut self, runs: impl Iterator<Item = String>) -> Vec<Recording> {
        let oss = self.service.start(self.disk.recorder());
        let mounted = self.mount().expect("the file system is sound");
        let (mut recordings, mut moment) = (Vec::new(), 0);
        for name in runs {
            let place = Place { oss: &oss, folder: &self.mounted(), run: &name };
            self.program.prepare(&place);
            sync(&mounted);
            let before = self.disk.record();
            self.program.run(&place, &self.disk.recorder());
            // What it did last is on the disk before the next run begins.
            sync(&mounted);
            let recording = Recording { name, before, moment, events: self.disk.take_events() };
            moment = recording.end();
            recordings.push(recording);
        }
        drop(mounted);
        assert!(oss.emulator.wait_idle(PATIENCE));
        self.requests = oss.emulator.requests();
        assert_eq!(self.requests.len(), moment, "each request is a moment");
        recordings
    }

    /// Runs the program again after each cut. Gives the number of cuts, and what was wrong after which.
    pub fn cut(
        &self,
        recording: &Recording,
        cuts: impl Iterator<Item = Cut>,
    ) -> (usize, Vec<String>) {
        let mut seen = HashSet::new();
        let mut wrong = Vec::new();
        for cut in cuts {
            let (disk, moment) = (recording.disk_after(cut), recording.moment_after(cut));
            let said = recording.said_until(cut);
            let mut hasher = DefaultHasher::new();
            (&disk, moment, &said).hash(&mut hasher);
            if seen.insert(hasher.finish()) {
                self.disk.set_content(&disk);
                if let Err(fault) = self.judge(&recording.name, moment, said) {
                    wrong.push(format!("{} {cut}: {fault}", recording.name));
                }
            }
        }
        (seen.len(), wrong)
    }

    fn judge(&self, name: &str, moment: usize, said: Vec<&str>) -> Result<(), String> {
        let oss = self.service.start_as_at(moment);
        let _mounted = self.mount()?;
        let place = Place { oss: &oss, folder: &self.mounted(), run: name };
        self.program.judge(&place, &Past { said, requests: &self.requests[..moment] })
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
