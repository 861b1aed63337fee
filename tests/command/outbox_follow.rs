//! `ossbind outbox drain --follow`, as the unit for systemd runs it.

use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::outbox::Board;
use crate::program::{end_by, file};
use crate::support::local_oss::PATIENCE;
use crate::support::native::root;

/// Starts what the unit starts.
fn follow(board: &Board) -> Child {
    let unit =
        std::fs::read_to_string(root().join("tools/ossbind/ossbind-outbox.service")).unwrap();
    let words = unit.lines().find_map(|line| line.strip_prefix("ExecStart=ossbind outbox drain "));
    let words: Vec<&str> = words.unwrap().split(' ').collect();
    assert!(words.contains(&"--follow"), "{words:?}");
    board.drain(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[track_caller]
fn wait_for(what: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !what() {
        assert!(Instant::now() < deadline, "it did not happen");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn it_sends_what_others_add_until_it_is_ended() {
    let board = Board::new("follow");
    let path = file("follow", b"v");
    let child = follow(&board);
    wait_for(|| board.folder.exists());
    for key in ["a", "b"] {
        board.add(&[&path, key]);
        wait_for(|| board.oss.content(key).is_some());
    }
    wait_for(|| board.states().is_empty());
    let ended = end_by(Signal::TERM, child);
    assert_eq!((ended.code, &*ended.stdout), (Some(0), "2 stored, 0 wait\n"), "{ended:?}");
    assert_eq!(board.output(&["receipts"]), "", "it has acknowledged them");
}

#[test]
fn others_end_its_pauses() {
    let board = Board::new("pauses");
    let refusal =
        board.oss.fault("error status=403 code=AccessDenied operation=PutObject times=always");
    let id = board.add(&[&file("follow-pauses", b"v"), "k"]);
    let child = follow(&board);
    assert!(refusal.wait_happened(1, PATIENCE));
    // Else it would be tried again in 5 minutes.
    wait_for(|| board.states() == [("k".to_owned(), "WAITING".to_owned())]);
    board.oss.emulator.faults().clear();
    board.output(&["retry"]);
    wait_for(|| board.oss.content("k").is_some());
    let ended = end_by(Signal::TERM, child);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stderr.contains(&format!("item {id} is kept: ")), "{ended:?}");
}

#[test]
fn a_signal_ends_an_upload_that_is_under_way() {
    let board = Board::new("under-way");
    let reached = board.oss.fault("stall-request at=0 operation=PutObject");
    board.add(&[&file("follow-under-way", b"v"), "k"]);
    let child = follow(&board);
    assert!(reached.wait_happened(1, PATIENCE));
    let ended = end_by(Signal::TERM, child);
    assert_eq!((ended.code, &*ended.stdout), (Some(0), "0 stored, 1 wait\n"), "{ended:?}");
}
