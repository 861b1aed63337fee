//! Requests to one multipart upload at the same time.

mod common;

use std::io::Write;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use common::multipart::{MIN_PART, abort, complete_all, initiate, part, upload_part};
use common::{BUCKET, Response, callback_headers, connect, emulator, receiver};
use serde_json::json;

#[test]
fn parts_are_uploaded_in_parallel() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    thread::scope(|scope| {
        for worker in 0..8_u32 {
            let (emulator, id) = (&emulator, id.as_str());
            scope.spawn(move || {
                for number in (worker + 1..=40).step_by(8) {
                    // Each part is replaced once.
                    upload_part(emulator, "a", id, number, "x");
                    upload_part(emulator, "a", id, number, vec![number as u8; MIN_PART]);
                }
            });
        }
    });
    assert_eq!(complete_all("a", &id).send(&emulator).status, 200);
    let content = emulator.object(BUCKET, "a").unwrap().content().unwrap().unwrap();
    let expected: Vec<u8> = (1..=40_u8).flat_map(|number| vec![number; MIN_PART]).collect();
    assert!(content == expected);
}

#[test]
fn of_complete_and_abort_one_wins() {
    let emulator = emulator();
    for round in 0..20 {
        let key = format!("a{round}");
        let id = initiate(&emulator, &key);
        upload_part(&emulator, &key, &id, 1, vec![1; MIN_PART]);
        let start = Barrier::new(3);
        let statuses = thread::scope(|scope| {
            let completes = [(); 2].map(|()| {
                scope.spawn(|| {
                    start.wait();
                    complete_all(&key, &id).send(&emulator).status
                })
            });
            let abort = scope.spawn(|| {
                start.wait();
                abort(&emulator, &key, &id).status
            });
            let [first, second] = completes.map(|thread| thread.join().unwrap());
            [first, second, abort.join().unwrap()]
        });
        let object = emulator.object(BUCKET, &key);
        match statuses {
            [200, 404, 404] | [404, 200, 404] => assert!(object.is_some()),
            [404, 404, 204] => assert!(object.is_none()),
            other => panic!("{other:?}"),
        }
        assert_eq!(emulator.multipart_uploads(), []);
    }
}

#[test]
fn a_client_that_goes_away_does_not_stop_the_completion() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    let callback = json!({"callbackUrl": receiver.url("/"), "callbackBody": "a=1"});
    let id = initiate(&emulator, "a");
    upload_part(&emulator, "a", &id, 1, "content");
    let request = complete_all("a", &id).headers(callback_headers(&callback, &json!({}))).sign_v4();
    let mut stream = connect(emulator.address());
    stream.write_all(request.head(emulator.address()).as_bytes()).unwrap();
    drop(stream);
    assert_eq!(receiver.wait_for(1, Duration::from_secs(30)).len(), 1);
    assert!(emulator.object(BUCKET, "a").is_some());
}

#[test]
fn a_part_on_its_way_finds_its_upload_gone() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    let request = part("a", &id, 1, "content").header("expect", "100-continue").sign_v4();
    let mut stream = connect(emulator.address());
    stream.write_all(request.head(emulator.address()).as_bytes()).unwrap();
    // The server waits for the body.
    assert_eq!(Response::read(&mut stream, false).status, 100);
    assert_eq!(abort(&emulator, "a", &id).status, 204);
    stream.write_all(&request.body).unwrap();
    let answer = Response::read(&mut stream, false);
    assert_eq!((answer.status, answer.error().1.as_str()), (404, "NoSuchUpload"));
}
