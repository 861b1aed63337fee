//! What comes back when the other side is broken, or is not OSS at all: the outcome must be true,
//! and memory and time bounded.

mod support;

use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use ossbind::{
    Body, Callback, Client, ClientConfig, ObjectState, RetryAdvice, Status, UploadError,
    UploadRequest, UploadResult,
};
use support::local_oss::BUCKET;
use support::raw_server::{RawServer, read_head, read_request};

const ERROR: &str = "<?xml version=\"1.0\"?><Error><Code>InternalError</Code>\
                     <Message>sorry</Message><RequestId>R1</RequestId></Error>";
const CALLBACK_FAILED: &str = "<Error><Code>CallbackFailed</Code><Message>Error status : 502.\
                               </Message><RequestId>R1</RequestId><EC>0007-00000203</EC></Error>";

fn upload(client: &Client, bytes: &[u8], with_callback: bool) -> Result<UploadResult, UploadError> {
    let callback = Callback::new("http://app.example.com/", "a=1");
    let mut request = UploadRequest::new(BUCKET, "k", Body::Memory(bytes));
    request.callback = with_callback.then_some(&callback);
    client.upload(request)
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

const OSS: &str = "x-oss-request-id: R1\r\netag: \"E\"\r\n";

/// Status, object state, and whether there is a result.
type Expected = (Status, ObjectState, bool);

#[test]
fn answers_to_an_upload_with_a_callback() {
    use ObjectState::{NotStored, Stored, Unknown};
    use Status::{BadResponse, CallbackFailed, ChecksumMismatch, Service, Transport};
    let crc = format!("{OSS}x-oss-hash-crc64ecma: 1\r\n");
    let encoded = "x-oss-err: PEVycm9yPjxDb2RlPk5vU3VjaEJ1Y2tldDwvQ29kZT48L0Vycm9yPg==\r\n";
    let endless = format!("HTTP/1.1 200 OK\r\n{}", "x-filler: 0123456789\r\n".repeat(100_000));
    let huge =
        format!("HTTP/1.1 200 OK\r\n{OSS}content-length: 9000000\r\n\r\n{}", "1".repeat(9_000_000));
    let table: Vec<(&str, String, Expected)> = vec![
        ("wrong CRC", answer("200 OK", &crc, "{}"), (ChecksumMismatch, Stored, true)),
        ("203 without a document", answer("203 X", OSS, ""), (CallbackFailed, Stored, true)),
        ("203 with HTML", answer("203 X", OSS, "<html>"), (CallbackFailed, Stored, true)),
        (
            "200 with the document of 203",
            answer("200 OK", OSS, CALLBACK_FAILED),
            (CallbackFailed, Stored, true),
        ),
        ("login page", answer("200 OK", "", "<html>log in"), (BadResponse, Unknown, false)),
        ("502 of a proxy", answer("502 Bad Gateway", "", "<html>"), (BadResponse, Unknown, false)),
        ("403 of a proxy", answer("403 Forbidden", "", "<html>"), (BadResponse, NotStored, false)),
        (
            "redirect",
            answer("301 X", "location: http://127.0.0.1:1/\r\n", ""),
            (BadResponse, NotStored, false),
        ),
        ("500 of the service", answer("500 X", OSS, ERROR), (Service, NotStored, false)),
        ("document in a header", answer("404 X", encoded, ""), (Service, NotStored, false)),
        ("not HTTP", "SSH-2.0-OpenSSH_9.2\r\n".to_owned(), (BadResponse, Unknown, false)),
        ("nothing", String::new(), (Transport, Unknown, false)),
        ("half a head", "HTTP/1.1 200 OK\r\nx-oss-req".to_owned(), (Transport, Unknown, false)),
        ("endless headers", endless, (BadResponse, Unknown, false)),
        ("huge answer", huge, (BadResponse, Stored, true)),
        (
            "answer cut off",
            format!("HTTP/1.1 200 OK\r\n{OSS}content-length: 100\r\n\r\n{{\"a\""),
            (Transport, Stored, true),
        ),
        (
            "length is no number",
            format!("HTTP/1.1 200 OK\r\n{OSS}content-length: abc\r\n\r\n"),
            (BadResponse, Unknown, false),
        ),
        (
            "length is negative",
            format!("HTTP/1.1 200 OK\r\n{OSS}content-length: -1\r\n\r\n"),
            (BadResponse, Unknown, false),
        ),
        (
            "broken chunks",
            format!("HTTP/1.1 200 OK\r\n{OSS}transfer-encoding: chunked\r\n\r\nzz\r\n"),
            (BadResponse, Stored, true),
        ),
    ];
    for (name, answer, (status, state, has_result)) in table {
        let server = RawServer::answering(answer);
        let failed = upload(&server.client(), b"v", true).expect_err(name);
        let error = &failed.error;
        assert_eq!(error.status(), status, "{name}: {error}");
        assert_eq!(error.object_state(), state, "{name}: {error}");
        assert_eq!(failed.result.is_some(), has_result, "{name}: {error}");
        assert!(error.message().len() < 1000, "{name}: {error}");
    }
}

#[test]
fn answers_that_are_unusual_but_right() {
    let table = [
        ("continue first", format!("HTTP/1.1 100 Continue\r\n\r\n{}", answer("200 OK", OSS, "{}"))),
        (
            "chunked",
            format!(
                "HTTP/1.1 200 OK\r\n{OSS}transfer-encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"
            ),
        ),
        ("until the end", format!("HTTP/1.1 200 OK\r\n{OSS}connection: close\r\n\r\n{{}}")),
        ("HTTP/1.0", format!("HTTP/1.0 200 OK\r\n{OSS}\r\n{{}}")),
        ("another reason", answer("200 Fine by me", OSS, "{}")),
    ];
    for (name, answer) in table {
        let server = RawServer::answering(answer);
        let result = upload(&server.client(), b"v", true).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(result.callback_answer(), b"{}", "{name}");
        assert_eq!(result.etag(), Some("E"), "{name}");
    }
}

#[test]
fn the_memory_for_an_answer_is_bounded() {
    let body = "1".repeat(6 * 1024 * 1024);
    let server = RawServer::answering(answer("200 OK", OSS, &body));
    let failed = upload(&server.client(), b"v", true).unwrap_err();
    assert_eq!(failed.result.unwrap().callback_answer().len(), 4 * 1024 * 1024);
}

/// Larger than what the sockets of both sides buffer.
fn large() -> Vec<u8> {
    vec![0; 64 * 1024 * 1024]
}

#[test]
fn an_early_refusal_is_heard_and_ends_the_sending() {
    let document = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";
    let refusal = answer("403 Forbidden", "connection: close\r\n", document);
    // Once hanging up at once, once going on to listen for a while.
    for listens in [false, true] {
        let refusal = refusal.clone();
        let server = RawServer::start(move |mut stream| {
            read_head(&mut BufReader::new(&stream));
            let _ = stream.write_all(refusal.as_bytes());
            let mut taken = 0;
            let mut buf = vec![0; 64 * 1024];
            while listens && taken < 16 * 1024 * 1024 {
                match stream.read(&mut buf) {
                    Ok(0) | Err(_) => break,
                    Ok(count) => taken += count,
                }
            }
            assert!(taken < 16 * 1024 * 1024, "the client went on sending");
        });
        let error = upload(&server.client(), &large(), true).unwrap_err().error;
        assert_eq!(
            (error.status(), error.code()),
            (Status::Service, Some("AccessDenied")),
            "{error}"
        );
        assert_eq!(error.object_state(), ObjectState::NotStored);
    }
}

#[test]
fn success_before_the_end_of_the_body_is_not_believed() {
    let server = RawServer::start(|mut stream| {
        read_head(&mut BufReader::new(&stream));
        let _ = stream.write_all(answer("200 OK", OSS, "{}").as_bytes());
    });
    let failed = upload(&server.client(), &large(), true).unwrap_err();
    assert_eq!(failed.error.status(), Status::BadResponse, "{failed}");
    assert_eq!(failed.error.object_state(), ObjectState::NotStored);
    assert!(failed.result.is_none());
}

#[test]
fn a_connection_lost_in_the_body_stored_nothing() {
    let server = RawServer::start(|stream| {
        let mut reader = BufReader::new(&stream);
        read_head(&mut reader);
        let _ = reader.read_exact(&mut [0; 100_000]);
    });
    let error = upload(&server.client(), &large(), true).unwrap_err().error;
    assert_eq!(error.status(), Status::Transport, "{error}");
    assert_eq!(error.object_state(), ObjectState::NotStored);
    assert_eq!(error.retry_advice(), RetryAdvice::Yes);
}

#[test]
fn a_connection_lost_after_the_body_leaves_the_outcome_unknown() {
    let server = RawServer::start(|stream| {
        read_request(&stream);
    });
    for bytes in [&b""[..], b"v", &[0; 200_000]] {
        let error = upload(&server.client(), bytes, true).unwrap_err().error;
        assert_eq!(error.status(), Status::Transport, "{error}");
        assert_eq!(error.object_state(), ObjectState::Unknown, "{} bytes: {error}", bytes.len());
        assert_eq!(error.retry_advice(), RetryAdvice::CheckFirst);
        assert!(error.message().contains("look before you try again"), "{error}");
    }
}

/// Keeps the connection until the client gives up.
fn wait_for_close(mut stream: &TcpStream) {
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

fn impatient(server: &RawServer) -> Client {
    let idle_timeout = Some(Duration::from_millis(200));
    Client::new(ClientConfig { idle_timeout, ..server.config() }).unwrap()
}

#[test]
fn silence_after_the_body_times_out_as_unknown() {
    let server = RawServer::start(|stream| {
        read_request(&stream);
        wait_for_close(&stream);
    });
    let error = upload(&impatient(&server), b"v", true).unwrap_err().error;
    assert_eq!(error.status(), Status::Timeout, "{error}");
    assert_eq!(error.object_state(), ObjectState::Unknown);
}

#[test]
fn a_stalled_uplink_times_out_as_not_stored() {
    let (done, finished) = std::sync::mpsc::channel::<()>();
    let finished = std::sync::Mutex::new(finished);
    let server = RawServer::start(move |stream| {
        read_head(&mut BufReader::new(&stream));
        // Reads nothing until the client has given up.
        let _ = finished.lock().unwrap().recv();
        drop(stream);
    });
    let error = upload(&impatient(&server), &large(), true).unwrap_err().error;
    drop(done);
    assert_eq!(error.status(), Status::Timeout, "{error}");
    assert_eq!(error.object_state(), ObjectState::NotStored);
    assert!(error.message().contains("took no byte"), "{error}");
}

#[test]
fn nobody_there() {
    let address = RawServer::answering("").address();
    let config = |endpoint: String| ClientConfig {
        endpoint: Some(endpoint),
        ..RawServer::answering("").config()
    };
    let client = Client::new(config(format!("http://{address}"))).unwrap();
    let error = upload(&client, b"v", true).unwrap_err().error;
    assert_eq!(error.status(), Status::Transport, "{error}");
    assert_eq!(error.object_state(), ObjectState::NotStored);
    assert!(error.message().contains("nothing listens"), "{error}");

    let client = Client::new(ClientConfig {
        connect_timeout: Some(Duration::from_secs(5)),
        ..config("http://no-such-host.invalid".to_owned())
    })
    .unwrap();
    let error = upload(&client, b"v", true).unwrap_err().error;
    // A resolver without a network may as well stay silent.
    assert!(matches!(error.status(), Status::Transport | Status::Timeout), "{error}");
    assert_eq!(error.object_state(), ObjectState::NotStored);
}

#[test]
fn without_a_callback_a_203_of_a_proxy_is_no_failure() {
    let server = RawServer::answering(answer("203 Non-Authoritative", OSS, ""));
    let result = upload(&server.client(), b"v", false).unwrap();
    assert_eq!(result.http_status(), 203);
}
