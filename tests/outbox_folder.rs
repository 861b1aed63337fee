//! The folder of an outbox, when something is in it that no outbox has put there, or when something
//! cannot be read: the rest goes on, nothing waits for ever, and nothing of the program's is deleted.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ossbind::outbox::{ItemOptions, ItemOutcome, ItemState, Keep, ListedItem, Outbox, WhenFull};
use ossbind::{Body, Status, UploadRequest};
use support::local_oss::{BUCKET, LocalOss, PATIENCE};
use support::native::out_dir;
use support::outboxes::{add, config, open, receipts, run};

/// An empty folder that an outbox takes.
fn folder(name: &str) -> PathBuf {
    use std::os::unix::fs::DirBuilderExt as _;
    let folder = out_dir().join(format!("outbox-folder-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::DirBuilder::new().mode(0o700).create(&folder).unwrap();
    folder
}

/// The list, as id, state, message and file.
fn list(outbox: &Outbox) -> Vec<(u64, ItemState, Option<String>, String)> {
    let mut list = Vec::new();
    let all = outbox.each(|item| {
        list.push((item.id, item.state, item.message.clone(), item.file_name.clone()));
        true
    });
    all.unwrap();
    list
}

/// Path of an item's file.
fn path_of(folder: &Path, outbox: &Outbox, id: u64) -> PathBuf {
    folder.join(outbox.find_item(id).unwrap().file_name)
}

fn names(folder: PathBuf) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| name(e).into_string().unwrap()).collect();
    names.sort();
    names
}

fn make_fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// More changes than the kernel remembers for anybody who has the folder open.
fn overflow(folder: &Path) {
    let most = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    let file = folder.join("items/other");
    for _ in 0..=most.trim().parse::<u64>().unwrap() / 2 {
        fs::write(&file, "").unwrap();
        fs::remove_file(&file).unwrap();
    }
}

/// Whether this is the process that runs a test alone. Otherwise it starts that, and ends it when it hangs.
fn is_alone(test: &str, user: Option<u32>) -> bool {
    use std::os::unix::process::CommandExt as _;
    const MARK: &str = "OSSBIND_TEST_ALONE";
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 128; exec \"$0\" --exact \"$1\" --nocapture"]);
    command.arg(std::env::current_exe().unwrap()).arg(test).env(MARK, test);
    user.map(|user| command.uid(user).gid(user));
    let mut child = command.spawn().unwrap();
    let began = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break Some(status),
            None if began.elapsed() > PATIENCE / 2 => break None,
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    if status.is_none() {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(status.expect("it hangs").success());
    false
}

/// What could not be looked at when the kernel had forgotten events is looked at later.
#[test]
fn an_overflow_is_not_forgotten_when_the_folder_cannot_be_read() {
    if !is_alone("an_overflow_is_not_forgotten_when_the_folder_cannot_be_read", None) {
        return;
    }
    let folder = folder("overflow");
    let (outbox, other) = (open(&folder, None), open(&folder, None));
    let gone = add(&outbox, "gone", b"", &ItemOptions::default());
    overflow(&folder);
    let id = add(&other, "k", b"", &ItemOptions::default());
    fs::remove_file(path_of(&folder, &other, gone)).unwrap();
    let mut all = Vec::new();
    while let Ok(file) = fs::File::open("/dev/null") {
        all.push(file);
    }
    assert_eq!(outbox.next_receipt().unwrap_err().status(), Status::Outbox);
    drop(all);
    assert_eq!(outbox.find_item(gone).unwrap_err().status(), Status::NotFound);
    assert_eq!(outbox.find_item(id).unwrap().state, ItemState::Waiting);
    assert_eq!(outbox.stats().unwrap().waiting, 1);
}

/// One file that cannot be read keeps no other one back.
#[test]
fn one_unreadable_file_blocks_nothing() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    const NOBODY: u32 = 65534;
    let test = "one_unreadable_file_blocks_nothing";
    let folder = out_dir().join("outbox-folder-unreadable");
    if std::env::var_os("OSSBIND_TEST_ALONE").is_none() {
        let made = self::folder("unreadable");
        let is_root = made.metadata().unwrap().uid() == 0;
        if is_root {
            // Nothing is unreadable for root.
            chown(&made, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        assert!(!is_alone(test, is_root.then_some(NOBODY)));
        return;
    }
    let outbox_folder = |name: &str| folder.join(name);
    let close = |path: PathBuf| {
        fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
    };
    let oss = LocalOss::start();
    let sent = outbox_folder("sent");
    let outbox = open(&sent, Some(oss.client()));
    let ids = ["a", "b", "c"].map(|key| add(&outbox, key, b"", &ItemOptions::default()));
    run(&outbox);
    close(path_of(&sent, &outbox, ids[0]));
    let given: Vec<_> = receipts(&outbox).iter().map(|receipt| receipt.id).collect();
    assert_eq!(given, ids[1..]);
    let list = list(&outbox);
    assert_eq!(list.len(), 3);
    let (id, state, message, _) = &list[0];
    assert_eq!((*id, *state), (ids[0], ItemState::Corrupt));
    assert!(message.as_ref().unwrap().contains("cannot be read: Permission denied"), "{message:?}");
    assert_eq!(outbox.find_item(ids[0]).unwrap().state, ItemState::Corrupt);

    let full = outbox_folder("full");
    let mut settings = config(&full, None);
    (settings.limits.max_items, settings.when_full) = (2, WhenFull::DropOldest);
    let outbox = Outbox::open(settings).unwrap();
    let ids = ["a", "b"].map(|key| add(&outbox, key, b"", &ItemOptions::default()));
    close(path_of(&full, &outbox, ids[0]));
    add(&outbox, "c", b"", &ItemOptions::default());
    let dropped = receipts(&outbox);
    assert_eq!((dropped.len(), dropped[0].id), (1, ids[1]));
    assert_eq!(dropped[0].outcome, ItemOutcome::Dropped);
    close(path_of(&full, &outbox, 3));
    let request = UploadRequest::new(BUCKET, "d", Body::Memory(b""));
    let refused = outbox.add(&request, &ItemOptions::default()).unwrap_err();
    assert_eq!(refused.status(), Status::Outbox, "{refused}");
}

/// A FIFO has no end, and a file is where a folder belongs.
#[test]
fn what_is_no_file_is_never_waited_for() {
    if !is_alone("what_is_no_file_is_never_waited_for", None) {
        return;
    }
    let folder = folder("fifo");
    let options = ItemOptions { caller_id: Some("c".to_owned()), ..Default::default() };
    let outbox = open(&folder, None);
    let id = add(&outbox, "k", b"content", &options);
    let path = path_of(&folder, &outbox, id);
    drop(outbox);
    make_fifo(&folder.join("new/fifo"));
    fs::write(folder.join("new/file"), "").unwrap();
    fs::write(folder.join("checkpoints/file"), "").unwrap();
    fs::write(folder.join(format!("checkpoints/{id:016x}")), "").unwrap();
    let outbox = open(&folder, None);
    assert!(names(folder.join("new")).is_empty() && names(folder.join("checkpoints")).is_empty());

    // Put there while the outbox is open, where its item was, so that it has the same caller_id.
    fs::rename(&path, folder.with_extension("away")).unwrap();
    make_fifo(&path);
    assert!(add(&outbox, "k", b"content", &options) > id);
    outbox.retry_now(Some(id)).unwrap();
    outbox.retry_now(None).unwrap();
    outbox.remove(id).unwrap();
    // No link is followed.
    let other = folder.with_extension("other");
    fs::write(&other, "").unwrap();
    let epoch = std::time::SystemTime::UNIX_EPOCH;
    fs::File::options().write(true).open(&other).unwrap().set_modified(epoch).unwrap();
    std::os::unix::fs::symlink(&other, &path).unwrap();
    outbox.retry_now(Some(id)).unwrap();
    assert_eq!(other.metadata().unwrap().modified().unwrap(), epoch);
    outbox.remove(id).unwrap();
    assert_eq!(outbox.stats().unwrap().waiting, 1);
}

/// An id that nobody gave is not believed, unless it is that of an item.
#[test]
fn a_foreign_name_does_not_use_up_the_ids() {
    let folder = folder("ids");
    let name = |id: u64| format!("{id:016x}-0-00000000-00000000-0001.item");
    let file = |id: u64| folder.join("items").join(name(id));
    let last = (1 << 44) - 1;
    let outbox = open(&folder, None);
    let add_one = |outbox: &Outbox| add(outbox, "k", b"", &ItemOptions::default());
    assert_eq!(add_one(&outbox), 1);
    // While it is open. An id below the mark may have been used.
    for id in [3, 257, last] {
        fs::write(file(id), "").unwrap();
    }
    assert_eq!(add_one(&outbox), 4);
    let other = open(&folder, None);
    assert_eq!(add_one(&other), 258, "the first one above the mark is taken");
    assert_eq!(add_one(&outbox), 259, "the other one has reserved more");
    fs::write(file(600), "").unwrap();
    fs::write(folder.join("corrupt").join(name(700)), "").unwrap();
    drop((outbox, other));
    assert_eq!(add_one(&open(&folder, None)), 514);

    // Without the mark, what the items say counts.
    let mark = |name: &String| name.starts_with("next-");
    let remove_mark = || {
        let items = names(folder.join("items"));
        fs::remove_file(folder.join("items").join(items.iter().find(|n| mark(n)).unwrap()))
            .unwrap();
    };
    remove_mark();
    let outbox = open(&folder, None);
    assert_eq!(add_one(&outbox), 515);
    assert_eq!(outbox.find_item(600).unwrap().state, ItemState::Corrupt);
    let first = path_of(&folder, &outbox, 515);
    drop(outbox);

    // Here an item says so.
    remove_mark();
    fs::copy(first, file(last - 1)).unwrap();
    let outbox = open(&folder, None);
    let request = UploadRequest::new(BUCKET, "k", Body::Memory(b""));
    let full = outbox.add(&request, &ItemOptions::default()).unwrap_err();
    assert_eq!(full.status(), Status::Outbox);
    assert!(full.message().contains("no id is left"), "{full}");
}

/// A receipt may become longer than the room that the file has for it.
#[test]
fn a_list_can_be_made_while_a_receipt_is_written() {
    use std::os::unix::fs::FileExt as _;
    let folder = folder("grows");
    let outbox = open(&folder, None);
    let id = add(&outbox, "k", b"content", &ItemOptions::default());
    let path = path_of(&folder, &outbox, id);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let file = fs::File::options().write(true).open(&path).unwrap();
            let length = file.metadata().unwrap().len();
            while !is_over.load(Ordering::Relaxed) {
                file.write_all_at(&[b'\n'; 4096], length).unwrap();
                file.set_len(length).unwrap();
            }
        });
        let is_fine = |item: ListedItem| item.state == ItemState::Waiting;
        let fine = (0..5000).filter(|_| outbox.find_item(id).is_ok_and(is_fine)).count();
        is_over.store(true, Ordering::Relaxed);
        assert_eq!(fine, 5000);
    });
}

/// Whoever lists an outbox keeps nobody from anything.
#[test]
fn a_list_is_no_reason_to_be_busy() {
    let (oss, folder) = (LocalOss::start(), folder("busy"));
    let (outbox, lister) = (open(&folder, Some(oss.client())), open(&folder, None));
    let is_over = AtomicBool::new(false);
    let busy = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                list(&lister);
            }
        });
        let id = add(&outbox, "k", b"content", &ItemOptions::default());
        let hold = |_| outbox.hold(id).and_then(|()| outbox.release(id)).is_err();
        let busy = (0..500).filter(|n| hold(*n)).count();
        let removed = outbox.remove(id).is_ok();
        let options = ItemOptions { at_once: true, ..Default::default() };
        let sent = (0..50).filter(|n| {
            let id = add(&outbox, &format!("k{n}"), b"", &options);
            let is_sent = outbox.find_receipt(id).is_ok();
            let _ = outbox.acknowledge(id).or_else(|_| outbox.remove(id));
            is_sent
        });
        let sent = sent.count();
        is_over.store(true, Ordering::Relaxed);
        (busy, removed, sent)
    });
    assert_eq!(busy, (0, true, 50));
}

/// Somebody puts an item out of the way with its file, and not with its body.
#[test]
fn a_body_goes_with_the_file_that_was_set_aside() {
    let folder = folder("body");
    let outbox = open(&folder, None);
    let content = |n: u8| vec![n; 5000];
    let ids = [1, 2, 3].map(|n| add(&outbox, "k", &content(n), &ItemOptions::default()));
    let paths = ids.map(|id| path_of(&folder, &outbox, id));
    let body = |place: &str, id: u64| folder.join(format!("{place}/{id:016x}.body"));
    drop(outbox);
    let backup = |path: &Path| PathBuf::from(format!("{}.bak", path.display()));
    fs::rename(&paths[0], backup(&paths[0])).unwrap();
    // This item is still there.
    fs::copy(&paths[1], backup(&paths[1])).unwrap();
    // What was set aside before stays.
    fs::write(&paths[2], "damaged").unwrap();
    fs::write(body("corrupt", ids[2]), "another").unwrap();
    fs::write(body("corrupt", ids[0]), "another").unwrap();
    let oss = LocalOss::start();
    let outbox = open(&folder, Some(oss.client()));
    assert_eq!(outbox.stats().unwrap().waiting, 2);
    run(&outbox);
    let sent = receipts(&outbox);
    assert_eq!((sent.len(), sent[0].id), (1, ids[1]));
    assert_eq!(oss.content("k").unwrap(), content(2));
    for (id, n) in [(ids[0], 1), (ids[2], 3)] {
        assert_eq!(fs::read(body("corrupt", id)).unwrap(), b"another");
        let of_this = format!("-{id:016x}.body");
        let kept = names(folder.join("corrupt")).into_iter().find(|name| name.ends_with(&of_this));
        let kept = folder.join("corrupt").join(kept.expect("its body is there"));
        assert_eq!(fs::read(kept).unwrap(), content(n));
    }
    drop(outbox);
    open(&folder, None);
    assert!(names(folder.join("corrupt")).iter().any(|name| name.ends_with(".bak")));
    assert!(!names(folder.join("items")).iter().any(|name| name.ends_with(".body")));
}

/// An item that was tried again has another receipt, also for one who was told nothing of that.
#[test]
fn a_second_receipt_is_given_after_an_overflow() {
    let (oss, folder) = (LocalOss::start(), folder("given"));
    let (outbox, other) = (open(&folder, None), open(&folder, Some(oss.client())));
    let file = folder.with_extension("file");
    fs::write(&file, "1").unwrap();
    let request = UploadRequest::new(BUCKET, "k", Body::file(&file));
    let options = ItemOptions { keep: Keep::Reference, ..Default::default() };
    let id = other.add(&request, &options).unwrap();
    let stays = add(&other, "stays", b"", &ItemOptions::default());
    fs::write(&file, "22").unwrap();
    run(&other);
    assert_eq!(receipts(&outbox).len(), 2);
    overflow(&folder);
    other.acknowledge(id).unwrap();
    other.retry_now(Some(id)).unwrap();
    run(&other);
    let again: Vec<_> = receipts(&outbox).iter().map(|receipt| receipt.id).collect();
    assert_eq!(again, [id], "and not {stays}, which was given");
}

/// What a name says of the size may be anything.
#[test]
fn sizes_in_foreign_names_do_not_wrap() {
    let folder = folder("sizes");
    let mut outbox = open(&folder, None);
    add(&outbox, "k", b"", &ItemOptions::default());
    let file = |id: u64| folder.join(format!("items/{id:016x}-0-00000000-00000000-ffff.item"));
    for id in 1000..3100 {
        fs::write(file(id), "").unwrap();
    }
    for _ in 0..2 {
        assert_eq!(outbox.stats().unwrap().bytes, u64::MAX);
        drop(outbox);
        outbox = open(&folder, None);
    }
    for id in 1000..3100 {
        fs::remove_file(file(id)).unwrap();
    }
    let left = outbox.stats().unwrap();
    assert_eq!((left.waiting, left.bytes), (1, 4096));
}
