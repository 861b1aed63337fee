//! Connections that fail before there is an answer.

mod common;

use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::form::Form;
use common::multipart::{initiate, part};
use common::rough::{End, add, begin, cut_request, exchange, last_request, send_on, until_end};
use common::{BUCKET, PATIENCE, Request, Response, connect, emulator};
use ossbind_emulator::{AnswerFate, Operation};
use serde_json::json;

#[test]
fn a_connection_is_refused() {
    let emulator = emulator();
    let refuse = add(&emulator, "refuse times=2");
    for _ in 0..2 {
        // Even connecting may fail already.
        if let Ok(stream) = TcpStream::connect(emulator.address()) {
            assert_eq!(until_end(stream), (Vec::new(), End::Reset));
        }
    }
    assert_eq!(Request::put("a", "").send(&emulator).status, 200);
    assert_eq!(refuse.happened(), 2);
    let records = emulator.faults().records();
    let connections: Vec<u64> = records.iter().map(|record| record.connection).collect();
    assert_eq!(connections, [1, 2]);
    assert!(
        records
            .iter()
            .all(|record| record.request_id.is_none() && &*record.text == "refuse times=2")
    );
    assert_eq!(last_request(&emulator).connection, 3);
}

#[test]
fn an_emulator_that_does_not_listen_refuses_like_one_that_is_not_there() {
    let emulator = emulator();
    let mut open = connect(emulator.address());
    send_on(&mut open, &emulator, Request::put("a", ""));
    assert_eq!(Response::read(&mut open, false).status, 200);

    emulator.pause_listening().unwrap();
    emulator.pause_listening().unwrap();
    let refused = TcpStream::connect(emulator.address()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    // What exists goes on.
    send_on(&mut open, &emulator, Request::put("a", ""));
    assert_eq!(Response::read(&mut open, false).status, 200);

    emulator.resume_listening().unwrap();
    emulator.resume_listening().unwrap();
    assert_eq!(Request::put("a", "").send(&emulator).status, 200);
}

#[test]
fn a_request_is_reset_at_a_byte_of_its_body() {
    let emulator = emulator();
    let body = vec![b'a'; 300_000];
    for (place, bytes) in [("0", 0), ("1", 1), ("64k", 65536), ("end-1", 299_999), ("end", 300_000)]
    {
        add(&emulator, &format!("reset-request at={place}"));
        let (answer, end) = exchange(&emulator, Request::put("a", body.clone()));
        assert_eq!((answer, end), (Vec::new(), End::Reset), "{place}");
        assert_eq!(cut_request(&emulator).body_bytes, bytes, "{place}");
        assert!(emulator.object(BUCKET, "a").is_none(), "{place}");
    }
    assert_eq!(Request::put("a", body).send(&emulator).status, 200);
}

#[test]
fn a_request_is_closed_at_a_byte_of_its_body() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    add(&emulator, "close-request at=5 operation=UploadPart part=2");
    assert_eq!(part("a", &id, 1, "content").send(&emulator).status, 200);
    let (answer, end) = exchange(&emulator, part("a", &id, 2, "content"));
    assert_eq!((answer, end), (Vec::new(), End::Closed));
    let record = cut_request(&emulator);
    assert_eq!((record.body_bytes, record.part_number), (5, Some(2)));
    assert_eq!(emulator.multipart_uploads()[0].parts.len(), 1);
    // Also when much is on its way.
    add(&emulator, "close-request at=0");
    let (answer, end) = exchange(&emulator, Request::put("b", vec![0; 1 << 20]));
    assert_eq!((answer, end), (Vec::new(), End::Closed));
}

#[test]
fn a_request_without_a_body_fails_at_its_end() {
    let emulator = emulator();
    Request::put("a", "content").send(&emulator);
    for place in ["0", "end"] {
        add(&emulator, &format!("reset-request at={place} operation=DeleteObject"));
        let (answer, end) = exchange(&emulator, Request::new("DELETE", "a"));
        assert_eq!((answer, end), (Vec::new(), End::Reset));
        cut_request(&emulator);
    }
    assert!(emulator.object(BUCKET, "a").is_some());
    // It has no first byte.
    let later = add(&emulator, "reset-request at=1");
    assert_eq!(Request::new("DELETE", "a").send(&emulator).status, 204);
    assert_eq!(later.status().taken, 0);
}

#[test]
fn chunks_are_counted_by_their_content() {
    let emulator = emulator();
    for (place, bytes) in [("3", 3), ("end", 5)] {
        add(&emulator, &format!("close-request at={place}"));
        let chunked = Request::new("PUT", "a").header("transfer-encoding", "chunked");
        let mut stream = begin(&emulator, chunked);
        stream.write_all(b"4\r\nabcd\r\n1\r\ne\r\n0\r\n\r\n").unwrap();
        assert_eq!(until_end(stream), (Vec::new(), End::Closed));
        assert_eq!(cut_request(&emulator).body_bytes, bytes);
    }
}

#[test]
fn a_form_fails_too() {
    let emulator = emulator();
    let form = || Form::new("content").field("key", "a").sign_v1(&json!([{"bucket": BUCKET}]));
    add(&emulator, "reset-request at=end-1 operation=PostObject");
    let request = form().request();
    let mut stream = connect(emulator.address());
    stream.write_all(request.head(emulator.address()).as_bytes()).unwrap();
    let _ = stream.write_all(&request.body);
    assert_eq!(until_end(stream), (Vec::new(), End::Reset));
    assert_eq!(cut_request(&emulator).operation, Some(Operation::PostObject));
    assert!(emulator.object(BUCKET, "a").is_none());
    assert_eq!(form().send(&emulator).status, 204);
}

#[test]
fn a_stalled_request_ends_when_the_client_leaves() {
    let emulator = emulator();
    let stall = add(&emulator, "stall-request at=3");
    let stream = begin(&emulator, Request::put("a", "content"));
    assert!(stall.wait_happened(1, PATIENCE));
    assert!(!emulator.wait_idle(Duration::ZERO));
    drop(stream);
    assert_eq!(cut_request(&emulator).body_bytes, 3);
    assert!(emulator.object(BUCKET, "a").is_none());
}

#[test]
fn a_stalled_emulator_takes_no_more_than_the_buffers_hold() {
    let emulator = emulator();
    let stall = add(&emulator, "stall-request at=1m");
    let body = vec![0; 64 << 20];
    let request = Request::put("a", body).sign_v4();
    let mut stream = connect(emulator.address());
    stream.write_all(request.head(emulator.address()).as_bytes()).unwrap();
    stream.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    let error = stream.write_all(&request.body).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    assert_eq!(stall.happened(), 1);
}

#[test]
fn a_stalled_request_does_not_hold_up_the_end_of_the_emulator() {
    let emulator = emulator();
    let stall = add(&emulator, "stall-request at=0");
    let stream = begin(&emulator, Request::put("a", "content"));
    assert!(stall.wait_happened(1, PATIENCE));
    drop(emulator);
    assert!(until_end(stream).0.is_empty());
}

#[test]
fn a_stalled_request_goes_on_when_its_time_is_over() {
    let emulator = emulator();
    add(&emulator, "stall-request at=3 for=50ms");
    let start = Instant::now();
    assert_eq!(Request::put("a", "content").send(&emulator).status, 200);
    assert!(start.elapsed() >= Duration::from_millis(50));
    let record = last_request(&emulator);
    assert!(record.faults[0].happened && record.answer == AnswerFate::Sent);
    assert_eq!(emulator.object(BUCKET, "a").unwrap().content().unwrap().unwrap(), b"content");
}

#[test]
fn a_request_is_read_slowly() {
    let emulator = emulator();
    let trickle = add(&emulator, "trickle-request rate=1000");
    assert_eq!(Request::get("a").send(&emulator).status, 404, "without a body nothing is slow");
    let start = Instant::now();
    assert_eq!(Request::put("a", vec![0; 200]).send(&emulator).status, 200);
    assert!(start.elapsed() >= Duration::from_millis(200));
    assert_eq!(trickle.happened(), 1);
}

#[test]
fn a_request_that_is_read_slowly_ends_when_the_client_leaves() {
    let emulator = emulator();
    let trickle = add(&emulator, "trickle-request rate=1");
    let stream = begin(&emulator, Request::new("PUT", "a").header("content-length", "100000"));
    let mut stream = stream;
    stream.write_all(&[0; 50_000]).unwrap();
    assert!(trickle.wait_happened(1, PATIENCE));
    drop(stream);
    assert_eq!(last_request(&emulator).code.as_deref(), Some("IncompleteBody"));
}

#[test]
fn a_refused_request_does_not_come_to_its_fault() {
    let emulator = emulator();
    let reset = add(&emulator, "reset-request at=5");
    let request = Request::put("a", "content").header("x-oss-object-acl", "of-no-kind");
    assert_eq!(request.send(&emulator).status, 400);
    let status = reset.status();
    assert_eq!((status.taken, status.happened, status.left), (1, 0, Some(0)));
    assert!(!last_request(&emulator).faults[0].happened);
    assert!(emulator.faults().records().is_empty());
}
