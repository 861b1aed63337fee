//! Many small uploads from several threads while everything goes wrong now and then: nothing leaks,
//! and what the program is told of each upload is what the service did.
//!
//! `make test-soak` is the long form, which also draws docs/soak.svg.

mod ledger;
mod plot;
#[path = "../support/mod.rs"]
mod support;
mod weather;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ledger::Ledger;
use ossbind_emulator::{Options, SelfSigned, Storage};
use plot::Sample;
use support::local_oss::{LocalOss, PATIENCE};
use support::native::{Compiler, out_dir, root};

const SHORT: usize = 3000;
const LONG: usize = 200_000;

/// By how many kilobytes memory may grow from the third quarter to the last. Of the short form it
/// says little: threads still touch their stacks and buffers for the first time.
fn tolerance(uploads: usize) -> u64 {
    if uploads < LONG { 2048 } else { 512 }
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures of the soak")]
fn a_soak() {
    let uploads = std::env::var("OSSBIND_TEST_SOAK")
        .map_or(SHORT, |text| text.parse().expect("OSSBIND_TEST_SOAK is a number of uploads"));
    let (oss, mut command) = set_up(uploads);
    weather::begin(oss.emulator.faults());
    let began = Instant::now();
    let (mut ledger, samples) = run(&oss, &mut command);
    let seconds = began.elapsed().as_secs_f64();
    assert!(oss.emulator.wait_idle(PATIENCE), "a late request is not carried out");
    ledger.record(oss.emulator.take_requests());

    let statuses = oss.emulator.faults().list();
    let (faults, never) = weather::sum_up(&statuses);
    println!("{uploads} uploads, {} requests, {faults} faults, {seconds:.0} s", ledger.requests());
    if uploads >= LONG {
        std::fs::write(root().join("docs/soak.svg"), plot::draw(&samples)).unwrap();
    }
    for (name, count) in ledger.settle(uploads) {
        println!("{count:8} {name}");
    }
    let [third, last] = last_half(&samples);
    println!("resident: {third} KB in the third quarter, {last} KB in the last");
    assert!(last <= third + tolerance(uploads), "memory grows: {samples:?}");
    assert!(faults as usize >= uploads / 100, "the weather was too good");
    if uploads >= LONG {
        assert_eq!(never, [""; 0], "faults that never happened");
    }
}

/// A local OSS with TLS, and the program.
fn set_up(uploads: usize) -> (LocalOss, Command) {
    let made = SelfSigned::generate(&["127.0.0.1"]).unwrap();
    let ca_file = out_dir().join("soak.pem");
    std::fs::write(&ca_file, made.ca_pem).unwrap();
    let oss = LocalOss::with(Options {
        tls: Some(made.identity),
        storage: Storage::Discard,
        // Callbacks that are too late need not take long.
        callback_timeout: Duration::from_millis(500),
        record_limit: usize::MAX,
        ..Options::default()
    });
    let program = Compiler::c("gnu99").build(&["tests/c/soak.c"], "soak");
    let mut command = Command::new(program);
    oss.environment(&mut command);
    // Temporary keys, of which the service can say that they have expired.
    command
        .env("OSS_ACCESS_KEY_ID", "STS.ak")
        .env("OSS_ACCESS_KEY_SECRET", "sts-sk")
        .env("OSS_SESSION_TOKEN", "token")
        .arg(uploads.to_string())
        .arg(ca_file)
        .stdout(Stdio::piped());
    (oss, command)
}

/// Runs the program to its end, and keeps the accounts of both sides meanwhile.
fn run(oss: &LocalOss, command: &mut Command) -> (Ledger, Vec<Sample>) {
    let mut ledger = Ledger::default();
    let mut samples = Vec::new();
    let mut child = command.spawn().unwrap();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(outcome) = line.strip_prefix("outcome ") {
            ledger.report(outcome);
        } else if let Some(sample) = line.strip_prefix("resident ") {
            let (uploads, kilobytes) = sample.split_once(' ').unwrap();
            let (uploads, kilobytes) = (uploads.parse().unwrap(), kilobytes.parse().unwrap());
            samples.push(Sample { uploads, kilobytes });
            ledger.record(oss.emulator.take_requests());
            // What the rings of records would keep.
            oss.emulator.take_callbacks();
            oss.receiver.take_received();
            oss.emulator.faults().take_records();
        } else {
            panic!("not a line of the program: {line}");
        }
    }
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
    samples.sort_by_key(|sample| sample.uploads);
    (ledger, samples)
}

/// Mean kilobytes of the third quarter and of the last.
fn last_half(samples: &[Sample]) -> [u64; 2] {
    let quarter = samples.len() / 4;
    let mean = |samples: &[Sample]| {
        samples.iter().map(|sample| sample.kilobytes).sum::<u64>() / samples.len() as u64
    };
    let end = samples.len();
    [mean(&samples[end - 2 * quarter..end - quarter]), mean(&samples[end - quarter..])]
}
