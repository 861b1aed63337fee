//! Faults on request.

mod common;

use std::io::{Read, Write};

use common::form::Form;
use common::multipart::{complete_all, initiate, part, upload_part};
use common::{BUCKET, Request, connect, emulator};
use ossbind_emulator::{AnswerFate, Emulator, Operation};
use serde_json::json;

/// Sends a request and returns all that comes back until the connection ends.
fn whatever_comes(emulator: &Emulator, request: Request) -> Vec<u8> {
    let request = request.sign_v4();
    let mut stream = connect(emulator.address());
    stream.write_all(request.head(emulator.address()).as_bytes()).unwrap();
    stream.write_all(&request.body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

#[test]
fn an_answer_can_be_lost() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    upload_part(&emulator, "a", &id, 1, "content");
    emulator.lose_next_answer_to(Operation::CompleteMultipartUpload);
    // Others are not concerned.
    assert_eq!(Request::put("b", "").send(&emulator).status, 200);

    assert_eq!(whatever_comes(&emulator, complete_all("a", &id)), b"");
    let record = emulator.requests().pop().unwrap();
    assert_eq!(record.answer, AnswerFate::Cut { bytes: 0 });
    assert_eq!((record.operation, record.status), (Some(Operation::CompleteMultipartUpload), 200));
    assert!(emulator.object(BUCKET, "a").is_some());

    let again = complete_all("a", &id).send(&emulator);
    assert_eq!(again.error().1, "NoSuchUpload");
    assert_eq!(emulator.requests().pop().unwrap().answer, AnswerFate::Sent);
}

#[test]
fn a_request_can_fail_without_effect() {
    let emulator = emulator();
    emulator.fail_next(Operation::PutObject, 503, "ServiceUnavailable");
    emulator.fail_next(Operation::PutObject, 500, "InternalError");
    // A request that would be refused anyway does not use a fault up.
    let unsigned = Request::put("a", "").send_as_is(&emulator);
    assert_eq!(unsigned.error().1, "AccessDenied");

    for (status, code) in [(503, "ServiceUnavailable"), (500, "InternalError")] {
        let answer = Request::put("a", "content").send(&emulator);
        assert_eq!((answer.status, answer.error().1.as_str()), (status, code));
        assert_eq!(emulator.requests().pop().unwrap().code.as_deref(), Some(code));
        assert!(emulator.object(BUCKET, "a").is_none());
    }
    assert_eq!(Request::put("a", "content").send(&emulator).status, 200);
}

#[test]
fn a_request_can_fail_after_its_effect() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    let fail = || {
        let operation = Operation::UploadPart;
        emulator.fail_next_after_carrying_out(operation, 500, "InternalError");
    };
    fail();
    let answer = part("a", &id, 1, "content").send(&emulator);
    assert_eq!((answer.status, answer.error().1.as_str()), (500, "InternalError"));
    assert_eq!(answer.header("etag"), None);
    assert_eq!(emulator.multipart_uploads()[0].parts[0].size, 7);

    fail();
    let answer = part("a", "unknown", 1, "content").send(&emulator);
    assert_eq!(answer.error().1, "NoSuchUpload");
}

#[test]
fn forms_and_heads_can_fail_too() {
    let emulator = emulator();
    emulator.fail_next(Operation::PostObject, 200, "Odd");
    let form = Form::new("x").field("key", "a").sign_v1(&json!([{"bucket": BUCKET}]));
    let answer = form.send(&emulator);
    assert_eq!((answer.status, answer.error().1.as_str()), (200, "Odd"));
    assert_eq!(form.send(&emulator).status, 204);

    emulator.fail_next(Operation::HeadObject, 100, "Early");
    let answer = Request::new("HEAD", "a").send(&emulator);
    assert_eq!(answer.status, 500);
    assert!(answer.header("x-oss-err").is_some());
}
