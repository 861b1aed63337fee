//! What an outbox costs: writes and flushes of an item, and the time and memory to open many.
//!
//! `cargo bench --bench outbox_cost -- FOLDER`, where FOLDER is on a file system that nobody else uses, since
//! its block device is asked what was written.
#![allow(clippy::print_stdout)]

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use ossbind::credentials::Credentials;
use ossbind::outbox::{ItemOptions, Outbox, OutboxConfig, Until};
use ossbind::{Body, Client, ClientConfig, UploadRequest};
use ossbind_emulator::{Emulator, Options};

const ITEMS: u64 = 200;
const MANY: u64 = 100_000;

/// What a block device has done so far.
#[derive(Clone, Copy, Default)]
struct Written {
    sectors: u64,
    flushes: u64,
}

impl Written {
    fn of(folder: &Path) -> Self {
        let device = fs::metadata(folder).unwrap().dev();
        let (major, minor) = (device >> 8 & 0xFFF, device & 0xFF);
        let stat = fs::read_to_string(format!("/sys/dev/block/{major}:{minor}/stat"));
        let stat = stat.unwrap_or_default();
        let fields: Vec<u64> = stat.split_whitespace().flat_map(str::parse).collect();
        let field = |at: usize| fields.get(at).copied().unwrap_or(0);
        Self { sectors: field(6), flushes: field(15) }
    }
}

fn measured(what: &str, folder: &Path, items: u64, act: impl FnOnce()) {
    let (before, began) = (Written::of(folder), Instant::now());
    act();
    let (after, took) = (Written::of(folder), began.elapsed());
    let per_item = |count: u64| count as f64 / items as f64;
    println!(
        "{what:40} {:6.1} KiB {:5.2} flushes {:7.2} ms an item",
        per_item(after.sectors - before.sectors) / 2.0,
        per_item(after.flushes - before.flushes),
        took.as_secs_f64() * 1000.0 / items as f64
    );
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Adds, sends and acknowledges one item after the other.
fn live(outbox: &Outbox, options: &ItemOptions) {
    for number in 0..ITEMS {
        let key = format!("camera/alone/{:?}/{number:06}", options.at_once);
        outbox
            .add(&UploadRequest::new("examplebucket", &key, Body::Memory(&[b'x'; 400])), options)
            .unwrap();
        outbox.run(Until::Empty, None, None).unwrap();
        let receipt = outbox.next_receipt().unwrap().unwrap();
        outbox.acknowledge(receipt.id).unwrap();
    }
}

fn add(outbox: &Outbox, items: u64, options: &ItemOptions) {
    let body = [b'x'; 400];
    for number in 0..items {
        let key = format!("camera/{number:06}");
        let request = UploadRequest::new("examplebucket", &key, Body::Memory(&body));
        outbox.add(&request, options).unwrap();
    }
    outbox.commit().unwrap();
}

fn open(folder: &Path, client: Option<Arc<Client>>) -> Outbox {
    let mut config = OutboxConfig::new(folder, client);
    (config.limits.min_free_bytes, config.limits.min_free_inodes) = (1, 1);
    Outbox::open(config).unwrap()
}

fn main() {
    let given = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let folder =
        given.map_or_else(|| std::env::temp_dir().join("ossbind-outbox-cost"), PathBuf::from);
    let _ = fs::remove_dir_all(&folder);
    let emulator = Emulator::start(Options::default()).unwrap();
    let client = Client::new(ClientConfig {
        endpoint: Some(emulator.endpoint()),
        region: Some("cn-hangzhou".to_owned()),
        credentials: Some(Credentials::new("ak", "sk", None).unwrap().into()),
        ..ClientConfig::default()
    });
    let client = Arc::new(client.unwrap());
    let outbox = open(&folder, Some(Arc::clone(&client)));
    let (plain, later) =
        (ItemOptions::default(), ItemOptions { later: true, ..Default::default() });
    let at_once = ItemOptions { at_once: true, ..Default::default() };
    measured("add 400 bytes", &folder, ITEMS, || add(&outbox, ITEMS, &plain));
    measured("send, with its receipt", &folder, ITEMS, || {
        outbox.run(Until::Empty, None, None).unwrap();
    });
    measured("take and acknowledge the receipt", &folder, ITEMS, || {
        while let Some(receipt) = outbox.next_receipt().unwrap() {
            outbox.acknowledge(receipt.id).unwrap();
        }
    });
    measured("all of that, item by item", &folder, ITEMS, || live(&outbox, &plain));
    measured("the same, sent at once", &folder, ITEMS, || live(&outbox, &at_once));
    measured("add 400 bytes, with one commit", &folder, ITEMS, || add(&outbox, ITEMS, &later));
    add(&outbox, MANY - ITEMS, &later);
    drop(outbox);
    let (before, began, opened) = (resident_kib(), Instant::now(), descriptors());
    let outbox = open(&folder, Some(client));
    let took = began.elapsed().as_secs_f64();
    let resident = resident_kib().saturating_sub(before);
    outbox.receipt_fd().unwrap();
    println!(
        "open with {} items: {took:.2} s, {resident} KiB and {} descriptors more",
        outbox.stats().unwrap().waiting,
        descriptors() - opened,
    );
    drop(outbox);
    fs::remove_dir_all(&folder).unwrap();
}
