//! Uploads with a callback, from the client's socket to the application server's.

mod common;

use std::io::Write;
use std::net::TcpListener;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{BUCKET, Request, Response, callback_headers, connect, emulator, receiver};
use ossbind_emulator::{
    Answer, CallbackOutcome, Emulator, Options, Receiver, ReceiverOptions, SelfSigned, Storage,
};
use serde_json::json;

const SOON: Duration = Duration::from_secs(30);

#[test]
fn the_answer_of_the_application_server_comes_back_byte_for_byte() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    receiver.answer_with(Answer::json("  {\"Status\" :\"OK\"}\n"));
    let callback = json!({
        "callbackUrl": receiver.url("/c%20b?a=1&b=%20"),
        "callbackBody": "bucket=${bucket}&object=${object}&etag=${etag}&size=${size}&uid=${x:uid}",
    });
    let headers = callback_headers(&callback, &json!({"x:uid": "u 1/+"}));

    let response = Request::put("dir/a b+c.txt", "")
        .headers(headers)
        .send(&emulator);

    assert_eq!(response.status, 200);
    assert_eq!(response.text(), "  {\"Status\" :\"OK\"}\n");
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert_eq!(
        response.header("etag"),
        Some("\"D41D8CD98F00B204E9800998ECF8427E\"")
    );
    assert_eq!(response.header("x-oss-hash-crc64ecma"), Some("0"));
    assert_eq!(
        response.header("content-md5"),
        Some("1B2M2Y8AsgTpgAmY7PhCfg==")
    );

    let received = receiver.wait_for(1, SOON);
    let callback = &received[0];
    assert_eq!(
        callback.body_text(),
        "bucket=examplebucket&object=dir%2Fa%20b%2Bc.txt&etag=D41D8CD98F00B204E9800998ECF8427E\
         &size=0&uid=u%201%2F%2B"
    );
    assert_eq!(callback.signature, Ok(()));
    assert_eq!(
        (callback.method.as_str(), callback.target.as_str()),
        ("POST", "/c%20b?a=1&b=%20")
    );
    let names: Vec<&str> = callback
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "Host",
            "Connection",
            "Content-Length",
            "Authorization",
            "Content-MD5",
            "Content-Type",
            "Date",
            "User-Agent",
            "x-oss-bucket",
            "x-oss-pub-key-url",
            "x-oss-request-id",
            "x-oss-requester",
            "x-oss-signature-version",
            "x-oss-tag",
        ]
    );
    assert_eq!(
        callback.header("host"),
        Some(receiver.address().to_string().as_str())
    );
    assert_eq!(callback.header("connection"), Some("close"));
    assert_eq!(
        callback.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(callback.header("user-agent"), Some("aliyun-oss-callback"));
    assert_eq!(callback.header("x-oss-bucket"), Some("examplebucket"));
    assert_eq!(
        callback.header("x-oss-request-id"),
        response.header("x-oss-request-id")
    );
    assert_eq!(callback.header("x-oss-signature-version"), Some("1.0"));
    assert_eq!(callback.header("x-oss-tag"), Some("CALLBACK"));
    let key_url = STANDARD
        .decode(callback.header("x-oss-pub-key-url").unwrap())
        .unwrap();
    assert_eq!(
        String::from_utf8(key_url).unwrap(),
        emulator.public_key_url()
    );
    assert_eq!(
        STANDARD
            .decode(callback.header("authorization").unwrap())
            .unwrap()
            .len(),
        64
    );

    let record = &emulator.callbacks()[0];
    let body = b"  {\"Status\" :\"OK\"}\n".to_vec();
    assert_eq!(record.outcome, CallbackOutcome::Acknowledged { body });
}

/// Uploads with a callback to these URLs, separated by `;`.
fn upload(emulator: &Emulator, urls: &str) -> Response {
    let callback = json!({"callbackUrl": urls, "callbackBody": "a=1"});
    let headers = callback_headers(&callback, &json!({}));
    Request::put("a.txt", "content")
        .headers(headers)
        .send(emulator)
}

/// The message and EC of a 203 answer, which must show the stored object all the same.
fn failure(emulator: &Emulator, response: &Response) -> (String, String) {
    assert_eq!(response.status, 203);
    assert_eq!(response.element("Code").as_deref(), Some("CallbackFailed"));
    assert_eq!(response.header("content-type"), Some("application/xml"));
    assert_eq!(
        response.header("etag"),
        Some("\"9A0364B9E99BB480DD25E1F0284C8555\"")
    );
    assert!(response.header("x-oss-hash-crc64ecma").is_some());
    assert!(response.header("content-md5").is_some());
    let request_id = response.element("RequestId");
    assert_eq!(request_id.as_deref(), response.header("x-oss-request-id"));
    let ec = response.element("EC").unwrap();
    assert_eq!(response.header("x-oss-ec"), Some(ec.as_str()));
    let link = format!("https://api.aliyun.com/troubleshoot?q={ec}");
    assert_eq!(response.element("RecommendDoc"), Some(link));
    assert!(emulator.object(BUCKET, "a.txt").is_some());
    (response.element("Message").unwrap(), ec)
}

#[test]
fn wrong_answers_get_the_messages_of_the_service() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    let not_json = ("Response body is not valid json format.", "0007-00000205");
    let invalid = "Error Status : 400.User server return invalid conent-length value.";
    let too_long = "Error Status : 400.User server return too long content-length value.";
    let missing = "Error Status : 400.User server missing content-length.";
    let cases = [
        (
            Answer::status(301),
            ("Error status : 301.", "0007-00000203"),
        ),
        (
            Answer::status(204),
            ("Error status : 204.", "0007-00000203"),
        ),
        (
            Answer::status(500),
            ("Error status : 500.", "0007-00000203"),
        ),
        (Answer::close(), ("Error status : 502.", "0007-00000203")),
        (
            Answer::raw("nonsense\r\n\r\n"),
            ("Error status : 502.", "0007-00000203"),
        ),
        (
            Answer::default().with_content_length("99"),
            ("Error status : 502.", "0007-00000203"),
        ),
        (
            Answer::default().without_content_length(),
            (missing, "0007-00000206"),
        ),
        (
            Answer::raw(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            ),
            (missing, "0007-00000206"),
        ),
        (Answer::json(""), (invalid, "0007-00000206")),
        (
            Answer::default().with_content_length("-1"),
            (invalid, "0007-00000206"),
        ),
        (
            Answer::default().with_content_length("many"),
            (invalid, "0007-00000206"),
        ),
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
fn odd_but_right_answers_are_accepted() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    let longest = format!("\"{}\"", "a".repeat((1 << 20) - 2));
    let cases = [
        (Answer::json("[1]"), "[1]", "application/json"),
        (
            Answer::json(longest.clone()),
            longest.as_str(),
            "application/json",
        ),
        (Answer::xml("<a>1</a>"), "<a>1</a>", "application/xml"),
        (
            Answer::raw("HTTP/1.0 200 OK\r\ncontent-length:2\r\n\r\n{}"),
            "{}",
            "application/json",
        ),
        (
            Answer::raw(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}more",
            ),
            "{}",
            "application/json",
        ),
    ];
    for (answer, body, content_type) in cases {
        receiver.answer_with(answer);
        let response = upload(&emulator, &receiver.url("/"));
        assert_eq!(response.status, 200);
        assert_eq!(response.text(), body);
        assert_eq!(response.header("content-type"), Some(content_type));
    }
}

#[test]
fn an_application_server_that_cannot_be_reached() {
    let emulator = emulator();
    // A port that was free a moment ago.
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let response = upload(&emulator, &format!("http://{closed}/"));
    let message =
        "Error status : -1. OSS can not connect to your callbackUrl, please check it.".to_owned();
    assert_eq!(
        failure(&emulator, &response),
        (message, "0007-00000204".to_owned())
    );

    // TLS towards a server that does not speak it.
    let receiver = receiver(&emulator);
    let url = receiver.url("/").replace("http:", "https:");
    let (message, _) = failure(&emulator, &upload(&emulator, &url));
    assert_eq!(message, "Error status : 502.");
}

#[test]
fn an_application_server_that_takes_too_long() {
    let callback_timeout = Duration::from_millis(300);
    let emulator = Emulator::start(Options {
        callback_timeout,
        ..Options::default()
    })
    .unwrap();
    let receiver = receiver(&emulator);
    let late = Duration::from_secs(60);

    receiver.answer_with(Answer::default().after(late));
    let (message, ec) = failure(&emulator, &upload(&emulator, &receiver.url("/")));
    let start = format!(
        "Error status : -1 {} reply timeout, cost:",
        receiver.address()
    );
    assert!(
        message.starts_with(&start) && message.ends_with("ms, timeout:300ms"),
        "{message}"
    );
    assert_eq!(ec, "0007-00000202");

    receiver.answer_with(Answer::default().with_body_after(late));
    let expected = ("Cost too long time.".to_owned(), "0007-00000202".to_owned());
    assert_eq!(
        failure(&emulator, &upload(&emulator, &receiver.url("/"))),
        expected
    );
}

#[test]
fn urls_are_tried_in_order_until_one_succeeds() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    receiver.answer_next_with(Answer::status(500));
    receiver.answer_next_with(Answer::close());
    let urls = [
        receiver.url("/1"),
        receiver.url("/2"),
        receiver.url("/3"),
        receiver.url("/4"),
    ];

    let response = upload(&emulator, &urls.join(";"));

    assert_eq!(response.status, 200);
    let targets: Vec<String> = receiver.received().into_iter().map(|c| c.target).collect();
    assert_eq!(targets, ["/1", "/2", "/3"]);
    let tried: Vec<String> = emulator.callbacks().into_iter().map(|c| c.url).collect();
    assert_eq!(tried, urls[..3]);
    assert!(
        receiver
            .received()
            .iter()
            .all(|callback| callback.signature.is_ok())
    );

    receiver.answer_next_with(Answer::status(500));
    receiver.answer_next_with(Answer::status(501));
    let response = upload(&emulator, &urls[..2].join(";"));
    assert_eq!(failure(&emulator, &response).0, "Error status : 501.");
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
    assert_eq!(
        response.element("ArgumentName").as_deref(),
        Some("ReplaceKeyPrefix")
    );
    assert_eq!(
        response.element("ArgumentValue").as_deref(),
        Some("a=$(object)")
    );
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
fn the_query_carries_a_callback_too_but_not_both() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    let callback =
        json!({"callbackUrl": receiver.url("/"), "callbackBody": "a=${x:b}"}).to_string();
    let request = Request::put("a.txt", "")
        .query("callback", &STANDARD.encode(&callback))
        .query("callback-var", &STANDARD.encode(r#"{"x:b":"c"}"#));
    assert_eq!(request.clone().send(&emulator).status, 200);
    assert_eq!(receiver.received()[0].body_text(), "a=c");

    let response = request
        .header("x-oss-callback", &STANDARD.encode(&callback))
        .send(&emulator);
    assert_eq!(response.element("EC").as_deref(), Some("0007-00000027"));
}

#[test]
fn headers_of_the_callback_follow_its_fields() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    let callback = json!({
        "callbackUrl": receiver.url(""),
        "callbackBody": r#"{"object":${object},"size":${size}}"#,
        "callbackBodyType": "application/json",
        "callbackHost": "app.example.com",
        "additionalHeaders": {"a-header": "a value"},
    });
    let headers = callback_headers(&callback, &json!({}));
    let response = Request::put("é \"quoted\"", "12345")
        .headers(headers)
        .send(&emulator);
    assert_eq!(response.status, 200);
    let received = &receiver.received()[0];
    assert_eq!(received.target, "/");
    assert_eq!(received.header("host"), Some("app.example.com"));
    assert_eq!(received.header("content-type"), Some("application/json"));
    assert_eq!(received.header("a-header"), Some("a value"));
    assert_eq!(
        received.body_text(),
        r#"{"object":"é \"quoted\"","size":5}"#
    );
    assert_eq!(received.signature, Ok(()));
}

#[test]
fn image_information() {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x03\x2a\0\0\x02\x1b\x08\x02\0\0\0";
    // Discarded contents are looked at as well.
    for storage in [Storage::Memory, Storage::Discard] {
        let emulator = Emulator::start(Options {
            storage,
            ..Options::default()
        })
        .unwrap();
        let receiver = receiver(&emulator);
        let callback = json!({
            "callbackUrl": receiver.url("/"),
            "callbackBody": "${imageInfo.width}x${imageInfo.height} ${imageInfo.format}",
        });
        let put = |key: &str, body: &[u8]| {
            Request::put(key, body)
                .headers(callback_headers(&callback, &json!({})))
                .send(&emulator)
        };
        assert_eq!(put("a.png", PNG).status, 200);
        assert_eq!(put("a.txt", b"text").status, 200);
        let broken = put("b.png", b"text");
        assert_eq!(broken.status, 203);
        assert_eq!(
            broken.element("Message").as_deref(),
            Some("Get image info failed.")
        );
        assert_eq!(broken.element("EC").as_deref(), Some("0007-00000302"));
        let bodies: Vec<String> = receiver.received().iter().map(|c| c.body_text()).collect();
        assert_eq!(bodies, ["810x539 png", "x "]);
    }
}

#[test]
fn a_failure_can_be_ordered() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    emulator.fail_next_callback("Too many callback requests.", "0007-00000201");
    let expected = (
        "Too many callback requests.".to_owned(),
        "0007-00000201".to_owned(),
    );
    assert_eq!(
        failure(&emulator, &upload(&emulator, &receiver.url("/"))),
        expected
    );
    assert!(receiver.received().is_empty());
    assert_eq!(upload(&emulator, &receiver.url("/")).status, 200);
}

#[test]
fn the_server_name_is_sent_only_on_request() {
    let emulator = emulator();
    let made = SelfSigned::generate(&["localhost"]).unwrap();
    let receiver = Receiver::start(ReceiverOptions {
        tls: Some(made.identity),
        key_url_prefixes: vec![emulator.endpoint()],
        ..ReceiverOptions::default()
    })
    .unwrap();
    let url = format!("https://localhost:{}/", receiver.address().port());
    for (sni, expected) in [
        (json!(true), Some("localhost".to_owned())),
        (json!(false), None),
    ] {
        let callback = json!({"callbackUrl": url, "callbackBody": "a=1", "callbackSNI": sni});
        let headers = callback_headers(&callback, &json!({}));
        assert_eq!(
            Request::put("a.txt", "")
                .headers(headers)
                .send(&emulator)
                .status,
            200
        );
        let received = receiver.received().pop().unwrap();
        assert_eq!(received.server_name, expected);
        assert_eq!(received.signature, Ok(()));
    }
}

#[test]
fn a_client_that_goes_away_does_not_stop_the_callback() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    let callback = json!({"callbackUrl": receiver.url("/"), "callbackBody": "a=1"});
    let request = Request::put("a.txt", "content")
        .headers(callback_headers(&callback, &json!({})))
        .sign_v4();
    let mut stream = connect(emulator.address());
    stream
        .write_all(request.head(emulator.address()).as_bytes())
        .unwrap();
    stream.write_all(&request.body).unwrap();
    drop(stream);
    assert_eq!(receiver.wait_for(1, SOON).len(), 1);
    assert!(emulator.object(BUCKET, "a.txt").is_some());
}
