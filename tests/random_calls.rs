//! The C API as a machine of random calls, under AddressSanitizer, while things go wrong.
//!
//! `make test-random-calls` is the long form, with a seed of its own each time. One that failed is tried
//! again with `OSSBIND_TEST_RANDOM_CALLS=<calls> OSSBIND_TEST_RANDOM_SEED=<seed>`.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ossbind_emulator::{AccessKey, Options, SelfSigned, Storage};
use support::local_oss::LocalOss;
use support::native::{Compiler, expect_success, out_dir, root};

const SHORT: u64 = 3000;
/// From here on everything that can happen has to.
const LONG: u64 = 100_000;
const THREADS: u64 = 4;

/// Temporary keys, of which the service can say that they have expired.
const KEY_ID: &str = "STS.random-calls";
const SECRET: &str = "5ecretOfTheKeys";
const TOKEN: &str = "t0ken0fTheKeys";

/// What goes wrong, about every seventh time.
const WEATHER: [&str; 24] = [
    "reset-request at=0 p=0.005",
    "reset-request at=end p=0.005",
    "close-request at=1k p=0.005",
    "stall-request at=end for=1s p=0.002",
    "damage at=0 p=0.005",
    "delay for=100ms p=0.005",
    "delay for=100ms when=after p=0.005",
    "error status=503 p=0.01",
    "error status=500 p=0.005",
    "error status=500 when=after p=0.005",
    "error status=403 code=AccessDenied p=0.005",
    "page status=502 p=0.005",
    "page status=200 p=0.005",
    "expired-token p=0.01",
    "clock offset=2h p=0.001",
    "wrong-crc p=0.01",
    "oversized-head size=1m p=0.002",
    "close-answer at=0 p=0.01",
    "close-answer at=body+10 p=0.005",
    "stall-answer at=20 for=1s p=0.002",
    "garbage-answer text=\"220 mail\u{1b}[2J\\r\\n\" p=0.005",
    "callback-refuse p=0.01",
    "callback-status status=500 p=0.01",
    "refuse p=0.01",
];

const TLS_WEATHER: [&str; 3] = ["tls-cut p=0.03", "tls-expired p=0.02", "tls-untrusted p=0.02"];

#[test]
#[expect(clippy::print_stdout, reason = "the figures of the machine")]
fn random_calls() {
    let calls = number("OSSBIND_TEST_RANDOM_CALLS");
    // The short form makes the same calls each time, so that its failures are those of a change.
    let seed =
        number("OSSBIND_TEST_RANDOM_SEED").unwrap_or(if calls.is_some() { now() } else { 1 });
    let calls = calls.unwrap_or(SHORT);
    println!("seed {seed}, {calls} calls");

    let folder = working_folder();
    let made = SelfSigned::generate(&["127.0.0.1", "localhost"]).unwrap();
    fs::write(folder.join("ca.pem"), &made.ca_pem).unwrap();
    let plain = service(None, &WEATHER);
    let with_tls = service(Some(made), &[&WEATHER[..], &TLS_WEATHER].concat());

    let mut command = Command::new(program());
    plain.environment(&mut command);
    command
        .env("OSS_ACCESS_KEY_ID", KEY_ID)
        .env("OSS_ACCESS_KEY_SECRET", SECRET)
        .env("OSS_SESSION_TOKEN", TOKEN)
        .env("HOME", &folder)
        .current_dir(&folder)
        .args([seed, calls, THREADS].map(|number| number.to_string()))
        // By name, so that names are resolved.
        .arg(with_tls.emulator.endpoint().replace("127.0.0.1", "localhost"))
        .arg("ca.pem");
    let output = expect_success(&mut command);
    let counts = String::from_utf8(output.stdout).unwrap();
    println!("{counts}");
    check_calls(&counts);
    check_statuses(&counts, calls);
    if calls >= LONG {
        let statuses = [plain.emulator.faults().list(), with_tls.emulator.faults().list()].concat();
        let never = statuses.iter().filter(|fault| fault.happened == 0).map(|fault| &fault.text);
        assert_eq!(never.collect::<Vec<_>>(), [""; 0], "faults that never happened");
    }
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn program() -> PathBuf {
    let folder = root().join("tests/c/random_calls");
    let mut sources: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| format!("tests/c/random_calls/{}", entry.unwrap().file_name().display()))
        .filter(|source| source.ends_with(".c"))
        .collect();
    sources.sort();
    let sources: Vec<&str> = sources.iter().map(|source| &**source).collect();
    Compiler::c("gnu11")
        .flag("-fsanitize=address,undefined")
        .flag("-fno-sanitize-recover=all")
        .build(&sources, "random-calls")
}

/// The working folder and home of the program: bodies and checkpoints, and keys in all kinds of files.
fn working_folder() -> PathBuf {
    let folder = out_dir().join("random-calls-files");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("checkpoints")).unwrap();
    let write = |name: &str, content: String| fs::write(folder.join(name), content).unwrap();
    for (name, size) in [("file", 300_000), ("small", 100), ("empty", 0)] {
        write(name, "\0".repeat(size));
    }
    let keys = format!(
        "\"AccessKeyId\":\"{KEY_ID}\",\"AccessKeySecret\":\"{SECRET}\",\"SecurityToken\":\"{TOKEN}\""
    );
    write("keys.json", format!("{{{keys}}}"));
    write("broken-keys", format!("[default\n{{{keys},}}"));
    write(
        "profile.json",
        format!(
            "{{\"current\":\"default\",\"profiles\":[{{\"name\":\"default\",\"mode\":\"StsToken\",\
             \"access_key_id\":\"{KEY_ID}\",\"access_key_secret\":\"{SECRET}\",\
             \"sts_token\":\"{TOKEN}\"}}]}}"
        ),
    );
    write(
        "profile.ini",
        format!("[default]\ntype=access_key\naccess_key_id={KEY_ID}\naccess_key_secret={SECRET}\n"),
    );
    expect_success(Command::new("mkfifo").arg(folder.join("fifo")));
    folder
}

fn service(tls: Option<SelfSigned>, weather: &[&str]) -> LocalOss {
    let oss = LocalOss::with(Options {
        tls: tls.map(|made| made.identity),
        access_keys: vec![AccessKey::temporary(KEY_ID, SECRET, TOKEN)],
        storage: Storage::Discard,
        callback_timeout: Duration::from_millis(500),
        ..Options::default()
    });
    for (number, fault) in weather.iter().enumerate() {
        oss.fault(&format!("{fault} seed={number}"));
    }
    oss
}

/// Names and numbers of the lines that begin with a word.
fn counts_of<'a>(counts: &'a str, word: &str) -> BTreeMap<&'a str, u64> {
    let lines = counts.lines().filter_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
    let pairs = lines.map(|line| line.split_once(' ').unwrap());
    pairs.map(|(name, count)| (name, count.parse().unwrap())).collect()
}

/// The program knows all functions of the library, and has called each of them.
fn check_calls(counts: &str) {
    let exports = fs::read_to_string(root().join("tests/exports.txt")).unwrap();
    let calls = counts_of(counts, "called");
    let called = calls.iter().filter(|(_, count)| **count > 0).map(|(name, _)| *name);
    assert_eq!(called.collect::<Vec<_>>(), exports.lines().collect::<Vec<_>>());
}

/// What never happened was not tested.
fn check_statuses(counts: &str, calls: u64) {
    const OFTEN: &str = "OK INVALID_ARGUMENT UNKNOWN_FIELD INVALID_CALLBACK CREDENTIALS CANCELLED \
                         TRANSPORT SERVICE CALLBACK_FAILED NOT_FOUND";
    const SELDOM: &str = "BODY ABORTED_BY_CALLER TIMEOUT TLS BAD_RESPONSE CHECKSUM_MISMATCH";
    let happened = counts_of(counts, "status");
    let expected = OFTEN.split(' ').chain(SELDOM.split(' ').filter(|_| calls >= LONG));
    for status in expected {
        let name = format!("OSSBIND_STATUS_{status}");
        assert!(happened.contains_key(&*name), "{name} never happened: {happened:?}");
    }
}
