//! The example that watches a folder, in C: every file in it arrives, whatever is in the way meanwhile.

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use support::ended::Ended;
use support::local_oss::{BUCKET, LocalOss, PATIENCE};
use support::native::{Compiler, out_dir};

/// A folder that is watched, its outbox, and the service.
struct Watched {
    program: PathBuf,
    root: PathBuf,
    oss: LocalOss,
}

impl Watched {
    fn new(name: &str) -> Self {
        let program = Compiler::c("c99")
            .flag("-fsanitize=address,undefined")
            .flag("-fno-sanitize-recover=all")
            .build(&["c_examples/watch_folder.c"], &format!("watch-folder-{name}"));
        let root = out_dir().join(format!("watch-folder-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(root.join("folder")).unwrap();
        Self { program, root, oss: LocalOss::start() }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        self.oss.environment(&mut command);
        command.arg(self.root.join("folder")).arg(self.root.join("outbox"));
        command
    }

    fn start(&self) -> Child {
        self.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Writes a file where it is watched.
    fn write(&self, name: &str) {
        fs::write(self.root.join("folder").join(name), name).unwrap();
    }

    /// Renames a file to where it is watched.
    fn rename(&self, name: &str) {
        let elsewhere = self.root.join(name);
        fs::write(&elsewhere, name).unwrap();
        fs::rename(elsewhere, self.root.join("folder").join(name)).unwrap();
    }

    /// What is still where it is watched.
    fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(self.root.join("folder")).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Nothing waits, and all receipts are taken.
    fn is_settled(&self) -> bool {
        let count = |folder: &str| {
            let entries = fs::read_dir(self.root.join("outbox").join(folder)).unwrap();
            entries.filter(|entry| entry.as_ref().unwrap().path().extension().is_some()).count()
        };
        count("items") + count("receipts") == 0
    }

    /// Every file is stored and called back once.
    fn assert_arrived(&self, names: &[&str]) {
        let mut calls: Vec<_> =
            self.oss.received(names.len()).iter().map(|call| call.body_text()).collect();
        calls.sort();
        let mut expected: Vec<_> =
            names.iter().map(|name| format!("object={name}&size={}", name.len())).collect();
        expected.sort();
        assert_eq!(calls, expected);
        for name in names {
            assert_eq!(self.oss.content(name).as_deref(), Some(name.as_bytes()));
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

#[track_caller]
fn wait_for(what: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !what() {
        assert!(Instant::now() < deadline, "it did not happen");
        sleep(Duration::from_millis(20));
    }
}

/// Ends the program, which must end soon and well.
fn end(child: Child) -> Vec<String> {
    let pid = Pid::from_raw(child.id().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    let (sender, receiver) = channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = receiver.recv_timeout(PATIENCE) else {
        let _ = kill_process(pid, Signal::KILL);
        panic!("a signal does not end it");
    };
    let ended = Ended::of(output.unwrap());
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""), "{ended:?}");
    let mut lines: Vec<String> = ended.stdout.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn all_that_appears_is_stored_and_gone() {
    let watched = Watched::new("appears");
    watched.write("before");
    watched.write(".hidden");
    fs::create_dir(watched.root.join("folder/inner")).unwrap();
    let child = watched.start();
    wait_for(|| watched.oss.content("before").is_some());
    watched.write("written");
    watched.rename("renamed");
    watched.assert_arrived(&["before", "written", "renamed"]);
    wait_for(|| watched.is_settled());
    let acknowledged = "OSSBIND_ITEM_OUTCOME_ACKNOWLEDGED: done";
    let expected = ["before", "renamed", "written"].map(|name| format!("{name}: {acknowledged}"));
    assert_eq!(end(child), expected);
    assert_eq!(watched.left(), [".hidden", "inner"]);
}

#[test]
fn a_file_that_is_still_written_is_left_alone() {
    let watched = Watched::new("written");
    let child = watched.start();
    watched.write("first");
    wait_for(|| watched.oss.content("first").is_some());
    let path = watched.root.join("folder/slow");
    let mut writer = fs::File::create(&path).unwrap();
    std::io::Write::write_all(&mut writer, b"sl").unwrap();
    watched.write("other");
    wait_for(|| watched.oss.content("other").is_some());
    assert_eq!(watched.left(), ["slow"]);
    std::io::Write::write_all(&mut writer, b"ow").unwrap();
    drop(writer);
    watched.assert_arrived(&["first", "other", "slow"]);
    end(child);
}

#[test]
fn what_waits_is_sent_by_the_next_run() {
    let watched = Watched::new("waits");
    let fault = watched.oss.fault("error status=503 operation=PutObject times=always");
    let names = ["a", "b"];
    watched.write("a");
    let child = watched.start();
    watched.write("b");
    assert!(fault.wait_happened(1, PATIENCE));
    wait_for(|| watched.left().is_empty());
    assert_eq!(end(child), Vec::<String>::new());
    watched.oss.emulator.faults().clear();
    let child = watched.start();
    watched.assert_arrived(&names);
    wait_for(|| watched.is_settled());
    assert_eq!(end(child).len(), 2);
}

#[test]
fn a_name_that_is_used_twice_is_refused() {
    let watched = Watched::new("twice");
    let child = watched.start();
    let other = ossbind::UploadRequest::new(BUCKET, "twice", ossbind::Body::Memory(b"others"));
    watched.oss.client().upload(other).unwrap();
    watched.write("twice");
    wait_for(|| watched.root.join("outbox/dead").read_dir().is_ok_and(|dead| dead.count() > 0));
    let said = end(child);
    assert!(said[0].starts_with("twice: OSSBIND_ITEM_OUTCOME_REFUSED: "), "{said:?}");
    assert_eq!(watched.oss.content("twice").unwrap(), b"others");
}

#[test]
fn it_says_why_it_cannot_begin() {
    let watched = Watched::new("usage");
    let run = |command: &mut Command| Ended::of(command.output().unwrap());
    let mut alone = Command::new(&watched.program);
    watched.oss.environment(&mut alone);
    let missing = watched.root.join("missing");
    for (mut command, part) in [
        (alone, "usage: watch_folder FOLDER OUTBOX"),
        (watched.command(), "OSS_BUCKET"),
        (watched.command(), "OSS_ENDPOINT"),
        (Command::new(&watched.program), "usage"),
    ] {
        if part.starts_with("OSS_") {
            command.env_remove(part).env_remove("OSS_REGION");
        }
        let ended = run(&mut command);
        assert_eq!((ended.code, &*ended.stdout), (Some(1), ""), "{part}: {ended:?}");
        assert!(ended.stderr.contains(part), "{part}: {ended:?}");
    }
    let mut command = Command::new(&watched.program);
    watched.oss.environment(&mut command);
    let ended = run(command.arg(&missing).arg(watched.root.join("outbox")));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("missing: No such file"), "{ended:?}");
}
