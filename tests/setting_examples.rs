//! The examples of settings and functions of the program, in C and in C++, as users build and run them.

#[path = "examples/program.rs"]
mod program;
mod support;

use std::io::Write as _;
use std::process::Stdio;
use std::sync::mpsc;

use ossbind_emulator::{Cname, Operation, Options, SelfSigned};
use program::{Ended, Example};
use support::local_oss::{BUCKET, LocalOss, PATIENCE};
use support::raw_server::{RawServer, read_head};

const CONTENT: &[u8] = b"twelve bytes";
const OK: &str = "OSSBIND_STATUS_OK\n";

fn each(name: &'static str, run: impl Fn(Example)) {
    Example::in_both_languages(name).for_each(run);
}

#[test]
fn cancel_from_signal() {
    each("cancel_from_signal", |example| {
        let path = example.file(CONTENT);
        let oss = LocalOss::start();
        let (ended, _) = example.acknowledged(&oss, &[&path]);
        assert_eq!(ended.stdout, OK);

        let (reached, wait) = mpsc::channel();
        let server = RawServer::start(move |stream| {
            read_head(&mut std::io::BufReader::new(&stream));
            reached.send(stream).unwrap(); // and says nothing
        });
        let mut command = example.command(&oss, &[&path]);
        command.env("OSS_ENDPOINT", format!("http://{}", server.address()));
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let held = wait.recv_timeout(PATIENCE).unwrap();
        let pid = rustix::process::Pid::from_raw(child.id().try_into().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        let ended = Ended::of(child.wait_with_output().unwrap());
        drop(held);
        assert_eq!((ended.code, &*ended.stdout), (Some(1), "OSSBIND_STATUS_CANCELLED\n"));
        assert!(ended.stderr.contains("OSSBIND_ADVICE_"), "{ended:?}");
    });
}

#[test]
fn find_after_lost_answer() {
    each("find_after_lost_answer", |example| {
        let path = example.file(CONTENT);
        let oss = LocalOss::start();
        let (ended, _) = example.acknowledged(&oss, &["60000", &path]);
        assert_eq!(ended.stdout, "upload: OSSBIND_STATUS_OK, OSSBIND_ADVICE_DONE\n");

        // It is stored, and called back; but the call is over before the answer comes.
        oss.fault("stall-answer at=0 operation=PutObject times=1");
        let ended = example.run(&oss, &["1500", &path, "late"]);
        let lines: Vec<&str> = ended.stdout.lines().collect();
        let expected = [
            "upload: OSSBIND_STATUS_TIMEOUT, OSSBIND_ADVICE_LOOK",
            "find: OSSBIND_STATUS_OK, OSSBIND_ADVICE_DONE",
        ];
        assert_eq!((ended.code, lines), (Some(0), expected.to_vec()), "{}", ended.stderr);
        assert_eq!(oss.received(2).len(), 2, "once for each object");
    });
}

#[test]
fn log_and_report() {
    each("log_and_report", |example| {
        let path = example.file(CONTENT);
        let oss = LocalOss::start();
        let (ended, _) = example.acknowledged(&oss, &[&path, "k"]);
        assert!(ended.stderr.starts_with("info: PUT "), "{ended:?}");
        assert_eq!(ended.stdout, "");

        oss.emulator.fail_next(Operation::PutObject, 403, "AccessDenied");
        let ended = example.run(&oss, &[&path, "k"]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let report: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        assert!(report.to_string().contains("AccessDenied"), "{report}");
        assert_eq!((&report["key"], &report["method"]), (&"k".into(), &"PUT".into()), "{report}");
        assert_eq!(report["endpoint"], format!("{}/", oss.emulator.endpoint()));
    });
}

#[test]
fn temporary_keys() {
    each("temporary_keys", |example| {
        let path = example.file(CONTENT);
        let keys = example.program.with_extension("keys");
        let oss = LocalOss::start();
        std::fs::write(&keys, "STS.ak\nsts-sk\ntoken\n").unwrap();
        let keys = keys.to_str().unwrap();
        let (ended, _) = example.acknowledged(&oss, &[keys, &path, "k"]);
        assert_eq!(ended.stdout, OK);

        std::fs::write(keys, "only one line\n").unwrap();
        let ended = example.run(&oss, &[keys, &path, "other"]);
        assert_eq!((ended.code, &*ended.stdout), (Some(1), "OSSBIND_STATUS_CREDENTIALS\n"));
        assert!(oss.content("other").is_none());
    });
}

#[test]
fn read_function() {
    each("read_function", |example| {
        let content = vec![7; (5 << 20) / 2];
        let oss = LocalOss::start();
        let mut command = example.command(&oss, &["streamed"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&content).unwrap();
        let ended = Ended::of(child.wait_with_output().unwrap());
        assert_eq!((ended.code, &*ended.stdout), (Some(0), OK));
        assert_eq!(oss.content("streamed").unwrap(), content);
        assert_eq!(oss.count(Operation::UploadPart), 3);

        // A folder can be opened, but not read.
        let mut command = example.command(&oss, &["broken"]);
        let ended = Ended::of(command.stdin(std::fs::File::open("/").unwrap()).output().unwrap());
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.stderr.starts_with("standard input cannot be read"), "{ended:?}");
        assert!(oss.content("broken").is_none());
    });
}

#[test]
fn proxy_and_tls() {
    each("proxy_and_tls", |example| {
        let path = example.file(CONTENT);
        let made = SelfSigned::generate(&["127.0.0.1"]).unwrap();
        let ca_file = example.program.with_extension("pem");
        std::fs::write(&ca_file, made.ca_pem).unwrap();
        let ca_file = ca_file.to_str().unwrap();
        let oss = LocalOss::with(Options { tls: Some(made.identity), ..Options::default() });
        let (ended, _) = example.acknowledged(&oss, &[ca_file, "", &path]);
        assert_eq!(ended.stdout, OK);

        let (asked, wait) = mpsc::channel();
        let proxy = RawServer::start(move |mut stream| {
            asked.send(read_head(&mut std::io::BufReader::new(&stream))).unwrap();
            stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").unwrap();
        });
        let ended = example.run(&oss, &[ca_file, &format!("http://{}", proxy.address()), &path]);
        assert_eq!((ended.code, &*ended.stdout), (Some(1), "OSSBIND_STATUS_TRANSPORT\n"));
        assert!(wait.recv_timeout(PATIENCE).unwrap()[0].starts_with("CONNECT "));
    });
}

#[test]
fn endpoints() {
    each("endpoints", |example| {
        let path = example.file(CONTENT);
        let cnames = vec![Cname { host: "localhost".to_owned(), bucket: BUCKET.to_owned() }];
        let oss = LocalOss::with(Options { cnames, ..Options::default() });
        let domain = oss.emulator.endpoint().replace("127.0.0.1", "localhost");
        let ended = example.run(&oss, &["cname", &domain, &path, "by-cname"]);
        assert_eq!((ended.code, &*ended.stdout), (Some(0), OK), "{ended:?}");
        assert_eq!(oss.content("by-cname").unwrap(), CONTENT);
        assert_eq!(oss.emulator.requests()[0].target, "/by-cname");

        // Where these lead is not of this machine: the host is in the message.
        for (way, host) in [
            ("internal", "oss-cn-hangzhou-internal.aliyuncs.com"),
            ("accelerate", "oss-accelerate.aliyuncs.com"),
        ] {
            let mut command = example.command(&oss, &[way, "cn-hangzhou", &path]);
            command.env_remove("OSS_ENDPOINT").env("HTTPS_PROXY", "http://127.0.0.1:1");
            let ended = Ended::of(command.output().unwrap());
            assert_eq!((ended.code, &*ended.stdout), (Some(1), "OSSBIND_STATUS_TRANSPORT\n"));
            assert!(
                ended.stderr.contains("127.0.0.1:1") || ended.stderr.contains(host),
                "{ended:?}"
            );
        }
    });
}
