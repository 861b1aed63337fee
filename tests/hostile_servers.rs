//! What comes back when the other side is broken, or is not OSS at all: the outcome must be true,
//! and memory and time bounded.

mod support;

use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use base64::Engine as _;
use ossbind::credentials::Credentials;
use ossbind::log::{LogLevel, Logger};
use ossbind::{
    Advice, Body, Callback, Client, ClientConfig, HttpOptions, ObjectState, Status, UploadError,
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
    let etag = "etag: \"5f-page\"\r\nserver: nginx\r\n";
    let ec = "x-oss-request-id: R1\r\nx-oss-ec: 0003-00000001\r\n";
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
        ("page with an ETag", answer("200 OK", etag, "<html>"), (BadResponse, Unknown, false)),
        ("204 with an ETag", answer("204 X", etag, ""), (BadResponse, Unknown, false)),
        ("204 of the service", answer("204 X", OSS, ""), (BadResponse, Unknown, false)),
        ("203 of a proxy", answer("203 X", etag, "<html>"), (BadResponse, Unknown, false)),
        (
            "203 and wrong CRC",
            answer("203 X", &crc, CALLBACK_FAILED),
            (ChecksumMismatch, Stored, true),
        ),
        (
            "cut off and wrong CRC",
            format!("HTTP/1.1 200 OK\r\n{crc}content-length: 100\r\n\r\n{{\"a\""),
            (ChecksumMismatch, Stored, true),
        ),
        (
            "403 with the document of 203",
            answer("403 X", OSS, CALLBACK_FAILED),
            (Service, NotStored, false),
        ),
        ("403 without a document", answer("403 X", ec, ""), (Service, NotStored, false)),
        ("408 of a proxy", answer("408 X", "", "<html>"), (BadResponse, Unknown, false)),
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
fn headers_tell_what_a_missing_document_would() {
    let headers = "x-oss-request-id: R1\r\nx-oss-ec: 0003-00000001\r\n";
    let server = RawServer::answering(answer("403 X", headers, ""));
    let error = upload(&server.client(), b"v", true).unwrap_err().error;
    assert_eq!((error.ec(), error.request_id()), (Some("0003-00000001"), Some("R1")));
    assert_eq!(error.http_status(), Some(403));
}

#[test]
fn no_refusal_of_unknown_reason_is_the_fault_of_the_file() {
    let document = "<Error><Code>Any</Code></Error>";
    for (status, advice) in [
        ("400 X", Advice::FixSettings),
        ("401 X", Advice::Again),
        ("403 X", Advice::FixSettings),
        ("404 X", Advice::FixSettings),
        ("409 X", Advice::Again),
        ("429 X", Advice::Again),
        ("500 X", Advice::Again),
        ("503 X", Advice::Again),
    ] {
        let server = RawServer::answering(answer(status, OSS, document));
        let error = upload(&server.client(), b"v", true).unwrap_err().error;
        assert_eq!(error.advice(), advice, "{status}");
    }
    // Not of OSS: somebody has to log in.
    let server = RawServer::answering(answer("302 Found", "", "<html>log in</html>"));
    let error = upload(&server.client(), b"v", true).unwrap_err().error;
    assert_eq!(error.advice(), Advice::FixSettings, "{error}");
    assert_eq!(error.metrics().unwrap().requests, 1);
    let crc = format!("{OSS}x-oss-hash-crc64ecma: 1\r\n");
    let server = RawServer::answering(answer("200 OK", &crc, "{}"));
    let error = upload(&server.client(), b"v", true).unwrap_err().error;
    assert_eq!(error.advice(), Advice::Again, "damaged on the way");
}

#[test]
fn the_memory_for_an_answer_is_bounded() {
    const LONGEST: usize = 4 * 1024 * 1024;
    let length = |size: usize| format!("{OSS}content-length: {size}\r\n");
    let end = format!("{OSS}connection: close\r\n");
    for (size, kept) in [(LONGEST, LONGEST), (LONGEST + 1, 16 * 1024)] {
        // A length that is known, and an answer that ends with the connection.
        for headers in [length(size), end.clone()] {
            let body = "1".repeat(size);
            let raw = format!("HTTP/1.1 200 OK\r\n{headers}\r\n{body}");
            let server = RawServer::answering(raw);
            let result = match upload(&server.client(), b"v", true) {
                Ok(result) => result,
                Err(failed) => {
                    assert!(failed.error.message().contains("more than 4194304"), "{failed}");
                    *failed.result.unwrap()
                }
            };
            assert_eq!(result.callback_answer().len(), kept, "{headers}");
        }
    }
}

/// Who waits for a deadline, or for the user to cancel, must not wait for secrets to be looked for.
#[test]
fn a_long_answer_takes_no_long_time_to_tell_of() {
    let token = "t0k3n".repeat(100);
    let long = "%".repeat(4_000_000);
    let document = format!("<Error><Code>C</Code><Message>{long}</Message></Error>");
    let short = format!("<Error><Code>C</Code><Message>{}</Message></Error>", "&".repeat(60_000));
    for (status, body) in
        [("200 OK", &long), ("400 X", &long), ("400 X", &document), ("400 X", &short)]
    {
        let server = RawServer::answering(answer(status, "", body));
        let credentials = Some(Credentials::new("ak", "sk", Some(&token)).unwrap().into());
        let client = Client::new(ClientConfig { credentials, ..server.config() }).unwrap();
        let began = Instant::now();
        let error = upload(&client, b"v", true).unwrap_err().error;
        assert!(began.elapsed() < Duration::from_secs(5), "{status}: {:?}", began.elapsed());
        assert!(error.message().len() < 100_000, "{status}");
    }
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
    for early in [answer("200 OK", OSS, "{}"), answer("203 X", OSS, CALLBACK_FAILED)] {
        let server = RawServer::start(move |mut stream| {
            read_head(&mut BufReader::new(&stream));
            let _ = stream.write_all(early.as_bytes());
        });
        let failed = upload(&server.client(), &large(), true).unwrap_err();
        assert_eq!(failed.error.status(), Status::BadResponse, "{failed}");
        assert_eq!(failed.error.object_state(), ObjectState::NotStored);
        assert!(failed.result.is_none());
    }
}

/// A server may say "100 Continue" unasked and at any time (RFC 9110, 15.2).
#[test]
fn an_interim_answer_does_not_end_the_sending() {
    let server = RawServer::start(|mut stream| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        read_head(&mut reader);
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap();
        std::io::copy(&mut reader.take(large().len() as u64), &mut std::io::sink()).unwrap();
        stream.write_all(answer("200 OK", OSS, "{}").as_bytes()).unwrap();
    });
    upload(&server.client(), &large(), true).unwrap();
}

/// After a refusal in the middle of a body, the rest of it must not be taken for the next request.
#[test]
fn a_refused_connection_is_not_used_again() {
    let document = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";
    let refusal = answer("403 Forbidden", OSS, document);
    let connections = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let count = std::sync::Arc::clone(&connections);
    let server = RawServer::start(move |stream| {
        if count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 1 {
            read_request(&stream);
            let _ = (&stream).write_all(answer("200 OK", OSS, "{}").as_bytes());
            return;
        }
        read_head(&mut BufReader::new(&stream));
        let _ = (&stream).write_all(refusal.as_bytes());
        // Stays open, as a kept connection would; a thread, so that the next one is served.
        std::thread::spawn(move || wait_for_close(&stream));
    });
    let client = server.client();
    let error = upload(&client, &large(), true).unwrap_err().error;
    assert_eq!(error.code(), Some("AccessDenied"));
    upload(&client, b"v", true).unwrap();
    assert_eq!(connections.load(std::sync::atomic::Ordering::SeqCst), 2);
}

#[test]
fn a_kept_connection_that_the_server_closed_is_not_used_again() {
    let (closed, wait) = std::sync::mpsc::channel();
    let server = RawServer::start(move |mut stream| {
        read_request(&stream);
        let _ = stream.write_all(answer("200 OK", OSS, "{}").as_bytes());
        drop(stream);
        closed.send(()).unwrap();
    });
    let client = server.client();
    for _ in 0..3 {
        upload(&client, b"v", true).unwrap();
        wait.recv().unwrap();
    }
}

/// A byte now and then keeps an idle time-out from ending; the whole is bounded all the same.
#[test]
fn a_head_that_drips_for_ever_times_out() {
    let server = RawServer::start(|mut stream| {
        read_request(&stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nx-drip: ");
        stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        // The read is the wait between two bytes, and ends when the client hangs up.
        while !matches!(stream.read(&mut [0]), Ok(0)) && stream.write_all(b"a").is_ok() {}
    });
    let error = upload(&impatient(&server), b"v", true).unwrap_err().error;
    assert_eq!((error.status(), error.object_state()), (Status::Timeout, ObjectState::Unknown));
    assert!(error.message().contains("not whole"), "{error}");
}

#[test]
fn the_token_is_not_shown_whoever_repeats_it() {
    let token = "t0k3n/t0k3n=";
    let document = format!(
        "<Error><Code>SignatureDoesNotMatch</Code><Message>{token}</Message>\
         <StringToSign>x-oss-security-token:{token}</StringToSign>\
         <CanonicalRequestBytes>74 30</CanonicalRequestBytes></Error>"
    );
    for (status, headers, body) in
        [("403 X", OSS, document.as_str()), ("200 OK", "", token), ("502 X", "", token)]
    {
        let server = RawServer::answering(answer(status, headers, body));
        let credentials = Some(Credentials::new("ak", "sk", Some(token)).unwrap().into());
        let client = Client::new(ClientConfig { credentials, ..server.config() }).unwrap();
        let error = upload(&client, b"v", true).unwrap_err().error;
        let texts: Vec<&str> = error.document().map(|(_, text)| text).collect();
        assert!(!format!("{error} {error:?} {texts:?}").contains(token), "{error}");
        assert!(error.document_element("CanonicalRequestBytes").is_none());
    }
}

/// A line of the program's log must stay one line, and show what it says.
#[test]
fn what_a_peer_says_stays_on_its_line() {
    let document = "<Error><Code>No\u{202e}Such&#10;Key</Code><Message>a&#13;&#10;b&#x1b;[2J\u{2028}\
                    </Message><RequestId>R&#10;1</RequestId><EC>0003&#10;1</EC></Error>";
    let server = RawServer::answering(answer("403 X", OSS, document));
    let error = upload(&server.client(), b"v", false).unwrap_err().error;
    for text in [Some(error.message()), error.code(), error.ec(), error.request_id()] {
        let text = text.unwrap();
        let is_hidden = |c: char| c.is_control() || "\u{202e}\u{2028}".contains(c);
        assert!(!text.contains(is_hidden), "{text:?}");
    }
    assert!(error.message().contains("a\\r\\nb"), "{error}");
    assert_eq!(error.code(), Some("No\\u{202e}Such\\nKey"));
}

/// A token may come back in the form that the format of the answer wants.
#[test]
fn the_token_is_not_shown_in_another_encoding() {
    let token = "CAIS+t0k3n/t0k3n==";
    let base64 = base64::engine::general_purpose::STANDARD.encode(format!("token: {token}!"));
    for form in [
        "CAIS%2bt0k3n%2ft0k3n%3d%3d",
        "CAIS+t0k3n\\/t0k3n==",
        "CAIS&#43;t0k3n&#x2F;t0k3n==",
        "434149532b74306b336e2f74306b336e3d3d",
        &base64,
    ] {
        let document = format!(
            "<Error><Code>AccessDenied</Code><Message>it is {}</Message></Error>",
            form.replace('&', "&amp;")
        );
        for (status, headers, body) in [("403 X", OSS, document.as_str()), ("502 X", "", form)] {
            let server = RawServer::answering(answer(status, headers, body));
            let credentials = Some(Credentials::new("ak", "sk", Some(token)).unwrap().into());
            let client = Client::new(ClientConfig { credentials, ..server.config() }).unwrap();
            let error = upload(&client, b"v", true).unwrap_err().error;
            let texts: Vec<&str> = error.document().map(|(_, text)| text).collect();
            let all = format!("{error} {texts:?}");
            assert!(all.contains("(secret)") || status == "502 X", "{form}: {all}");
            assert!(!all.contains(&form[8..form.len() - 8]), "{form}: {all}");
        }
    }
}

/// Where an id or a date belongs, in a line of the log and in the report.
#[test]
fn the_token_is_not_shown_in_place_of_something_else() {
    let token = "CAIS+t0k3n/t0k3n==";
    let headers = format!("x-oss-request-id: {token}\r\ndate: {token}\r\n");
    let server = RawServer::answering(answer("403 X", &headers, ""));
    let (sender, lines) = std::sync::mpsc::channel();
    let log = Logger::new(LogLevel::Debug, move |_, line| sender.send(line.to_owned()).unwrap());
    let credentials = Some(Credentials::new("ak", "sk", Some(token)).unwrap().into());
    let client = Client::new(ClientConfig { credentials, log, ..server.config() }).unwrap();
    let error = upload(&client, b"v", true).unwrap_err().error;
    drop(client);
    let all = lines.iter().collect::<String>() + &error.report();
    assert!(all.contains("no request id") && !all.contains("t0k3n"), "{all}");
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
    assert_eq!(error.advice(), Advice::Again);
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
        assert_eq!(error.advice(), Advice::Look);
        assert!(error.message().contains("look before you try again"), "{error}");
    }
}

/// Keeps the connection until the client gives up.
fn wait_for_close(mut stream: &TcpStream) {
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

fn impatient(server: &RawServer) -> Client {
    let config = server.config();
    let http = HttpOptions { idle_timeout: Duration::from_millis(200), ..config.http };
    Client::new(ClientConfig { http, ..config }).unwrap()
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

    let config = config("http://no-such-host.invalid".to_owned());
    let http = HttpOptions { connect_timeout: Duration::from_secs(5), ..config.http };
    let client = Client::new(ClientConfig { http, ..config }).unwrap();
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
