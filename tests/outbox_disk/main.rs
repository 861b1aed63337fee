//! The outbox on a disk that is full, read-only or gone: its errors say what to do, nothing is lost, and
//! nothing is sent twice.

mod disk;
#[path = "../support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use disk::{Disk, files_below};
use ossbind::log::{LogLevel, Logger};
use ossbind::outbox::{ItemOptions, ItemOutcome, Keep, Outbox, OutboxConfig, Receipt, Until};
use ossbind::{Advice, Body, Callback, Client, Error, Status, UploadRequest};
use ossbind_emulator::{Answer, Operation, RequestRecord};
use rustix::event::{PollFd, PollFlags, poll};
use support::folders::is_mark;
use support::local_oss::{BUCKET, LocalOss, PATIENCE};

/// What an item is made of.
enum Content<'a> {
    Memory(&'a [u8]),
    File(&'a Path),
}

/// The pause after a first failure.
const SOON: Duration = Duration::from_millis(20);

const LOST: &str = "is its file system mounted? What was added before is where it was";

/// What happens once, after the next request and before the outbox acts on its answer.
type Hook = Arc<Mutex<Option<Box<dyn FnOnce() + Send>>>>;

/// A gateway with a small disk.
struct Board {
    outbox: Arc<Outbox>,
    warnings: Receiver<String>,
    after_request: Hook,
    oss: LocalOss,
    /// Dropped last: the outbox is on it.
    disk: Disk,
}

impl Board {
    fn new(disk: Disk) -> Self {
        Self::open(disk, LocalOss::start())
    }

    fn open(disk: Disk, oss: LocalOss) -> Self {
        let (outbox, warnings, after_request) = open(&disk, &oss, SOON).unwrap();
        Self { outbox, warnings, after_request, oss, disk }
    }

    /// What a restart of the program does, while others fill the disk.
    fn reopen(self, fill: impl Fn(&Disk)) -> Self {
        let Self { outbox, oss, disk, .. } = self;
        drop(outbox);
        fill(&disk);
        Self::open(disk, oss)
    }

    fn add(&self, key: &str, content: Content<'_>, options: &ItemOptions) -> Result<u64, Error> {
        self.add_padded(key, content, options, 1)
    }

    /// With metadata of so many bytes, which make its file longer.
    fn add_padded(
        &self,
        key: &str,
        content: Content<'_>,
        options: &ItemOptions,
        padding: usize,
    ) -> Result<u64, Error> {
        let callback = Callback::new(self.oss.callback_url(), "object=${object}");
        let padding = "x".repeat(padding);
        let body = match content {
            Content::Memory(bytes) => Body::Memory(bytes),
            Content::File(path) => Body::file(path),
        };
        let metadata = [("padding", &*padding)];
        let mut request = UploadRequest::new(BUCKET, key, body);
        request.callback = Some(&callback);
        request.metadata = &metadata;
        self.outbox.add(&request, options)
    }

    fn add_some(&self, keys: &[&str]) {
        for key in keys {
            self.add(key, Content::Memory(key.repeat(3000).as_bytes()), &ItemOptions::default())
                .unwrap();
        }
    }

    fn run(&self) {
        self.outbox.run(Until::Empty, Some(PATIENCE), None).unwrap();
        assert_eq!(self.outbox.stats().unwrap().waiting, 0);
    }

    fn stored(&self) -> usize {
        self.oss.count(Operation::PutObject)
    }

    /// Each of these has one receipt that is true, was uploaded once and called back once.
    fn expect_receipts(&self, keys: &[&str]) {
        let mut receipts = BTreeMap::new();
        while receipts.len() < keys.len() {
            while let Some(receipt) = self.outbox.next_receipt().unwrap() {
                let key = receipt.key.clone().unwrap();
                assert!(receipts.insert(key, receipt).is_none(), "two receipts");
            }
            let missing = receipts.len() < keys.len();
            assert!(!missing || self.await_receipt(PATIENCE), "{receipts:?}");
        }
        assert_eq!(receipts.keys().collect::<Vec<_>>(), keys.iter().collect::<Vec<_>>());
        for receipt in receipts.values() {
            self.expect_true(receipt);
        }
        assert!(self.oss.emulator.wait_idle(PATIENCE));
        assert_eq!(self.stored(), keys.len(), "nothing is uploaded twice");
        let mut calls: Vec<_> =
            self.oss.received(keys.len()).iter().map(|call| call.body_text()).collect();
        calls.sort();
        assert_eq!(calls, keys.iter().map(|key| format!("object={key}")).collect::<Vec<_>>());
    }

    fn expect_true(&self, receipt: &Receipt) {
        let key = receipt.key.as_deref().unwrap();
        assert_eq!(receipt.outcome, ItemOutcome::Acknowledged, "{receipt:?}");
        assert_eq!(self.oss.content(key).unwrap().len() as u64, receipt.size, "{receipt:?}");
    }

    fn await_receipt(&self, limit: Duration) -> bool {
        let fd = self.outbox.receipt_fd().unwrap();
        let mut descriptor = [PollFd::from_borrowed_fd(fd, PollFlags::IN)];
        poll(&mut descriptor, Some(&limit.try_into().unwrap())).unwrap() > 0
    }

    fn await_warning(&self, part: &str) {
        loop {
            let line = self.warnings.recv_timeout(PATIENCE).expect("a warning");
            if line.contains(part) {
                return;
            }
        }
    }

    /// All files of the outbox, but the mark of the ids.
    fn files(&self) -> Vec<PathBuf> {
        let mut files = files_below(&self.disk.path("outbox"));
        files.retain(|path| !is_mark(path.file_name().unwrap().to_str().unwrap()));
        files
    }
}

fn open(
    disk: &Disk,
    oss: &LocalOss,
    pause: Duration,
) -> Result<(Arc<Outbox>, Receiver<String>, Hook), Error> {
    let (sender, warnings) = channel();
    let hook = Hook::default();
    let after_request = Arc::clone(&hook);
    let log = Logger::new(LogLevel::Info, move |level, line| {
        if level == LogLevel::Warning {
            let _ = sender.send(line.to_owned());
        } else if let Some(hook) = hook.lock().unwrap().take() {
            hook();
        }
    });
    let client = Client::new(ossbind::ClientConfig { log, ..oss.config() }).unwrap();
    let mut config = OutboxConfig::new(disk.path("outbox"), Some(Arc::new(client)));
    (config.limits.min_free_bytes, config.limits.min_free_inodes) = (1, 1);
    (config.retry_min, config.retry_max) = (pause, 5 * pause);
    Ok((Arc::new(Outbox::open(config)?), warnings, after_request))
}

/// Where the system lets nobody mount, there is nothing to see.
#[expect(clippy::print_stdout, reason = "says why nothing was tested")]
fn board(disk: Result<Disk, String>) -> Option<Board> {
    match disk {
        Ok(disk) => Some(Board::new(disk)),
        Err(reason) => {
            println!("no disk was made: {reason}");
            None
        }
    }
}

/// What a program is told while the disk fails.
#[track_caller]
fn expect_cure(error: &Error, cure: &str) {
    assert_eq!((error.status(), error.advice()), (Status::Outbox, Advice::Again), "{error}");
    assert!(error.message().contains(cure), "{error}");
}

/// Adds items of all kinds while there is less and less room, and more and more. What fails has changed nothing.
fn add_with_little_room(board: &Board, leave: impl Fn(&Disk, usize)) -> BTreeSet<String> {
    let (mut added, mut statuses) = (BTreeSet::new(), BTreeSet::new());
    for left in 0..6 {
        board.disk.make_room();
        let file = board.disk.path("recording");
        fs::write(&file, vec![left as u8; 5000]).unwrap();
        leave(&board.disk, left);
        for (at, keep) in [Keep::Copy, Keep::Move, Keep::Link].into_iter().enumerate() {
            let before = board.files();
            let key = format!("{left}-{at}");
            let options = ItemOptions { keep, caller_id: Some(key.clone()), ..Default::default() };
            match board.add(&key, Content::File(&file), &options) {
                Ok(_) => drop(added.insert(key)),
                Err(error) => {
                    statuses.insert(error.status() as i32);
                    match error.status() {
                        Status::OutboxFull => assert!(error.message().contains(" free"), "{error}"),
                        _ => expect_cure(&error, "make room on it: what was added before is safe"),
                    }
                    assert_eq!(board.files(), before, "{error}");
                    assert_eq!(fs::read(&file).unwrap(), [left as u8; 5000], "{error}");
                }
            }
            if !file.exists() {
                break;
            }
        }
    }
    assert_eq!(statuses, BTreeSet::from([Status::Outbox as i32, Status::OutboxFull as i32]));
    added
}

fn a_full_disk(disk: Result<Disk, String>, leave: fn(&Disk, usize)) {
    let Some(board) = board(disk) else { return };
    board.add_some(&["first", "second"]);
    let added = add_with_little_room(&board, leave);
    assert!(!added.is_empty(), "some had room");
    board.disk.make_room();
    // Neither a restart nor sending needs room.
    let board = board.reopen(|disk| leave(disk, 0));
    board.run();
    let mut keys: Vec<_> = added.iter().map(String::as_str).chain(["first", "second"]).collect();
    keys.sort_unstable();
    board.expect_receipts(&keys);
}

#[test]
fn no_bytes_are_left() {
    a_full_disk(Disk::tmpfs("full-tmpfs", "size=2m"), Disk::fill);
    a_full_disk(Disk::ext4("full-ext4", &[]), Disk::fill);
}

#[test]
fn no_inodes_are_left() {
    a_full_disk(Disk::tmpfs("inodes-tmpfs", "size=2m,nr_inodes=100"), Disk::fill_inodes);
    a_full_disk(Disk::ext4("inodes-ext4", &["-N", "64"]), Disk::fill_inodes);
}

/// What the server has answered may be longer than all that is left; a receipt without it is not.
#[test]
fn a_long_answer_has_no_room_and_its_receipt_has() {
    let Some(board) = board(Disk::ext4("answer-ext4", &[])) else { return };
    let answer = format!("{{\"answer\":\"{}\"}}", "x".repeat(20_000));
    board.oss.receiver.answer_with(Answer::json(&*answer));
    let add = |key| board.add(key, Content::Memory(b"content"), &ItemOptions::default()).unwrap();
    add("a");
    board.disk.fill(0);
    board.run();
    let receipt = board.outbox.next_receipt().unwrap().unwrap();
    board.expect_true(&receipt);
    assert!(receipt.callback_answer.is_empty());
    board.disk.make_room();
    add("b");
    board.run();
    let receipt = board.outbox.next_receipt().unwrap().unwrap();
    assert_eq!(receipt.callback_answer, answer.as_bytes());
}

/// A checkpoint needs an inode, and to send the file frees some.
#[test]
fn a_large_file_goes_without_a_checkpoint_that_has_no_room() {
    let Some(board) = board(Disk::tmpfs("large-tmpfs", "size=2m,nr_inodes=100")) else { return };
    let content = vec![7; 150_000];
    let mut request = UploadRequest::new(BUCKET, "large", Body::Memory(&content));
    (request.multipart_threshold, request.part_size) = (Some(102_400), Some(102_400));
    board.outbox.add(&request, &ItemOptions::default()).unwrap();
    board.disk.fill_inodes(0);
    board.run();
    board.expect_true(&board.outbox.next_receipt().unwrap().unwrap());
    assert_eq!(board.oss.count(Operation::UploadPart), 2);
}

/// A folder needs room for more names.
#[test]
fn many_receipts_on_a_full_disk() {
    let Some(board) = board(Disk::ext4("many-ext4", &[])) else { return };
    let keys: Vec<_> = (0..150).map(|at| format!("{at:03}")).collect();
    for key in &keys {
        board.add(key, Content::Memory(b"content"), &ItemOptions::default()).unwrap();
    }
    board.disk.fill(0);
    board.outbox.start(2).unwrap();
    let mut seen = BTreeSet::new();
    while seen.len() < keys.len() {
        assert!(board.await_receipt(PATIENCE), "{}", seen.len());
        while let Some(receipt) = board.outbox.next_receipt().unwrap() {
            board.expect_true(&receipt);
            // Which makes room for others.
            board.outbox.acknowledge(receipt.id).unwrap();
            assert!(seen.insert(receipt.key.unwrap()), "two receipts");
        }
    }
    board.outbox.stop();
    assert_eq!((board.stored(), board.oss.received(150).len()), (150, 150));
}

fn a_disk_becomes_read_only(disk: Result<Disk, String>) {
    const CURE: &str = "mount it writable again: what was added before is safe";
    let Some(board) = board(disk) else { return };
    let outbox = &board.outbox;
    board.add_some(&["a"]);
    board.run();
    board.add_some(&["b", "c", "d"]);
    let held = ItemOptions { held: true, ..Default::default() };
    let held = board.add("e", Content::Memory(b"e"), &held).unwrap();
    outbox.set_network(false, false).unwrap();
    outbox.start(2).unwrap();
    let (ours, before) = (board.disk.path("recording"), board.files());
    fs::write(&ours, "content").unwrap();
    board.disk.remount("ro");

    let receipt = outbox.next_receipt().unwrap().unwrap();
    let fails = [
        board.add("f", Content::Memory(b"f"), &ItemOptions::default()).map(drop),
        board
            .add("f", Content::File(&ours), &ItemOptions { keep: Keep::Move, ..Default::default() })
            .map(drop),
        outbox.acknowledge(receipt.id),
        outbox.release(held),
        outbox.hold(receipt.id + 1),
        outbox.remove(held),
        outbox.retry_now(None),
    ];
    for failed in fails {
        expect_cure(&failed.unwrap_err(), CURE);
    }
    assert_eq!(outbox.stats().unwrap().waiting, 3);
    let refused = open(&board.disk, &board.oss, SOON).err().unwrap();
    assert!(refused.message().contains("mount it writable"), "{refused}");

    // What cannot get a receipt is not uploaded.
    outbox.set_network(true, false).unwrap();
    for _ in 0..3 {
        board.await_warning(CURE);
    }
    assert_eq!(board.stored(), 1);
    assert_eq!((board.files(), fs::read(&ours).unwrap()), (before, b"content".to_vec()));

    board.disk.remount("rw");
    outbox.acknowledge(receipt.id).unwrap();
    outbox.release(held).unwrap();
    let mut keys = vec![];
    while keys.len() < 4 {
        // The last one that has failed may be about to begin its pause.
        outbox.retry_now(None).unwrap();
        board.await_receipt(SOON);
        while let Some(receipt) = outbox.next_receipt().unwrap() {
            board.expect_true(&receipt);
            keys.push(receipt.key.unwrap());
        }
    }
    keys.sort();
    assert_eq!((keys, board.stored()), (["b", "c", "d", "e"].map(str::to_owned).to_vec(), 5));
    assert_eq!(board.oss.received(5).len(), 5);
    outbox.stop();
}

#[test]
fn the_disk_becomes_read_only() {
    a_disk_becomes_read_only(Disk::tmpfs("read-only-tmpfs", "size=2m"));
    a_disk_becomes_read_only(Disk::ext4("read-only-ext4", &[]));
}

/// A receipt may be longer than the room behind its item, and no block may be left. Here two of three items have no
/// room at all, and their files end with a block. All are uploaded.
fn without_room_for_receipts(name: &str) -> Option<Board> {
    let board = board(Disk::ext4(name, &[]))?;
    let add = |key: &str, padding| {
        let (content, options) = (Content::Memory(&[7; 2048]), ItemOptions::default());
        let id = board.add_padded(key, content, &options, padding).unwrap();
        let name = format!("items/{id:016x}");
        let mut files = board.files().into_iter();
        let file = files.find(|path| path.to_string_lossy().contains(&name)).unwrap();
        let text = fs::read(&file).unwrap();
        let end = text.iter().rposition(|byte| *byte != b'\n').unwrap() + 2;
        fs::File::options().write(true).open(&file).unwrap().set_len(end as u64).unwrap();
        end
    };
    // The first one keeps room in its block.
    let full = disk::BLOCK - add("a", 1) + 1;
    for key in ["b", "c"] {
        assert_eq!(add(key, full), disk::BLOCK, "there is no room in its last block");
    }
    board.disk.fill(0);
    for _ in 0..6 {
        board.outbox.retry_now(None).unwrap();
        board.outbox.run(Until::Idle, Some(PATIENCE), None).unwrap();
        board.await_warning("make room on it: what was added before is safe");
    }
    Some(board)
}

#[test]
fn what_is_known_is_not_found_out_by_another_upload() {
    let Some(board) = without_room_for_receipts("receipt-ext4") else { return };
    board.disk.make_room();
    board.outbox.retry_now(None).unwrap();
    board.run();
    board.expect_receipts(&["a", "b", "c"]);
}

#[test]
fn a_restart_without_room_for_receipts_calls_nobody_twice() {
    let Some(board) = without_room_for_receipts("restart-ext4") else { return };
    let board = board.reopen(Disk::make_room);
    board.run();
    let mut keys = BTreeSet::new();
    while let Some(receipt) = board.outbox.next_receipt().unwrap() {
        let outcomes = [ItemOutcome::Acknowledged, ItemOutcome::NotAcknowledged];
        assert!(outcomes.contains(&receipt.outcome), "{receipt:?}");
        assert!(keys.insert(receipt.key.unwrap()), "two receipts");
    }
    assert_eq!(keys, ["a", "b", "c"].map(str::to_owned).into());
    assert!(board.oss.emulator.wait_idle(PATIENCE));
    assert_eq!(board.oss.received(3).len(), 3);
}

/// No other file there can be linked either.
#[test]
fn a_link_to_another_disk() {
    let Some(board) = board(Disk::tmpfs("link-tmpfs", "size=2m")) else { return };
    let file = support::native::out_dir().join("link-recording");
    fs::write(&file, "content").unwrap();
    let options = ItemOptions { keep: Keep::Link, ..Default::default() };
    let refused = board.add("k", Content::File(&file), &options).unwrap_err();
    assert_eq!((refused.status(), refused.advice()), (Status::Body, Advice::FixSettings));
    assert!(refused.message().contains("keep a copy"), "{refused}");
}

/// What cannot be set aside stays where it is, and holds up nobody.
#[test]
fn a_damaged_receipt_on_a_read_only_disk() {
    let Some(board) = board(Disk::tmpfs("damaged-tmpfs", "size=2m")) else { return };
    board.add_some(&["a", "b"]);
    board.run();
    let damaged = board.outbox.find_item(1).unwrap().file_name;
    fs::write(board.disk.path("outbox").join(damaged), "damaged").unwrap();
    board.disk.remount("ro");
    assert_eq!(board.outbox.next_receipt().unwrap().unwrap().key.as_deref(), Some("b"));
    assert!(board.outbox.next_receipt().unwrap().is_none());
    let stats = board.outbox.stats().unwrap();
    assert_eq!((stats.receipts, stats.corrupt), (2, 0));
    board.disk.remount("rw");
    let board = board.reopen(|_| {});
    assert_eq!(board.outbox.next_receipt().unwrap().unwrap().key.as_deref(), Some("b"));
    let stats = board.outbox.stats().unwrap();
    assert_eq!((stats.receipts, stats.corrupt), (1, 1));
}

#[test]
fn the_folder_is_lost_and_comes_back() {
    let Some(board) = board(Disk::tmpfs("lost-tmpfs", "size=2m")) else { return };
    let outbox = &board.outbox;
    let fault = board.oss.fault("error status=503 code=ServiceUnavailable operation=PutObject");
    board.add_some(&["a", "b"]);
    outbox.start(2).unwrap();
    board.await_warning("ServiceUnavailable");
    let (folder, away) = (board.disk.path("outbox"), board.disk.path("away"));
    fs::rename(&folder, &away).unwrap();
    for failed in [
        board.add("c", Content::Memory(b"c"), &ItemOptions::default()).map(drop),
        outbox.next_receipt().map(drop),
        outbox.stats().map(drop),
        outbox.hold(1),
        outbox.retry_now(None),
        outbox.each(|_| true),
    ] {
        expect_cure(&failed.unwrap_err(), LOST);
    }
    board.await_warning(LOST);
    fs::rename(&away, &folder).unwrap();
    assert_eq!(outbox.stats().unwrap().waiting, 2);
    drop(fault);
    while outbox.stats().unwrap().receipts < 2 {
        outbox.retry_now(None).unwrap();
        board.await_receipt(SOON);
    }
    outbox.stop();
    let requests = board.oss.emulator.requests();
    let is_put = |r: &&RequestRecord| r.operation == Some(Operation::PutObject);
    let fine = requests.iter().filter(is_put).filter(|request| request.faults.is_empty());
    assert_eq!(fine.count(), 2, "nothing is uploaded twice");
    assert_eq!(board.oss.received(2).len(), 2);
}

#[test]
fn the_folder_is_lost_during_an_upload() {
    let Some(board) = board(Disk::tmpfs("lost-upload-tmpfs", "size=2m")) else { return };
    board.add_some(&["a"]);
    let (folder, away) = (board.disk.path("outbox"), board.disk.path("away"));
    let (from, to) = (folder.clone(), away.clone());
    *board.after_request.lock().unwrap() = Some(Box::new(move || fs::rename(from, to).unwrap()));
    expect_cure(&board.outbox.run(Until::Empty, Some(PATIENCE), None).unwrap_err(), LOST);
    fs::rename(&away, &folder).unwrap();
    board.run();
    board.expect_receipts(&["a"]);
}

/// All items fail for the same reason, and each would be one more line in the log.
#[test]
fn one_item_at_a_time_looks_whether_the_disk_is_writable() {
    let Some(mut board) = board(Disk::tmpfs("probe-tmpfs", "size=2m")) else { return };
    (board.outbox, board.warnings, _) = open(&board.disk, &board.oss, PATIENCE).unwrap();
    board.add_some(&["a", "b", "c"]);
    board.disk.remount("ro");
    board.outbox.run(Until::Idle, Some(PATIENCE), None).unwrap();
    assert_eq!(board.warnings.try_iter().filter(|line| line.contains("is kept")).count(), 1);
    board.disk.remount("rw");
    board.outbox.retry_now(None).unwrap();
    board.run();
    board.expect_receipts(&["a", "b", "c"]);
}
