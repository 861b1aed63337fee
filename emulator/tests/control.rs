//! The control endpoint.

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use common::rough::last_request;
use common::{Request, Response, connect, control_address, receiver, upload};
use ossbind_emulator::{Emulator, Options};
use serde_json::{Value, json};

fn emulator() -> Emulator {
    let control = Some("127.0.0.1:0".parse().unwrap());
    Emulator::start(Options { control, ..Options::default() }).unwrap()
}

fn ask_with(emulator: &Emulator, method: &str, path: &str, header: &str, body: &str) -> Response {
    let mut stream = connect(control_address(emulator));
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{header}\r\n"
    );
    // A body that is too long need not be read to its end.
    let _ = stream.write_all((head + body).as_bytes());
    Response::read(&mut stream, false)
}

fn ask(emulator: &Emulator, method: &str, path: &str, body: &str) -> (u16, Value) {
    let answer = ask_with(emulator, method, path, "", body);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

fn status(id: u64, fault: &str, left: impl Into<Value>, taken: u64) -> Value {
    json!({"id": id, "fault": fault, "left": left.into(), "taken": taken, "happened": taken})
}

#[test]
fn faults_are_added_listed_and_removed() {
    let emulator = emulator();
    assert_eq!(ask(&emulator, "GET", "/faults", ""), (200, json!([])));
    let script = "# two\nerror status=500 key=a\n\nwrong-crc times=always\n";
    let added = json!([
        status(1, "error status=500 code=InternalError key=a", 1, 0),
        status(2, "wrong-crc times=always", Value::Null, 0),
    ]);
    assert_eq!(ask(&emulator, "POST", "/faults", script), (201, added.clone()));
    assert_eq!(ask(&emulator, "GET", "/faults", ""), (200, added));

    assert_eq!(Request::put("a", "").send(&emulator).status, 500);
    assert_eq!(Request::put("a", "").send(&emulator).status, 200);
    let listed = json!([
        status(1, "error status=500 code=InternalError key=a", 0, 1),
        status(2, "wrong-crc times=always", Value::Null, 2),
    ]);
    // An error has no checksum, so one of the two did not happen.
    let mut listed = listed;
    listed[1]["happened"] = json!(1);
    assert_eq!(ask(&emulator, "GET", "/faults", ""), (200, listed));

    assert_eq!(ask(&emulator, "DELETE", "/faults/1", "").0, 200);
    let (status, gone) = ask(&emulator, "DELETE", "/faults/1", "");
    assert_eq!((status, gone), (404, json!({"error": "There is no fault 1."})));
    assert_eq!(ask(&emulator, "DELETE", "/faults", "").0, 200);
    assert_eq!(ask(&emulator, "GET", "/faults", ""), (200, json!([])));

    let (_, records) = ask(&emulator, "DELETE", "/fault-records", "");
    let keys: Vec<&Value> = records.as_array().unwrap().iter().map(|r| &r["operation"]).collect();
    assert_eq!(keys, ["PutObject", "PutObject"]);
    assert_eq!(ask(&emulator, "GET", "/fault-records", ""), (200, json!([])));
}

#[test]
fn mistakes_are_explained() {
    let emulator = emulator();
    let (status, answer) = ask(&emulator, "POST", "/faults", "refuse\nwrong-crc at=1\n");
    let reason = "fault \"wrong-crc at=1\", line 2, column 11: wrong-crc has no parameter 'at'; \
                  allowed: operation, bucket, key, prefix, part, attempt, times, p, seed";
    assert_eq!((status, answer), (400, json!({"error": reason})));
    assert_eq!(ask(&emulator, "GET", "/faults", ""), (200, json!([])));
    for (method, path, body, status) in [
        ("PUT", "/clock", "soon", 400),
        ("PUT", "/listening", "maybe", 400),
        ("PUT", "/faults", "", 404),
        ("POST", "/clock", "", 404),
        ("GET", "/nothing", "", 404),
        ("DELETE", "/faults/x", "", 404),
        ("PATCH", "/faults", "", 404),
    ] {
        let (found, answer) = ask(&emulator, method, path, body);
        assert!(found == status && answer["error"].is_string(), "{method} {path}: {answer}");
    }
    assert_eq!(ask(&emulator, "POST", "/faults", &"#".repeat((1 << 20) + 1)).0, 400);
    assert_eq!(ask(&emulator, "POST", "/faults", &"#".repeat(1 << 20)).0, 201);
}

/// Sends a head as it is.
fn ask_as_is(emulator: &Emulator, target: &str, headers: &str) -> Response {
    let mut stream = connect(control_address(emulator));
    let head = format!("GET {target} HTTP/1.1\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    Response::read(&mut stream, false)
}

#[test]
fn the_endpoint_answers_only_to_its_own_names() {
    let control_hosts = vec!["devbox.example".to_owned()];
    let control = Some("127.0.0.1:0".parse().unwrap());
    let options = Options { control, control_hosts, ..Options::default() };
    let emulator = Emulator::start(options).unwrap();
    let port = control_address(&emulator).port();
    for known in [
        format!("127.0.0.1:{port}"),
        format!("[::1]:{port}"),
        "192.0.2.1".to_owned(),
        format!("LocalHost:{port}"),
        format!("Devbox.Example:{port}"),
    ] {
        let answer = ask_as_is(&emulator, "/requests", &format!("Host: {known}\r\n"));
        assert_eq!(answer.status, 200, "{known}");
    }
    for other in [
        "Host: evil.example\r\n",
        "Host: localhost.evil.example\r\n",
        "Host: 127.0.0.1.evil.example\r\n",
        "Host: a b\r\n",
        "Host:\r\n",
        "",
    ] {
        for path in ["/", "/requests", "/_console/", "/_console/events"] {
            let answer = ask_as_is(&emulator, path, other);
            assert_eq!(answer.status, 403, "{other:?} {path}");
            assert!(answer.text().contains("--control-host"), "{}", answer.text());
        }
    }
    let proxied = ask_as_is(&emulator, "http://evil.example/requests", "Host: localhost\r\n");
    assert_eq!(proxied.status, 403);
}

#[test]
fn pages_of_others_are_told_nothing() {
    let emulator = emulator();
    let status = |headers: &str| {
        let answer = ask_as_is(&emulator, "/requests", &format!("Host: localhost:1\r\n{headers}"));
        let of_cors = |(name, _): &(String, String)| name.starts_with("access-control-");
        assert!(!answer.headers.iter().any(of_cors), "{headers}");
        answer.status
    };
    for own in ["", "Origin: http://localhost:1\r\n", "Sec-Fetch-Site: same-origin\r\n"] {
        assert_eq!(status(own), 200, "{own}");
    }
    assert_eq!(status("Sec-Fetch-Site: none\r\n"), 200);
    for other in [
        "Origin: http://localhost:2\r\n",
        "Origin: https://localhost:1\r\n",
        "Origin: null\r\n",
        "Origin: \u{e9}\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
    ] {
        assert_eq!(status(other), 403, "{other}");
    }
}

#[test]
fn requests_and_callbacks_are_shown() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    assert_eq!(upload(&emulator, &receiver.url("/cb")).status, 200);
    // The receiver has fetched the public key before.
    let record = last_request(&emulator);
    let (_, requests) = ask(&emulator, "GET", "/requests", "");
    let shown = &requests[1];
    for (name, value) in [
        ("request_id", json!(record.request_id)),
        ("method", json!("PUT")),
        ("bucket", json!("examplebucket")),
        ("key", json!("a.txt")),
        ("operation", json!("PutObject")),
        ("signature_version", json!("V4")),
        ("body_bytes", json!(7)),
        ("stored", json!({"size": 7, "crc64": record.stored.unwrap().crc64.to_string()})),
        ("callback", json!({"delivered": true, "acknowledged": true})),
        ("status", json!(200)),
        ("answer", json!("sent")),
        ("faults", json!([])),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    assert_eq!(shown["headers"]["content-length"], "7");
    let (_, callbacks) = ask(&emulator, "DELETE", "/callbacks", "");
    assert_eq!(callbacks[0]["outcome"], json!({"acknowledged": "{\"Status\":\"OK\"}"}));
    assert_eq!(callbacks[0]["body"], "a=1");
    assert_eq!(ask(&emulator, "GET", "/callbacks", ""), (200, json!([])));

    emulator.faults().add("close-answer at=5").unwrap();
    common::rough::exchange(&emulator, Request::get("a.txt"));
    last_request(&emulator);
    let (_, requests) = ask(&emulator, "DELETE", "/requests", "");
    assert_eq!(requests[2]["answer"], json!({"cut_after_bytes": 5}));
    let fault = json!([{"id": 1, "fault": "close-answer at=5", "happened": true}]);
    assert_eq!(requests[2]["faults"], fault);
    assert_eq!(ask(&emulator, "GET", "/requests", ""), (200, json!([])));
}

#[test]
fn the_clock_is_moved() {
    let emulator = emulator();
    let offset = |seconds: i64| (200, json!({"offset_seconds": seconds}));
    assert_eq!(ask(&emulator, "GET", "/clock", ""), offset(0));
    assert_eq!(ask(&emulator, "PUT", "/clock", "-2h\n"), offset(-7200));
    assert_eq!(ask(&emulator, "GET", "/clock", ""), offset(-7200));
    assert_eq!(Request::put("a", "").send(&emulator).error().1, "RequestTimeTooSkewed");
    assert_eq!(ask(&emulator, "PUT", "/clock", "0s"), offset(0));
    assert_eq!(Request::put("a", "").send(&emulator).status, 200);
}

#[test]
fn listening_is_switched_off_and_on() {
    let emulator = emulator();
    assert_eq!(ask(&emulator, "PUT", "/listening", "off"), (200, json!({"listening": false})));
    let refused = TcpStream::connect(emulator.address()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    assert_eq!(ask(&emulator, "PUT", "/listening", "on"), (200, json!({"listening": true})));
    assert_eq!(Request::put("a", "").send(&emulator).status, 200);
}

#[test]
fn the_endpoint_describes_itself() {
    let emulator = emulator();
    let answer = ask_with(&emulator, "GET", "/", "", "");
    assert_eq!(answer.header("content-type"), Some("text/plain"));
    let text = answer.text();
    assert!(text.contains("POST   /faults") && text.contains("\n  reset-request at=PLACE\n"));
}

#[test]
fn without_the_option_there_is_no_endpoint() {
    let emulator = common::emulator();
    assert_eq!(emulator.control_endpoint(), None);
    let mut stream = connect(emulator.address());
    stream
        .write_all(b"GET /faults HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
}
