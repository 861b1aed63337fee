//! The console: its page, and the events that it is made of.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use common::rough::{begin, last_request};
use common::{Request, Response, connect, control_address, receiver, upload};
use ossbind_emulator::{Emulator, Options};
use serde_json::{Value, json};

fn emulator_with(options: Options) -> Emulator {
    let control = Some("127.0.0.1:0".parse().unwrap());
    Emulator::start(Options { control, ..options }).unwrap()
}

fn emulator() -> Emulator {
    emulator_with(Options::default())
}

fn ask(emulator: &Emulator, path: &str) -> TcpStream {
    let mut stream = connect(control_address(emulator));
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).unwrap();
    stream
}

fn get(emulator: &Emulator, path: &str) -> Response {
    Response::read(&mut ask(emulator, path), false)
}

/// An open stream of events.
struct Events(BufReader<TcpStream>);

impl Events {
    fn open(emulator: &Emulator) -> Events {
        let mut events = Events(BufReader::new(ask(emulator, "/_console/events")));
        let (name, hello) = events.next();
        assert_eq!((name.as_str(), &hello["endpoint"]), ("hello", &json!(emulator.endpoint())));
        events
    }

    /// The next event. The lines between, of HTTP and its chunks, are no part of it.
    fn next(&mut self) -> (String, Value) {
        let name = self.line_with("event: ");
        (name, serde_json::from_str(&self.line_with("data: ")).unwrap())
    }

    fn line_with(&mut self, start: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the stream has ended");
            // Sent after a silence, in which a change was not noted.
            assert_ne!(line, ":\n", "a change was found by chance");
            if let Some(rest) = line.strip_prefix(start) {
                return rest.trim_end().to_owned();
            }
        }
    }

    fn wait_for(&mut self, name: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let (found, value) = self.next();
            if found == name && is_it(&value) {
                return value;
            }
        }
    }
}

#[test]
fn the_page_is_served_and_talks_to_nobody_else() {
    let emulator = emulator();
    assert_eq!(
        emulator.console_url().unwrap(),
        emulator.control_endpoint().unwrap() + "/_console/"
    );
    for (path, content_type) in [
        ("/_console/", "text/html; charset=utf-8"),
        ("/_console/console.css", "text/css; charset=utf-8"),
        ("/_console/console.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = get(&emulator, path);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(content_type)));
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let text = answer.text();
        assert!(!text.contains("//") || !text.contains("http://") && !text.contains("https://"));
    }
    let redirect = get(&emulator, "/_console");
    assert_eq!((redirect.status, redirect.header("location")), (308, Some("/_console/")));
    assert_eq!(get(&emulator, "/_console/page.html").status, 404);
}

#[test]
fn what_happened_before_and_what_happens_now_is_told() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    Request::put("before", "1").send(&emulator);
    let mut events = Events::open(&emulator);
    let before = events.wait_for("request", |request| request["key"] == "before");
    assert_eq!(before["status"], 200);

    assert_eq!(upload(&emulator, &receiver.url("/cb")).status, 200);
    let callback = events.wait_for("callback", |_| true);
    assert_eq!((&callback["template"], &callback["body"]), (&json!("a=1"), &json!("a=1")));
    assert_eq!(callback["answer"]["status"], 200);
    let ended =
        |request: &Value| request["key"] == "a.txt" && request["milliseconds"]["ended"].is_number();
    let request = events.wait_for("request", ended);
    assert_eq!(request["request_id"], callback["request_id"]);
    let times = |of: &Value, names: &[&str]| -> Vec<f64> {
        names.iter().map(|name| of["milliseconds"][name].as_f64().unwrap()).collect()
    };
    assert!(times(&request, &["received", "callback", "ready", "ended"]).is_sorted(), "{request}");
    let steps = ["begun", "connected", "sent", "answered", "ended"];
    assert!(times(&callback, &steps).is_sorted(), "{callback}");
}

#[test]
fn a_request_under_way_is_told_before_its_answer() {
    let emulator = emulator();
    let mut events = Events::open(&emulator);
    emulator.faults().add("stall-request at=0").unwrap();
    let stream = begin(&emulator, Request::put("stalled", "content"));
    let underway =
        events.wait_for("underway", |list| list[0]["target"] == "/examplebucket/stalled");
    drop(stream);
    let request = events.wait_for("request", |request| request["key"] == "stalled");
    assert_eq!(request["request_id"], underway[0]["request_id"]);
    assert_eq!(
        (&request["status"], &request["answer"]),
        (&json!(0), &json!({"cut_after_bytes": 0}))
    );
    events.wait_for("underway", |list| *list == json!([]));
}

/// Far more than all buffers between the emulator and a page that does not read.
#[test]
fn a_page_that_is_too_slow_holds_nobody_up_and_is_told() {
    let emulator = emulator_with(Options { record_limit: 20, ..Options::default() });
    let mut events = Events::open(&emulator);
    let long = "x".repeat(50_000);
    const COUNT: u64 = 500;
    for number in 0..COUNT {
        let request = Request::get(&number.to_string()).header("x-long", &long);
        assert_eq!(request.send(&emulator).status, 404);
    }
    last_request(&emulator);
    let (mut seen, mut lost) = (Vec::new(), 0);
    while seen.last() != Some(&(COUNT - 1)) {
        match events.next() {
            (name, value) if name == "lost" => lost += value["records"].as_u64().unwrap(),
            (name, value) if name == "request" => {
                let number = value["key"].as_str().unwrap().parse::<u64>().unwrap();
                // A second time when it has ended.
                if !seen.contains(&number) {
                    seen.push(number);
                }
            }
            _ => {}
        }
    }
    assert!(lost > 0 && seen.is_sorted(), "{lost} {seen:?}");
    assert_eq!(seen.len() as u64 + lost, COUNT);
}
