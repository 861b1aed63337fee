//! The outbox: what was added arrives once, with a receipt, whatever happens to the process, the network
//! or the folder in between.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use ossbind::log::{LogLevel, Logger};
use ossbind::outbox::{ItemOptions, ItemOutcome, ItemState, Keep, Outbox, Step, Until, WhenFull};
use ossbind::signed::SignUrlRequest;
use ossbind::upload::Destination;
use ossbind::{Advice, Body, Callback, CancelToken, Client, Status, UploadRequest};
use ossbind_emulator::{Operation, Options};
use rustix::event::{PollFd, PollFlags, poll};
use sha2::{Digest as _, Sha256};
use support::folders::copy_folder;
use support::local_oss::{BUCKET, LocalOss, PATIENCE};
use support::native::out_dir;
use support::outboxes::{add, config, open, receipts, run};

/// A folder for an outbox that is not there yet.
fn folder(name: &str) -> PathBuf {
    let folder = out_dir().join(format!("outbox-{name}"));
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn states(outbox: &Outbox) -> BTreeMap<u64, ItemState> {
    let mut states = BTreeMap::new();
    let list = outbox.each(|item| states.insert(item.id, item.state).is_none());
    list.unwrap();
    states
}

#[test]
fn what_is_added_arrives_once_and_leaves_a_receipt() {
    let (oss, folder) = (LocalOss::start(), folder("arrives"));
    let callback = Callback::new(oss.callback_url(), "id=${x:id}&object=${object}");
    let callback = callback.variable("x:id", "7");
    {
        let adder = open(&folder, None);
        let mut request = UploadRequest::new(BUCKET, "a", Body::Memory(b"content"));
        request.callback = Some(&callback);
        request.metadata = &[("camera", "7")];
        let options = ItemOptions { caller_id: Some("a-1".to_owned()), ..Default::default() };
        let id = adder.add(&request, &options).unwrap();
        assert_eq!(adder.add(&request, &options).unwrap(), id, "the same id of the caller");
        assert_eq!(adder.run(Until::Idle, None, None).unwrap_err().field(), Some("client"));
    }
    // Another process, later.
    let outbox = open(&folder, Some(oss.client()));
    let size_of_item = |state: &str| {
        let mut items = fs::read_dir(folder.join(state)).unwrap().map(Result::unwrap);
        let is_item = |e: &fs::DirEntry| e.path().extension().is_some_and(|e| e == "item");
        items.find(is_item).unwrap().metadata().unwrap().len()
    };
    let size = size_of_item("items");
    run(&outbox);
    assert_eq!(size_of_item("receipts"), size, "there is room for the receipt");
    let id = *states(&outbox).keys().next().unwrap();
    assert_eq!(outbox.find_receipt(id).unwrap().key.as_deref(), Some("a"));
    let [receipt] = &receipts(&outbox)[..] else { panic!("one receipt") };
    assert_eq!(outbox.find_receipt(id).unwrap().etag, receipt.etag, "also when it was given");
    let item = outbox.find_item(id).unwrap();
    assert_eq!((item.state, item.caller_id.as_deref()), (ItemState::Receipt, Some("a-1")));
    assert_eq!(outbox.find_item(id + 1).unwrap_err().status(), Status::NotFound);
    assert_eq!(receipt.outcome, ItemOutcome::Acknowledged);
    assert_eq!(receipt.caller_id.as_deref(), Some("a-1"));
    assert_eq!((receipt.bucket.as_deref(), receipt.key.as_deref()), (Some(BUCKET), Some("a")));
    assert_eq!((receipt.size, receipt.attempts, receipt.http_status), (7, 1, 200));
    assert_eq!(receipt.variables, [("x:id".to_owned(), "7".to_owned())]);
    assert!(receipt.etag.is_some() && receipt.crc64.is_some() && receipt.request_id.is_some());
    assert!(!receipt.callback_answer.is_empty());
    assert_eq!(oss.received(1)[0].body, b"id=7&object=a");
    assert_eq!(oss.content("a").as_deref(), Some(&b"content"[..]));

    assert!(receipts(&outbox).is_empty(), "each object gives a receipt once");
    drop(outbox);
    let outbox = open(&folder, None);
    assert_eq!(receipts(&outbox).len(), 1, "it was not acknowledged");
    outbox.acknowledge(receipt.id).unwrap();
    let gone = outbox.acknowledge(receipt.id).unwrap_err();
    assert_eq!((gone.status(), gone.advice()), (Status::NotFound, Advice::FixRequest));
    drop(outbox);
    let outbox = open(&folder, Some(oss.client()));
    assert!(receipts(&outbox).is_empty());
    assert!(states(&outbox).is_empty());
    assert!(add(&outbox, "b", b"", &ItemOptions::default()) > receipt.id, "ids only rise");
    assert_eq!(oss.count(Operation::PutObject), 1);
}

#[test]
fn files_are_copied_linked_moved_or_referred_to() {
    let (oss, folder) = (LocalOss::start(), folder("files"));
    let outbox = open(&folder, Some(oss.client()));
    let content = vec![7; 300_000];
    for keep in [Keep::Copy, Keep::Link, Keep::Move, Keep::Reference] {
        let file = folder.with_extension("recording");
        fs::write(&file, &content).unwrap();
        let key = format!("{keep:?}");
        let request = UploadRequest::new(BUCKET, &key, Body::file(&file));
        outbox.add(&request, &ItemOptions { keep, ..Default::default() }).unwrap();
        assert_eq!(file.exists(), keep != Keep::Move, "{keep:?}");
        run(&outbox);
        assert_eq!(oss.content(&key).as_deref(), Some(&*content), "{keep:?}");
        assert_eq!(file.exists(), keep != Keep::Move, "{keep:?}");
    }
    // Changed after it was added: what is there now is not what was meant.
    let file = folder.with_extension("changed");
    fs::write(&file, "1").unwrap();
    let request = UploadRequest::new(BUCKET, "changed", Body::file(&file));
    let options = ItemOptions { keep: Keep::Reference, ..Default::default() };
    let id = outbox.add(&request, &options).unwrap();
    fs::write(&file, "22").unwrap();
    run(&outbox);
    let refused = receipts(&outbox).into_iter().find(|receipt| receipt.id == id).unwrap();
    assert_eq!(refused.outcome, ItemOutcome::Refused);
    assert!(refused.message.unwrap().contains("has changed since it was added"));
    assert!(oss.content("changed").is_none());
    for name in ["items", "new"] {
        let left: Vec<_> = fs::read_dir(folder.join(name)).unwrap().map(|e| e.unwrap()).collect();
        let bodies = left.iter().filter(|e| e.file_name().to_string_lossy().ends_with(".body"));
        assert_eq!(bodies.count(), 0, "{name}");
    }
}

#[test]
fn a_refused_add_leaves_the_file_as_it_was() {
    let folder = folder("refused");
    let file = folder.with_extension("file");
    fs::write(&file, vec![1; 20_000]).unwrap();
    let mut settings = config(&folder, None);
    (settings.limits.max_bytes, settings.limits.max_items) = (16_384, 1);
    settings.when_full = WhenFull::DropOldest;
    let outbox = Outbox::open(settings).unwrap();
    let waiting = add(&outbox, "waits", b"", &ItemOptions::default());
    let options = ItemOptions { keep: Keep::Move, ..Default::default() };
    let request = UploadRequest::new(BUCKET, "k", Body::file(&file));
    let full = outbox.add(&request, &options).unwrap_err();
    assert_eq!((full.status(), full.field()), (Status::OutboxFull, Some("max_bytes")), "{full}");
    let bad = UploadRequest::new("Bad Bucket", "k", Body::file(&file));
    assert_eq!(outbox.add(&bad, &options).unwrap_err().field(), Some("bucket"));
    assert_eq!(fs::read(&file).unwrap(), vec![1; 20_000]);
    let kept = BTreeMap::from([(waiting, ItemState::Waiting)]);
    assert_eq!(states(&outbox), kept, "nothing makes room for what has none");
}

/// What is wrong with one item sets that aside; what all of them share does not.
#[test]
fn a_refused_add_says_whose_fault_it_is() {
    let folder = folder("whose");
    let mut settings = config(&folder, None);
    settings.limits.max_bytes = 50_000;
    let outbox = Outbox::open(settings).unwrap();
    let (padding, content) = ("x".repeat(70_000), [7; 60_000]);
    let long = Some(padding.clone());
    let none = ItemOptions::default;
    let refused = |bucket: &str, content: &[u8], headers, options: &ItemOptions| {
        let mut request = UploadRequest::new(bucket, "k", Body::Memory(content));
        request.headers = headers;
        let error = outbox.add(&request, options).unwrap_err();
        (error.field().unwrap_or_default().to_owned(), error.advice())
    };
    let names: Vec<_> = (0..16).map(|at| format!("x-oss-{at}")).collect();
    let with_padding: Vec<_> = names.iter().map(|name| (&**name, &*padding)).collect();
    for (refused, field, advice) in [
        (refused("Bad Bucket", b"", &[], &none()), "bucket", Advice::FixSettings),
        (refused(BUCKET, b"", &with_padding, &none()), "request", Advice::FixRequest),
        (
            refused(BUCKET, b"", &[], &ItemOptions { caller_id: long.clone(), ..none() }),
            "options.caller_id",
            Advice::FixRequest,
        ),
        (
            refused(BUCKET, b"", &[], &ItemOptions { order: long, ..none() }),
            "options.order",
            Advice::FixRequest,
        ),
        (
            refused(BUCKET, b"", &[], &ItemOptions { keep: Keep::Link, ..none() }),
            "options.keep",
            Advice::FixSettings,
        ),
        (refused(BUCKET, &content, &[], &none()), "max_bytes", Advice::FixRequest),
    ] {
        assert_eq!(refused, (field.to_owned(), advice));
    }
    add(&outbox, "k", &content[..40_000], &none());
    let full = refused(BUCKET, &content[..10_000], &[], &none());
    assert_eq!(full, ("max_bytes".to_owned(), Advice::Again), "it may have room later");
}

#[test]
fn the_network_fails_and_the_item_waits() {
    let (oss, folder) = (LocalOss::start(), folder("waits"));
    let _fault = oss.fault("error status=503 code=ServiceUnavailable operation=PutObject times=3");
    let outbox = open(&folder, Some(oss.client()));
    let id = add(&outbox, "k", b"content", &ItemOptions::default());
    outbox.run(Until::Idle, Some(PATIENCE), None).unwrap();
    assert_eq!(states(&outbox), BTreeMap::from([(id, ItemState::Waiting)]));
    let mut last = None;
    outbox
        .each(|item| {
            last = item.message.clone();
            true
        })
        .unwrap();
    assert!(last.unwrap().contains("ServiceUnavailable"));
    outbox.retry_now(None).unwrap();
    while states(&outbox)[&id] != ItemState::Receipt {
        outbox.retry_now(Some(id)).ok();
        outbox.run(Until::Idle, Some(PATIENCE), None).unwrap();
    }
    assert_eq!(receipts(&outbox)[0].outcome, ItemOutcome::Acknowledged);
    assert_eq!(oss.count(Operation::PutObject), 4);
}

/// The add itself sends it, when nothing is in the way.
#[test]
fn an_item_goes_at_once() {
    let (oss, folder) = (LocalOss::start(), folder("at-once"));
    let outbox = open(&folder, Some(oss.client()));
    let at_once = ItemOptions { at_once: true, ..Default::default() };
    let now = |outbox: &Outbox| {
        let stats = outbox.stats().unwrap();
        (stats.waiting, stats.receipts)
    };
    let id = add(&outbox, "a", b"a", &at_once);
    assert_eq!((oss.content("a").as_deref(), now(&outbox)), (Some(&b"a"[..]), (0, 1)));
    assert_eq!(receipts(&outbox)[0].id, id);
    let moved = folder.with_extension("moved");
    fs::write(&moved, b"moved").unwrap();
    let request = UploadRequest::new(BUCKET, "moved", Body::File(moved.clone()));
    outbox.add(&request, &ItemOptions { keep: Keep::Move, ..at_once.clone() }).unwrap();
    assert_eq!((oss.content("moved").as_deref(), now(&outbox)), (Some(&b"moved"[..]), (0, 2)));
    assert!(!moved.exists());

    oss.fault("error status=503 code=ServiceUnavailable operation=PutObject times=1");
    add(&outbox, "b", b"b", &at_once);
    assert_eq!(now(&outbox), (1, 2), "it is kept");
    add(&outbox, "c", b"c", &at_once);
    assert_eq!((oss.content("c"), now(&outbox)), (None, (2, 2)), "another one waits");
    drop(outbox);
    let outbox = open(&folder, Some(oss.client()));
    run(&outbox);
    assert_eq!((oss.content("b").as_deref(), now(&outbox)), (Some(&b"b"[..]), (0, 4)));

    let adder = open(&folder, None);
    add(&adder, "d", b"d", &at_once);
    assert_eq!(now(&adder), (1, 4), "a process that cannot send only adds");
    let waits = ItemOptions { later: true, ..at_once };
    let error = adder.add(&UploadRequest::new(BUCKET, "e", Body::Memory(b"e")), &waits);
    assert_eq!(error.unwrap_err().field(), Some("options.flags"));
}

/// The keys have lost their rights to one folder. What fails is tried again for ever, and others go on.
#[test]
fn items_that_fail_do_not_hold_up_the_others() {
    let (oss, folder) = (LocalOss::start(), folder("hold-up"));
    let _fault = oss.fault("error status=403 code=AccessDenied prefix=shut- times=always");
    let mut settings = config(&folder, Some(oss.client()));
    (settings.retry_min, settings.retry_max) = (Duration::from_secs(1), Duration::from_secs(300));
    let outbox = Outbox::open(settings).unwrap();
    for (kind, count) in [("shut", 20), ("good", 40)] {
        for at in 0..count {
            add(&outbox, &format!("{kind}-{at}"), b"content", &ItemOptions::default());
        }
    }
    // A clock that goes from one turn to the next.
    let start = Instant::now();
    let (mut now, never) = (start, CancelToken::new());
    while receipts_that_wait(&outbox) < 40 {
        match outbox.step(now, &never).unwrap() {
            Step::Tried => {}
            Step::Wait(until) => now = until.unwrap(),
            Step::Empty => panic!("those that fail are kept"),
        }
        let passed = now - start;
        assert!(passed < Duration::from_secs(1800), "{} arrived", receipts_that_wait(&outbox));
    }
    assert_eq!(outbox.stats().unwrap().waiting, 20);
}

fn receipts_that_wait(outbox: &Outbox) -> u64 {
    outbox.stats().unwrap().receipts
}

#[test]
fn a_lost_answer_calls_back_once() {
    let (oss, folder) = (LocalOss::start(), folder("lost"));
    let _fault = oss.fault("close-answer at=0 operation=PutObject times=1");
    let outbox = open(&folder, Some(oss.client()));
    let callback = Callback::new(oss.callback_url(), "object=${object}");
    let mut request = UploadRequest::new(BUCKET, "k", Body::Memory(b"content"));
    request.callback = Some(&callback);
    outbox.add(&request, &ItemOptions::default()).unwrap();
    run(&outbox);
    assert_eq!(receipts(&outbox).len(), 1);
    assert_eq!(oss.received(1).len(), 1);
}

#[test]
fn urgent_items_go_first_and_an_order_is_kept() {
    let (oss, folder) = (LocalOss::start(), folder("order"));
    let outbox = open(&folder, Some(oss.client()));
    let in_order =
        |priority| ItemOptions { priority, order: Some("camera".to_owned()), ..Default::default() };
    add(&outbox, "1", b"", &in_order(0));
    add(&outbox, "2", b"", &in_order(9));
    add(&outbox, "3", b"", &ItemOptions { priority: 5, ..Default::default() });
    let held = add(&outbox, "4", b"", &ItemOptions { held: true, ..Default::default() });
    run(&outbox);
    let keys: Vec<_> = oss.emulator.requests().iter().filter_map(|r| r.key.clone()).collect();
    assert_eq!(keys, ["3", "1", "2"], "the second of an order waits for the first");
    outbox.release(held).unwrap();
    run(&outbox);
    assert!(oss.content("4").is_some());
}

#[test]
fn limits_hold_and_what_is_dropped_leaves_a_receipt() {
    let folder = folder("limits");
    for (when_full, dropped) in
        [(WhenFull::DropOldest, "1"), (WhenFull::DropNewest, "3"), (WhenFull::DropLeastUrgent, "2")]
    {
        let _ = fs::remove_dir_all(&folder);
        let mut settings = config(&folder, None);
        settings.limits.max_items = 3;
        settings.when_full = when_full;
        let outbox = Outbox::open(settings).unwrap();
        for (key, priority) in [("1", 5), ("2", 0), ("3", 3), ("4", 9)] {
            add(&outbox, key, b"", &ItemOptions { priority, ..Default::default() });
        }
        let [receipt] = &receipts(&outbox)[..] else { panic!("{when_full:?}") };
        assert_eq!(receipt.outcome, ItemOutcome::Dropped, "{when_full:?}");
        assert_eq!(receipt.key.as_deref(), Some(dropped), "{when_full:?}");
        assert_eq!(outbox.stats().unwrap().waiting, 3);
        // Receipts count as well: at last nothing may go any more.
        let request = UploadRequest::new(BUCKET, "k", Body::Memory(b""));
        let options = ItemOptions { priority: 9, ..Default::default() };
        let refused = (0..4).find_map(|_| outbox.add(&request, &options).err()).unwrap();
        assert_eq!((refused.status(), refused.field()), (Status::OutboxFull, Some("receipts")));
        assert_eq!(outbox.stats().unwrap().receipts, 3);
    }
}

#[test]
fn refused_items_are_kept_and_can_be_tried_again() {
    let (oss, folder) = (LocalOss::start(), folder("dead"));
    let fault = oss.fault("error status=400 code=InvalidObjectName operation=PutObject times=1");
    let outbox = open(&folder, Some(oss.client()));
    let id = add(&outbox, "k", &[1; 5000], &ItemOptions::default());
    run(&outbox);
    drop(fault);
    assert_eq!(receipts(&outbox)[0].outcome, ItemOutcome::Refused);
    outbox.acknowledge(id).unwrap();
    assert_eq!(states(&outbox)[&id], ItemState::Dead);
    drop(outbox);
    let damaged = folder.with_extension("damaged");
    let _ = fs::remove_dir_all(&damaged);
    copy_folder(&folder, &damaged);
    // A power cut while it is put into the queue, once the body is there.
    let body = format!("{id:016x}.body");
    fs::rename(folder.join("dead").join(&body), folder.join("items").join(&body)).unwrap();
    let outbox = open(&folder, Some(oss.client()));
    outbox.retry_now(Some(id)).unwrap();
    run(&outbox);
    assert_eq!(receipts(&outbox)[0].outcome, ItemOutcome::Acknowledged);
    assert_eq!(oss.content("k").as_deref(), Some(&[1; 5000][..]));
    // What is damaged is never deleted, its body neither.
    let outbox = open(&damaged, None);
    fs::write(damaged.join(file_of(&outbox, id)), "damaged").unwrap();
    assert_eq!(outbox.retry_now(Some(id)).unwrap_err().status(), Status::NotFound);
    drop(outbox);
    assert_eq!(states(&open(&damaged, None))[&id], ItemState::Corrupt);
    let body = fs::read(damaged.join(format!("corrupt/{id:016x}.body")));
    assert_eq!(body.unwrap(), [1; 5000]);
}

#[test]
fn an_expired_bundle_is_renewed() {
    let hour_ahead = Options { clock_offset_seconds: 3600, ..Options::default() };
    let (oss, folder) = (LocalOss::with(hour_ahead), folder("bundles"));
    let signed = |seconds| {
        let request = SignUrlRequest {
            bucket: BUCKET,
            key: "k",
            expires_in: Some(seconds),
            ..SignUrlRequest::default()
        };
        oss.client().sign_url(&request).unwrap().to_bundle().unwrap()
    };
    let outbox = open(&folder, Some(oss.client()));
    let add = |content, bundle: &str| {
        let destination = Destination::Bundle { text: bundle, key: None };
        let request = UploadRequest::to(destination, Body::Memory(content));
        outbox.add(&request, &ItemOptions::default()).unwrap()
    };
    let large = vec![7; 5000];
    let ids = [add(&large, &signed(60)), add(b"gone", &signed(60)), add(b"kept", &signed(60))];
    run(&outbox);
    for (receipt, id) in receipts(&outbox).iter().zip(ids) {
        assert_eq!((receipt.id, receipt.outcome), (id, ItemOutcome::Expired), "{receipt:?}");
        assert!(receipt.message.as_ref().unwrap().contains("Ask for a new one"), "{receipt:?}");
    }
    let bad = outbox.renew(ids[0], "{}").unwrap_err();
    assert_eq!((bad.status(), bad.field()), (Status::InvalidArgument, Some("bundle")), "{bad}");
    outbox.renew(ids[0], &signed(7200)).unwrap();
    outbox.acknowledge(ids[1]).unwrap();
    assert_eq!(outbox.renew(ids[1], &signed(7200)).unwrap_err().status(), Status::NotFound);
    run(&outbox);
    assert_eq!(receipts(&outbox)[0].outcome, ItemOutcome::Acknowledged);
    assert_eq!(oss.content("k"), Some(large));
    let over = outbox.renew(ids[0], &signed(7200)).unwrap_err();
    assert_eq!((over.status(), over.field()), (Status::InvalidArgument, Some("id")), "{over}");
    assert_eq!(states(&outbox).keys().copied().collect::<Vec<_>>(), [ids[0], ids[2]]);
}

/// A device without keys cannot look what became of it.
#[test]
fn a_bundle_whose_answer_is_lost_is_not_called_refused() {
    let (oss, folder) = (LocalOss::start(), folder("bundle-doubt"));
    let callback = Callback::new(oss.callback_url(), "object=${object}");
    let signed = oss.client().sign_url(&SignUrlRequest {
        bucket: BUCKET,
        key: "k",
        callback: Some(&callback),
        forbid_overwrite: true,
        ..SignUrlRequest::default()
    });
    let bundle = signed.unwrap().to_bundle().unwrap();
    let destination = Destination::Bundle { text: &bundle, key: None };
    let request = UploadRequest::to(destination, Body::Memory(b"content"));
    let _fault = oss.fault("close-answer at=0 times=1");
    let outbox = open(&folder, Some(oss.client()));
    outbox.add(&request, &ItemOptions::default()).unwrap();
    outbox.run(Until::Idle, Some(PATIENCE), None).unwrap();
    drop(outbox);
    let outbox = open(&folder, Some(oss.client()));
    run(&outbox);
    let receipt = &receipts(&outbox)[0];
    assert_eq!(receipt.outcome, ItemOutcome::NotAcknowledged, "{receipt:?}");
    assert!(receipt.message.as_ref().unwrap().contains("has most probably stored it"));
    assert_eq!(oss.received(1).len(), 1);

    // Of a key that was there before, nothing is in doubt.
    outbox.add(&request, &ItemOptions::default()).unwrap();
    run(&outbox);
    assert_eq!(receipts(&outbox)[0].outcome, ItemOutcome::Refused);
}

/// A program that was interrupted repeats its add.
#[test]
fn an_add_that_is_repeated_ends_as_the_first_one() {
    let folder = folder("repeated");
    let outbox = open(&folder, None);
    let options = ItemOptions {
        keep: Keep::Move,
        caller_id: Some("shot-1".to_owned()),
        ..Default::default()
    };
    let file = folder.with_extension("recording");
    let request = UploadRequest::new(BUCKET, "k", Body::file(&file));
    fs::write(&file, b"recording").unwrap();
    let linked = ItemOptions { keep: Keep::Link, ..options.clone() };
    let id = outbox.add(&request, &linked).unwrap();
    // As after a power cut between the item and the removal of the file.
    assert_eq!(outbox.add(&request, &options).unwrap(), id);
    assert!(!file.exists(), "it is moved");
    assert_eq!(outbox.add(&request, &options).unwrap(), id, "it was moved");
    fs::write(&file, b"another 1").unwrap();
    assert_eq!(outbox.add(&request, &options).unwrap(), id);
    assert!(file.exists(), "it is not what was added");

    fs::write(&file, b"longer than before").unwrap();
    let elsewhere = UploadRequest::new(BUCKET, "other", Body::Memory(b"recording"));
    let memory = ItemOptions { keep: Keep::Copy, ..options.clone() };
    for (request, options, part) in
        [(request, &options, "9 bytes, and this has 18"), (elsewhere, &memory, "goes to \"k\"")]
    {
        let refused = outbox.add(&request, options).unwrap_err();
        assert_eq!(refused.field(), Some("options.caller_id"));
        assert_eq!(
            (refused.status(), refused.advice()),
            (Status::InvalidArgument, Advice::FixRequest)
        );
        assert!(refused.message().contains(part), "{refused}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"longer than before");
}

/// What is added for later is seen by nobody, but its id is its own.
#[test]
fn ids_of_what_comes_later_are_given_to_nobody_else() {
    let folder = folder("later-ids");
    let (first, second) = (open(&folder, None), open(&folder, None));
    let later = ItemOptions { later: true, ..Default::default() };
    let plain = ItemOptions::default();
    let large = vec![1; 5000];
    let mut ids = vec![add(&second, "warm", &large, &plain)];
    for _ in 0..3 {
        ids.push(add(&second, "later", &large, &later));
        ids.push(add(&first, "now", &large, &plain));
        ids.push(add(&first, "later", &large, &later));
        ids.push(add(&second, "now", &large, &plain));
    }
    second.commit().unwrap();
    first.commit().unwrap();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    assert_eq!(states(&first).keys().copied().collect::<Vec<_>>(), unique);
    assert_eq!(states(&first), states(&second));
    // In one process they rise in the order of the adds.
    let own: Vec<_> = ids.iter().skip(1).step_by(4).chain(ids.iter().skip(4).step_by(4)).collect();
    assert!(ids[1] < ids[4] && ids[4] < ids[5] && ids[5] < ids[8], "{own:?}");
    drop((first, second));
    let next = add(&open(&folder, None), "next", b"", &plain);
    assert!(next > *unique.last().unwrap());

    // An add that is repeated is durable, although the first one was for later.
    let outbox = open(&folder, None);
    let named =
        |later| ItemOptions { later, caller_id: Some("c".to_owned()), ..Default::default() };
    let id = add(&outbox, "k", b"", &named(true));
    assert!(!states(&outbox).contains_key(&id));
    assert_eq!(add(&outbox, "k", b"", &named(false)), id);
    assert!(states(&outbox).contains_key(&id));
}

/// Receipts take as much room as small items do: to drop them all would not help.
#[test]
fn nothing_is_dropped_for_nothing() {
    let folder = folder("for-nothing");
    let mut settings = config(&folder, None);
    settings.when_full = WhenFull::DropOldest;
    settings.limits.max_bytes = 20 * 4096;
    let outbox = Outbox::open(settings).unwrap();
    let options = ItemOptions::default();
    let kept = std::iter::from_fn(|| {
        outbox.add(&UploadRequest::new(BUCKET, "k", Body::Memory(b"small")), &options).ok()
    });
    assert_eq!(kept.take(100).count(), 20);
    let stats = outbox.stats().unwrap();
    assert_eq!((stats.waiting, stats.receipts), (20, 0));
    drop(outbox);
    let mut settings = config(&folder, None);
    settings.when_full = WhenFull::DropOldest;
    settings.limits.min_free_bytes = 1 << 50;
    let outbox = Outbox::open(settings).unwrap();
    let request = UploadRequest::new(BUCKET, "k", Body::Memory(b"small"));
    let refused = outbox.add(&request, &options).unwrap_err();
    assert_eq!(refused.field(), Some("min_free_bytes"), "{refused}");
    assert_eq!(outbox.stats().unwrap().waiting, 20);
}

/// An outage of a month is as long as one attempt.
#[test]
fn attempts_do_not_make_the_file_of_an_item_longer() {
    let (oss, folder) = (LocalOss::start(), folder("attempts"));
    let _fault = oss.fault("error status=503 code=ServiceUnavailable times=always");
    let outbox = open(&folder, Some(oss.client()));
    let overwrite = ItemOptions { overwrite: true, ..Default::default() };
    let id = add(&outbox, "k", b"content", &overwrite);
    let file = folder.join(file_of(&outbox, id));
    let size = fs::metadata(&file).unwrap().len();
    for _ in 0..20 {
        outbox.retry_now(None).unwrap();
        outbox.run(Until::Idle, Some(PATIENCE), None).unwrap();
    }
    assert_eq!(fs::metadata(&file).unwrap().len(), size);
    assert!(oss.count(Operation::PutObject) > 0);
}

#[test]
fn many_items_become_durable_together() {
    let (oss, folder) = (LocalOss::start(), folder("later"));
    let outbox = open(&folder, Some(oss.client()));
    let later = ItemOptions { later: true, ..Default::default() };
    for at in 0..20 {
        add(&outbox, &format!("{at}"), &[at; 3000], &later);
    }
    assert_eq!(outbox.stats().unwrap().waiting, 0);
    outbox.commit().unwrap();
    assert_eq!(outbox.stats().unwrap().waiting, 20);
    run(&outbox);
    assert_eq!(receipts(&outbox).len(), 20);
    add(&outbox, "gone", b"", &later);
    drop(outbox);
    assert!(states(&open(&folder, None)).len() == 20, "what was not committed is not there");
}

#[test]
fn one_process_sends_and_others_add() {
    let (oss, folder) = (LocalOss::start(), folder("processes"));
    let sender = Arc::new(open(&folder, Some(oss.client())));
    sender.start(2).unwrap();
    let other = open(&folder, Some(oss.client()));
    let busy = other.run(Until::Idle, None, None).unwrap_err();
    assert_eq!(busy.status(), Status::OutboxBusy, "{busy}");
    for at in 0..10 {
        add(&other, &format!("{at}"), b"content", &ItemOptions::default());
    }
    // The sender is told by the folder alone.
    let mut given = 0;
    while given < 10 {
        let fd = other.receipt_fd().unwrap();
        let mut descriptor = [PollFd::from_borrowed_fd(fd, PollFlags::IN)];
        assert!(poll(&mut descriptor, Some(&PATIENCE.try_into().unwrap())).unwrap() > 0);
        given += receipts(&other).len();
    }
    sender.stop();
    run(&other);
    assert_eq!(oss.count(Operation::PutObject), 10);
}

#[test]
fn another_process_ends_the_pause() {
    let (oss, folder) = (LocalOss::start(), folder("kick"));
    let _fault = oss.fault("error status=503 code=ServiceUnavailable operation=PutObject times=1");
    let mut settings = config(&folder, Some(oss.client()));
    (settings.retry_min, settings.retry_max) = (10 * PATIENCE, 10 * PATIENCE);
    let sender = Arc::new(Outbox::open(settings).unwrap());
    let other = open(&folder, None);
    let id = add(&other, "k", b"content", &ItemOptions::default());
    sender.run(Until::Idle, Some(PATIENCE), None).unwrap();
    sender.start(1).unwrap();
    assert_eq!(states(&other)[&id], ItemState::Waiting, "the pause is long");
    other.retry_now(Some(id)).unwrap();
    while receipts(&other).is_empty() {
        let fd = other.receipt_fd().unwrap();
        let mut descriptor = [PollFd::from_borrowed_fd(fd, PollFlags::IN)];
        assert!(poll(&mut descriptor, Some(&PATIENCE.try_into().unwrap())).unwrap() > 0);
    }
    sender.stop();
}

/// Whatever single byte of whatever file changes, the outbox opens and delivers all others. Behind an item is
/// room for its receipt, which may be anything.
#[test]
fn a_damaged_byte_costs_one_item() {
    const ITEMS: u64 = 20;
    let oss = LocalOss::start();
    let (whole, damaged) = (folder("whole"), folder("damaged"));
    let outbox = open(&whole, None);
    for at in 0..ITEMS {
        let content = vec![b'A' + at as u8; if at % 2 == 0 { 100 } else { 3000 }];
        add(&outbox, &format!("{at}"), &content, &ItemOptions::default());
    }
    drop(outbox);
    let files: Vec<_> =
        fs::read_dir(whole.join("items")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let mut flips = 0;
    for file in &files {
        let content = fs::read(file).unwrap();
        let times = fs::metadata(file).unwrap().modified().unwrap();
        let is_room = |at: usize| content[at..].iter().all(|byte| *byte == b'\n');
        // Every byte of the first ones, some of the others.
        let step = if flips < 1500 { 1 } else { 101 };
        for at in (0..content.len()).step_by(step) {
            let what = format!("{}: byte {at}", file.display());
            let mut changed = content.clone();
            changed[at] ^= 0x10;
            fs::write(file, changed).unwrap();
            let states = states(&open(&whole, None));
            assert_eq!(states.len() as u64, ITEMS, "{what}");
            let bad = states.values().filter(|state| **state == ItemState::Corrupt).count();
            let may_be_bad = usize::from(!is_room(at.saturating_sub(1)));
            assert!(bad <= may_be_bad, "{what}");
            if flips % 97 == 0 {
                let _ = fs::remove_dir_all(&damaged);
                copy_folder(&whole, &damaged);
                let outbox = open(&damaged, Some(oss.client()));
                run(&outbox);
                let stats = outbox.stats().unwrap();
                let bad = may_be_bad as u64;
                assert_eq!((stats.receipts, stats.corrupt), (ITEMS - bad, bad), "{what}");
            }
            flips += 1;
            fs::write(file, &content).unwrap();
            fs::File::options().write(true).open(file).unwrap().set_modified(times).unwrap();
        }
    }
}

/// Whoever finds something in `corrupt/` is told what is wrong with it.
#[test]
fn what_was_set_aside_says_why() {
    let folder = folder("set-aside");
    let outbox = open(&folder, None);
    let sizes = [("first line", 100), ("body", 100), ("no body", 3000), ("version", 100)];
    let files: BTreeMap<_, _> = sizes
        .iter()
        .map(|(key, size)| {
            let id = add(&outbox, key, &vec![7; *size], &ItemOptions::default());
            (*key, folder.join(file_of(&outbox, id)))
        })
        .collect();
    drop(outbox);
    let change = |key: &str, from: &str, to: &str| {
        let text = String::from_utf8(fs::read(&files[key]).unwrap()).unwrap();
        assert!(text.contains(from));
        fs::write(&files[key], text.replace(from, to)).unwrap();
    };
    change("first line", "\"bucket\"", "\"basket\"");
    change("body", "\u{7}\n", "\u{8}\n");
    let name = files["no body"].file_name().unwrap().to_str().unwrap();
    fs::remove_file(folder.join(format!("items/{}.body", &name[..16]))).unwrap();
    let text = fs::read_to_string(&files["version"]).unwrap();
    let (line, rest) = text.split_once('\n').unwrap();
    let json = line[65..].replacen("\"version\":1}", "\"version\":2,\"zoom\":{}}", 1);
    let checksum = sha256(json.as_bytes());
    fs::write(&files["version"], format!("{checksum} {json}\n{rest}")).unwrap();
    fs::write(folder.join("items/photo.jpg"), "foreign").unwrap();

    let oss = LocalOss::start();
    let outbox = open(&folder, Some(oss.client()));
    run(&outbox);
    let mut found = BTreeMap::new();
    let list = outbox.each(|item| {
        assert_eq!(item.state, ItemState::Corrupt, "{item:?}");
        assert!(folder.join(&item.file_name).exists(), "{item:?}");
        found.insert(item.id, item.message.clone().unwrap());
        true
    });
    list.unwrap();
    assert_eq!(outbox.stats().unwrap().corrupt, 5);
    let expected = [
        "it is no file of an outbox",
        "its first line is damaged",
        "its content is damaged",
        "its body is missing",
        "it is of version 2, and this library reads version 1",
    ];
    for ((id, message), part) in found.iter().zip(expected) {
        assert!(message.contains(part), "{id}: {message}");
    }
    assert_eq!(found.len(), expected.len(), "{found:?}");
    // It is counted as long as it is there.
    fs::remove_file(folder.join("corrupt/photo.jpg")).unwrap();
    assert_eq!(outbox.stats().unwrap().corrupt, 4);
}

fn file_of(outbox: &Outbox, id: u64) -> String {
    let mut file = None;
    let list = outbox.each(|item| {
        file = Some(item.file_name.clone()).filter(|_| item.id == id);
        file.is_none()
    });
    list.unwrap();
    file.unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn folders_of_others_are_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder("others");
    fs::create_dir_all(&folder).unwrap();
    let refused = |folder: &Path| Outbox::open(config(folder, None)).unwrap_err();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(refused(&folder).message().contains("chmod 700"));
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(folder.join("photo.jpg"), "").unwrap();
    assert!(refused(&folder).message().contains("photo.jpg"));
    fs::remove_file(folder.join("photo.jpg")).unwrap();
    std::os::unix::fs::symlink("/tmp", folder.join("items")).unwrap();
    assert!(refused(&folder).message().contains("items, which is no folder"));
    fs::remove_file(folder.join("items")).unwrap();
    let outbox = open(&folder, None);
    add(&outbox, "k", b"", &ItemOptions::default());
    drop(outbox);
    std::os::unix::fs::symlink("/etc/passwd", folder.join("items/link")).unwrap();
    fs::write(folder.join("items/other"), "x").unwrap();
    let outbox = open(&folder, None);
    assert_eq!((outbox.stats().unwrap().waiting, outbox.stats().unwrap().corrupt), (1, 2));
    fs::rename(&folder, folder.with_extension("away")).unwrap();
    let lost =
        outbox.add(&UploadRequest::new(BUCKET, "k", Body::Memory(b"")), &ItemOptions::default());
    let lost = lost.unwrap_err();
    assert_eq!(lost.status(), Status::Outbox, "{lost}");
    fs::remove_dir_all(folder.with_extension("away")).unwrap();
}

/// A log function may ask how full the outbox is, or add what it has to say.
#[test]
fn a_log_function_may_call_the_outbox() {
    let (oss, folder) = (LocalOss::start(), folder("log"));
    let known: Arc<OnceLock<Weak<Outbox>>> = Arc::default();
    let (lines, said) = channel();
    let theirs = Arc::clone(&known);
    let log = Logger::new(LogLevel::Warning, move |_, line| {
        let Some(outbox) = theirs.get().and_then(Weak::upgrade) else { return };
        let later =
            ItemOptions { later: true, caller_id: Some("log".into()), ..Default::default() };
        add(&outbox, "log", b"there is a warning", &later);
        outbox.commit().unwrap();
        lines.send((line.to_owned(), outbox.stats().unwrap())).unwrap();
    });
    let client = Client::new(ossbind::ClientConfig { log, ..oss.config() }).unwrap();
    let outbox = Arc::new(open(&folder, Some(client)));
    known.set(Arc::downgrade(&outbox)).unwrap();
    // A test that waits for ever says nothing.
    std::thread::spawn(move || {
        let request = UploadRequest::new(BUCKET, "k", Body::file("/proc/version"));
        outbox.add(&request, &ItemOptions { keep: Keep::Move, ..Default::default() }).unwrap();
        let id = add(&outbox, "damaged", b"content", &ItemOptions::default());
        fs::write(folder.join(file_of(&outbox, id)), "damaged").unwrap();
        run(&outbox);
    });
    let (line, stats) = said.recv_timeout(PATIENCE).unwrap();
    assert!(line.contains("/proc/version\" is in the outbox, and cannot be removed"), "{line}");
    assert_eq!(stats.waiting, 2);
    let (line, stats) = said.recv_timeout(PATIENCE).unwrap();
    assert!(line.contains("is damaged, or no file of an outbox"), "{line}");
    assert_eq!(stats.corrupt, 1);
}
