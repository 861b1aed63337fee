//! Uploads with a callback, from the client's socket to the application server's.

mod common;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{Request, callback_headers, emulator, receiver};
use ossbind_emulator::{Answer, CallbackOutcome};
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
