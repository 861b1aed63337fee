//! Callbacks that fail on request.

mod common;

use std::time::{Duration, Instant};

use common::rough::{add, last_request};
use common::{Request, emulator, failure, receiver, upload};
use ossbind_emulator::{CallbackOutcome, Emulator, Options};

fn expected(message: &str, ec: &str) -> (String, String) {
    (message.to_owned(), ec.to_owned())
}

#[test]
fn callbacks_fail_before_or_after_they_are_delivered() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    let no_connection =
        "Error status : -1. OSS can not connect to your callbackUrl, please check it.";
    let cases = [
        ("callback-refuse", false, no_connection, "0007-00000204"),
        ("callback-bad-json", true, "Response body is not valid json format.", "0007-00000205"),
        ("callback-status status=404", true, "Error status : 404.", "0007-00000203"),
        ("callback-fail message=Busy. ec=0007-1", false, "Busy.", "0007-1"),
    ];
    for (fault, delivered, message, ec) in cases {
        let handle = add(&emulator, fault);
        let answer = upload(&emulator, &receiver.url("/"));
        assert_eq!(failure(&emulator, &answer), expected(message, ec), "{fault}");
        assert_eq!(receiver.take_received().len(), usize::from(delivered), "{fault}");
        assert_eq!(handle.happened(), 1);
        let record = last_request(&emulator);
        let callback = record.callback.unwrap();
        assert_eq!((callback.delivered, callback.acknowledged), (delivered, false), "{fault}");
        assert!(record.faults[0].happened && record.stored.is_some());
        let callback = emulator.take_callbacks().pop().unwrap();
        assert_eq!((callback.delivered, callback.request_id), (delivered, record.request_id));
        assert!(matches!(callback.outcome, CallbackOutcome::Failed { .. }));
    }
    assert_eq!(upload(&emulator, &receiver.url("/")).status, 200);
    let callback = last_request(&emulator).callback.unwrap();
    assert!(callback.delivered && callback.acknowledged);
}

#[test]
fn a_slow_callback_is_delivered_and_may_be_too_slow() {
    let callback_timeout = Duration::from_millis(400);
    let emulator = Emulator::start(Options { callback_timeout, ..Options::default() }).unwrap();
    let receiver = receiver(&emulator);
    add(&emulator, "callback-slow for=50ms");
    let start = Instant::now();
    assert_eq!(upload(&emulator, &receiver.url("/")).status, 200);
    assert!(start.elapsed() >= Duration::from_millis(50));

    add(&emulator, "callback-slow for=1h");
    let (message, ec) = failure(&emulator, &upload(&emulator, &receiver.url("/")));
    let start = format!("Error status : -1 {} reply timeout, cost:", receiver.address());
    assert!(message.starts_with(&start) && message.ends_with("ms, timeout:400ms"), "{message}");
    assert_eq!(ec, "0007-00000202");
    assert_eq!(receiver.received().len(), 2);
}

#[test]
fn uploads_without_a_callback_are_left_alone() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    let fault = add(&emulator, "callback-refuse key=a.txt");
    assert_eq!(Request::put("a.txt", "content").send(&emulator).status, 200);
    let record = last_request(&emulator);
    assert_eq!((fault.status().taken, record.callback), (0, None));
    assert_eq!(upload(&emulator, &receiver.url("/")).status, 203);
}

#[test]
fn every_url_of_a_callback_fails() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    add(&emulator, "callback-status status=500");
    let urls = format!("{};{}", receiver.url("/1"), receiver.url("/2"));
    assert_eq!(upload(&emulator, &urls).status, 203);
    assert_eq!(receiver.received().len(), 2);
    assert_eq!(emulator.callbacks().len(), 2);
}
