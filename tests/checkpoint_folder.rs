//! The folder of the checkpoints fails, or others have put something there: the upload is made all the
//! same, and nothing is left of it.

mod support;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use ossbind::log::{LogLevel, Logger};
use ossbind::upload::Progress;
use ossbind::{Advice, Body, Callback, Client, ClientConfig, Error, Status, UploadRequest};
use ossbind_emulator::{Answer, Operation};
use support::local_oss::{BUCKET, LocalOss};
use support::native::{Compiler, expect_success, out_dir};

const PART: u64 = 100 * 1024;

/// A file of two parts, and a folder for its checkpoint.
struct Place {
    file: PathBuf,
    checkpoints: PathBuf,
}

impl Place {
    fn new(name: &str) -> Self {
        let folder = out_dir().join(format!("checkpoints-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let place = Self { file: folder.join("0"), checkpoints: folder.join("checkpoints") };
        fs::create_dir_all(&place.checkpoints).unwrap();
        fs::write(&place.file, vec![b'a'; 150 * 1024]).unwrap();
        place
    }

    fn request(&self) -> UploadRequest<'_> {
        let mut request = UploadRequest::new(BUCKET, "0", Body::file(&self.file));
        request.part_size = Some(PART);
        request.multipart_threshold = Some(PART);
        request.parallel = Some(1);
        request.checkpoint_dir = Some(&self.checkpoints);
        request
    }

    /// The path of the checkpoint, without its extension, that an upload leaves when it is interrupted.
    fn interrupted(&self, oss: &LocalOss) -> PathBuf {
        oss.fault("error status=403 code=AccessDenied operation=UploadPart part=2 times=1");
        let failed = oss.client().upload(self.request()).unwrap_err();
        assert!(failed.error.message().contains("is kept"), "{failed}");
        self.files().remove(0).with_extension("")
    }

    fn files(&self) -> Vec<PathBuf> {
        fs::read_dir(&self.checkpoints).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    /// Uploads, and gives what was logged.
    fn upload(&self, oss: &LocalOss) -> Vec<String> {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&lines);
        let log = Logger::new(LogLevel::Warning, move |_, line| {
            log.lock().unwrap().push(line.to_owned());
        });
        let client = Client::new(ClientConfig { log, ..oss.config() }).unwrap();
        client.upload(self.request()).unwrap();
        assert_eq!(oss.content("0").unwrap(), fs::read(&self.file).unwrap());
        std::mem::take(&mut *lines.lock().unwrap())
    }
}

/// Whether nothing is left in the folder, nor begun at the service.
fn assert_nothing_is_left(place: &Place, oss: &LocalOss) {
    assert_eq!(place.files(), <[PathBuf; 0]>::default());
    assert_eq!(oss.emulator.multipart_uploads(), []);
}

#[test]
fn the_checkpoint_of_an_object_whose_callback_failed_is_removed() {
    let (place, oss) = (Place::new("failed-callback"), LocalOss::start());
    oss.receiver.answer_with(Answer::status(502));
    let callback = Callback::new(oss.callback_url(), "a=1");
    let mut request = place.request();
    request.callback = Some(&callback);
    let error = oss.client().upload(request).unwrap_err().error;
    assert_eq!(error.status(), Status::CallbackFailed, "{error}");
    assert!(!error.message().contains("is kept"), "{error}");
    assert_nothing_is_left(&place, &oss);
}

#[test]
fn what_others_have_put_there_is_neither_followed_nor_waited_for() {
    let (place, oss) = (Place::new("strangers"), LocalOss::start());
    let victim = place.file.with_file_name("victim");
    let base = place.interrupted(&oss);
    let mode = fs::metadata(base.with_extension("lock")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "nobody else can hold the lock");
    // None is a FIFO, the others are targets of links.
    let strangers = [
        ("checkpoint", None, "is damaged"),
        ("checkpoint", Some(victim.as_path()), "is damaged"),
        ("checkpoint", Some(Path::new("/dev/zero")), "is damaged"),
        ("new", None, ""),
        ("new", Some(&victim), ""),
        ("lock", None, "goes on without one"),
        ("lock", Some(&victim), "goes on without one"),
    ];
    for (number, (extension, target, warning)) in strangers.into_iter().enumerate() {
        for path in place.files() {
            fs::remove_file(path).unwrap();
        }
        fs::write(&victim, "precious").unwrap();
        let path = base.with_extension(extension);
        match target {
            Some(target) => symlink(target, path).unwrap(),
            None => drop(expect_success(Command::new("mkfifo").arg(path))),
        }
        let lines = place.upload(&oss).concat();
        assert!(
            lines.contains(warning) && warning.is_empty() == lines.is_empty(),
            "{number}: {lines}"
        );
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious", "{number}");
    }
}

#[test]
fn a_folder_that_is_none_is_an_error_of_the_settings() {
    let (place, oss) = (Place::new("none"), LocalOss::start());
    let fails = |folder: &Path| -> Error {
        let mut request = place.request();
        request.checkpoint_dir = Some(folder);
        oss.client().upload(request).unwrap_err().error
    };
    for folder in [Path::new(""), &place.checkpoints.join("missing"), &place.file] {
        let error = fails(folder);
        assert_eq!(error.field(), Some("checkpoint_dir"), "{error}");
        assert_eq!(error.advice(), Advice::FixSettings, "{error}");
    }
    assert_eq!(oss.count(Operation::InitiateMultipartUpload), 0);
}

#[test]
fn a_file_that_is_appended_to_is_uploaded_as_far_as_it_was() {
    let (place, oss) = (Place::new("appended"), LocalOss::start());
    let before = fs::read(&place.file).unwrap();
    let mut append = |_: Progress| {
        let mut log = fs::File::options().append(true).open(&place.file).unwrap();
        writeln!(log, "another line").unwrap();
        Ok(())
    };
    let mut request = place.request();
    request.progress = Some(&mut append);
    oss.client().upload(request).unwrap();
    assert_eq!(oss.content("0").unwrap(), before);
    assert_nothing_is_left(&place, &oss);
}

#[test]
fn a_file_that_is_truncated_is_to_be_uploaded_again() {
    for with_checkpoint in [true, false] {
        let (place, oss) = (Place::new("truncated"), LocalOss::start());
        let file = fs::File::options().write(true).open(&place.file).unwrap();
        let mut truncate = |_: Progress| {
            file.set_len(PART).unwrap();
            Ok(())
        };
        let mut request = place.request();
        request.progress = Some(&mut truncate);
        if !with_checkpoint {
            request.checkpoint_dir = None;
        }
        let error = oss.client().upload(request).unwrap_err().error;
        assert_eq!((error.status(), error.advice()), (Status::Body, Advice::Again), "{error}");
        assert_nothing_is_left(&place, &oss);
    }
}

/// Uploads `count` files while no thread can be started and a system call fails, and gives what the program
/// prints.
fn upload_while_failing(
    call: &str,
    count: usize,
    insists: bool,
    place: &Place,
    oss: &LocalOss,
) -> String {
    let folder = place.file.parent().unwrap();
    for number in 1..count {
        fs::copy(&place.file, folder.join(number.to_string())).unwrap();
    }
    let program = Compiler::c("gnu99").build(&["tests/c/failing_system.c"], "failing_system");
    let mut command = Command::new(program);
    oss.environment(&mut command);
    command.arg(call).arg(folder).arg(&place.checkpoints).arg(count.to_string());
    if insists {
        command.arg("insist");
    }
    String::from_utf8(expect_success(&mut command).stdout).unwrap()
}

#[test]
fn a_full_disk_does_not_stop_the_uploads_that_would_empty_it() {
    let (place, oss) = (Place::new("full"), LocalOss::start());
    let lines = upload_while_failing("write", 100, false, &place, &oss);
    assert_eq!(lines.matches("goes on without one").count(), 100, "{lines}");
    for number in 0..100 {
        let content = oss.content(&number.to_string());
        assert_eq!(content, Some(fs::read(&place.file).unwrap()), "{number}: {lines}");
    }
    assert_nothing_is_left(&place, &oss);
}

#[test]
fn nothing_begins_without_a_checkpoint_where_one_is_required() {
    for call in ["write", "fsync"] {
        let (place, oss) = (Place::new(&format!("required-{call}")), LocalOss::start());
        let lines = upload_while_failing(call, 1, true, &place, &oss);
        assert!(
            lines.starts_with("OSSBIND_STATUS_BODY OSSBIND_ADVICE_AGAIN checkpoint_dir: "),
            "{lines}"
        );
        assert_eq!(oss.content("0"), None);
        assert_nothing_is_left(&place, &oss);
    }
}

/// Without a checkpoint nothing can go on later, so no parts are left to be paid for.
#[test]
fn an_upload_that_fails_without_its_checkpoint_is_aborted() {
    let (place, oss) = (Place::new("aborted"), LocalOss::start());
    oss.fault("error status=403 code=AccessDenied operation=UploadPart part=2");
    let lines = upload_while_failing("write", 1, false, &place, &oss);
    assert!(lines.contains("the multipart upload was aborted"), "{lines}");
    assert_nothing_is_left(&place, &oss);
}

#[test]
fn a_checkpoint_that_cannot_be_removed_is_not_taken_for_a_later_upload() {
    let (place, oss) = (Place::new("unlink"), LocalOss::start());
    for _ in 0..2 {
        assert_eq!(upload_while_failing("unlink", 1, false, &place, &oss), "OSSBIND_STATUS_OK  \n");
    }
    assert_eq!(
        oss.count(Operation::CompleteMultipartUpload),
        2,
        "the second one is stored as well"
    );
    assert_eq!(oss.emulator.multipart_uploads(), []);
}

#[test]
fn calls_that_are_interrupted_and_threads_that_cannot_begin_do_no_harm() {
    for call in ["flock", "none"] {
        let (place, oss) = (Place::new(call), LocalOss::start());
        assert_eq!(
            upload_while_failing(call, 1, false, &place, &oss),
            "OSSBIND_STATUS_OK  \n",
            "{call}"
        );
        assert_eq!(oss.content("0").unwrap(), fs::read(&place.file).unwrap(), "{call}");
        assert_nothing_is_left(&place, &oss);
    }
}
