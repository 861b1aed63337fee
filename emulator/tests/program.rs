//! The binary.

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::SystemTime;

use common::tls::TlsClient;
use common::{BUCKET, Request};

/// A running program, killed when the test ends before it does.
struct Program {
    child: Child,
    output: BufReader<ChildStdout>,
    url: String,
}

impl Program {
    fn start(arguments: &[&str]) -> Program {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ossbind-emulator"))
            .args(arguments)
            .args(["--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let url =
            line.trim_end().strip_prefix("ossbind-emulator: listening on ").unwrap().to_owned();
        Program { child, output, url }
    }

    fn request(&self, text: &str) -> String {
        request(&self.url, text)
    }

    /// The next line that is not about settings.
    fn line(&mut self) -> String {
        loop {
            let line = self.any_line();
            if !line.starts_with("export ") && !line.starts_with("# or: export ") {
                return line;
            }
        }
    }

    fn any_line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }

    /// Sends SIGTERM and waits for a clean end.
    fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }
}

fn request(url: &str, text: &str) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn file(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(fs::remove_file(&path));
    path
}

#[test]
fn serve_announces_itself_logs_and_stops() {
    let ready = file("serve.ready");
    let mut program = Program::start(&[
        "serve",
        "--region",
        "us-west-1",
        "--access-key",
        "a:b",
        "--access-key",
        "STS.a:b:c:d",
        "--bucket",
        "first-bucket",
        "--discard",
        "--clock-offset",
        "-60",
        "--callback-timeout",
        "0.5",
        "--cname",
        "img.example.com=first-bucket",
        "--cors-origin",
        "http://localhost:8080",
        "--ready-file",
        ready.to_str().unwrap(),
    ]);
    let answer = program.request(
        "OPTIONS /first-bucket/a HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
         Origin: http://localhost:8080\r\nAccess-Control-Request-Method: PUT\r\n\r\n",
    );
    let allowed = "access-control-allow-origin: http://localhost:8080\r\n";
    assert!(answer.contains(allowed), "{answer}");
    let line = program.line();
    assert!(line.contains(" OPTIONS first-bucket/a OptionObject 0 bytes 200 "), "{line}");
    let answer = program.request(
        "GET /-/callback_pub_key_v1.pem HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    );
    assert!(answer.contains("-----BEGIN PUBLIC KEY-----"), "{answer}");
    let line = program.line();
    assert!(line.contains(" GET -/callback_pub_key_v1.pem 0 bytes 200 "), "{line}");
    // The file is there before signals are waited for, though perhaps not before the first answer.
    let url = program.url.clone();
    program.stop();
    assert_eq!(fs::read_to_string(&ready).unwrap(), url);
}

#[test]
fn serve_has_buckets_whose_requester_pays() {
    let program = Program::start(&["serve", "--requester-pays", BUCKET]);
    let address = program.url.strip_prefix("http://").unwrap().parse().unwrap();
    let ask = |request: Request| {
        let request = request.header("connection", "close").sign_v4();
        program.request(&request.head(address))
    };
    let refused = ask(Request::get("a"));
    assert!(refused.contains("0003-00000703"), "{refused}");
    let asked = ask(Request::get("a").header("x-oss-request-payer", "requester"));
    assert!(asked.contains("NoSuchKey"), "{asked}");
    program.stop();
}

#[test]
fn serve_writes_the_ca_of_its_certificate() {
    let ca = file("ca.pem");
    let program = Program::start(&["serve", "--tls-self-signed", ca.to_str().unwrap()]);
    assert!(program.url.starts_with("https://127.0.0.1:"));
    assert!(fs::read_to_string(&ca).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    program.stop();
}

/// For a device: reached from elsewhere, under names of its own.
#[test]
fn serve_has_a_certificate_for_further_names() {
    let ca = file("named-ca.pem");
    let program = Program::start(&[
        "serve",
        "--bind",
        "0.0.0.0",
        "--tls-self-signed",
        ca.to_str().unwrap(),
        "--tls-name",
        "192.0.2.7",
        "--tls-name",
        "oss.test",
    ]);
    let (url, bound) = program.url.split_once(", bound to ").unwrap();
    let port = bound.strip_prefix("0.0.0.0:").unwrap();
    assert_eq!(url, format!("https://127.0.0.1:{port}"));
    let address = format!("127.0.0.1:{port}").parse().unwrap();
    let client = TlsClient::trusting(&fs::read_to_string(&ca).unwrap());
    for name in ["192.0.2.7", "oss.test", "localhost", "127.0.0.1"] {
        assert_eq!(client.put(address, name).unwrap().status, 200, "{name}");
    }
    assert!(client.put(address, "192.0.2.8").is_err());
    program.stop();
}

#[test]
fn serve_takes_faults_from_options_scripts_and_other_programs() {
    let script = file("some.faults");
    fs::write(&script, "# second\ndelay for=1ms when=after\n").unwrap();
    let script = script.to_str().unwrap();
    let options = ["--fault", "garbage-answer text=first", "--fault-script", script];
    let mut program = Program::start(&[&["serve", "--control", "0"][..], &options[..]].concat());
    let line = program.line();
    let control = line.trim_end().strip_prefix("ossbind-emulator: control on ").unwrap();
    assert_eq!(program.line(), format!("ossbind-emulator: console on {control}/_console/\n"));

    let preflight = "OPTIONS /examplebucket/a HTTP/1.1\r\nHost: 127.0.0.1\r\n\
                     Connection: close\r\n\r\n";
    assert_eq!(program.request(preflight), "first");
    let line = program.line();
    let faults = " fault 1: garbage-answer text=first fault 2: delay for=1ms when=after ";
    assert!(line.contains(faults), "{line}");
    let question = "GET /faults HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let answer = request(control, question);
    assert!(answer.contains("\"fault\": \"garbage-answer text=first\""), "{answer}");
    assert_eq!(answer.matches("\"happened\": 1").count(), 2, "{answer}");
    program.stop();
}

#[test]
fn the_help_describes_operations_and_faults() {
    let output = Command::new(env!("CARGO_BIN_EXE_ossbind-emulator"))
        .args(["serve", "--help"])
        .output()
        .unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(help.contains(&ossbind_emulator::Operation::help()), "{help}");
    assert!(help.contains(&ossbind_emulator::Fault::help()), "{help}");
}

#[test]
fn the_help_has_a_session_to_copy() {
    let output = Command::new(env!("CARGO_BIN_EXE_ossbind-emulator")).arg("--help").output();
    let help = String::from_utf8(output.unwrap().stdout).unwrap();
    let commands: Vec<&str> =
        help.lines().filter_map(|line| line.trim().strip_prefix("ossbind-emulator ")).collect();
    assert_eq!(commands.len(), 2, "{help}");
    let mut settings = String::new();
    for (command, lines) in commands.into_iter().zip([5, 1]) {
        let arguments: Vec<&str> =
            command.split(" | ").next().unwrap().split_whitespace().collect();
        let mut program = Program::start(&arguments);
        for _ in 0..lines {
            settings.push_str(&program.any_line());
        }
        program.stop();
    }
    let shown = evaluated(&settings);
    assert!(shown.starts_with("http://127.0.0.1:"), "{shown}");
    assert!(shown.contains("\ncn-hangzhou\nexamplebucket\nak\nsk\n\nhttp://127.0.0.1:"), "{shown}");
}

/// What the settings come to in a shell that had others before.
fn evaluated(lines: &str) -> String {
    let names = "\"$OSS_ENDPOINT\" \"$OSS_REGION\" \"$OSS_BUCKET\" \"$OSS_ACCESS_KEY_ID\" \
                 \"$OSS_ACCESS_KEY_SECRET\" \"$OSS_SESSION_TOKEN\" \"$OSS_CALLBACK_URL\"";
    let script = format!("OSS_SESSION_TOKEN=old; {lines}\nprintf '%s\\n' {names}");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn serve_says_what_clients_need() {
    let mut program = Program::start(&[
        "serve",
        "--region",
        "us-west-1",
        "--bucket",
        "first-bucket",
        "--bucket",
        "second-bucket",
        "--access-key",
        "STS.a:it's $HOME & \\more:to ken",
        "--access-key",
        "b:c",
    ]);
    let lines: Vec<String> = (0..6).map(|_| program.any_line()).collect();
    assert_eq!(lines[3], "# or: export OSS_BUCKET=second-bucket\n");
    let other = "# or: export OSS_ACCESS_KEY_ID=b OSS_ACCESS_KEY_SECRET=c OSS_SESSION_TOKEN=\n";
    assert_eq!(lines[5], other);
    let expected = "us-west-1\nfirst-bucket\nSTS.a\nit's $HOME & \\more\nto ken\n\n";
    assert_eq!(evaluated(&lines.concat()), format!("{}\n{expected}", program.url));
    program.stop();
}

#[test]
fn serve_shifts_its_clock() {
    for (offset, seconds) in [("-1h", 3600), ("-60min", 3600), ("-3600", 3600), ("-1d", 86_400)] {
        let program = Program::start(&["serve", "--clock-offset", offset]);
        let answer =
            program.request("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        let date = answer.lines().find_map(|line| line.strip_prefix("date: ")).unwrap();
        let date = httpdate::parse_http_date(date).unwrap();
        let behind = SystemTime::now().duration_since(date).unwrap().as_secs();
        assert!((seconds..seconds + 3600).contains(&behind), "{offset}: {behind}");
        program.stop();
    }
}

#[test]
fn receive_prints_and_answers() {
    let ready = file("receive.ready");
    let mut program = Program::start(&[
        "receive",
        "--status",
        "201",
        "--answer",
        "[1]",
        "--ready-file",
        ready.to_str().unwrap(),
    ]);
    let answer = program.request("POST /cb?a=1 HTTP/1.1\r\nContent-Length: 4\r\n\r\na\nb\t");
    assert!(answer.starts_with("HTTP/1.1 201 ") && answer.ends_with("\r\n\r\n[1]"), "{answer}");
    let line = program.line();
    assert!(line.starts_with("POST /cb?a=1: signature NOT verified ("), "{line}");
    assert!(line.ends_with(": a\\nb\\t\n"), "{line}");
    program.stop();
}

#[test]
fn names_that_would_never_be_met_are_refused() {
    let cases = [
        ("--bucket", "Bad_Name", "bucket Bad_Name: ", "3 to 63 lowercase letters, digits and -"),
        ("--cname", "img.test=Bad_Name", "bucket Bad_Name: ", "3 to 63 lowercase letters"),
        ("--cname", "http://img.test=a-b", "host http://img.test: ", "without scheme and port"),
        ("--cname", "img.test:80=a-b", "host img.test:80: ", "without scheme and port"),
        ("--cname", "=a-b", "host : ", "without scheme and port"),
        ("--callback-host", "http://a.test=127.0.0.1:1", "host http://a.test: ", "without scheme"),
        ("--callback-host", "a.test:80=127.0.0.1:1", "host a.test:80: ", "without scheme and port"),
    ];
    for (name, value, subject, rule) in cases {
        let output = Command::new(env!("CARGO_BIN_EXE_ossbind-emulator"))
            .args(["serve", "--port", "0", name, value])
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{value}");
        assert!(said.contains(subject) && said.contains(rule), "{value}: {said}");
    }
}

#[test]
fn wrong_arguments_are_refused() {
    for arguments in [
        &["serve", "--access-key", "only-an-id"][..],
        &["serve", "--cname", "no-bucket"],
        &["serve", "--callback-timeout", "-1"],
        &["serve", "--requester-pays", "other"],
        &["serve", "--callback-host", "app.test=127.0.0.1"],
        &["serve", "--callback-host", "=127.0.0.1:80"],
        &["serve", "--clock-offset", "-1x"],
        &["serve", "--clock-offset", "--discard"],
        &["serve", "--clock-offset", "9223372036854775807d"],
        &["receive", "--allow-key-url", "127.0.0.1:9000"],
        &["receive", "--allow-key-url", "http:///"],
        &["serve", "--data", "a", "--discard"],
        &["serve", "--no-cors", "--cors-origin", "http://localhost"],
        &["serve", "--callback-rsa-bits", "64"],
        &["serve", "--fault", "explode"],
        &["serve", "--fault", "tls-cut"],
        &["serve", "--tls-name", "oss.test"],
        &["serve", "--tls-self-signed", "not-written.pem", "--tls-name", "grün"],
        &["serve", "--fault-script", "no-such-file"],
        &["serve", "--control", "everywhere"],
        &["serve", "--control-host", "devbox.example"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_ossbind-emulator"))
            .args(arguments)
            .args(["--port", "0"])
            .output()
            .unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(!output.stderr.is_empty());
    }
}
