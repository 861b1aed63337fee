//! A process that adds and sends is killed again and again, while answers are lost: what it was told is
//! durable arrives, each item has one receipt that is true, and nothing calls back twice.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use ossbind::outbox::{ItemOptions, ItemOutcome, Outbox, OutboxConfig, Until};
use ossbind::{Body, Callback, Client, UploadRequest};
use support::local_oss::{BUCKET, LocalOss, PATIENCE};
use support::native::out_dir;

const FOLDER: &str = "OSSBIND_TEST_OUTBOX";
const ENDPOINT: &str = "OSSBIND_TEST_ENDPOINT";
const CALLBACK: &str = "OSSBIND_TEST_CALLBACK";
/// Name of the first item of the process.
const FIRST: &str = "OSSBIND_TEST_FIRST";
const ITEMS_OF_A_LIFE: usize = 4;

fn open(folder: &Path, endpoint: String) -> Arc<Outbox> {
    let client = Client::new(support::client_config(endpoint)).unwrap();
    let mut config = OutboxConfig::new(folder, Some(Arc::new(client)));
    config.limits.min_free_bytes = 1;
    (config.retry_min, config.retry_max) = (Duration::from_millis(5), Duration::from_millis(20));
    Arc::new(Outbox::open(config).unwrap())
}

/// Not a test, but the process that is killed: it says on its standard output what is durable.
#[test]
#[ignore = "is run by the test below"]
#[expect(clippy::print_stdout, reason = "the test listens")]
fn child() {
    let variable = |name: &str| std::env::var(name).unwrap();
    let outbox = open(variable(FOLDER).as_ref(), variable(ENDPOINT));
    outbox.start(2).unwrap();
    let first: usize = variable(FIRST).parse().unwrap();
    for number in first..first + ITEMS_OF_A_LIFE {
        let key = format!("{number:05}");
        let callback = Callback::new(variable(CALLBACK), "object=${object}&id=${x:id}");
        let callback = callback.variable("x:id", &key);
        let content = key.repeat(1 + number % 2 * 1000);
        let mut request = UploadRequest::new(BUCKET, &key, Body::Memory(content.as_bytes()));
        request.callback = Some(&callback);
        let options = ItemOptions { caller_id: Some(key.clone()), ..Default::default() };
        outbox.add(&request, &options).unwrap();
        println!("durable {key}");
    }
    loop {
        std::thread::park();
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures of the test")]
fn a_killed_process_loses_nothing_and_doubles_nothing() {
    let lives = std::env::var("OSSBIND_KILLS").map_or(30, |text| text.parse().unwrap());
    let oss = LocalOss::start();
    let _faults = [
        "close-answer at=0 operation=PutObject times=15",
        "delay for=30ms when=after operation=PutObject times=60",
        "error status=503 code=ServiceUnavailable operation=PutObject times=10",
    ]
    .map(|fault| oss.fault(fault));
    let folder = out_dir().join("outbox-kill");
    let _ = fs::remove_dir_all(&folder);
    let mut durable = BTreeSet::new();
    for life in 0..lives {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--ignored", "--nocapture", "--test-threads=1"])
            .env(FOLDER, &folder)
            .env(ENDPOINT, oss.emulator.endpoint())
            .env(CALLBACK, oss.callback_url())
            .env(FIRST, (life * ITEMS_OF_A_LIFE).to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        // Between its first add and some while after its last one.
        let mut line = String::new();
        for _ in 0..life % (ITEMS_OF_A_LIFE + 1) {
            while !line.contains("durable") && output.read_line(&mut line).unwrap() > 0 {}
            note(&mut durable, &line);
            line.clear();
        }
        std::thread::sleep(Duration::from_millis(life as u64 * 7 % 40));
        child.kill().unwrap();
        child.wait().unwrap();
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        rest.lines().for_each(|line| note(&mut durable, line));
    }
    let outbox = open(&folder, oss.emulator.endpoint());
    outbox.run(Until::Empty, Some(PATIENCE), None).unwrap();
    assert!(oss.emulator.wait_idle(PATIENCE));
    let mut outcomes = BTreeMap::new();
    while let Some(receipt) = outbox.next_receipt().unwrap() {
        let key = receipt.key.unwrap();
        assert_eq!(outcomes.insert(key.clone(), receipt.outcome), None, "{key} has two receipts");
    }
    let mut calls = BTreeMap::new();
    for call in oss.receiver.received() {
        let body = String::from_utf8(call.body).unwrap();
        *calls.entry(body.rsplit('=').next().unwrap().to_owned()).or_insert(0) += 1;
    }
    for key in &durable {
        assert!(outcomes.contains_key(key), "{key} was lost");
    }
    for (key, outcome) in &outcomes {
        let stored = matches!(outcome, ItemOutcome::Acknowledged | ItemOutcome::NotAcknowledged);
        assert!(stored, "{key}: {outcome:?}");
        assert!(oss.content(key).is_some(), "{key} is not stored: {outcome:?}");
        assert_eq!(calls.get(key), Some(&1), "{key}: {outcome:?}");
    }
    assert_eq!(calls.len(), outcomes.len());
    println!("{lives} kills, {} durable, {} receipts", durable.len(), outcomes.len());
}

fn note(durable: &mut BTreeSet<String>, line: &str) {
    if let Some((_, key)) = line.split_once("durable ") {
        durable.insert(key.trim().to_owned());
    }
}
