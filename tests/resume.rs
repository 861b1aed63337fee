//! Uploads that are interrupted go on, and store and call back once.

#![allow(clippy::print_stderr, reason = "the kill test prints its figures")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use ossbind::log::{LogLevel, Logger};
use ossbind::upload::{Destination, Progress};
use ossbind::{
    Advice, Body, Callback, Client, ClientConfig, Error, ObjectState, Status, UploadRequest,
};
use ossbind_emulator::Operation;
use support::local_oss::{BUCKET, LocalOss};
use support::native::{Compiler, out_dir};

const PART: u64 = 100 * 1024;
const PARTS: usize = 64;
/// Overrides how often the uploading process is killed; `make test` does it a few times.
const KILLS: &str = "OSSBIND_TEST_KILLS";

/// A file of 64 parts and an empty folder for its checkpoint.
fn source(name: &str) -> (PathBuf, PathBuf) {
    let dir = out_dir().join(format!("resume-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(dir.join("checkpoints")).unwrap();
    let bytes: Vec<u8> = (0..PARTS as u64 * PART - 777).map(|i| (i * 31 % 251) as u8).collect();
    fs::write(dir.join("source"), bytes).unwrap();
    (dir.join("source"), dir.join("checkpoints"))
}

fn request<'a>(path: &Path, checkpoints: &'a Path) -> UploadRequest<'a> {
    let mut request = UploadRequest::new(BUCKET, "resumed", Body::file(path));
    request.part_size = Some(PART);
    request.multipart_threshold = Some(PART);
    request.checkpoint_dir = Some(checkpoints);
    request
}

/// Uploads until about half is sent.
fn interrupt(client: &Client, path: &Path, checkpoints: &Path) -> Error {
    let mut stop = |progress: Progress| match progress.sent > progress.total / 2 {
        true => Err(ossbind::credentials::Credentials::new("", "", None).unwrap_err()),
        false => Ok(()),
    };
    let mut request = request(path, checkpoints);
    request.progress = Some(&mut stop);
    client.upload(request).unwrap_err().error
}

fn files(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|e| e == ending)).collect()
}

#[test]
fn only_the_missing_parts_are_sent() {
    let (path, checkpoints) = source("missing");
    let oss = LocalOss::start();
    let client = oss.client();
    let error = interrupt(&client, &path, &checkpoints);
    assert_eq!(error.object_state(), ObjectState::NotStored);
    assert!(error.upload_id().is_some() && error.message().contains("is kept"), "{error}");
    assert_eq!(oss.count(Operation::AbortMultipartUpload), 0);
    let before: usize = oss
        .emulator
        .requests()
        .iter()
        .filter(|r| r.operation == Some(Operation::UploadPart) && r.status == 200)
        .count();

    client.upload(request(&path, &checkpoints)).unwrap();
    assert_eq!(oss.content("resumed").unwrap(), fs::read(&path).unwrap());
    assert_eq!(oss.count(Operation::InitiateMultipartUpload), 1);
    let stored: usize = oss
        .emulator
        .requests()
        .iter()
        .filter(|r| r.operation == Some(Operation::UploadPart) && r.status == 200)
        .count();
    assert!(before >= PARTS / 3, "{before}");
    assert_eq!(stored, PARTS, "no part twice");
    assert!(files(&checkpoints, "checkpoint").is_empty(), "the checkpoint is gone");
}

/// Whoever begins anew because nobody could be asked pays for the parts of the first one for ever.
#[test]
fn an_upload_that_cannot_be_asked_for_is_not_begun_anew() {
    let (path, checkpoints) = source("unasked");
    let oss = LocalOss::start();
    interrupt(&oss.client(), &path, &checkpoints);
    oss.fault("error status=403 code=AccessDenied operation=ListParts");
    let error = oss.client().upload(request(&path, &checkpoints)).unwrap_err().error;
    assert_eq!(error.code(), Some("AccessDenied"), "{error}");
    oss.client().upload(request(&path, &checkpoints)).unwrap();
    assert_eq!(oss.count(Operation::InitiateMultipartUpload), 1);
}

#[test]
fn where_only_the_end_is_missing_no_part_is_sent() {
    let (path, checkpoints) = source("end");
    let oss = LocalOss::start();
    oss.fault("error status=403 code=AccessDenied operation=CompleteMultipartUpload");
    oss.client().upload(request(&path, &checkpoints)).unwrap_err();
    oss.client().upload(request(&path, &checkpoints)).unwrap();
    assert_eq!(oss.count(Operation::UploadPart), PARTS);
}

/// Each object has a checkpoint of its own.
#[test]
fn one_folder_serves_several_uploads() {
    let (path, checkpoints) = source("several");
    let oss = LocalOss::start();
    for is_complete in [false, true] {
        for key in ["first", "second"] {
            if !is_complete {
                oss.fault("error status=403 code=AccessDenied operation=UploadPart part=9 times=1");
            }
            let mut request = request(&path, &checkpoints);
            request.destination = Destination::Object { bucket: BUCKET, key };
            assert_eq!(oss.client().upload(request).is_ok(), is_complete, "{key}");
        }
        let count = files(&checkpoints, "checkpoint").len();
        assert_eq!(count, if is_complete { 0 } else { 2 });
    }
    assert_eq!(oss.count(Operation::InitiateMultipartUpload), 2);
}

/// The largest checkpoint that there is.
#[test]
fn an_object_with_the_longest_name_goes_on_as_well() {
    let (path, checkpoints) = source("longest-name");
    let oss = LocalOss::start();
    let key = "\u{1}".repeat(1023);
    oss.fault("error status=403 code=AccessDenied operation=UploadPart part=9");
    for is_complete in [false, true] {
        let mut request = request(&path, &checkpoints);
        request.destination = Destination::Object { bucket: BUCKET, key: &key };
        assert_eq!(oss.client().upload(request).is_ok(), is_complete);
    }
    assert_eq!(oss.count(Operation::InitiateMultipartUpload), 1);
}

#[test]
fn a_damaged_checkpoint_is_of_no_use() {
    let damages: [fn(&Path); 4] = [
        |checkpoint| fs::write(checkpoint, "").unwrap(),
        |checkpoint| fs::write(checkpoint, "{\"checksum\":\"\"}").unwrap(),
        |checkpoint| {
            let text = fs::read_to_string(checkpoint).unwrap();
            fs::write(checkpoint, &text[..text.len() / 2]).unwrap();
        },
        |checkpoint| {
            let text = fs::read_to_string(checkpoint).unwrap();
            fs::write(checkpoint, text.replace("examplebucket", "otherbucket")).unwrap();
        },
    ];
    for (number, damage) in damages.iter().enumerate() {
        let (path, checkpoints) = source(&format!("damaged-{number}"));
        let oss = LocalOss::start();
        interrupt(&oss.client(), &path, &checkpoints);
        damage(&files(&checkpoints, "checkpoint")[0]);
        let (client, lines) = logging(&oss);
        client.upload(request(&path, &checkpoints)).unwrap();
        let lines = lines.lock().unwrap();
        assert!(lines.len() == 1 && lines[0].contains("is damaged"), "{number}: {lines:?}");
        assert_eq!(oss.content("resumed").unwrap(), fs::read(&path).unwrap(), "{number}");
        assert_eq!(oss.count(Operation::InitiateMultipartUpload), 2, "{number}");
        assert_eq!(fs::read_dir(&checkpoints).unwrap().count(), 0, "{number}: something is left");
    }
}

/// A client, and what it says.
fn logging(oss: &LocalOss) -> (Client, Arc<Mutex<Vec<String>>>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&lines);
    let log = Logger::new(LogLevel::Warning, move |_, line| {
        log.lock().unwrap().push(line.to_owned());
    });
    (Client::new(ClientConfig { log, ..oss.config() }).unwrap(), lines)
}

/// The parts of the earlier upload are of no use, and would cost for ever.
#[test]
fn what_has_changed_begins_another_upload_and_aborts_the_old_one() {
    for changes_file in [true, false] {
        let (path, checkpoints) = source(&format!("changed-{changes_file}"));
        let oss = LocalOss::start();
        interrupt(&oss.client(), &path, &checkpoints);
        let (client, lines) = logging(&oss);
        let mut other = request(&path, &checkpoints);
        if changes_file {
            fs::write(&path, vec![7; 64 * PART as usize]).unwrap();
        } else {
            other.metadata = &[("camera", "north")];
        }
        client.upload(other).unwrap();
        assert_eq!(oss.content("resumed").unwrap(), fs::read(&path).unwrap());
        assert_eq!(oss.count(Operation::InitiateMultipartUpload), 2);
        assert!(oss.emulator.multipart_uploads().is_empty(), "{changes_file}");
        let lines = lines.lock().unwrap();
        assert!(lines.len() == 1 && lines[0].contains("is aborted"), "{lines:?}");
        assert_eq!(fs::read_dir(&checkpoints).unwrap().count(), 0, "something is left");
    }
}

/// What is there belongs to nothing that exists any more.
#[test]
fn a_file_that_changes_meanwhile_is_given_up() {
    let (path, checkpoints) = source("meanwhile");
    let oss = LocalOss::start();
    let file = fs::File::options().write(true).open(&path).unwrap();
    let mut shrink = |_: Progress| {
        file.set_len(PART).unwrap();
        Ok(())
    };
    let mut request = request(&path, &checkpoints);
    request.progress = Some(&mut shrink);
    let error = oss.client().upload(request).unwrap_err().error;
    assert_eq!((error.status(), error.field()), (Status::Body, Some("file_path")), "{error}");
    assert!(error.message().contains("was aborted"), "{error}");
    assert!(oss.emulator.multipart_uploads().is_empty());
    assert_eq!(fs::read_dir(&checkpoints).unwrap().count(), 0, "something is left");
}

#[test]
fn a_second_upload_of_the_same_file_is_refused() {
    let (path, checkpoints) = source("locked");
    let oss = LocalOss::start();
    let client = oss.client();
    let mut refused = None;
    let mut second = |_: Progress| {
        if refused.is_none() {
            refused = Some(client.upload(request(&path, &checkpoints)).unwrap_err().error);
        }
        Ok(())
    };
    let mut first = request(&path, &checkpoints);
    first.progress = Some(&mut second);
    client.upload(first).unwrap();
    let error = refused.unwrap();
    assert_eq!((error.status(), error.field()), (Status::InvalidArgument, Some("checkpoint_dir")));
    assert!(error.message().contains("under way"), "{error}");
    assert_eq!(error.advice(), Advice::Again);
}

/// The process ends after Complete and before it takes note of it.
#[test]
fn what_an_interrupted_call_completed_is_not_done_again() {
    let (path, checkpoints) = source("completed");
    let oss = LocalOss::start();
    let callback = Callback::new(oss.callback_url(), "a=1");
    let mut saved = None;
    let mut save = |_: Progress| {
        let checkpoint = files(&checkpoints, "checkpoint").remove(0);
        saved.get_or_insert_with(|| (checkpoint.clone(), fs::read(&checkpoint).unwrap()));
        Ok(())
    };
    let mut first = request(&path, &checkpoints);
    first.progress = Some(&mut save);
    first.callback = Some(&callback);
    oss.client().upload(first).unwrap();
    let (checkpoint, text) = saved.unwrap();
    fs::write(checkpoint, text).unwrap();

    let mut again = request(&path, &checkpoints);
    again.callback = Some(&callback);
    let failed = oss.client().upload(again).unwrap_err();
    assert_eq!(failed.error.object_state(), ObjectState::Stored, "{failed}");
    assert!(failed.error.message().contains("do not upload again"), "{failed}");
    assert_eq!(oss.count(Operation::UploadPart), PARTS);
    assert_eq!(oss.received(1).len(), 1, "one callback");
    assert!(files(&checkpoints, "checkpoint").is_empty());
}

/// Kills the uploading process at random moments, until it comes through.
#[test]
fn a_killed_process_loses_no_more_than_the_parts_on_their_way() {
    let kills: usize = std::env::var(KILLS).map_or(10, |text| text.parse().expect("a number"));
    let program = Compiler::c("c99").build(&["tests/c/resume.c"], "resume");
    let mut random = 0x2545_F491_u64;
    let (mut done, mut finished, mut objects, mut sent_twice) = (0, 0, 0, 0);
    while done < kills {
        let (path, checkpoints) = source("killed");
        let oss = LocalOss::start();
        let mut killed = 0;
        loop {
            let mut command = Command::new(&program);
            oss.environment(&mut command);
            command.arg(&path).arg(&checkpoints).stdout(Stdio::null());
            let mut child = command.spawn().unwrap();
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let moment = oss.emulator.requests().len() + 1 + (random >> 33) as usize % 40;
            let ended = loop {
                if let Some(status) = child.try_wait().unwrap() {
                    break Some(status);
                }
                if done < kills && oss.emulator.requests().len() >= moment {
                    child.kill().unwrap();
                    child.wait().unwrap();
                    break None;
                }
                std::thread::yield_now();
            };
            match ended {
                Some(status) => {
                    assert!(status.success());
                    break;
                }
                None => {
                    killed += 1;
                    done += 1;
                }
            }
        }
        finished += 1;
        assert_eq!(oss.content("resumed").unwrap(), fs::read(&path).unwrap());
        // A process that is killed when its call has ended already begins anew: that is another
        // object. No upload is completed twice, and none calls back twice.
        let mut completed: Vec<_> = oss.emulator.requests();
        completed
            .retain(|r| r.operation == Some(Operation::CompleteMultipartUpload) && r.status == 200);
        let ids: BTreeSet<_> = completed.iter().map(|r| r.upload_id.clone()).collect();
        assert_eq!(ids.len(), completed.len(), "no upload is completed twice");
        assert!(oss.receiver.received().len() <= ids.len(), "at most one callback for each object");
        objects += ids.len();
        let sent = oss.count(Operation::UploadPart);
        let needed = PARTS * oss.count(Operation::InitiateMultipartUpload);
        assert!(sent <= needed + 3 * killed, "{sent} parts were sent after {killed} kills");
        sent_twice += sent.saturating_sub(needed);
        // Killed during Initiate, an upload without parts may be left; no other.
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }
    eprintln!(
        "{done} kills, {finished} files of {PARTS} parts came through, {objects} objects were completed, \
         {sent_twice} parts arrived twice"
    );
}
