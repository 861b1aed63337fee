//! One cell: a program in which one system call fails, and the same program again without a fault.

use std::fmt;
use std::path::PathBuf;
use std::process::{Command, Output};

use ossbind_emulator::MultipartUpload;

use crate::programs::{Program, Scene};
use crate::support::local_oss::PATIENCE;

/// In seconds. The idle time-out is 20: nothing waits for an answer after an error.
const LIMIT: &str = "19";

/// What `timeout` exits with when the time is over.
const TIMED_OUT: i32 = 124;

/// What `tests/c/torture.c` exits with.
const LEAKED: i32 = 99;

/// The calls by which the answer to Initiate is lost, and with it the id of an upload that has begun.
const ANSWERS: [&str; 3] = ["poll", "ppoll", "recvfrom"];

#[derive(Clone)]
pub struct Cell {
    pub program: &'static Program,
    pub binary: PathBuf,
    pub call: String,
    pub error: &'static str,
    /// Which of the calls fails.
    pub nth: usize,
    /// All later ones fail as well.
    pub stays: bool,
}

/// How the program with the fault ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// It succeeded all the same.
    Done,
    /// It said that it failed.
    Told,
}

/// A cell that ran.
pub struct Ran<'a> {
    pub cell: &'a Cell,
    pub outcome: Outcome,
    /// What must not be.
    pub fault: Option<String>,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plus = if self.stays { "+" } else { "" };
        write!(f, "{} {} {} {}{plus}", self.program.name, self.call, self.error, self.nth)
    }
}

impl Cell {
    /// None when the call was not made this time.
    pub fn run(&self, number: usize) -> Option<Ran<'_>> {
        let scene = Scene::set(self.program, number + 1);
        let out = scene.path("trace");
        let plus = if self.stays { "+" } else { "" };
        let Self { call, error, nth, .. } = self;
        let (trace, inject) =
            (format!("trace={call}"), format!("inject={call}:error={error}:when={nth}{plus}"));
        #[rustfmt::skip]
        let strace = [
            "timeout", "--kill-after=5", LIMIT, "strace", "-f", "-qq", "--seccomp-bpf",
            "-e", &trace, "-e", &inject, "-o", out.to_str().unwrap(),
        ];
        let first = finish(scene.command(&strace, &self.binary, self.program));
        let trace = std::fs::read(&out).unwrap_or_default();
        if !String::from_utf8_lossy(&trace).contains("(INJECTED)") {
            return None;
        }
        assert!(scene.oss.emulator.wait_idle(PATIENCE));
        let (outcome, fault) = match self.judge(&scene, &first) {
            Ok(outcome) => (outcome, self.run_again(&scene, &first).err()),
            Err(fault) => (Outcome::Told, Some(format!("{fault}: {}", said(&first)))),
        };
        Some(Ran { cell: self, outcome, fault })
    }

    /// What the run with the fault came to.
    fn judge(&self, scene: &Scene, first: &Output) -> Result<Outcome, &'static str> {
        let said = said(first);
        let is_stored = self.program.key.is_none_or(|key| scene.is_stored(key));
        let denies = said.contains("the object is not stored");
        match first.status.code() {
            Some(1 | 2) if self.program.key.is_some() && is_stored && denies => {
                Err("what is stored is said not to be")
            }
            Some(0) if scene.is_set_aside() => Ok(Outcome::Told),
            Some(0) if is_stored => Ok(Outcome::Done),
            Some(0) => Err("it says that all is well, and nothing is stored"),
            Some(2) if !is_stored && self.program.name != "gateway" => {
                Err("nothing is stored, and it says that the callback failed")
            }
            // With nothing to write to, or with a folder that cannot be listed, the exit code alone tells.
            Some(1 | 2) if said.is_empty() && !["write", "getdents64"].contains(&&*self.call) => {
                Err("it says nothing")
            }
            Some(1 | 2) => Ok(Outcome::Told),
            Some(TIMED_OUT) => Err("it hangs"),
            Some(LEAKED) => Err("it leaks"),
            _ => Err("it crashes"),
        }
    }

    /// The run without a fault: it succeeds, and nothing is left of the one before.
    fn run_again(&self, scene: &Scene, first: &Output) -> Result<(), String> {
        let is_set_aside = scene.is_set_aside();
        let second = finish(scene.command(&["timeout", LIMIT], &self.binary, self.program));
        if second.status.code() != Some(0) {
            return Err(format!(
                "the second run fails: {}; before it: {}",
                said(&second),
                said(first)
            ));
        }
        if !is_set_aside && !self.program.key.is_none_or(|key| scene.is_stored(key)) {
            return Err("the second run stores nothing".to_owned());
        }
        if let [leftover, ..] = &scene.leftovers()[..] {
            return Err(format!("{} stays; first: {}", leftover.display(), said(first)));
        }
        let uploads = scene.oss.emulator.multipart_uploads();
        let is_known = |upload: &MultipartUpload| {
            said(first).contains("the multipart upload could not be aborted")
                || (ANSWERS.contains(&&*self.call) && upload.parts.is_empty())
        };
        match uploads.iter().all(is_known) {
            true => Ok(()),
            false => Err(format!("a begun upload is left that no message names: {}", said(first))),
        }
    }
}

fn finish(mut command: Command) -> Output {
    command.output().expect("timeout is part of every system")
}

/// What a program wrote.
fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    text.trim().to_owned()
}
