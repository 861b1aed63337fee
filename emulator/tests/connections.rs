//! What happens on the connection itself.

mod common;

use std::io::{Read, Write};
use std::net::Shutdown;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::multipart::part;
use common::{BUCKET, Request, Response, connect, emulator};
use ossbind_emulator::{Emulator, Log, Options};

#[test]
fn a_connection_is_kept_for_further_requests() {
    let emulator = emulator();
    let mut stream = connect(emulator.address());
    for number in 0..3 {
        let request = Request::put(&format!("{number}"), "content").sign_v4();
        stream.write_all(request.head(emulator.address()).as_bytes()).unwrap();
        stream.write_all(&request.body).unwrap();
        assert_eq!(Response::read(&mut stream, false).status, 200);
    }
    let ports: Vec<u16> = emulator.requests().iter().map(|record| record.peer.port()).collect();
    assert_eq!(ports, [stream.local_addr().unwrap().port(); 3]);
}

#[test]
fn a_client_that_asks_first_sends_its_body_after_100() {
    let emulator = emulator();
    let mut stream = connect(emulator.address());
    let request = Request::put("a.txt", "content").header("expect", "100-continue").sign_v4();
    stream.write_all(request.head(emulator.address()).as_bytes()).unwrap();
    assert_eq!(Response::read(&mut stream, false).status, 100);
    stream.write_all(&request.body).unwrap();
    assert_eq!(Response::read(&mut stream, false).status, 200);
}

#[test]
fn a_client_that_asks_first_is_refused_without_100() {
    let emulator = emulator();
    let request = Request::put("a.txt", "").header("expect", "100-continue");
    let request = Request { bucket: "no-such-bucket".to_owned(), ..request };
    assert_eq!(request.send(&emulator).status, 404);
}

#[test]
fn an_early_refusal_reaches_a_client_that_keeps_sending() {
    let emulator = emulator();
    let request =
        Request { bucket: "no-such-bucket".to_owned(), ..Request::put("a", vec![0; 64 << 20]) }
            .sign_v4();
    let mut stream = connect(emulator.address());
    stream.write_all(request.head(emulator.address()).as_bytes()).unwrap();
    // Not even a client that gives up at the first failed write misses the answer.
    stream.write_all(&request.body).unwrap();
    let answer = Response::read(&mut stream, false);
    assert_eq!(answer.error().1, "NoSuchBucket");
    assert_eq!(answer.header("connection"), Some("close"));
}

#[test]
fn chunked_bodies_are_taken() {
    let emulator = emulator();
    let mut stream = connect(emulator.address());
    let request = Request::new("PUT", "a.txt").header("transfer-encoding", "chunked").sign_v4();
    stream.write_all(request.head(emulator.address()).as_bytes()).unwrap();
    stream.write_all(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").unwrap();
    assert_eq!(Response::read(&mut stream, false).status, 200);
    let object = emulator.object(BUCKET, "a.txt").unwrap();
    assert_eq!(object.content().unwrap().unwrap(), b"abcde");
}

#[test]
fn a_body_needs_a_length_within_the_limit() {
    let emulator = emulator();
    let answer = Request::new("PUT", "a.txt").send(&emulator);
    assert_eq!((answer.status, answer.error().1.as_str()), (411, "MissingContentLength"));
    let long = Request::new("PUT", "a.txt").header("content-length", "5368709121");
    let answer = long.send(&emulator);
    assert_eq!((answer.status, answer.error().1.as_str()), (400, "EntityTooLarge"));
}

#[test]
fn a_short_body_stores_nothing() {
    let emulator = emulator();
    let mut stream = connect(emulator.address());
    let request = Request::new("PUT", "a.txt").header("content-length", "10").sign_v4();
    stream.write_all(request.head(emulator.address()).as_bytes()).unwrap();
    stream.write_all(b"12345").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    // Whether an answer comes is not important, but the end of the connection does.
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    assert!(emulator.object(BUCKET, "a.txt").is_none());
    let record = emulator.requests().pop().unwrap();
    assert_eq!((record.status, record.code.as_deref()), (400, Some("IncompleteBody")));
    assert_eq!(record.body_bytes, 5);
}

#[test]
fn a_silent_client_is_not_waited_for() {
    let idle_timeout = Duration::from_millis(50);
    let emulator = Emulator::start(Options { idle_timeout, ..Options::default() }).unwrap();
    let request = Request::new("PUT", "a.txt").header("content-length", "10");
    let answer = request.send(&emulator);
    assert_eq!((answer.status, answer.error().1.as_str()), (400, "RequestTimeout"));
}

#[test]
fn every_request_is_one_line_of_the_log() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let log = Log::Sink(Arc::new(move |line: &str| sink.lock().unwrap().push(line.to_owned())));
    let emulator = Emulator::start(Options { log, ..Options::default() }).unwrap();
    Request::put("a\n.txt", "content").send(&emulator);
    Request::get("missing").send(&emulator);
    part("b", "unknown", 7, "content").send(&emulator);
    let lines = lines.lock().unwrap();
    assert!(
        lines[0].contains(" PUT examplebucket/a\\n.txt PutObject 7 bytes 200 "),
        "{}",
        lines[0]
    );
    assert!(
        lines[1]
            .contains(" GET examplebucket/missing GetObject 0 bytes 404 NoSuchKey/0026-00000001 "),
        "{}",
        lines[1]
    );
    let part = " PUT examplebucket/b UploadPart part 7 0 bytes 404 NoSuchUpload/0042-00000104 ";
    assert!(lines[2].contains(part), "{}", lines[2]);
}

#[test]
fn a_connection_that_is_refused_is_in_the_log() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let log = Log::Sink(Arc::new(move |line: &str| sink.lock().unwrap().push(line.to_owned())));
    let faults = vec!["refuse".parse().unwrap()];
    let emulator = Emulator::start(Options { log, faults, ..Options::default() }).unwrap();
    let refused = std::net::TcpStream::connect(emulator.address());
    let _ = refused.map(|mut stream| stream.read(&mut [0]));
    let lines = lines.lock().unwrap();
    assert!(lines[0].contains(" connection 1 from 127.0.0.1:"), "{}", lines[0]);
    assert!(lines[0].ends_with(" fault 1: refuse"), "{}", lines[0]);
}

#[test]
fn records_are_bounded() {
    let emulator = Emulator::start(Options { record_limit: 2, ..Options::default() }).unwrap();
    for key in ["1", "2", "3"] {
        Request::put(key, "").send(&emulator);
    }
    let keys: Vec<Option<String>> = emulator.requests().into_iter().map(|r| r.key).collect();
    assert_eq!(keys, [Some("2".to_owned()), Some("3".to_owned())]);
}

#[test]
fn a_stopped_emulator_frees_its_address() {
    let emulator = emulator();
    let address = emulator.address();
    // An open connection does not hold up the end.
    let _idle = connect(address);
    drop(emulator);
    assert!(std::net::TcpStream::connect(address).is_err());
}
