//! The command as a program: how it is built and run, and what it leaves behind.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::mpsc::channel;

pub use crate::support::ended::Ended;
use crate::support::local_oss::{LocalOss, PATIENCE};
use crate::support::native::{Compiler, expect_success, out_dir, root};

impl Ended {
    /// The only thing on standard output, which is one line.
    pub fn json(&self) -> serde_json::Value {
        assert_eq!(self.stdout.lines().count(), 1, "{self:?}");
        assert!(!self.stdout.trim_end().contains(char::is_control), "{self:?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

/// The command, built once with sanitizers.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let folder = root().join("tools/ossbind");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let sources: Vec<_> = files.filter(|path| path.extension().unwrap() == "c").collect();
        let listed = std::fs::read_to_string(root().join("cmake/OssbindCommand.cmake")).unwrap();
        for source in &sources {
            let name = source.file_name().unwrap().to_str().unwrap();
            assert!(listed.contains(&format!("/{name}")), "CMake does not build {name}");
        }
        let sources: Vec<_> = sources.iter().map(|path| path.to_str().unwrap()).collect();
        let program = Compiler::c("c99")
            .flag("-fsanitize=address,undefined")
            .flag("-fno-sanitize-recover=all")
            .build(&sources, "ossbind-command");
        // A check that is silently off proves nothing.
        let symbols = expect_success(Command::new("nm").arg(&program)).stdout;
        assert!(String::from_utf8_lossy(&symbols).contains("__asan_init"));
        program
    })
}

/// The command in an environment that says nothing.
pub fn command() -> Command {
    let mut command = Command::new(program());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_ascii_uppercase();
        if text.starts_with("OSS_") || text.ends_with("_PROXY") {
            command.env_remove(name);
        }
    }
    command
}

/// The command in the environment of a local OSS, without a callback.
pub fn command_for(oss: &LocalOss, words: &[&str]) -> Command {
    let mut command = command();
    oss.environment(&mut command);
    command.env_remove("OSS_CALLBACK_URL").args(words);
    command
}

pub fn run_for(oss: &LocalOss, words: &[&str]) -> Ended {
    Ended::of(command_for(oss, words).output().unwrap())
}

/// A file for one test alone.
pub fn file(name: &str, content: &[u8]) -> String {
    let path = out_dir().join(format!("command-{name}"));
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Sends a signal and waits for the end, which must come soon.
pub fn end_by(signal: rustix::process::Signal, child: Child) -> Ended {
    let pid = rustix::process::Pid::from_raw(child.id().try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
    let (ended, wait) = channel();
    std::thread::spawn(move || ended.send(child.wait_with_output()));
    match wait.recv_timeout(PATIENCE) {
        Ok(output) => Ended::of(output.unwrap()),
        Err(error) => {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            panic!("{signal:?} did not end the command: {error}");
        }
    }
}
