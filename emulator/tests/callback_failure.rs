//! Callbacks that fail, and uploads that are refused for their callback.

mod common;

use std::net::TcpListener;
use std::time::Duration;

use common::{BUCKET, Request, callback_headers, emulator, failure, receiver, upload};
use ossbind_emulator::{Answer, CallbackOutcome, Emulator, Options};
use serde_json::json;

#[test]
fn wrong_answers_get_the_messages_of_the_service() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    let not_json = ("Response body is not valid json format.", "0007-00000205");
    let invalid = "Error Status : 400.User server return invalid conent-length value.";
    let too_long = "Error Status : 400.User server return too long content-length value.";
    let missing = "Error Status : 400.User server missing content-length.";
    let cases = [
        (Answer::status(301), ("Error status : 301.", "0007-00000203")),
        (Answer::status(204), ("Error status : 204.", "0007-00000203")),
        (Answer::status(500), ("Error status : 500.", "0007-00000203")),
        (Answer::close(), ("Error status : 502.", "0007-00000203")),
        (Answer::raw("nonsense\r\n\r\n"), ("Error status : 502.", "0007-00000203")),
        (Answer::default().with_content_length("99"), ("Error status : 502.", "0007-00000203")),
        (Answer::default().without_content_length(), (missing, "0007-00000206")),
        (
            Answer::raw(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            ),
            (missing, "0007-00000206"),
        ),
        (Answer::json(""), (invalid, "0007-00000206")),
        (Answer::default().with_content_length("-1"), (invalid, "0007-00000206")),
        (Answer::default().with_content_length("many"), (invalid, "0007-00000206")),
        (Answer::oversized(), (too_long, "0007-00000206")),
        (Answer::json("not json"), not_json),
        (Answer::default().with_bom(), not_json),
        (Answer::default().with_content_length("9"), not_json),
        (Answer::xml("<a>"), not_json),
    ];
    for (answer, (message, ec)) in cases {
        receiver.answer_with(answer.clone());
        let response = upload(&emulator, &receiver.url("/"));
        let expected = (message.to_owned(), ec.to_owned());
        assert_eq!(failure(&emulator, &response), expected, "{answer:?}");
    }
    let last = emulator.callbacks().pop().unwrap();
    assert!(matches!(last.outcome, CallbackOutcome::Failed { ec, .. } if ec == "0007-00000205"));
}

#[test]
fn an_application_server_that_cannot_be_reached() {
    let emulator = emulator();
    // A port that was free a moment ago.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let response = upload(&emulator, &format!("http://{closed}/"));
    let message =
        "Error status : -1. OSS can not connect to your callbackUrl, please check it.".to_owned();
    assert_eq!(failure(&emulator, &response), (message, "0007-00000204".to_owned()));

    // TLS towards a server that does not speak it.
    let receiver = receiver(&emulator);
    let url = receiver.url("/").replace("http:", "https:");
    let (message, _) = failure(&emulator, &upload(&emulator, &url));
    assert_eq!(message, "Error status : 502.");
}

#[test]
fn an_application_server_that_takes_too_long() {
    let callback_timeout = Duration::from_millis(300);
    let emulator = Emulator::start(Options { callback_timeout, ..Options::default() }).unwrap();
    let receiver = receiver(&emulator);
    let late = Duration::from_secs(60);

    receiver.answer_with(Answer::default().after(late));
    let (message, ec) = failure(&emulator, &upload(&emulator, &receiver.url("/")));
    let start = format!("Error status : -1 {} reply timeout, cost:", receiver.address());
    assert!(message.starts_with(&start) && message.ends_with("ms, timeout:300ms"), "{message}");
    assert_eq!(ec, "0007-00000202");

    receiver.answer_with(Answer::default().with_body_after(late));
    let expected = ("Cost too long time.".to_owned(), "0007-00000202".to_owned());
    assert_eq!(failure(&emulator, &upload(&emulator, &receiver.url("/"))), expected);
}

#[test]
fn faults_of_the_parameters_are_refused_before_the_body() {
    let emulator = emulator();
    let callback = json!({"callbackUrl": "http://127.0.0.1:1/", "callbackBody": "a=$(object)"});
    let headers = callback_headers(&callback, &json!({}));
    // The body never comes; the answer does.
    let response = Request::new("PUT", "a.txt")
        .header("content-length", "1000000")
        .headers(headers)
        .send(&emulator);
    assert_eq!(response.status, 400);
    assert_eq!(response.element("EC").as_deref(), Some("0007-00000105"));
    assert_eq!(response.element("ArgumentName").as_deref(), Some("ReplaceKeyPrefix"));
    assert_eq!(response.element("ArgumentValue").as_deref(), Some("a=$(object)"));
    assert_eq!(response.header("connection"), Some("close"));
    assert!(emulator.object(BUCKET, "a.txt").is_none());
    assert!(emulator.callbacks().is_empty());
}

#[test]
fn a_refused_upload_makes_no_callback() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    let callback = json!({"callbackUrl": receiver.url("/"), "callbackBody": "a=1"});
    let response = Request::put("a.txt", "content")
        .header("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")
        .headers(callback_headers(&callback, &json!({})))
        .send(&emulator);
    assert_eq!(response.error().1, "InvalidDigest");
    assert!(receiver.received().is_empty());
}

#[test]
fn a_failure_can_be_ordered() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    emulator.fail_next_callback("Too many callback requests.", "0007-00000201");
    let expected = ("Too many callback requests.".to_owned(), "0007-00000201".to_owned());
    assert_eq!(failure(&emulator, &upload(&emulator, &receiver.url("/"))), expected);
    assert!(receiver.received().is_empty());
    assert_eq!(upload(&emulator, &receiver.url("/")).status, 200);
}
