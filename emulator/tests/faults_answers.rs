//! Answers that break off, come slowly, are too long or no answers at all.

mod common;

use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use common::rough::{End, add, begin, exchange, last_request, send_on, until_end};
use common::{BUCKET, PATIENCE, Request, Response, connect, emulator};
use ossbind_emulator::{AnswerFate, Emulator, Operation};

/// What a request is answered, byte for byte.
fn whole_answer(emulator: &Emulator, request: Request) -> Vec<u8> {
    let (answer, end) = exchange(emulator, request.header("connection", "close"));
    assert_eq!(end, End::Closed);
    answer
}

fn head_length(answer: &[u8]) -> usize {
    answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4
}

#[test]
fn an_answer_breaks_off_at_a_byte() {
    let emulator = emulator();
    Request::put("a", "0123456789").send(&emulator);
    // Answers are of one length, but for the milliseconds in `x-oss-server-time`.
    for (what, end) in [("reset", End::Reset), ("close", End::Closed)] {
        for at in [0, 1, 12, 40] {
            add(&emulator, &format!("{what}-answer at={at} operation=GetObject"));
            let (answer, how) = exchange(&emulator, Request::get("a"));
            assert!(b"HTTP/1.1 200 OK\r\n".starts_with(&answer[..at.min(17)]));
            assert_eq!((answer.len(), how), (at, end));
            let record = last_request(&emulator);
            assert_eq!(record.status, 200);
            assert_eq!(record.answer, AnswerFate::Cut { bytes: at as u64 });
            assert!(record.faults[0].happened);
        }
        for (place, body) in [("body+0", &b""[..]), ("body+3", b"012"), ("end-1", b"012345678")] {
            add(&emulator, &format!("{what}-answer at={place}"));
            let (answer, how) = exchange(&emulator, Request::get("a"));
            assert_eq!((&answer[head_length(&answer)..], how), (body, end), "{place}");
        }
        add(&emulator, &format!("{what}-answer at=end"));
        let (answer, how) = exchange(&emulator, Request::get("a"));
        assert_eq!((&answer[head_length(&answer)..], how), (&b"0123456789"[..], end));
        assert_eq!(last_request(&emulator).answer, AnswerFate::Sent);
    }
}

#[test]
fn the_request_is_carried_out_before_its_answer_is_lost() {
    let emulator = emulator();
    add(&emulator, "reset-answer at=0 operation=PutObject");
    assert_eq!(exchange(&emulator, Request::put("a", "content")), (Vec::new(), End::Reset));
    let stored = last_request(&emulator).stored.unwrap();
    let object = emulator.object(BUCKET, "a").unwrap();
    assert_eq!((stored.size, stored.crc64), (7, object.crc64()));
}

#[test]
fn an_answer_that_is_too_short_for_the_fault_is_whole() {
    let emulator = emulator();
    for place in ["1m", "end-1m", "body+1"] {
        let fault = add(&emulator, &format!("close-answer at={place}"));
        assert_eq!(Request::put("a", "content").send(&emulator).status, 200);
        let record = last_request(&emulator);
        assert_eq!((record.answer, record.faults[0].happened), (AnswerFate::Sent, false));
        assert_eq!((fault.status().taken, fault.happened()), (1, 0), "{place}");
    }
}

#[test]
fn interim_answers_are_not_counted() {
    let emulator = emulator();
    let interim = b"HTTP/1.1 100 Continue\r\n\r\n";
    for at in [0, 5] {
        add(&emulator, &format!("close-answer at={at}"));
        // The body does not wait for the interim answer, so both may go out together.
        let request = Request::put("a", "content").header("expect", "100-continue");
        let (answer, end) = exchange(&emulator, request);
        assert_eq!((answer, end), ([interim, &b"HTTP/"[..at]].concat(), End::Closed));
        assert_eq!(last_request(&emulator).answer, AnswerFate::Cut { bytes: at as u64 });
    }
}

#[test]
fn of_two_requests_sent_at_once_the_right_one_is_hit() {
    let emulator = emulator();
    for (at, cut) in [("0", 0), ("7", 7)] {
        add(&emulator, &format!("close-answer at={at} key=second"));
        let mut stream = connect(emulator.address());
        let both: Vec<u8> = ["first", "second"]
            .map(|key| Request::get(key).sign_v4().head(emulator.address()).into_bytes())
            .concat();
        stream.write_all(&both).unwrap();
        let first = Response::read(&mut stream, false);
        assert_eq!(first.element("Key").as_deref(), Some("first"));
        let (rest, end) = until_end(stream);
        assert_eq!((rest.len(), end), (cut, End::Closed));
    }
}

#[test]
fn a_stalled_answer_ends_when_the_client_leaves() {
    let emulator = emulator();
    let stall = add(&emulator, "stall-answer at=20");
    let mut stream = begin(&emulator, Request::put("a", "content"));
    let mut start = [0; 20];
    stream.read_exact(&mut start).unwrap();
    assert!(stall.wait_happened(1, PATIENCE));
    stream.set_nonblocking(true).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert!(!emulator.wait_idle(Duration::ZERO));
    drop(stream);
    let record = last_request(&emulator);
    assert_eq!(record.answer, AnswerFate::Cut { bytes: 20 });
    assert!(record.stored.is_some());
}

#[test]
fn a_stalled_answer_goes_on_when_its_time_is_over() {
    let emulator = emulator();
    let mut stream = connect(emulator.address());
    for place in ["0", "20", "end"] {
        add(&emulator, &format!("stall-answer at={place} for=20ms"));
        let start = Instant::now();
        send_on(&mut stream, &emulator, Request::put("a", "content"));
        assert_eq!(Response::read(&mut stream, false).status, 200);
        let waited = start.elapsed() >= Duration::from_millis(20);
        assert!(waited || place == "end", "{place}");
        assert!(last_request(&emulator).faults[0].happened, "{place}");
    }
    assert_eq!(emulator.faults().records().len(), 3);
}

#[test]
fn an_answer_comes_slowly_and_whole() {
    let emulator = emulator();
    Request::put("a", vec![b'a'; 500]).send(&emulator);
    let trickle = add(&emulator, "trickle-answer rate=5000 operation=GetObject");
    let mut stream = connect(emulator.address());
    let start = Instant::now();
    send_on(&mut stream, &emulator, Request::get("a"));
    assert_eq!(Response::read(&mut stream, false).body, vec![b'a'; 500]);
    // 500 bytes and a head, though the last of them are not waited for.
    assert!(start.elapsed() >= Duration::from_millis(80));
    assert_eq!(trickle.happened(), 1);
    // The next answer is as quick as ever, on the same connection.
    send_on(&mut stream, &emulator, Request::get("a"));
    assert_eq!(Response::read(&mut stream, false).status, 200);
    assert!(last_request(&emulator).faults.is_empty());
}

#[test]
fn an_answer_to_head_ends_with_its_head() {
    let emulator = emulator();
    Request::put("a", "content").send(&emulator);
    for fault in ["page status=502", "reset-answer at=end"] {
        add(&emulator, fault);
        exchange(&emulator, Request::new("HEAD", "a").header("connection", "close"));
        let record = last_request(&emulator);
        assert!(record.answer == AnswerFate::Sent && record.faults[0].happened, "{record:?}");
    }
}

#[test]
fn something_comes_that_is_no_http() {
    let emulator = emulator();
    add(&emulator, "garbage-answer");
    add(&emulator, "garbage-answer text=\"+OK\\r\\n\"");
    for text in ["SSH-2.0-OpenSSH_9.6\r\n", "+OK\r\n"] {
        let answer = exchange(&emulator, Request::put("a", "content"));
        assert_eq!(answer, (text.as_bytes().to_vec(), End::Closed));
        let record = last_request(&emulator);
        assert_eq!((record.status, record.answer), (200, AnswerFate::Cut { bytes: 0 }));
        assert!(record.stored.is_some());
    }
}

#[test]
fn an_answer_is_too_long() {
    let emulator = emulator();
    Request::put("a", "content").send(&emulator);
    for bytes in [100, 200_000] {
        add(&emulator, &format!("oversized-body size={bytes}"));
        let answer = Request::get("a").send(&emulator);
        assert_eq!(answer.body.len(), bytes);
        assert_eq!(answer.text().trim_end(), "content");
    }
    // An error document stays one.
    add(&emulator, "oversized-body size=5000");
    let answer = Request::get("b").send(&emulator);
    assert_eq!((answer.body.len(), answer.error().1.as_str()), (5000, "NoSuchKey"));
    // What has no body, or a longer one, is left alone.
    let fault = add(&emulator, "oversized-body size=7 times=2");
    assert_eq!(Request::new("HEAD", "a").send(&emulator).header("content-length"), Some("7"));
    assert_eq!(Request::get("a").send(&emulator).text(), "content");
    assert_eq!((fault.status().taken, fault.happened()), (2, 0));
}

#[test]
fn a_head_is_too_long() {
    let emulator = emulator();
    add(&emulator, "oversized-head size=1m");
    let answer = Request::put("a", "").send(&emulator);
    assert_eq!(answer.header("x-oss-filler").unwrap().len(), 1 << 20);
    assert_eq!(answer.status, 200);
}

#[test]
fn faults_of_different_stages_meet() {
    let emulator = emulator();
    add(&emulator, "error status=503 retry-after=3");
    add(&emulator, "oversized-body size=2000");
    add(&emulator, "close-answer at=end-500");
    let (answer, end) = exchange(&emulator, Request::get("a"));
    assert!(answer.starts_with(b"HTTP/1.1 503 ") && end == End::Closed);
    assert_eq!(answer.len() - head_length(&answer), 1500);
    let record = last_request(&emulator);
    assert_eq!(record.operation, Some(Operation::GetObject));
    assert!(record.faults.len() == 3 && record.faults.iter().all(|fault| fault.happened));
}

#[test]
fn an_undisturbed_answer_is_what_it_was() {
    let emulator = emulator();
    Request::put("a", vec![b'a'; 100_000]).send(&emulator);
    let answer = whole_answer(&emulator, Request::get("a"));
    assert_eq!(answer.len(), head_length(&answer) + 100_000);
    assert_eq!(last_request(&emulator).answer, AnswerFate::Sent);
}
