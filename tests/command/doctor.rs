//! `ossbind doctor`: each thing that can be wrong is found, and blamed on nothing else.

use std::io::{BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ossbind_emulator::{Operation, Options, SelfSigned};
use serde_json::Value;

use crate::program::{Ended, command, command_for, file};
use crate::support::local_oss::LocalOss;
use crate::support::raw_server::{RawServer, read_head};

const STEPS: [&str; 7] =
    ["configuration", "name", "connection", "clock", "keys", "bucket", "callback"];
/// What a device says that has no callback and no fault.
const WELL: [&str; 7] = ["ok", "ok", "ok", "ok", "ok", "ok", "skipped"];
const SECRET: &str = "s3cr3t-of-the-device";

/// What the doctor finds.
#[derive(Debug)]
struct Findings {
    code: Option<i32>,
    json: Value,
}

impl Findings {
    /// Runs it for people and for programs, who must get the same.
    fn of(mut command: Command, words: &[&str]) -> Self {
        let people = Ended::of(command.arg("doctor").args(words).output().unwrap());
        let program = Ended::of(command.arg("--json").output().unwrap());
        for ended in [&people, &program] {
            assert_eq!(ended.stderr, "", "{ended:?}");
            assert!(!ended.stdout.contains(SECRET), "{ended:?}");
        }
        let json = program.json();
        let steps = json["steps"].as_array().unwrap();
        assert_eq!(people.stdout.lines().count(), STEPS.len(), "{people:?}");
        for ((step, name), line) in steps.iter().zip(STEPS).zip(people.stdout.lines()) {
            assert_eq!(step["step"], name);
            let verdict = step["verdict"].as_str().unwrap();
            assert!(line.starts_with(&format!("{verdict:8} {name:13} ")), "{line}");
        }
        let is_well = steps.iter().all(|step| step["verdict"] != "wrong");
        assert_eq!(json["ok"], is_well, "{json}");
        assert_eq!(program.code, Some(if is_well { 0 } else { 6 }));
        assert_eq!(people.code, program.code);
        Self { code: program.code, json }
    }

    fn for_oss(oss: &LocalOss, words: &[&str]) -> Self {
        Self::of(command_for(oss, &[]), words)
    }

    fn verdicts(&self) -> Vec<&str> {
        let steps = self.json["steps"].as_array().unwrap();
        steps.iter().map(|step| step["verdict"].as_str().unwrap()).collect()
    }

    fn message(&self, step: &str) -> &str {
        let index = STEPS.iter().position(|name| *name == step).unwrap();
        self.json["steps"][index]["message"].as_str().unwrap()
    }

    /// Demands these verdicts, and these words about the step.
    #[track_caller]
    fn expect(&self, verdicts: [&str; 7], step: &str, parts: &[&str]) {
        assert_eq!(self.verdicts(), verdicts, "{self:?}");
        for part in parts {
            assert!(self.message(step).contains(part), "{part}: {self:?}");
        }
    }
}

/// The verdicts of a well device, but for these.
fn but(changes: &[(&str, &'static str)]) -> [&'static str; 7] {
    let mut verdicts = WELL;
    for (step, verdict) in changes {
        verdicts[STEPS.iter().position(|name| name == step).unwrap()] = verdict;
    }
    verdicts
}

const NOT_ASKED: [(&str, &str); 4] =
    [("connection", "skipped"), ("clock", "skipped"), ("keys", "skipped"), ("bucket", "skipped")];

#[test]
fn all_is_well() {
    let oss = LocalOss::start();
    let url = oss.callback_url();
    let found = Findings::for_oss(&oss, &["--callback", &url]);
    let place = format!("bucket \"examplebucket\" is at {}; ", oss.emulator.endpoint());
    found.expect(but(&[("callback", "ok")]), "configuration", &[&place, "access key id is \"ak\""]);
    assert!(found.json["clock_offset_s"].as_i64().unwrap().abs() < 60, "{found:?}");
    assert!(found.message("connection").contains("without TLS"), "{found:?}");
    // Twice one question, which stores nothing and calls nobody.
    let requests = oss.emulator.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|r| r.operation == Some(Operation::HeadObject)));
    assert!(oss.receiver.received().is_empty());
    let found = Findings::for_oss(&oss, &[]);
    found.expect(WELL, "callback", &["give --callback, or set OSS_CALLBACK_URL"]);
}

#[test]
fn keys_that_are_wrong() {
    let oss = LocalOss::start();
    let expected = but(&[("keys", "wrong"), ("bucket", "skipped")]);
    let mut command = command_for(&oss, &[]);
    command.env("OSS_ACCESS_KEY_SECRET", SECRET);
    Findings::of(command, &[]).expect(expected, "keys", &["the access key secret is wrong"]);

    let mut command = command_for(&oss, &[]);
    command.env("OSS_ACCESS_KEY_ID", "who").env("OSS_ACCESS_KEY_SECRET", SECRET);
    let found = Findings::of(command, &[]);
    found.expect(expected, "keys", &["InvalidAccessKeyId", "is \"who\"", "Set OSS_ACCESS_KEY_ID"]);

    let mut command = command_for(&oss, &[]);
    command.env("OSS_ACCESS_KEY_ID", "STS.ak").env("OSS_ACCESS_KEY_SECRET", "sts-sk");
    command.env("OSS_SESSION_TOKEN", SECRET);
    Findings::of(command, &[]).expect(expected, "keys", &["OSS_SESSION_TOKEN"]);
}

#[test]
fn a_bucket_that_is_missing_or_elsewhere() {
    let oss = LocalOss::start();
    let expected = but(&[("keys", "skipped"), ("bucket", "wrong")]);
    let found = Findings::for_oss(&oss, &["--bucket", "other-bucket"]);
    found.expect(expected, "bucket", &["NoSuchBucket", "\"other-bucket\""]);

    let mut command = command_for(&oss, &[]);
    command.env("OSS_REGION", "cn-beijing");
    let found = Findings::of(command, &[]);
    found.expect(expected, "bucket", &["\"cn-beijing\"", "set region, or OSS_REGION"]);
    assert!(found.message("keys").contains("InvalidArgument"), "{found:?}");
}

/// What OSS answers when the endpoint is that of another region.
#[test]
fn the_endpoint_that_oss_names() {
    let document = "<Error><Code>AccessDenied</Code><Message>must be addressed elsewhere</Message>\
                    <Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint></Error>";
    let server = RawServer::answering(format!(
        "HTTP/1.1 403 Forbidden\r\nx-oss-request-id: id\r\nx-oss-err: {}\r\n\
         Date: Sun, 04 Sep 2022 08:11:38 GMT\r\nContent-Length: 0\r\n\r\n",
        STANDARD.encode(document)
    ));
    let oss = LocalOss::start();
    let mut command = command_for(&oss, &[]);
    command.env("OSS_ENDPOINT", format!("http://{}", server.address()));
    let found = Findings::of(command, &[]);
    let expected = but(&[("clock", "wrong"), ("bucket", "wrong")]);
    found.expect(expected, "bucket", &["OSS_ENDPOINT to oss-cn-beijing.aliyuncs.com"]);
    // 2022-09-04T08:11:38Z
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let offset = now as i64 - 1_662_279_098;
    assert!((found.json["clock_offset_s"].as_i64().unwrap() - offset).abs() < 60, "{found:?}");
}

#[test]
fn keys_that_may_only_put_are_well() {
    let oss = LocalOss::start();
    oss.fault("error status=403 code=AccessDenied message=\"You have no right.\" times=always");
    let found = Findings::for_oss(&oss, &[]);
    found.expect(WELL, "bucket", &["may not look", "oss:GetObject", "You have no right."]);
}

#[test]
fn a_service_that_cannot_answer_now() {
    let oss = LocalOss::start();
    oss.fault("error status=503 times=always");
    let expected = but(&[("keys", "skipped"), ("bucket", "wrong")]);
    Findings::for_oss(&oss, &[]).expect(expected, "bucket", &["503", "tried 2 times"]);
}

#[test]
fn names_that_do_not_resolve() {
    let oss = LocalOss::start();
    let mut command = command_for(&oss, &[]);
    command.env("OSS_ENDPOINT", "http://host.invalid:9000");
    let changes = [&NOT_ASKED[..], &[("name", "wrong"), ("callback", "wrong")]].concat();
    let found = Findings::of(command, &["--callback", "http://app.invalid/x"]);
    found.expect(but(&changes), "name", &["examplebucket.host.invalid is not resolved", "DNS"]);
    assert!(found.message("callback").contains("the host app.invalid of the callback URL"));
}

/// A proxy may know names that this device does not.
#[test]
fn names_that_a_proxy_resolves() {
    let oss = LocalOss::start();
    let address = oss.emulator.address();
    let proxy = RawServer::start(move |mut client| {
        let head = read_head(&mut BufReader::with_capacity(1, &client));
        assert!(head[0].starts_with("CONNECT examplebucket.host.invalid:9000 "), "{head:?}");
        let mut server = TcpStream::connect(address).unwrap();
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        let (mut from_client, mut to_server) =
            (client.try_clone().unwrap(), server.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
        std::thread::spawn(move || std::io::copy(&mut server, &mut client));
    });
    let mut command = command_for(&oss, &[]);
    command.env("OSS_ENDPOINT", "http://host.invalid:9000");
    command.env("HTTP_PROXY", format!("http://me:{SECRET}@{}", proxy.address()));
    let found = Findings::of(command, &[]);
    assert_eq!(found.verdicts()[..3], ["ok", "skipped", "ok"], "{found:?}");
    assert!(found.message("name").contains("HTTP_PROXY is set"), "{found:?}");
    assert!(!oss.emulator.requests().is_empty());
}

#[test]
fn nobody_listens() {
    let oss = LocalOss::start();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = command_for(&oss, &[]);
    command.env("OSS_ENDPOINT", format!("http://{free}"));
    let changes = [&NOT_ASKED[..], &[("connection", "wrong")]].concat();
    let found = Findings::of(command, &[]);
    found.expect(but(&changes), "connection", &["Connection refused", "nothing listens"]);
    assert!(found.json["clock_offset_s"].is_null());
}

/// A login page is no answer of OSS, and its clock is nobody's business.
#[test]
fn somebody_else_answers() {
    let server = RawServer::answering(
        "HTTP/1.1 302 Found\r\nDate: Sun, 04 Sep 2022 08:11:38 GMT\r\nContent-Length: 0\r\n\r\n",
    );
    let oss = LocalOss::start();
    let mut command = command_for(&oss, &[]);
    command.env("OSS_ENDPOINT", format!("http://{}", server.address()));
    let changes = [&NOT_ASKED[..], &[("connection", "wrong")]].concat();
    Findings::of(command, &[]).expect(but(&changes), "connection", &["HTTP 302", "login page"]);
}

#[test]
fn certificates() {
    let made = SelfSigned::generate(&["127.0.0.1"]).unwrap();
    let ca = file("doctor.pem", made.ca_pem.as_bytes());
    let oss = LocalOss::with(Options { tls: Some(made.identity), ..Options::default() });
    let changes = [&NOT_ASKED[..], &[("connection", "wrong")]].concat();
    let found = Findings::for_oss(&oss, &[]);
    found.expect(but(&changes), "connection", &["not among the trusted ones", "tls.ca_file"]);
    let found = Findings::for_oss(&oss, &["--ca", &ca]);
    found.expect(WELL, "connection", &["with TLS and a certificate that is trusted"]);

    let changes = [&NOT_ASKED[..], &[("configuration", "wrong"), ("name", "skipped")]].concat();
    let found = Findings::for_oss(&oss, &["--ca", "/does/not/exist"]);
    found.expect(but(&changes), "configuration", &["tls.ca_file", "/does/not/exist"]);
}

#[test]
fn a_clock_that_is_off() {
    let oss = LocalOss::start();
    for (seconds, direction) in [(3600, "behind"), (-3600, "ahead of")] {
        oss.emulator.set_clock_offset_seconds(seconds);
        let found = Findings::for_oss(&oss, &[]);
        // The library corrects an hour, so the rest is well.
        found.expect(but(&[("clock", "wrong")]), "clock", &[direction, "accepts 900 s", "set it"]);
        let offset = found.json["clock_offset_s"].as_i64().unwrap();
        assert!((offset + seconds).abs() < 60, "{found:?}");
    }
    oss.emulator.set_clock_offset_seconds(600);
    Findings::for_oss(&oss, &[]).expect(WELL, "clock", &["s behind OSS"]);
    // Without TLS a month is not corrected, and so nothing else is known.
    oss.emulator.set_clock_offset_seconds(30 * 86_400);
    let expected = but(&[("clock", "wrong"), ("keys", "skipped"), ("bucket", "skipped")]);
    Findings::for_oss(&oss, &[]).expect(expected, "bucket", &["because of the clock"]);
}

#[test]
fn callbacks_that_cannot_be() {
    let oss = LocalOss::start();
    let expected = but(&[("callback", "wrong")]);
    for (url, part) in [
        ("ftp://app.example.com/", "\"ftp\" is not http or https"),
        ("http://127.0.0.1/;http://app.invalid/", "the host app.invalid of the callback URL"),
        ("http://[::1]/", "is an IPv6 address"),
    ] {
        Findings::for_oss(&oss, &["--callback", url]).expect(expected, "callback", &[part]);
    }

    // The public OSS does not reach into private networks, whether it can be reached from here or not.
    let found = |url: &str| {
        let mut command = command_for(&oss, &[]);
        command.env_remove("OSS_ENDPOINT").env("OSS_REGION", "cn-hangzhou");
        command.env("HTTPS_PROXY", "http://127.0.0.1:1").env("OSS_CALLBACK_URL", url);
        let found = Findings::of(command, &[]);
        (found.verdicts()[6].to_owned(), found.message("callback").to_owned())
    };
    for address in ["10.1.2.3", "172.31.0.1", "192.168.0.1", "100.64.0.1", "localhost", "127.1.2.3"]
    {
        let (verdict, message) = found(&format!("http://{address}:8080/x"));
        assert_eq!(verdict, "wrong", "{address}: {message}");
        assert!(message.contains(address) && message.contains("private"), "{message}");
    }
    for address in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "11.0.0.1"] {
        let (verdict, message) = found(&format!("https://{address}/x"));
        assert_eq!(verdict, "ok", "{address}: {message}");
    }
}

#[test]
fn a_device_without_settings() {
    let expected = [&["wrong"][..], &["skipped"; 6]].concat();
    let found = Findings::of(command(), &[]);
    assert_eq!((found.code, found.verdicts()), (Some(6), expected.clone()), "{found:?}");
    assert!(found.message("configuration").contains("OSS_ENDPOINT"), "{found:?}");
    let oss = LocalOss::start();
    let mut command = command_for(&oss, &[]);
    command.env_remove("OSS_BUCKET");
    let found = Findings::of(command, &[]);
    assert_eq!(found.verdicts(), expected, "{found:?}");
    assert!(found.message("configuration").contains("give --bucket"), "{found:?}");
    let found = Findings::for_oss(&oss, &["--bucket", "No_Bucket"]);
    assert_eq!(found.verdicts(), expected, "{found:?}");
    assert!(found.message("configuration").contains("\"No_Bucket\""), "{found:?}");
    assert!(oss.emulator.requests().is_empty());
}
