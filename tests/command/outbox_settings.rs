//! How `ossbind outbox` sets up the outbox: its limits, and whom it tells.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use ossbind_emulator::{Answer, Operation};
use serde_json::json;

use crate::outbox::Board;
use crate::program::{Ended, file};
use crate::support::raw_server::{RawServer, read_request};

#[test]
fn an_outbox_has_the_limits_that_are_given() {
    let board = Board::new("limits");
    let path = file("outbox-limits", b"v");
    board.add(&[&path, "first"]);
    let refusals: [(&[&str], i32, &str); 4] = [
        (&["--max-items=1"], 3, "max_items: the outbox is full"),
        (&["--max-items", "1", "--when-full=refuse"], 3, "max_items: the outbox is full"),
        (&["--max-bytes=1"], 5, "max_bytes: the outbox is full"),
        (&["--min-free=9000000000000000000"], 3, "min_free_bytes: the outbox is full"),
    ];
    for (words, code, part) in refusals {
        let ended = board.run(&[&["add", &path, "second"], words].concat());
        assert_eq!((ended.code, &*ended.stdout), (Some(code), ""), "{words:?}: {ended:?}");
        assert!(ended.stderr.contains(part), "{words:?}: {ended:?}");
    }
    board.add(&["--priority=9", &path, "second"]);
    for (how, key, dropped) in [
        ("oldest", "third", "first"),
        ("newest", "fourth", "third"),
        ("least-urgent", "fifth", "fourth"),
    ] {
        board.add(&["--max-items=2", "--when-full", how, &path, key]);
        let receipts = board.json(&["receipts", "--acknowledge"]);
        assert_eq!((receipts.len(), &receipts[0]["key"]), (1, &json!(dropped)), "{how}");
        assert_eq!(receipts[0]["outcome"], "OSSBIND_ITEM_OUTCOME_DROPPED");
    }
    let ended = board.run(&["add", "--when-full=all", &path, "k"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.stderr.contains("--when-full is \"all\", and must be refuse, oldest"),
        "{ended:?}"
    );
}

#[test]
fn a_server_is_told_what_its_callback_did_not_say() {
    let board = Board::new("tell");
    let (sender, requests) = channel();
    let count = AtomicUsize::new(0);
    let server = RawServer::start(move |mut stream| {
        let head = read_request(&stream);
        let status = [500, 200][count.fetch_add(1, Ordering::SeqCst).min(1)];
        let _ = write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
        sender.send(head).unwrap();
    });
    let url = format!("http://{}/told", server.address());
    let path = file("outbox-tell", b"v");
    board.oss.receiver.answer_with(Answer::status(502));
    let id = board.add(&["--callback", &board.oss.callback_url(), &path, "k"]);
    let key = "0123456789abcdef";
    let drain = |words: &[&str], key: Option<&str>| {
        let mut command = board.drain(words);
        key.map(|key| command.env("OSSBIND_TELL_KEY", key));
        Ended::of(command.output().unwrap())
    };
    let ended = drain(&["--tell", &url], None);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("set OSSBIND_TELL_KEY to 16 bytes or more"), "{ended:?}");
    let ended = drain(&["--tell", &url], Some("short"));
    assert_eq!(ended.code, Some(6), "{ended:?}");
    assert_eq!(board.oss.count(Operation::PutObject), 0);

    let ended = drain(&["--tell", &url], Some(key));
    assert_eq!((ended.code, &*ended.stdout), (Some(0), "1 stored, 0 wait\n"), "{ended:?}");
    assert!(ended.stderr.contains("is kept: "), "{ended:?}");
    let heads: Vec<_> = requests.try_iter().collect();
    assert_eq!(heads.len(), 2);
    for head in heads {
        assert_eq!(head[0], "POST /told HTTP/1.1");
        assert!(head.iter().any(|line| line.starts_with("x-ossbind-signature: v1=")), "{head:?}");
    }
    assert_eq!(board.oss.count(Operation::PutObject), 1);
    assert_eq!(board.json(&["receipts"])[0]["told"], true);
    assert!(board.output(&["show", &id]).contains("  told       yes\n"));

    // The environment of a service says it as well.
    board.add(&["--callback", &board.oss.callback_url(), &path, "other"]);
    let mut command = board.drain(&["--acknowledge"]);
    command.env("OSSBIND_TELL_URL", &url).env("OSSBIND_TELL_KEY", key);
    let ended = Ended::of(command.output().unwrap());
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""), "{ended:?}");
    assert_eq!(board.json(&["receipts"]).len(), 0);
    assert_eq!(requests.try_iter().count(), 1);
}
