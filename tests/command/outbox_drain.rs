//! `ossbind outbox drain`: how it ends, and what it says meanwhile.

use std::process::Command;

use ossbind_emulator::{Answer, Operation};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::outbox::Board;
use crate::program::{Ended, end_by, file, program};
use crate::support::local_oss::PATIENCE;
use crate::support::native::Compiler;

const NEVER: &str = "error status=503 operation=PutObject times=always";

#[test]
fn a_callback_that_fails_ends_with_2() {
    let board = Board::new("callback");
    let path = file("drain-callback", b"v");
    let url = board.oss.callback_url();
    board.oss.receiver.answer_next_with(Answer::status(502));
    for key in ["a", "b"] {
        board.add(&["--callback", &url, &path, key]);
    }
    let summary = "2 stored, 1 of them not acknowledged, 0 wait";
    let ended = board.drains(&["--acknowledge"], 2, summary);
    assert!(ended.stderr.contains("  not acknowledged  a: "), "{ended:?}");
    let left = board.json(&["receipts"]);
    assert_eq!((left.len(), &left[0]["key"]), (1, &json!("a")), "the other says nothing more");
    assert_eq!(left[0]["status"], "OSSBIND_STATUS_CALLBACK_FAILED");
    assert_eq!(board.oss.received(2)[1].body_text(), "object=b&size=1");
    board.drains(&[], 0, "0 stored, 0 wait");
}

#[test]
fn what_waits_ends_with_3() {
    let board = Board::new("waits");
    board.oss.fault(NEVER);
    let id = board.add(&[&file("drain-waits", b"v"), "k"]);
    // Time for the attempts of one upload, which make pauses.
    let ended = board.drains(&["--timeout=3"], 3, "0 stored, 1 wait");
    assert!(ended.stderr.contains(&format!("item {id} is kept: ")), "{ended:?}");
    let ended = Ended::of(board.drain(&["--timeout=3", "--json"]).output().unwrap());
    let json = ended.json();
    assert_eq!((ended.code, &*ended.stderr), (Some(3), ""), "{ended:?}");
    assert!(json["reason"].as_str().unwrap().contains("503"), "{json}");
    for (member, value) in [("stored", 0), ("waiting", 1), ("refused", 0), ("held", 0)] {
        assert_eq!(json[member], value, "{json}");
    }
    board.oss.emulator.faults().clear();
    let ended = Ended::of(board.drain(&["--json"]).output().unwrap());
    let expected = json!({
        "stored": 1, "not_acknowledged": 0, "refused": 0, "expired": 0, "dropped": 0, "damaged": 0,
        "waiting": 0, "held": 0, "reason": null,
    });
    assert_eq!((ended.code, ended.json()), (Some(0), expected), "{ended:?}");
}

#[test]
fn what_was_not_sent_in_time_ends_with_5() {
    let board = Board::new("expired");
    let path = file("drain-expired", b"v");
    board.add(&["--lifetime=1", "--delay=2", &path, "late"]);
    board.add(&[&path, "in-time"]);
    let ended = board.drains(&[], 5, "1 stored, 1 expired, 0 wait");
    assert!(ended.stderr.contains("  expired           late: "), "{ended:?}");
}

#[test]
fn a_network_that_costs_sends_what_may_cost() {
    let board = Board::new("metered");
    let path = file("drain-metered", b"v");
    board.add(&["--unmetered", &path, "large"]);
    board.add(&[&path, "small"]);
    board.drains(&["--metered", "--timeout=3"], 3, "1 stored, 1 wait");
    assert!(board.oss.content("small").is_some());
    board.drains(&[], 0, "1 stored, 0 wait");
}

#[test]
fn settings_at_fault_end_with_6() {
    let board = Board::new("settings");
    board.add(&[&file("drain-settings", b"v"), "k"]);
    let ended = board.run(&["drain"]);
    assert_eq!((ended.code, &*ended.stdout), (Some(6), ""), "{ended:?}");
    assert!(ended.stderr.contains("OSS_ENDPOINT"), "{ended:?}");
    let ended = board.run(&["drain", "--json"]);
    assert_eq!((ended.code, &*ended.stderr), (Some(6), ""), "{ended:?}");
    assert_eq!(ended.json()["advice"], "OSSBIND_ADVICE_FIX_SETTINGS");

    // Keys that OSS does not know end no item, and the command says so.
    let mut command = board.drain(&["--timeout=3"]);
    let ended = Ended::of(command.env("OSS_ACCESS_KEY_ID", "other").output().unwrap());
    assert_eq!((ended.code, &*ended.stdout), (Some(3), "0 stored, 1 wait\n"), "{ended:?}");
    assert!(ended.stderr.contains("the access key id is \"other\""), "{ended:?}");
}

#[test]
fn a_signal_ends_it() {
    let board = Board::new("signal");
    let reached = board.oss.fault("stall-answer at=0 operation=PutObject");
    board.add(&[&file("drain-signal", b"v"), "k"]);
    let mut command = board.drain(&["--json"]);
    let pipe = std::process::Stdio::piped;
    let child = command.stdout(pipe()).stderr(pipe()).spawn().unwrap();
    assert!(reached.wait_happened(1, PATIENCE));
    let second = Ended::of(board.drain(&[]).output().unwrap());
    assert_eq!(second.code, Some(3), "one process sends: {second:?}");
    let ended = end_by(Signal::INT, child);
    assert_eq!(
        (ended.code, ended.json()["waiting"].clone()),
        (Some(3), Value::from(1)),
        "{ended:?}"
    );
    board.drains(&[], 0, "1 stored, 0 wait");
    assert_eq!(board.oss.count(Operation::PutObject), 2);
}

#[test]
fn progress_is_for_terminals() {
    let board = Board::new("progress");
    let path = file("drain-progress", b"v");
    let terminal = Compiler::c("gnu99").build(&["tests/c/with_terminal.c"], "drain-terminal");
    board.add(&[&path, "k"]);
    let mut command = Command::new(&terminal);
    board.oss.environment(&mut command);
    command.env("OSSBIND_OUTBOX", &board.folder).arg(program()).args(["outbox", "drain"]);
    let shown = Ended::of(command.output().unwrap());
    assert_eq!(shown.code, Some(0), "{shown:?}");
    // The first time it looks, the item may be stored.
    let is_shown = |line: &str| shown.stdout.contains(line);
    assert!(is_shown("\r0 stored, 1 wait  ") || is_shown("\r1 stored, 0 wait  "), "{shown:?}");
    assert!(is_shown("1 stored, 0 wait\n"), "{shown:?}");
    board.add(&[&path, "quiet"]);
    let quiet = board.drains(&[], 0, "1 stored, 0 wait");
    assert!(!quiet.stderr.contains('\r'), "{quiet:?}");
}
