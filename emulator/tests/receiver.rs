//! The receiver as an application server.

mod common;

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{BUCKET, Request, Response, callback_headers, connect, emulator, upload};
use ossbind_emulator::{Answer, Cname, Emulator, Log, Options, Receiver, ReceiverOptions};
use serde_json::json;

const SERVICE_KEY_URL: &str =
    "aHR0cHM6Ly9nb3NzcHVibGljLmFsaWNkbi5jb20vY2FsbGJhY2tfcHViX2tleV92MS5wZW0=";

/// Sends a POST as the service would and gives the verdict on its signature.
fn verdict(
    receiver: &Receiver,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<(), String> {
    let mut request = format!("POST {target} HTTP/1.1\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = connect(receiver.address());
    stream.write_all(format!("{request}\r\n{body}").as_bytes()).unwrap();
    assert_eq!(Response::read(&mut stream, false).status, 200);
    receiver.received().pop().unwrap().signature
}

#[test]
fn real_requests_of_the_service_verify() {
    let receiver = Receiver::start(ReceiverOptions::default()).unwrap();
    let signature =
        "kKQeGTRccDKyHB3H9vF+xYMSrmhMZjzzl2/kdD1ktNVgbWEfYTQG0G2SU/RaHBovRCE8OkQDjC3uG33esH2txA==";
    let headers = [("authorization", signature), ("x-oss-pub-key-url", SERVICE_KEY_URL)];
    let target = "/index.php?id=1&index=2";
    assert_eq!(verdict(&receiver, target, &headers, "bucket=yonghu-test"), Ok(()));
    let changed = verdict(&receiver, target, &headers, "bucket=examplebucket");
    assert_eq!(changed, Err("the signature does not match the request".to_owned()));
}

#[test]
fn what_does_not_verify_says_why() {
    let receiver = Receiver::start(ReceiverOptions::default()).unwrap();
    let foreign = STANDARD.encode("http://gosspublic.alicdn.com.evil.example/key.pem");
    let key = ("X-Oss-Pub-Key-Url", SERVICE_KEY_URL);
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[key], "the authorization header is missing"),
        (&[("Authorization", "%"), key], "the authorization header is not Base64"),
        (&[("Authorization", "AAAA")], "the x-oss-pub-key-url header is missing"),
        (
            &[("Authorization", "AAAA"), ("x-oss-pub-key-url", &foreign)],
            "the public key URL is not trusted: \
             http://gosspublic.alicdn.com.evil.example/key.pem (see --allow-key-url)",
        ),
        (
            &[("Authorization", "AAAA"), key, ("x-oss-signature-version", "2.0")],
            "unknown signature version 2.0",
        ),
    ];
    for (headers, reason) in cases {
        assert_eq!(verdict(&receiver, "/", headers, "a=1"), Err(reason.to_owned()));
    }
}

#[test]
fn the_emulator_is_not_trusted_by_itself() {
    let emulator = emulator();
    let receiver = Receiver::start(ReceiverOptions::default()).unwrap();
    let callback = json!({"callbackUrl": receiver.url("/"), "callbackBody": "a=1"});
    let headers = callback_headers(&callback, &json!({}));
    assert_eq!(Request::put("a.txt", "").headers(headers).send(&emulator).status, 200);
    let signature = receiver.received().pop().unwrap().signature;
    assert!(signature.unwrap_err().starts_with("the public key URL is not trusted"));
}

/// Without a data folder it has another key each time, under the same URL.
#[test]
fn an_emulator_that_was_started_anew_is_trusted_again() {
    let emulator = emulator();
    let receiver = common::receiver(&emulator);
    let url = receiver.url("/");
    assert_eq!(upload(&emulator, &url).status, 200);
    let (address, key) = (emulator.address(), emulator.public_key_pem());
    drop(emulator);
    let emulator = Emulator::start(Options { address, ..Options::default() }).unwrap();
    assert_ne!(emulator.public_key_pem(), key);
    for _ in 0..2 {
        assert_eq!(upload(&emulator, &url).status, 200);
    }
    let verdicts = receiver.received().into_iter().map(|callback| callback.signature);
    assert_eq!(verdicts.collect::<Vec<_>>(), [Ok(()), Ok(()), Ok(())]);
    // One more fetch, not one for each callback.
    let fetched = emulator.requests().iter().filter(|request| request.method == "GET").count();
    assert_eq!(fetched, 1);
}

#[test]
fn a_host_without_a_port_is_trusted_with_any() {
    let emulator = emulator();
    let key_url_prefixes = vec!["http://127.0.0.1".to_owned()];
    let options = ReceiverOptions { key_url_prefixes, ..ReceiverOptions::default() };
    let receiver = Receiver::start(options).unwrap();
    assert_eq!(upload(&emulator, &receiver.url("/")).status, 200);
    assert_eq!(receiver.received()[0].signature, Ok(()));
}

#[test]
fn a_custom_domain_does_not_hide_the_key() {
    let cname = Cname { host: "127.0.0.1".to_owned(), bucket: BUCKET.to_owned() };
    let options = Options { cnames: vec![cname], ..Options::default() };
    let emulator = Emulator::start(options).unwrap();
    let receiver = common::receiver(&emulator);
    let callback = json!({"callbackUrl": receiver.url("/"), "callbackBody": "a=1"});
    let headers = callback_headers(&callback, &json!({}));
    let host = || Some(emulator.address().to_string());
    let put = Request { host: host(), ..Request::put("a.txt", "") };
    assert_eq!(put.headers(headers).send(&emulator).status, 200);
    assert_eq!(receiver.received()[0].signature, Ok(()));

    let key = "-/callback_pub_key_v1.pem";
    let put = Request { host: host(), ..Request::put(key, "an object") };
    assert_eq!(put.send(&emulator).status, 200);
    let get = Request { host: host(), ..Request::get(key) };
    assert_eq!(get.send(&emulator).text(), "an object");
}

#[test]
fn answers_go_out_as_ordered() {
    let receiver = Receiver::start(ReceiverOptions::default()).unwrap();
    let ask = || {
        let mut stream = connect(receiver.address());
        stream.write_all(b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8(answer).unwrap()
    };
    receiver.answer_next_with(Answer::close());
    receiver.answer_next_with(Answer::raw("bytes"));
    receiver.answer_with(Answer::status(500).with_header("X-A", "b").with_content_length("-5"));
    assert_eq!(ask(), "");
    assert_eq!(ask(), "bytes");
    let expected = "HTTP/1.1 500 Answer\r\nConnection: close\r\nContent-Type: application/json\r\n\
                    X-A: b\r\nContent-Length: -5\r\n\r\n{\"Status\":\"OK\"}";
    assert_eq!((ask(), ask()), (expected.to_owned(), expected.to_owned()));
}

#[test]
fn waiting_ends_with_the_callbacks_or_the_time() {
    let receiver = Receiver::start(ReceiverOptions::default()).unwrap();
    assert!(receiver.wait_for(1, Duration::ZERO).is_empty());
    let address = receiver.address();
    let sender = std::thread::spawn(move || {
        let mut stream = connect(address);
        stream.write_all(b"POST /late HTTP/1.1\r\nContent-Length: 2\r\n\r\nab").unwrap();
        Response::read(&mut stream, false)
    });
    let received = receiver.wait_for(1, Duration::from_secs(30));
    assert_eq!((received[0].target.as_str(), received[0].body.as_slice()), ("/late", &b"ab"[..]));
    assert_eq!(sender.join().unwrap().status, 200);
}

#[test]
fn every_callback_is_one_line_of_the_log() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let log = Log::Sink(Arc::new(move |line: &str| sink.lock().unwrap().push(line.to_owned())));
    let receiver = Receiver::start(ReceiverOptions { log, ..ReceiverOptions::default() }).unwrap();
    let _ = verdict(&receiver, "/cb", &[], "a\r\nb\u{1b}[31m");
    assert_eq!(
        lines.lock().unwrap()[..],
        ["POST /cb: signature NOT verified (the authorization header is missing): \
          a\\r\\nb\\u{1b}[31m"]
    );
}
