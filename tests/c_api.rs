//! The C API through the real shared library: C programs, built as users build theirs, against the
//! local OSS, and under AddressSanitizer and valgrind.

mod support;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;

use ossbind_emulator::{Answer, Options, SelfSigned};
use support::callback_failures;
use support::local_oss::{BUCKET, LocalOss};
use support::native::{Compiler, expect_success, out_dir, root};

/// What instruments a program.
#[derive(Clone, Copy, PartialEq)]
enum Checked {
    AddressSanitizer,
    Valgrind,
}

/// Builds a test program, and gives the command that runs it under its checker.
fn checked(name: &str, checked: Checked) -> Command {
    let source = format!("tests/c/{name}.c");
    match checked {
        Checked::AddressSanitizer => {
            let program = Compiler::c("c99")
                .flag("-fsanitize=address,undefined")
                .flag("-fno-sanitize-recover=all")
                .build(&[&source], &format!("{name}-sanitized"));
            assert_has_sanitizer(&program);
            Command::new(program)
        }
        Checked::Valgrind => {
            let program = Compiler::c("c99").build(&[&source], name);
            let mut command = Command::new("valgrind");
            command.args(["-q", "--error-exitcode=99", "--leak-check=full"]);
            command.arg("--errors-for-leak-kinds=definite,indirect,possible").arg(program);
            command
        }
    }
}

/// With what the documents give to those who run it under valgrind themselves.
#[test]
fn tls_is_clean_under_valgrind() {
    let made = SelfSigned::generate(&["127.0.0.1"]).unwrap();
    let ca_file = out_dir().join("valgrind.pem");
    std::fs::write(&ca_file, made.ca_pem).unwrap();
    let oss = LocalOss::with(Options { tls: Some(made.identity), ..Options::default() });
    let program = Compiler::c("gnu99").build(&["tests/c/fork.c"], "fork-valgrind");
    let mut command = Command::new("valgrind");
    oss.environment(&mut command);
    command.args(["-q", "--error-exitcode=99", "--leak-check=full", "--trace-children=yes"]);
    command.arg(format!("--suppressions={}", root().join("docs/ossbind.supp").display()));
    expect_success(command.arg(program).arg(ca_file));
}

/// A check that is silently off proves nothing.
fn assert_has_sanitizer(program: &PathBuf) {
    let output = expect_success(Command::new("nm").arg(program));
    assert!(String::from_utf8_lossy(&output.stdout).contains("__asan_init"));
}

fn clean_environment(command: &mut Command) -> &mut Command {
    for name in ["OSS_ENDPOINT", "OSS_REGION", "OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET"] {
        command.env_remove(name);
    }
    command
}

#[test]
fn bad_input_is_refused() {
    for (name, least) in [
        ("bad_input", 132),
        ("bad_signing", 118),
        ("bad_destinations", 150),
        ("bad_checks", 12),
        ("receiving", 58),
    ] {
        for kind in [Checked::AddressSanitizer, Checked::Valgrind] {
            let output = expect_success(clean_environment(&mut checked(name, kind)));
            let text = String::from_utf8(output.stdout).unwrap();
            let rows: u32 = text.split(' ').next().and_then(|n| n.parse().ok()).expect("a number");
            assert!(rows >= least, "{name}: {text}");
        }
    }
}

#[test]
fn what_was_signed_uploads_without_keys() {
    for kind in [Checked::AddressSanitizer, Checked::Valgrind] {
        let oss = LocalOss::start();
        oss.receiver.answer_with(Answer::json("{\"a\":1}"));
        let mut command = checked("signed", kind);
        oss.environment(&mut command);
        expect_success(&mut command);
        let keys = ["in headers", "in url", "camera/bundle", "camera/fields"];
        for key in keys {
            let object = oss.emulator.object(BUCKET, key).unwrap();
            assert_eq!(oss.content(key).as_deref(), Some(&b"signed elsewhere"[..]), "{key}");
            assert_eq!(object.content_type(), "text/x-test", "{key}");
            let acl = if key.starts_with("camera/") { "private" } else { "default" };
            assert_eq!(object.acl(), acl, "{key}");
        }
        assert!(oss.content("elsewhere").is_none());
        let received = oss.received(8);
        let mut bodies: Vec<_> = received.iter().map(|callback| callback.body_text()).collect();
        assert!(received.iter().all(|callback| callback.signature == Ok(())));
        bodies.dedup();
        assert_eq!(
            bodies,
            [
                "object=in%20headers&size=16",
                "object=in%20url&size=16",
                "object=in%20headers&size=16",
                "object=in%20url&size=16",
                "object=camera%2Fbundle&size=16",
                "object=camera%2Ffields&size=16",
            ]
        );
    }
}

#[test]
fn callbacks_that_programs_bring_along() {
    for kind in [Checked::AddressSanitizer, Checked::Valgrind] {
        let oss = LocalOss::start();
        let mut command = checked("callbacks", kind);
        oss.environment(&mut command);
        expect_success(&mut command);
        let received = oss.received(9);
        assert!(received.iter().all(|callback| callback.signature == Ok(())));
        let bodies: Vec<_> = received.iter().map(|callback| callback.body_text()).collect();
        let keys = "base64,json%20variables,own%20variables,headers,headers%20of%20a%20form,\
                    encoded,encoded%20again,encoded%20form";
        let expected = keys.split(',').map(|key| format!("key={key}&id=4%202"));
        assert_eq!(bodies[..8], expected.collect::<Vec<_>>());
        assert_eq!(bodies[8], "key=pairs&price%20%26=5%20%24&id=%3C4%202%3E");
        assert_eq!(received[8].target, "/callback?q=a%20b%26c%3Bd&r=%C3%A9");
    }
}

#[test]
fn own_functions_feed_watch_and_stop_uploads() {
    let oss = LocalOss::start();
    for kind in [Checked::AddressSanitizer, Checked::Valgrind] {
        let mut command = checked("own_functions", kind);
        oss.environment(&mut command);
        expect_success(&mut command);
    }
    let expected: Vec<u8> = (0..300_000).map(|i| (i % 251) as u8).collect();
    assert_eq!(oss.content("streamed").unwrap(), expected);
    assert_eq!(oss.content("streamed-twice").unwrap(), expected);
    assert!(oss.content("stopped").is_none());
    let with_md5 =
        oss.emulator.requests().into_iter().find(|r| r.key.as_deref() == Some("streamed-twice"));
    assert!(with_md5.unwrap().header("content-md5").is_some());
}

#[test]
fn a_part_that_memory_does_not_hold_is_an_error() {
    let program = Compiler::c("gnu99").build(&["tests/c/out_of_memory.c"], "out-of-memory");
    let mut command = Command::new(program);
    command
        .env("OSS_ENDPOINT", "http://127.0.0.1:1")
        .env("OSS_REGION", "cn-hangzhou")
        .env("OSS_ACCESS_KEY_ID", "ak")
        .env("OSS_ACCESS_KEY_SECRET", "sk");
    expect_success(&mut command);
}

#[test]
fn threads_share_clients() {
    for kind in [Checked::AddressSanitizer, Checked::Valgrind] {
        let oss = LocalOss::start();
        let mut command = checked("threads", kind);
        oss.environment(&mut command);
        expect_success(&mut command);
        assert_eq!(oss.emulator.requests().len(), 8 * 25);
    }
}

/// Runs `report_upload` and gives what it reported.
fn report(command: &mut Command) -> HashMap<String, String> {
    let output = expect_success(command);
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[test]
fn acknowledged() {
    let oss = LocalOss::start();
    oss.receiver.answer_with(Answer::json("{\"a\":1}"));
    let mut command = checked("report_upload", Checked::AddressSanitizer);
    oss.environment(&mut command);
    let report = report(&mut command);
    let stored = oss.emulator.object(BUCKET, "k").unwrap();
    assert_eq!(report["status"], "OSSBIND_STATUS_OK");
    assert_eq!(report["http_status"], "200");
    assert_eq!(report["etag"], "9E3669D19B675BD57058FD4664205D2A");
    assert_eq!(report["crc64"], stored.crc64().to_string());
    assert_eq!(report["answer"], "{\"a\":1}");
    assert_eq!(report["server"], "AliyunOSS");
    assert_eq!(report["result_request_id"].len(), 24);
    assert!(!report.contains_key("message") && !report.contains_key("version_id"));
    assert_eq!(oss.received(1)[0].body_text(), "object=k");
    assert_eq!(oss.received(1)[0].signature, Ok(()));
}

#[test]
fn every_callback_failure_is_stored_but_failed() {
    let oss = LocalOss::start();
    let program = Compiler::c("c99").build(&["tests/c/report_upload.c"], "report_upload");
    for failure in callback_failures::all() {
        let url = failure.provoke(&oss);
        let mut command = Command::new(&program);
        oss.environment(&mut command);
        let report = report(command.env("OSS_CALLBACK_URL", url));
        let message = failure.message;
        assert_eq!(report["status"], "OSSBIND_STATUS_CALLBACK_FAILED", "{message}");
        assert_eq!(report["error_status"], "OSSBIND_STATUS_CALLBACK_FAILED");
        assert_eq!(report["object_state"], "OSSBIND_OBJECT_STATE_STORED");
        assert_eq!((&*report["http_status"], &*report["error_http_status"]), ("203", "203"));
        assert_eq!(report["etag"], "9E3669D19B675BD57058FD4664205D2A");
        assert_eq!(report["code"], "CallbackFailed");
        assert_eq!(report["ec"], failure.ec, "{message}");
        assert_eq!(report["document_message"].find(message), Some(0));
        assert!(report["message"].contains(message));
        assert_eq!(report["advice"], "OSSBIND_ADVICE_DONE");
        assert!(!report.contains_key("answer"));
    }
}

#[test]
fn refusals_say_what_is_wrong() {
    let program = Compiler::c("c99").build(&["tests/c/report_upload.c"], "report_refusal");
    let refused = |options: Options, change: fn(&mut Command), code: &str, part: &str| {
        let oss = LocalOss::with(options);
        let mut command = Command::new(&program);
        oss.environment(&mut command);
        change(&mut command);
        let report = report(&mut command);
        assert_eq!(report["status"], "OSSBIND_STATUS_SERVICE", "{report:?}");
        assert_eq!(report["object_state"], "OSSBIND_OBJECT_STATE_NOT_STORED");
        assert_eq!(report["advice"], "OSSBIND_ADVICE_FIX_SETTINGS");
        assert_eq!(report["retry_after_ms"], "300000");
        assert_eq!(report["code"], code);
        assert!(report["message"].contains(part), "{report:?}");
        assert!(oss.content("k").is_none());
        assert!(oss.receiver.received().is_empty());
    };
    let default = Options::default;
    let secret: fn(&mut Command) = |command| {
        command.env("OSS_ACCESS_KEY_SECRET", "other");
    };
    let nothing: fn(&mut Command) = |_| {};
    refused(default(), secret, "SignatureDoesNotMatch", "access key secret is wrong");
    let region = Options { region: "cn-beijing".to_owned(), ..default() };
    refused(region, nothing, "InvalidArgument", "set region, or OSS_REGION");
}

#[test]
fn missing_credentials_name_the_variable() {
    let program = Compiler::c("c99").build(&["tests/c/report_upload.c"], "report_missing");
    let oss = LocalOss::start();
    let mut command = Command::new(&program);
    oss.environment(&mut command);
    let report = report(command.env_remove("OSS_ACCESS_KEY_SECRET"));
    assert_eq!(report["status"], "OSSBIND_STATUS_CREDENTIALS");
    assert!(report["message"].contains("OSS_ACCESS_KEY_SECRET is not set"), "{report:?}");
}
