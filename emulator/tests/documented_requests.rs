//! The signed requests of spec: test-vectors.md 1 to 4, sent at the time of their signatures. What the
//! page has of V4-H5 is no request, since its secret is not known.

mod common;

use std::io::Write;
use std::time::SystemTime;

use common::{Response, connect};
use ossbind_emulator::{
    AccessKey, Bucket, CallbackHost, Emulator, Options, Receiver, ReceiverOptions, RequestRecord,
};

/// One of the vectors.
#[derive(Debug)]
struct Vector {
    name: &'static str,
    /// Seconds since 1970.
    at: i64,
    region: &'static str,
    head: String,
}

/// A line with the name, the time and the region, the head without host and length, an empty line.
fn vectors() -> Vec<Vector> {
    let read = |text: &'static str| {
        let (title, head) = text.trim_end().split_once('\n').unwrap();
        let words: Vec<&str> = title.split(' ').collect();
        let [_, name, _, at, _, region] = words[..] else { panic!("{title}") };
        let (line, headers) = head.split_once('\n').unwrap_or((head, ""));
        let headers = if headers.is_empty() { String::new() } else { format!("{headers}\n") };
        let head = format!("{line}\nHost: 127.0.0.1\n{headers}Content-Length: 0\n\n");
        Vector { name, at: at.parse().unwrap(), region, head: head.replace('\n', "\r\n") }
    };
    include_str!("recorded/documented.txt").split("\n\n").map(read).collect()
}

/// The service of a region, with the names and keys of the vectors. Of one id, the vectors have both a
/// permanent and a temporary key.
fn emulator(vector: &Vector, receiver: &Receiver) -> Emulator {
    let ak = match vector.head.contains("security-token") {
        true => AccessKey::temporary("ak", "sk", "token"),
        false => AccessKey::new("ak", "sk"),
    };
    let secret = "OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV";
    let host = "203.0.113.10".to_owned();
    let options = Options {
        region: vector.region.to_owned(),
        access_keys: vec![ak, AccessKey::new("44CF9590006BF252F707", secret)],
        buckets: ["bucket", "examplebucket", "oss-example"].map(Bucket::new).into(),
        callback_hosts: vec![CallbackHost { host, address: receiver.address() }],
        ..Options::default()
    };
    Emulator::start(options).unwrap()
}

fn send(vector: &Vector, head: &str, receiver: &Receiver) -> (Response, RequestRecord) {
    let emulator = emulator(vector, receiver);
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs() as i64;
    emulator.set_clock_offset_seconds(vector.at - now);
    let mut stream = connect(emulator.address());
    stream.write_all(head.as_bytes()).unwrap();
    let answer = Response::read(&mut stream, false);
    (answer, emulator.requests().remove(0))
}

#[test]
fn documented_signatures_hold() {
    let receiver = Receiver::start(ReceiverOptions::default()).unwrap();
    let vectors = vectors();
    assert_eq!(vectors.len(), 25);
    for vector in &vectors {
        let (answer, record) = send(vector, &vector.head, &receiver);
        let verified = record.signature_version.map(|version| format!("{version:?}"));
        let expected = if vector.head.contains("OSS4-HMAC-SHA256") { "V4" } else { "V1" };
        assert_eq!(verified.as_deref(), Some(expected), "{}: {answer:?}", vector.name);
    }
    // A1, A2, B1 and B2 have callbacks.
    assert_eq!(receiver.received().len(), 4);
}

#[test]
fn documented_signatures_hold_for_their_region_only() {
    let receiver = Receiver::start(ReceiverOptions::default()).unwrap();
    for vector in vectors().into_iter().filter(|vector| vector.head.contains("OSS4-HMAC-SHA256")) {
        let region = if vector.region == "cb-123" { "cn-hangzhou" } else { "cb-123" };
        let elsewhere = Vector { region, ..vector };
        let (answer, _) = send(&elsewhere, &elsewhere.head, &receiver);
        assert_eq!(answer.error().1, "InvalidArgument", "{}", elsewhere.name);
    }
}
