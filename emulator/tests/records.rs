//! What is remembered of requests, callbacks and answers.

mod common;

use std::time::Duration;

use common::multipart::{complete_all, initiate, upload_part};
use common::rough::{add, begin, last_request};
use common::{BUCKET, PATIENCE, Request, callback_headers, emulator, receiver, upload};
use ossbind_emulator::{AnswerFate, Emulator, Options, Storage};
use serde_json::json;

#[test]
fn what_was_stored_is_in_the_record() {
    let emulator = emulator();
    Request::put("a", "content").send(&emulator);
    let stored = last_request(&emulator).stored.unwrap();
    assert_eq!((stored.size, stored.crc64), (7, emulator.object(BUCKET, "a").unwrap().crc64()));

    let id = initiate(&emulator, "b");
    assert_eq!(last_request(&emulator).stored, None);
    upload_part(&emulator, "b", &id, 1, "part");
    let part = last_request(&emulator).stored.unwrap();
    assert_eq!(part.size, 4);
    complete_all("b", &id).send(&emulator);
    assert_eq!(last_request(&emulator).stored, Some(part));

    Request::get("a").send(&emulator);
    assert_eq!(last_request(&emulator).stored, None);
    Request::put("c", "content").header("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==").send(&emulator);
    assert_eq!(last_request(&emulator).stored, None);
}

#[test]
fn a_client_that_leaves_before_its_answer_has_not_got_it() {
    let emulator = emulator();
    Request::put("a", vec![0; 32 << 20]).send(&emulator);
    let mut stream = begin(&emulator, Request::get("a"));
    std::io::Read::read_exact(&mut stream, &mut [0; 1000]).unwrap();
    assert!(!emulator.wait_idle(Duration::ZERO));
    drop(stream);
    let record = last_request(&emulator);
    let AnswerFate::Cut { bytes } = record.answer else { panic!("{:?}", record.answer) };
    assert!((1000..32 << 20).contains(&bytes), "{bytes}");
}

#[test]
fn a_client_that_leaves_during_the_callback_has_stored_its_object() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    let slow = add(&emulator, "callback-slow for=300ms");
    let callback = json!({"callbackUrl": receiver.url("/"), "callbackBody": "a=1"});
    let request = Request::put("a", "content").headers(callback_headers(&callback, &json!({})));
    let stream = begin(&emulator, request);
    assert!(slow.wait_happened(1, PATIENCE));
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
    let record = last_request(&emulator);
    assert!(record.stored.is_some() && record.callback.unwrap().acknowledged);
    assert!(matches!(record.answer, AnswerFate::Cut { .. }), "{:?}", record.answer);
}

#[test]
fn an_answer_that_was_read_is_recorded_as_sent() {
    let emulator = emulator();
    for _ in 0..200 {
        Request::put("a", "content").send(&emulator);
        // Without waiting.
        assert_eq!(emulator.requests().pop().unwrap().answer, AnswerFate::Sent);
    }
}

#[test]
fn taken_records_are_gone() {
    let options = Options { storage: Storage::Discard, ..Options::default() };
    let emulator = Emulator::start(options).unwrap();
    let receiver = receiver(&emulator);
    upload(&emulator, &receiver.url("/"));
    let stall = add(&emulator, "stall-answer at=0");
    let stalled = begin(&emulator, Request::put("b", ""));
    assert!(stall.wait_happened(1, PATIENCE));

    let keys = |emulator: &Emulator| -> Vec<String> {
        // The receiver has fetched the public key.
        let uploads = emulator.take_requests().into_iter().filter(|r| r.operation.is_some());
        uploads.filter_map(|record| record.key).collect()
    };
    assert_eq!(keys(&emulator), ["a.txt"]);
    let waiting = emulator.requests();
    assert_eq!((waiting.len(), waiting[0].answer), (1, AnswerFate::Pending));
    drop(stalled);
    assert!(emulator.wait_idle(PATIENCE));
    assert_eq!(keys(&emulator), ["b"]);
    assert!(emulator.requests().is_empty());
    assert_eq!((emulator.take_callbacks().len(), emulator.take_callbacks().len()), (1, 0));
    assert_eq!((receiver.take_received().len(), receiver.take_received().len()), (1, 0));
    let faults = emulator.faults();
    assert_eq!((faults.take_records().len(), faults.records().len()), (1, 0));
}
