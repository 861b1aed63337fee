//! Many clients and all faults at once: what clients see and what is recorded must agree.

mod common;

use std::collections::HashMap;
use std::io::Read;
use std::thread;

use common::rough::begin;
use common::{PATIENCE, Request, callback_headers, receiver};
use ossbind_emulator::{AnswerFate, Emulator, Options, RequestRecord, Storage};
use serde_json::json;

const THREADS: usize = 6;
const REQUESTS: usize = 150;
const BODY: usize = 40_000;

/// None of them lasts longer than the client waits.
const SCRIPT: &str = "\
    refuse p=0.02\n\
    reset-request at=0 p=0.02\n\
    reset-request at=20000 p=0.02\n\
    close-request at=end p=0.02\n\
    stall-request at=1000 for=5ms p=0.02\n\
    trickle-request rate=8m p=0.05\n\
    damage at=end-1 p=0.05\n\
    delay for=3ms p=0.05\n\
    error status=503 retry-after=1 p=0.05\n\
    error status=500 when=after p=0.05\n\
    page status=502 p=0.02\n\
    wrong-crc p=0.05\n\
    oversized-body size=100k p=0.05\n\
    reset-answer at=100 p=0.05\n\
    close-answer at=0 p=0.05\n\
    close-answer at=end-1 p=0.05\n\
    stall-answer at=50 for=5ms p=0.05\n\
    trickle-answer rate=64k p=0.05\n\
    garbage-answer p=0.05\n\
    callback-refuse p=0.1\n\
    callback-bad-json p=0.1\n";

/// The status of an answer that came whole.
fn status(emulator: &Emulator, request: Request) -> Option<u16> {
    let mut stream = begin(emulator, request);
    let mut answer = Vec::new();
    // A reset is as good as an end.
    let _ = stream.read_to_end(&mut answer);
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
    let length: usize =
        text.split("content-length: ").nth(1)?.split("\r\n").next()?.parse().ok()?;
    (answer.len() == head + length).then(|| text[9..12].parse().unwrap())
}

fn run(emulator: &Emulator, url: &str, thread: usize) -> Vec<(String, Option<u16>)> {
    let callback = json!({"callbackUrl": url, "callbackBody": "a=1"});
    let one = |number| {
        let key = format!("{thread}-{number}");
        let request = Request::put(&key, vec![7; BODY])
            .header("connection", "close")
            .headers(callback_headers(&callback, &json!({})));
        (key, status(emulator, request))
    };
    (0..REQUESTS).map(one).collect()
}

fn check(key: &str, seen: Option<u16>, record: Option<&RequestRecord>) {
    let Some(record) = record else {
        // The connection was refused.
        return assert_eq!(seen, None, "{key}");
    };
    match seen {
        Some(status) => {
            assert_eq!((record.status, record.answer), (status, AnswerFate::Sent), "{record:?}");
            if status == 200 || status == 203 {
                assert_eq!(record.stored.unwrap().size, BODY as u64, "{record:?}");
                assert_eq!(record.callback.unwrap().acknowledged, status == 200, "{record:?}");
            }
        }
        None => {
            assert!(matches!(record.answer, AnswerFate::Cut { .. }), "{record:?}");
            assert!(record.faults.iter().any(|fault| fault.happened), "{record:?}");
        }
    }
}

#[test]
fn clients_see_what_is_recorded() {
    let options = Options { storage: Storage::Discard, ..Options::default() };
    let emulator = Emulator::start(options).unwrap();
    let receiver = receiver(&emulator);
    emulator.faults().add_script(SCRIPT).unwrap();
    let url = receiver.url("/");
    let seen: Vec<(String, Option<u16>)> = thread::scope(|scope| {
        let run = |number| {
            scope.spawn({
                let (emulator, url) = (&emulator, &url);
                move || run(emulator, url, number)
            })
        };
        let threads: Vec<_> = (0..THREADS).map(run).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(emulator.wait_idle(PATIENCE));
    let records = emulator.take_requests();
    let records: HashMap<&str, &RequestRecord> =
        records.iter().map(|record| (record.key.as_deref().unwrap(), record)).collect();
    for (key, status) in &seen {
        check(key, *status, records.get(key.as_str()).copied());
    }
    let statuses = emulator.faults().list();
    let quiet: Vec<&str> = statuses
        .iter()
        .filter(|status| status.happened == 0)
        .map(|status| status.text.as_str())
        .collect();
    assert!(quiet.is_empty(), "never happened: {quiet:?}");
    // Afterwards all is well.
    emulator.faults().clear();
    assert_eq!(Request::put("last", "").send(&emulator).status, 200);
}
