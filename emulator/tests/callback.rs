//! Uploads with a callback, from the client's socket to the application server's.

mod common;

use std::io::Write;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{BUCKET, Request, callback_headers, connect, emulator, failure, receiver, upload};
use ossbind_emulator::{
    Answer, CallbackHost, CallbackOutcome, Emulator, Options, Receiver, ReceiverOptions,
    SelfSigned, Storage,
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

    let response = Request::put("dir/a b+c.txt", "").headers(headers).send(&emulator);

    assert_eq!(response.status, 200);
    assert_eq!(response.text(), "  {\"Status\" :\"OK\"}\n");
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert_eq!(response.header("etag"), Some("\"D41D8CD98F00B204E9800998ECF8427E\""));
    assert_eq!(response.header("x-oss-hash-crc64ecma"), Some("0"));
    assert_eq!(response.header("content-md5"), Some("1B2M2Y8AsgTpgAmY7PhCfg=="));

    let received = receiver.wait_for(1, SOON);
    let callback = &received[0];
    assert_eq!(
        callback.body_text(),
        "bucket=examplebucket&object=dir%2Fa%20b%2Bc.txt&etag=D41D8CD98F00B204E9800998ECF8427E\
         &size=0&uid=u%201%2F%2B"
    );
    assert_eq!(callback.signature, Ok(()));
    assert_eq!((callback.method.as_str(), callback.target.as_str()), ("POST", "/c%20b?a=1&b=%20"));
    let names: Vec<&str> = callback.headers.iter().map(|(name, _)| name.as_str()).collect();
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
    assert_eq!(callback.header("host"), Some(receiver.address().to_string().as_str()));
    assert_eq!(callback.header("connection"), Some("close"));
    assert_eq!(callback.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(callback.header("user-agent"), Some("aliyun-oss-callback"));
    assert_eq!(callback.header("x-oss-bucket"), Some("examplebucket"));
    assert_eq!(callback.header("x-oss-request-id"), response.header("x-oss-request-id"));
    assert_eq!(callback.header("x-oss-signature-version"), Some("1.0"));
    assert_eq!(callback.header("x-oss-tag"), Some("CALLBACK"));
    let key_url = STANDARD.decode(callback.header("x-oss-pub-key-url").unwrap()).unwrap();
    assert_eq!(String::from_utf8(key_url).unwrap(), emulator.public_key_url());
    assert_eq!(STANDARD.decode(callback.header("authorization").unwrap()).unwrap().len(), 64);

    let record = &emulator.callbacks()[0];
    let body = b"  {\"Status\" :\"OK\"}\n".to_vec();
    assert_eq!(record.outcome, CallbackOutcome::Acknowledged { body });
}

#[test]
fn odd_but_right_answers_are_accepted() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    let longest = format!("\"{}\"", "a".repeat((1 << 20) - 2));
    let cases = [
        (Answer::json("[1]"), "[1]", "application/json"),
        (Answer::json(longest.clone()), longest.as_str(), "application/json"),
        (Answer::xml("<a>1</a>"), "<a>1</a>", "application/xml"),
        (Answer::raw("HTTP/1.0 200 OK\r\ncontent-length:2\r\n\r\n{}"), "{}", "application/json"),
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
fn urls_are_tried_in_order_until_one_succeeds() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    receiver.answer_next_with(Answer::status(500));
    receiver.answer_next_with(Answer::close());
    let urls = [receiver.url("/1"), receiver.url("/2"), receiver.url("/3"), receiver.url("/4")];

    let response = upload(&emulator, &urls.join(";"));

    assert_eq!(response.status, 200);
    let targets: Vec<String> = receiver.received().into_iter().map(|c| c.target).collect();
    assert_eq!(targets, ["/1", "/2", "/3"]);
    let tried: Vec<String> = emulator.callbacks().into_iter().map(|c| c.url).collect();
    assert_eq!(tried, urls[..3]);
    assert!(receiver.received().iter().all(|callback| callback.signature.is_ok()));

    receiver.answer_next_with(Answer::status(500));
    receiver.answer_next_with(Answer::status(501));
    let response = upload(&emulator, &urls[..2].join(";"));
    assert_eq!(failure(&emulator, &response).0, "Error status : 501.");
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

    let response = request.header("x-oss-callback", &STANDARD.encode(&callback)).send(&emulator);
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
    let response = Request::put("é \"quoted\"", "12345").headers(headers).send(&emulator);
    assert_eq!(response.status, 200);
    let received = &receiver.received()[0];
    assert_eq!(received.target, "/");
    assert_eq!(received.header("host"), Some("app.example.com"));
    assert_eq!(received.header("content-type"), Some("application/json"));
    assert_eq!(received.header("a-header"), Some("a value"));
    assert_eq!(received.body_text(), r#"{"object":"é \"quoted\"","size":5}"#);
    assert_eq!(received.signature, Ok(()));
}

#[test]
fn image_information() {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x03\x2a\0\0\x02\x1b\x08\x02\0\0\0";
    // Discarded contents are looked at as well.
    for storage in [Storage::Memory, Storage::Discard] {
        let emulator = Emulator::start(Options { storage, ..Options::default() }).unwrap();
        let receiver = receiver(&emulator);
        let callback = json!({
            "callbackUrl": receiver.url("/"),
            "callbackBody": "${imageInfo.width}x${imageInfo.height} ${imageInfo.format}",
        });
        let put = |key: &str, body: &[u8]| {
            Request::put(key, body).headers(callback_headers(&callback, &json!({}))).send(&emulator)
        };
        assert_eq!(put("a.png", PNG).status, 200);
        assert_eq!(put("a.txt", b"text").status, 200);
        let broken = put("b.png", b"text");
        assert_eq!(broken.status, 203);
        assert_eq!(broken.element("Message").as_deref(), Some("Get image info failed."));
        assert_eq!(broken.element("EC").as_deref(), Some("0007-00000302"));
        let bodies: Vec<String> = receiver.received().iter().map(|c| c.body_text()).collect();
        assert_eq!(bodies, ["810x539 png", "x "]);
    }
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
    for (sni, expected) in [(json!(true), Some("localhost".to_owned())), (json!(false), None)] {
        let callback = json!({"callbackUrl": url, "callbackBody": "a=1", "callbackSNI": sni});
        let headers = callback_headers(&callback, &json!({}));
        assert_eq!(Request::put("a.txt", "").headers(headers).send(&emulator).status, 200);
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
    let request =
        Request::put("a.txt", "content").headers(callback_headers(&callback, &json!({}))).sign_v4();
    let mut stream = connect(emulator.address());
    stream.write_all(request.head(emulator.address()).as_bytes()).unwrap();
    stream.write_all(&request.body).unwrap();
    drop(stream);
    assert_eq!(receiver.wait_for(1, SOON).len(), 1);
    assert!(emulator.object(BUCKET, "a.txt").is_some());
}

#[test]
fn a_host_can_stand_for_another_address() {
    let receiver = Receiver::start(ReceiverOptions::default()).unwrap();
    let callback_hosts =
        vec![CallbackHost { host: "app.invalid".to_owned(), address: receiver.address() }];
    let options = Options { callback_hosts, refuse_private_addresses: true, ..Options::default() };
    let emulator = Emulator::start(options).unwrap();
    assert_eq!(upload(&emulator, "http://App.Invalid:8080/cb").status, 200);
    assert_eq!(receiver.received()[0].header("host"), Some("App.Invalid:8080"));
    assert_eq!(upload(&emulator, "http://other.invalid/").status, 400);
    assert_eq!(upload(&emulator, &receiver.url("/")).status, 400);
}
