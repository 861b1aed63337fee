//! What runs on the board.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ossbind_emulator::RequestRecord;

use crate::disk::Recorder;
use crate::support::local_oss::LocalOss;
use crate::support::native::Compiler;

pub trait Program {
    /// Puts on the disk what a run finds there.
    fn prepare(&self, place: &Place<'_>);

    /// Runs to its end, and has written down what it was promised.
    fn run(&self, place: &Place<'_>, recorder: &Recorder);

    /// Runs after a power cut, and compares what is there then with what was promised.
    fn judge(&self, place: &Place<'_>, past: &Past<'_>) -> Result<(), String>;
}

/// Where it runs.
pub struct Place<'a> {
    pub oss: &'a LocalOss,
    /// A folder on the disk.
    pub folder: &'a Path,
    /// Name of the run.
    pub run: &'a str,
}

/// What was before the power cut.
pub struct Past<'a> {
    /// What the program had said.
    pub said: Vec<&'a str>,
    /// What the service had been asked, in all runs.
    pub requests: &'a [RequestRecord],
}

/// What is planted into a program: the files whose `fsync` does nothing, as a test of their type in C.
pub type LeftOut = Option<&'static str>;

pub fn build(sources: &[&str], left_out: LeftOut, name: &str) -> PathBuf {
    match left_out {
        None => Compiler::c("c99").build(sources, name),
        Some(left_out) => Compiler::c("c99")
            .flag(&format!("-DIS_LEFT_OUT(mode)={left_out}"))
            .build(&[sources, &["tests/c/no_fsync.c"]].concat(), &format!("{name}-planted")),
    }
}

impl Place<'_> {
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A program with the folder as its own, and the environment that the examples ask for.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder);
        self.oss.environment(&mut command);
        command
    }
}

/// What a program wrote, without its progress.
pub fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.rsplit('\r').next().unwrap_or_default().trim().to_owned()
}
