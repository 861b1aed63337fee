//! `ossbind put`: what is uploaded, and from where.

use std::io::Write as _;
use std::process::{Command, Stdio};

use ossbind_emulator::{Answer, Operation, Options, RequestRecord, SelfSigned};

use crate::program::{Ended, command_for, file, program, run_for};
use crate::support::local_oss::{BUCKET, LocalOss};
use crate::support::native::{Compiler, out_dir};

/// Also whoever checks the signature of a callback asks the local OSS.
fn put_request(oss: &LocalOss) -> RequestRecord {
    let mut requests = oss.emulator.requests().into_iter();
    requests.find(|request| request.operation == Some(Operation::PutObject)).unwrap()
}

#[test]
fn a_file_with_a_callback() {
    let oss = LocalOss::start();
    let path = file("plain", b"twelve bytes");
    let mut command = command_for(&oss, &["put", &path, "dir/e.txt"]);
    let ended = Ended::of(command.env("OSS_CALLBACK_URL", oss.callback_url()).output().unwrap());
    let object = oss.emulator.object(BUCKET, "dir/e.txt").unwrap();
    let expected = format!(
        "stored: dir/e.txt in bucket examplebucket\n  \
           etag       C91FA94E14CF2FA5474BECEFF788C0DC\n  \
           crc64      {}\n  \
           request id {}\n  \
           callback   {{\"Status\":\"OK\"}}\n",
        object.crc64(),
        put_request(&oss).request_id,
    );
    assert_eq!((ended.code, ended.stdout, &*ended.stderr), (Some(0), expected, ""));
    assert_eq!(oss.content("dir/e.txt").unwrap(), b"twelve bytes");
    assert_eq!(object.content_type(), "text/plain");
    let callback = oss.received(1).remove(0);
    assert_eq!(callback.signature, Ok(()));
    assert_eq!(callback.body_text(), "object=dir%2Fe.txt&size=12");

    let quiet = run_for(&oss, &["put", "--quiet", &path, "quiet"]);
    assert_eq!((quiet.code, &*quiet.stdout, &*quiet.stderr), (Some(0), "", ""));
    assert!(oss.content("quiet").is_some());
    assert_eq!(oss.receiver.received().len(), 1, "nobody was to be called");
}

#[test]
fn every_option_reaches_the_object_or_the_callback() {
    let oss = LocalOss::start();
    let path = file("options", b"v");
    let mut command = command_for(
        &oss,
        &[
            "put",
            "--bucket=examplebucket",
            "--callback",
            &oss.callback_url(),
            "--callback-json",
            "--callback-body",
            "{\"key\":${object},\"id\":${x:id},\"site\":${x:site}}",
            "--var",
            "x:id=4=2",
            "--var=x:site=north \"gate\"",
            "--content-type",
            "text/csv",
            "--meta",
            "camera=north",
            "--meta=shot=17",
            "--storage-class",
            "IA",
            "--timeout=60",
            "--once",
            "--",
            &path,
            "-k",
        ],
    );
    let ended = Ended::of(command.env("OSS_BUCKET", "elsewhere").output().unwrap());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let object = oss.emulator.object(BUCKET, "-k").unwrap();
    assert_eq!((object.content_type(), object.storage_class()), ("text/csv", "IA"));
    let put = put_request(&oss);
    for (name, value) in [
        ("x-oss-meta-camera", "north"),
        ("x-oss-meta-shot", "17"),
        ("x-oss-forbid-overwrite", "true"),
    ] {
        assert_eq!(put.header(name), Some(value), "{name}");
    }
    let callback = oss.received(1).remove(0);
    assert_eq!(callback.header("content-type"), Some("application/json"));
    let expected = "{\"key\":\"-k\",\"id\":\"4=2\",\"site\":\"north \\\"gate\\\"\"}";
    assert_eq!(callback.body_text(), expected);

    // Of a body in JSON that is not given, too; and an empty URL calls nobody.
    let url = oss.callback_url();
    let words = ["put", "--callback", &url, "--callback-json", &path, "plain"];
    assert_eq!(run_for(&oss, &words).code, Some(0));
    assert_eq!(oss.received(2)[1].body_text(), "{\"object\":\"plain\",\"size\":1}");
    let mut command = command_for(&oss, &["put", "--callback", "", &path, "uncalled"]);
    let ended = Ended::of(command.env("OSS_CALLBACK_URL", url).output().unwrap());
    assert_eq!((ended.code, oss.receiver.received().len()), (Some(0), 2), "{ended:?}");
}

#[test]
fn standard_input() {
    let oss = LocalOss::start();
    let mut command = command_for(&oss, &["put", "--part-size", "102400", "-", "streamed"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let content = vec![7; 300_000];
    child.stdin.take().unwrap().write_all(&content).unwrap();
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(oss.content("streamed").unwrap(), content);
    assert_eq!(oss.count(Operation::UploadPart), 3);

    // A folder can be opened, but not read. What cannot be read must not become an empty object.
    let mut command = command_for(&oss, &["put", "-", "broken"]);
    let ended = Ended::of(command.stdin(std::fs::File::open("/").unwrap()).output().unwrap());
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stderr.starts_with("ossbind: standard input: Is a directory: "), "{ended:?}");
    let mut command = command_for(&oss, &["put", "--json", "-", "broken"]);
    let ended = Ended::of(command.stdin(std::fs::File::open("/").unwrap()).output().unwrap());
    assert!(ended.json()["message"].as_str().unwrap().contains("Is a directory"), "{ended:?}");
    let mut shell = Command::new("sh");
    oss.environment(&mut shell);
    shell.args(["-c", "exec \"$0\" put - broken <&-"]).arg(program());
    let ended = Ended::of(shell.output().unwrap());
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stderr.contains("Bad file descriptor"), "{ended:?}");
    assert!(oss.content("broken").is_none());
}

/// Else the connection to OSS would be standard output, and get what is printed.
#[test]
fn closed_streams_are_not_taken_for_connections() {
    let oss = LocalOss::start();
    let mut shell = Command::new("sh");
    oss.environment(&mut shell);
    let path = file("closed", b"v");
    shell.args(["-c", "exec \"$0\" put \"$1\" k <&- >&- 2>&-"]).arg(program()).arg(path);
    assert_eq!(Ended::of(shell.output().unwrap()).code, Some(0));
    assert_eq!(oss.content("k").unwrap(), b"v");
}

#[test]
fn a_full_disk_hides_the_output_and_not_the_outcome() {
    let oss = LocalOss::start();
    let path = file("full", b"v");
    let mut command = command_for(&oss, &["put", "--json", &path, "k"]);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let ended = Ended::of(command.stdout(full).output().unwrap());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stderr.contains("standard output: No space left"), "{ended:?}");
}

#[test]
fn parts_go_on_with_a_checkpoint() {
    let oss = LocalOss::start();
    let content: Vec<u8> = (0..350_000).map(|i| (i * 31 % 251) as u8).collect();
    let path = file("parts", &content);
    let folder = out_dir().join("command-checkpoints");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder).unwrap();
    let folder = folder.to_str().unwrap();
    let url = oss.callback_url();
    let words =
        ["put", "--callback", &url, "--checkpoint", folder, "--part-size=102400", &path, "big"];
    oss.fault("error status=403 code=AccessDenied operation=UploadPart part=3");
    let ended = run_for(&oss, &words);
    assert_eq!(ended.code, Some(6), "{ended:?}");
    assert!(oss.content("big").is_none() && oss.receiver.received().is_empty());
    let ended = run_for(&oss, &words);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(oss.content("big").unwrap(), content);
    assert_eq!(oss.count(Operation::InitiateMultipartUpload), 1, "the second run goes on");
    assert_eq!(oss.received(1)[0].body_text(), "object=big&size=350000");
}

#[test]
fn progress_is_for_terminals() {
    let oss = LocalOss::start();
    let path = file("progress", &vec![7; 400_000]);
    let terminal = Compiler::c("gnu99").build(&["tests/c/with_terminal.c"], "with-terminal");
    let run = |words: &[&str]| {
        let mut command = Command::new(&terminal);
        oss.environment(&mut command);
        Ended::of(command.arg(program()).args(words).args([&path, "k"]).output().unwrap())
    };
    let shown = run(&["put"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(shown.stdout.contains("\r100 %"), "{shown:?}");
    let quiet = run(&["put", "--quiet"]);
    assert_eq!((quiet.code, &*quiet.stdout), (Some(0), ""), "{quiet:?}");
    let elsewhere = run_for(&oss, &["put", &path, "k"]);
    assert_eq!((elsewhere.code, &*elsewhere.stderr), (Some(0), ""), "{elsewhere:?}");
}

#[test]
fn an_authority_of_ones_own() {
    let made = SelfSigned::generate(&["127.0.0.1"]).unwrap();
    let ca = file("put.pem", made.ca_pem.as_bytes());
    let oss = LocalOss::with(Options { tls: Some(made.identity), ..Options::default() });
    let path = file("tls", b"v");
    let ended = run_for(&oss, &["put", &path, "k"]);
    assert_eq!(ended.code, Some(6), "{ended:?}");
    assert!(ended.stderr.contains("tls.ca_file"), "{ended:?}");
    let ended = run_for(&oss, &["put", "--ca", &ca, &path, "k"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(oss.content("k").unwrap(), b"v");
}

#[test]
fn json_of_a_success() {
    let oss = LocalOss::start();
    let path = file("json", b"twelve bytes");
    oss.receiver.answer_with(Answer::json("{\"a\":\"\\\"\\n\u{e9}\"}"));
    let url = oss.callback_url();
    let ended = run_for(&oss, &["put", "--json", "--callback", &url, &path, "k"]);
    let object = oss.emulator.object(BUCKET, "k").unwrap();
    let expected = serde_json::json!({
        "status": "OSSBIND_STATUS_OK",
        "object_state": "OSSBIND_OBJECT_STATE_STORED",
        "advice": "OSSBIND_ADVICE_DONE",
        "retry_after_ms": 0,
        "etag": "C91FA94E14CF2FA5474BECEFF788C0DC",
        "crc64": object.crc64().to_string(),
        "request_id": put_request(&oss).request_id,
        "callback_answer": "{\"a\":\"\\\"\\n\u{e9}\"}",
        "callback_answer_base64": null,
        "message": null,
        "http_status": 200,
        "oss_code": null,
        "ec": null,
    });
    assert_eq!((ended.code, ended.json(), &*ended.stderr), (Some(0), expected, ""));
}
