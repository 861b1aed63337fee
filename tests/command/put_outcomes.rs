//! `ossbind put`: what it says, and how it ends, when an upload does not end well.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ossbind_emulator::{Answer, Operation};
use rustix::process::Signal;
use serde_json::Value;

use crate::program::{Ended, command, command_for, end_by, file, program, run_for};
use crate::support::local_oss::{LocalOss, PATIENCE};
use crate::support::raw_server::{RawServer, read_head};

/// The exit code, and the members of the JSON that say why, of one upload; the words for people must say
/// the same.
fn outcome(oss: &LocalOss, words: &[&str], prepare: impl Fn()) -> (Option<i32>, Value, String) {
    let run = |more: &[&str]| {
        prepare();
        run_for(oss, &[&["put"], more, words].concat())
    };
    let (people, program) = (run(&[]), run(&["--json"]));
    assert_eq!(people.code, program.code, "{people:?} {program:?}");
    assert_eq!((&*people.stdout, &*program.stderr), ("", ""), "{people:?} {program:?}");
    (program.code, program.json(), people.stderr)
}

#[track_caller]
fn assert_outcome(
    (code, json, words): (Option<i32>, Value, String),
    expected: (i32, &str, &str, &str),
    parts: &[&str],
) {
    let (exit, status, state, advice) = expected;
    assert_eq!(code, Some(exit), "{json} {words}");
    assert_eq!(json["status"], format!("OSSBIND_STATUS_{status}"), "{json}");
    assert_eq!(json["object_state"], format!("OSSBIND_OBJECT_STATE_{state}"), "{json}");
    assert_eq!(json["advice"], format!("OSSBIND_ADVICE_{advice}"), "{json}");
    for part in parts {
        assert!(words.contains(part), "{part}: {words}");
    }
}

#[test]
fn stored_but_not_acknowledged_ends_with_2() {
    let oss = LocalOss::start();
    let path = file("failed-callback", b"v");
    let url = oss.callback_url();
    let words = ["--callback", &url, &path, "k"];
    let failed = outcome(&oss, &words, || oss.receiver.answer_next_with(Answer::status(502)));
    let json = failed.1.clone();
    let parts = ["Error status : 502.", "\nstored: k in bucket examplebucket\n", "Do not upload"];
    assert_outcome(failed, (2, "CALLBACK_FAILED", "STORED", "DONE"), &parts);
    assert_eq!(json["etag"], "9E3669D19B675BD57058FD4664205D2A");
    assert_eq!(
        (&json["ec"], &json["oss_code"]),
        (&"0007-00000203".into(), &"CallbackFailed".into())
    );
    assert_eq!((&json["http_status"], &json["callback_answer"]), (&203.into(), &Value::Null));
    assert!(json["message"].as_str().unwrap().contains("Error status : 502."), "{json}");
    assert!(json["request_id"].is_string(), "{json}");

    // By an earlier attempt, whose answer nobody has.
    let again = outcome(&oss, &["--once", "--callback", &url, &path, "k"], || ());
    assert_outcome(again, (2, "TRANSPORT", "STORED", "DONE"), &["Ask your server"]);
}

#[test]
fn what_may_pass_ends_with_3() {
    let oss = LocalOss::start();
    let path = file("passing", b"v");
    let refuse = || drop(oss.fault("error status=503 operation=PutObject times=3"));
    let ended = outcome(&oss, &[&path, "k"], refuse);
    let parts =
        ["\nnot stored: k in bucket examplebucket\n", "run the same command again in 10 s.\n"];
    assert_eq!(ended.1["retry_after_ms"], 10_000);
    assert_outcome(ended, (3, "SERVICE", "NOT_STORED", "AGAIN"), &parts);
}

#[test]
fn what_may_be_stored_ends_with_4() {
    let oss = LocalOss::start();
    let path = file("lost", b"v");
    let url = oss.callback_url();
    let lose = || {
        oss.emulator.lose_next_answer_to(Operation::PutObject);
        oss.emulator.fail_next(Operation::HeadObject, 403, "AccessDenied");
    };
    let ended = outcome(&oss, &["--callback", &url, &path, "k"], lose);
    let parts =
        ["\nnobody knows whether it is stored: k", "look whether the object is there", "in 60 s."];
    assert_outcome(ended, (4, "TRANSPORT", "UNKNOWN", "LOOK"), &parts);
}

#[test]
fn a_request_at_fault_ends_with_5() {
    let oss = LocalOss::start();
    let path = file("fault", b"v");
    let missing = outcome(&oss, &["/does/not/exist", "k"], || ());
    let expected = (5, "BODY", "NOT_STORED", "FIX_REQUEST");
    assert_outcome(
        missing,
        expected,
        &["\"/does/not/exist\" cannot be opened", "set the file aside"],
    );
    let key = outcome(&oss, &[&path, "/k"], || ());
    assert_outcome(key, (5, "INVALID_ARGUMENT", "NOT_STORED", "FIX_REQUEST"), &["key: \"/k\""]);
    assert!(oss.emulator.requests().is_empty());
}

#[test]
fn settings_at_fault_end_with_6() {
    let oss = LocalOss::start();
    let path = file("settings", b"v");
    let ended = outcome(&oss, &["--bucket", "other-bucket", &path, "k"], || ());
    let parts = ["the bucket is \"other-bucket\"", "'ossbind doctor'", "again in 300 s."];
    assert_outcome(ended, (6, "SERVICE", "NOT_STORED", "FIX_SETTINGS"), &parts);

    // Nothing is sent without a client, and the outcome has the same form.
    let ended =
        Ended::of(command().args(["put", "--json", "--bucket", "b", &path, "k"]).output().unwrap());
    let json = ended.json();
    assert_eq!(ended.code, Some(6), "{ended:?}");
    assert_eq!(json["status"], "OSSBIND_STATUS_INVALID_ARGUMENT");
    assert_eq!(json["object_state"], "OSSBIND_OBJECT_STATE_NOT_STORED");
    assert!(json["message"].as_str().unwrap().contains("OSS_ENDPOINT"), "{json}");
}

/// An OSS whose application server answers anything at all.
fn answering(answer: &[u8]) -> RawServer {
    let head = format!(
        "HTTP/1.1 200 OK\r\nx-oss-request-id: id\r\nETag: \"E\"\r\nContent-Length: {}\r\n\r\n",
        answer.len()
    );
    RawServer::answering([head.as_bytes(), answer].concat())
}

#[test]
fn answers_that_are_no_honest_text() {
    let path = file("hostile", b"v");
    let all: Vec<u8> = (0..=255).collect();
    for answer in [
        &all[..128],
        &all,
        b"",
        b"\"\\\r\n\t\0\x1b[2J\x7f",
        "é 文件 😀 \u{10ffff} \u{85} \u{2028} \u{202e} \u{feff} \u{ffff}".as_bytes(),
        b"\xff\xfe",
        b"cut \xe6\x96",
        b"long \xc0\x80 \xe0\x80\x80 \xf0\x80\x80\x80",
        b"surrogate \xed\xa0\x80",
        b"beyond \xf4\x90\x80\x80 \xf8\x88\x80\x80\x80",
    ] {
        let server = answering(answer);
        let endpoint = format!("http://{}", server.address());
        let oss = LocalOss::start();
        let run = |words: &[&str]| {
            let mut command = command_for(&oss, &["put", "--callback", "http://h.example/"]);
            Ended::of(command.env("OSS_ENDPOINT", &endpoint).args(words).output().unwrap())
        };
        let ended = run(&["--json", &path, "k"]);
        let json = ended.json();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let (text, base64) = (&json["callback_answer"], &json["callback_answer_base64"]);
        match std::str::from_utf8(answer) {
            Ok("") => assert_eq!((text, base64), (&Value::Null, &Value::Null)),
            Ok(expected) => assert_eq!((text, base64), (&expected.into(), &Value::Null)),
            Err(_) => {
                assert_eq!(text, &Value::Null, "{json}");
                assert_eq!(STANDARD.decode(base64.as_str().unwrap()).unwrap(), answer);
            }
        }
        let shown = run(&[&path, "k"]);
        assert_eq!(shown.code, Some(0), "{shown:?}");
        assert!(!shown.stdout.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
        assert!(!shown.stdout.contains(['\u{2028}', '\u{202e}']), "{shown:?}");
    }
}

#[test]
fn a_signal_ends_an_upload() {
    let path = file("signal", b"v");
    for signal in [Signal::INT, Signal::TERM] {
        let oss = LocalOss::start();
        let (reached, wait) = channel();
        let server = RawServer::start(move |stream| {
            read_head(&mut std::io::BufReader::new(&stream));
            reached.send(stream).unwrap(); // and says nothing
        });
        let mut command = command_for(&oss, &["put", "--json", &path, "k"]);
        command.env("OSS_ENDPOINT", format!("http://{}", server.address()));
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let held = wait.recv_timeout(PATIENCE).unwrap();
        let ended = end_by(signal, child);
        drop(held);
        let json = ended.json();
        assert_eq!(json["status"], "OSSBIND_STATUS_CANCELLED", "{ended:?}");
        // By whether all of it was sent.
        let expected = match json["object_state"].as_str().unwrap() {
            "OSSBIND_OBJECT_STATE_NOT_STORED" => 3,
            _ => 4,
        };
        assert_eq!(ended.code, Some(expected), "{ended:?}");
    }
}

/// As a shell starts what runs in the background.
#[test]
fn a_signal_that_was_ignored_stays_so() {
    let oss = LocalOss::start();
    let fault = oss.fault("delay for=300ms operation=PutObject");
    let mut shell = Command::new("sh");
    oss.environment(&mut shell);
    shell.env_remove("OSS_CALLBACK_URL").arg("-c").arg("trap '' INT; exec \"$0\" put \"$1\" k");
    shell.arg(program()).arg(file("ignored", b"v"));
    let child = shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    assert!(fault.wait_happened(1, PATIENCE));
    let ended = end_by(Signal::INT, child);
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
}

#[test]
fn a_signal_ends_the_wait_for_standard_input() {
    let oss = LocalOss::start();
    let first_part = oss.fault("delay for=1ms operation=UploadPart");
    let mut command = command_for(&oss, &["put", "--part-size=102400", "-", "k"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(&[7; 102_401]).unwrap();
    assert!(first_part.wait_happened(1, PATIENCE) && oss.emulator.wait_idle(PATIENCE));
    let ended = end_by(Signal::INT, child);
    drop(input);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stderr.contains("not stored: k"), "{ended:?}");
    assert!(oss.content("k").is_none());
}
