//! The gateway of c_examples, which follows the advice blindly: it loses no file, sets none aside that is
//! good, and has no file called back twice.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use support::local_oss::{BUCKET, LocalOss, PATIENCE};
use support::native::{Compiler, expect_success, out_dir};

const NOBODY_MAY_LOOK: &str =
    "error status=403 code=AccessDenied operation=HeadObject times=always";
const DONE: Option<i32> = Some(0);
const FILES_ARE_LEFT: Option<i32> = Some(2);

/// A gateway with its folder, and the service that it uploads to.
struct Gateway {
    program: PathBuf,
    folder: PathBuf,
    oss: LocalOss,
}

impl Gateway {
    /// With files that have their names as content.
    fn with_files(name: &str, files: &[String]) -> Self {
        let program = Compiler::c("c99")
            .flag("-fsanitize=address,undefined")
            .flag("-fno-sanitize-recover=all")
            .build(&["c_examples/gateway.c"], &format!("gateway-{name}"));
        let folder = out_dir().join(format!("gateway-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for file in files {
            fs::write(folder.join(file), file).unwrap();
        }
        Self { program, folder, oss: LocalOss::start() }
    }

    /// One pass, with up to `milliseconds` for each upload.
    fn command(&self, milliseconds: u32) -> Command {
        let mut command = Command::new(&self.program);
        self.oss.environment(&mut command);
        command.args(["-1", "-t", &milliseconds.to_string()]).arg(&self.folder);
        command
    }

    fn pass(&self) -> Option<i32> {
        self.command(60_000).stdout(Stdio::null()).status().unwrap().code()
    }

    fn left(&self) -> Vec<String> {
        names(&self.folder)
    }

    /// Every file is stored, called back once and deleted, and none was set aside.
    fn assert_delivered(&self, files: &[String], what: &str) {
        assert!(self.oss.emulator.wait_idle(PATIENCE), "{what}");
        assert_eq!(self.left(), Vec::<String>::new(), "{what}");
        assert_eq!(names(&self.folder.join("rejected")), Vec::<String>::new(), "{what}");
        let mut calls: BTreeMap<String, usize> = BTreeMap::new();
        for callback in self.oss.receiver.received() {
            *calls.entry(callback.body_text()).or_default() += 1;
        }
        let expected: BTreeMap<String, usize> =
            files.iter().map(|name| (format!("object={name}&size={}", name.len()), 1)).collect();
        assert_eq!(calls, expected, "{what}");
        for name in files {
            assert_eq!(self.oss.content(name).as_deref(), Some(name.as_bytes()), "{what}");
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The files of a folder.
fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let files = entries.map(Result::unwrap).filter(|entry| entry.path().is_file());
    files.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("file-{number:02}")).collect()
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Settings that are wrong, and are mended for the second pass.
#[test]
fn wrong_settings_cost_no_file() {
    for (variable, value) in [
        ("OSS_ACCESS_KEY_SECRET", "rotated"),
        ("OSS_ACCESS_KEY_ID", "disabled"),
        ("OSS_ACCESS_KEY_SECRET", ""),
        ("OSS_BUCKET", "missing-bucket"),
        ("OSS_BUCKET", "Not A Bucket"),
        ("OSS_CALLBACK_URL", "http://no-such-host.invalid/"),
        ("OSS_REGION", "cn-beijing"),
        ("OSS_ENDPOINT", "http://127.0.0.1:1"),
        ("OSS_ENDPOINT", "no endpoint"),
    ] {
        let what = format!("{variable}={value}");
        let files = numbered(2);
        let gateway = Gateway::with_files("settings", &files);
        let code = gateway.command(60_000).env(variable, value).status().unwrap().code();
        assert_eq!((code, gateway.left().len()), (FILES_ARE_LEFT, 2), "{what}");
        assert_eq!(gateway.pass(), DONE, "{what}");
        gateway.assert_delivered(&files, &what);
    }
}

#[test]
fn a_bad_day_of_the_service_costs_no_file() {
    for (faults, first) in [
        (&["error status=503 times=always"][..], FILES_ARE_LEFT),
        (&["error status=403 code=UserDisable times=always"], FILES_ARE_LEFT),
        (&["error status=409 code=ConcurrentUpdateBucketFailed times=always"], FILES_ARE_LEFT),
        (&["page status=302 times=always"], FILES_ARE_LEFT),
        (&["close-answer at=0 operation=PutObject"], DONE),
        (&["reset-request at=end operation=PutObject"], DONE),
        (&["close-answer at=0 operation=PutObject", NOBODY_MAY_LOOK], DONE),
        (&["reset-request at=end operation=PutObject", NOBODY_MAY_LOOK], DONE),
        // Three attempts are lost, and nobody may look.
        (&["reset-request at=end operation=PutObject times=3", NOBODY_MAY_LOOK], FILES_ARE_LEFT),
    ] {
        let files = numbered(1);
        let gateway = Gateway::with_files("bad-day", &files);
        faults.iter().for_each(|fault| drop(gateway.oss.fault(fault)));
        assert_eq!(gateway.pass(), first, "{faults:?}");
        gateway.oss.emulator.faults().clear();
        assert_eq!(gateway.pass(), DONE, "{faults:?}");
        gateway.assert_delivered(&files, &format!("{faults:?}"));
    }
}

/// The deadline of the upload ends before the service stores, or before it answers.
#[test]
fn a_late_service_calls_back_once() {
    for fault in ["delay for=3s", "delay for=3s when=after"] {
        let files = numbered(1);
        let gateway = Gateway::with_files("late", &files);
        gateway.oss.fault(&format!("{fault} operation=PutObject"));
        let code = gateway.command(500).status().unwrap().code();
        assert_eq!(code, FILES_ARE_LEFT, "{fault}");
        assert_eq!(gateway.pass(), DONE, "{fault}");
        gateway.assert_delivered(&files, fault);
    }
}

#[test]
fn a_gateway_that_is_killed_goes_on() {
    for fault in ["stall-request at=0", "stall-request at=end", "stall-answer at=0"] {
        for may_look in [true, false] {
            let files = numbered(1);
            let gateway = Gateway::with_files("killed", &files);
            let reached = gateway.oss.fault(&format!("{fault} operation=PutObject"));
            let child = gateway.command(60_000).spawn().unwrap();
            assert!(reached.wait_happened(1, PATIENCE));
            kill(child);
            if !may_look {
                gateway.oss.fault(NOBODY_MAY_LOOK);
            }
            let what = format!("{fault} {may_look}");
            assert_eq!(gateway.pass(), DONE, "{what}");
            gateway.assert_delivered(&files, &what);
        }
    }
}

/// What can never succeed does not stay in the way.
#[test]
fn a_name_that_is_taken_is_set_aside() {
    let files = numbered(2);
    let gateway = Gateway::with_files("taken", &files);
    let client = gateway.oss.client();
    let other = ossbind::UploadRequest::new(BUCKET, &files[0], ossbind::Body::Memory(b"other"));
    client.upload(other).unwrap();
    assert_eq!(gateway.pass(), DONE);
    assert_eq!(names(&gateway.folder.join("rejected")), [files[0].clone()]);
    assert_eq!(gateway.oss.content(&files[0]).unwrap(), b"other");
    assert_eq!(gateway.oss.received(1)[0].body_text(), format!("object={}&size=7", files[1]));
}

/// A file that nobody may store does not hold up the others, and is left alone until its time.
#[test]
fn a_file_that_waits_does_not_hold_up_new_ones() {
    let files = ["waits", "new"].map(str::to_owned);
    let gateway = Gateway::with_files("waits", &files[..1]);
    let refused = gateway.oss.fault("error status=403 code=AccessDenied key=waits times=always");
    let mut command = Command::new(&gateway.program);
    gateway.oss.environment(&mut command);
    let child = command.arg(&gateway.folder).spawn().unwrap();
    assert!(refused.wait_happened(1, PATIENCE));
    fs::write(gateway.folder.join(".new"), &files[1]).unwrap();
    fs::rename(gateway.folder.join(".new"), gateway.folder.join(&files[1])).unwrap();
    let deadline = Instant::now() + PATIENCE;
    while gateway.left() != files[..1] && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(20));
    }
    kill(child);
    assert_eq!(gateway.left(), files[..1]);
    assert_eq!(gateway.oss.emulator.faults().list()[0].happened, 1);
}

#[test]
fn it_ends_when_the_folder_is_empty_and_says_how_it_is_used() {
    let files = numbered(3);
    let gateway = Gateway::with_files("usage", &files);
    let mut command = Command::new(&gateway.program);
    gateway.oss.environment(&mut command);
    expect_success(command.arg(&gateway.folder));
    gateway.assert_delivered(&files, "without -1");
    for arguments in [&[][..], &["/does/not/exist"], &["-x", "/does/not/exist"]] {
        let mut command = Command::new(&gateway.program);
        gateway.oss.environment(&mut command);
        let ended = command.args(arguments).output().unwrap();
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}");
        assert!(!ended.stderr.is_empty(), "{arguments:?}");
    }
}

/// Kills at random moments, while everything goes wrong that may.
#[test]
fn a_soak_calls_no_file_back_twice() {
    const KILLS: usize = 12;
    const MILLISECONDS: u32 = 400;
    let files = numbered(60);
    let gateway = Gateway::with_files("soak", &files);
    for fault in [
        "error status=503 p=0.05 seed=1",
        "error status=500 when=after operation=PutObject p=0.05 seed=2",
        "close-answer at=0 operation=PutObject p=0.1 seed=3",
        "reset-request at=end operation=PutObject p=0.1 seed=4",
        "delay for=1s operation=PutObject p=0.1 seed=5",
        "delay for=1s when=after operation=PutObject p=0.1 seed=6",
        "error status=403 code=AccessDenied operation=HeadObject p=0.3 seed=7",
    ] {
        gateway.oss.fault(fault);
    }
    let mut random = 0x2545_F491_u64;
    let (mut kills, mut passes) = (0, 0);
    while !gateway.left().is_empty() {
        passes += 1;
        assert!(passes < 200, "{:?} are left", gateway.left());
        let mut child = gateway.command(MILLISECONDS).stdout(Stdio::null()).spawn().unwrap();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let moment = gateway.oss.emulator.requests().len() + 1 + (random >> 33) as usize % 12;
        while child.try_wait().unwrap().is_none() {
            if kills < KILLS && gateway.oss.emulator.requests().len() >= moment {
                kills += 1;
                kill(child);
                break;
            }
            thread::yield_now();
        }
    }
    assert_eq!(kills, KILLS);
    let happened: Vec<u64> =
        gateway.oss.emulator.faults().list().iter().map(|fault| fault.happened).collect();
    assert!(happened.iter().all(|count| *count > 0), "{happened:?}");
    gateway.assert_delivered(&files, &format!("{passes} passes, {happened:?}"));
}
