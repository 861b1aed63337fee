//! What is told to a server, and what becomes of it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver as Requests, channel};
use std::time::Duration;

use ossbind_emulator::{Receiver, ReceiverOptions, SelfSigned};

use super::*;
use crate::error::Advice;
use crate::http::{HttpOptions, TlsOptions};
use crate::wait::{CancelToken, Deadline};

mod runs;

const KEY: &[u8] = b"0123456789abcdef-key";
const NOW: Timestamp = Timestamp(1_702_743_657);
/// That of `BODY`, by another program:
/// `hmac.new(b"0123456789abcdef-key", b"1702743657." + body, hashlib.sha256).hexdigest()`
const SIGNATURE: &str = "v1=8592853df7a8533e086254395bf87716819397ba2359b3506c9e126522e3fc66";
const BODY: &str = concat!(
    r#"{"objectState":"stored","id":17,"callerId":"shot-17","bucket":"my-bucket","#,
    r#""key":"camera/文件 \"1\".jpg","etag":"5D41402ABC4B2A76B9719D911017C592","size":5,"#,
    r#""crc64":"18446744073709551615","contentType":"image/jpeg","#,
    r#""requestId":"5C3D9175B6FC201293AD4890","versionId":"CAEQ","#,
    r#""variables":{"x:id":"17","x:a":"b"}}"#
);

fn variables() -> Vec<(String, String)> {
    [("x:id", "17"), ("x:a", "b")].map(|(name, value)| (name.into(), value.into())).into()
}

fn facts(variables: &[(String, String)]) -> Facts<'_> {
    Facts {
        id: 17,
        caller_id: Some("shot-17"),
        bucket: Some("my-bucket"),
        key: Some("camera/文件 \"1\".jpg"),
        etag: Some("5D41402ABC4B2A76B9719D911017C592"),
        size: 5,
        crc64: Some(u64::MAX),
        content_type: Some("image/jpeg"),
        request_id: Some("5C3D9175B6FC201293AD4890"),
        version_id: Some("CAEQ"),
        variables,
    }
}

fn options() -> HttpOptions {
    HttpOptions { proxy: Some(String::new()), ..HttpOptions::default() }
}

fn tell_with(options: HttpOptions, url: &str, limits: Limits<'_>) -> Result<()> {
    let http = HttpClient::new(options).unwrap();
    Teller::new(url, KEY).unwrap().tell(&http, &facts(&variables()), NOW, limits)
}

fn tell(url: &str) -> Result<()> {
    tell_with(options(), url, Limits::default())
}

/// Gives each connection the next answer, and sends what was asked for. The thread ends with the
/// answers.
fn server(answers: impl IntoIterator<Item = String>) -> (String, Requests<(Vec<String>, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/tell?token=s3cr3t", listener.local_addr().unwrap());
    let (sender, requests) = channel();
    let answers: Vec<_> = answers.into_iter().collect();
    std::thread::spawn(move || {
        for answer in answers {
            let mut stream = listener.accept().unwrap().0;
            let request = read_request(&stream);
            stream.write_all(answer.as_bytes()).unwrap();
            sender.send(request).unwrap();
        }
    });
    (url, requests)
}

fn read_request(stream: &TcpStream) -> (Vec<String>, String) {
    let mut reader = BufReader::new(stream);
    let head = reader.by_ref().lines().map(|line| line.unwrap());
    let head: Vec<_> = head.take_while(|line| !line.is_empty()).collect();
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.unwrap().parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    (head, String::from_utf8(body).unwrap())
}

fn answer(status: u16, headers: &str) -> String {
    format!("HTTP/1.1 {status} X\r\nContent-Length: 2\r\n{headers}\r\n{{}}")
}

fn refused(answer: String) -> Error {
    tell(&server([answer]).0).unwrap_err()
}

#[test]
fn the_server_is_told_what_it_needs_in_a_message_that_is_no_callback() {
    let (url, requests) = server([answer(200, "")]);
    tell(&url).unwrap();
    let (mut head, body) = requests.recv().unwrap();
    assert_eq!(body, BODY);
    assert_eq!(head.remove(0), "POST /tell?token=s3cr3t HTTP/1.1");
    head.sort();
    let authority = url.split('/').nth(2).unwrap();
    let expected = [
        format!("content-length: {}", BODY.len()),
        "content-type: application/json".into(),
        format!("host: {authority}"),
        format!("user-agent: ossbind/{}", crate::VERSION),
        format!("x-ossbind-signature: {SIGNATURE}"),
        format!("x-ossbind-timestamp: {}", NOW.0),
    ];
    assert_eq!(head, expected);
}

#[test]
fn a_signature_is_of_the_time_and_the_body() {
    let teller = Teller::new("https://app.example.com/told", &[b'k'; 16]).unwrap();
    let known = "v1=ebac77380a421376b9a6f1792d4339f5d34a256efbdcfd07f7a4f92fa274ab29";
    assert_eq!(teller.signature("0", b""), known);
    assert_ne!(teller.signature("1", b"0"), teller.signature("10", b""));
}

/// Whoever writes a server tries it with this message.
#[test]
fn the_message_in_the_docs_is_what_is_sent() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/outbox.md");
    let page = std::fs::read_to_string(page).unwrap();
    let message = page.split("```http\n").nth(1).unwrap().split("\n```").next().unwrap();
    let (head, body) = message.split_once("\n\n").unwrap();
    let value = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    assert!(page.contains(&format!("`{}`", str::from_utf8(KEY).unwrap())), "it names the key");
    let teller = Teller::new("https://app.example.com/told", KEY).unwrap();
    let timestamp = value("x-ossbind-timestamp: ");
    let signature = teller.signature(timestamp, body.as_bytes());
    assert_eq!(value("x-ossbind-signature: "), signature);
    let variables = [("x:id", "shot-17"), ("x:camera", "north")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let sent = Facts {
        key: Some("camera/0017.jpg"),
        size: 48_213,
        crc64: Some(4_563_291_044_517_733_521),
        version_id: None,
        ..facts(&variables)
    };
    assert_eq!(body, serde_json::to_string(&sent).unwrap());
}

#[test]
fn what_is_not_known_is_left_out() {
    let facts = Facts {
        caller_id: None,
        bucket: None,
        key: None,
        etag: None,
        crc64: None,
        content_type: None,
        request_id: None,
        version_id: None,
        ..facts(&[])
    };
    assert_eq!(
        serde_json::to_string(&facts).unwrap(),
        r#"{"objectState":"stored","id":17,"size":5,"variables":{}}"#
    );
}

#[test]
fn every_2xx_is_enough_whatever_its_body_is() {
    let long = "x".repeat(MAX_ANSWER + 1);
    for answer in [
        answer(202, ""),
        "HTTP/1.1 204 X\r\n\r\n".to_owned(),
        format!("HTTP/1.1 200 X\r\nContent-Length: {}\r\n\r\n{long}", long.len()),
        format!("HTTP/1.1 200 X\r\nConnection: close\r\n\r\n{long}"),
        "HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\ncut".to_owned(),
    ] {
        tell(&server([answer]).0).unwrap();
    }
}

#[test]
fn any_other_answer_is_a_failure_that_says_what_is_true() {
    for (status, advice, seconds) in [
        (301, Advice::FixSettings, 300),
        (307, Advice::FixSettings, 300),
        (401, Advice::FixSettings, 300),
        (404, Advice::FixSettings, 300),
        (429, Advice::Again, 10),
        (500, Advice::Again, 10),
    ] {
        let (url, requests) = server([answer(status, "Location: /other\r\n")]);
        let error = tell(&url).unwrap_err();
        assert_eq!((error.status(), error.http_status()), (Status::BadResponse, Some(status)));
        assert_eq!((error.advice(), error.retry_after().as_secs()), (advice, seconds));
        let host = url.split('/').nth(2).unwrap();
        assert!(error.message().starts_with(&format!("{host} answered {status}")), "{error}");
        assert_eq!(error.message().contains("are not followed"), status < 400, "{error}");
        assert!(error.message().contains("the object is stored"), "{error}");
        assert!(!error.message().contains("s3cr3t"), "{error}");
        assert_eq!(requests.iter().count(), 1);
    }
}

/// Nothing of the body has been read, so that it cannot have been believed.
#[test]
fn an_answer_that_is_too_early_is_none() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        stream.write_all(answer(200, "").as_bytes()).unwrap();
        let _ = std::io::copy(&mut stream.take(1 << 16), &mut std::io::sink());
    });
    let large = [("x:large".to_owned(), "x".repeat(64 << 20))];
    let http = HttpClient::new(options()).unwrap();
    let teller = Teller::new(&url, KEY).unwrap();
    let error = teller.tell(&http, &facts(&large), NOW, Limits::default()).unwrap_err();
    assert!(error.message().contains("200 before it had all"), "{error}");
}

#[test]
fn a_server_may_ask_for_time() {
    let dates =
        "Date: Sun, 04 Sep 2022 08:11:37 GMT\r\nRetry-After: Sun, 04 Sep 2022 08:12:07 GMT\r\n";
    for (headers, seconds) in
        [("Retry-After: 7\r\n", 7), (dates, 30), ("Retry-After: soon\r\n", 10)]
    {
        assert_eq!(refused(answer(503, headers)).retry_after().as_secs(), seconds, "{headers}");
    }
}

#[test]
fn what_the_network_does_has_its_own_status() {
    let (url, _requests) = server([String::new()]);
    let says = |outcome: Result<()>, status, url: &str| {
        let error = outcome.unwrap_err();
        let host = url.split('/').nth(2).unwrap();
        assert_eq!((error.status(), error.http_status()), (status, None), "{error}");
        assert!(error.message().contains(host), "{error}");
        assert!(error.message().ends_with(ONLY_TELLING), "{error}");
        assert!(!error.message().contains("s3cr3t"), "{error}");
    };
    says(tell(&url), Status::Transport, &url);
    says(tell(&url), Status::Transport, &url);
    says(tell(&server(["nonsense\r\n\r\n".into()]).0), Status::BadResponse, "//127.0.0.1");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/?token=s3cr3t", silent.local_addr().unwrap());
    let limits =
        Limits { deadline: Deadline::after(Duration::from_millis(50)), ..Limits::default() };
    says(tell_with(options(), &url, limits), Status::Timeout, &url);
    let short = HttpOptions { idle_timeout: Duration::from_millis(50), ..options() };
    says(tell_with(short, &url, Limits::default()), Status::Timeout, &url);
    let cancel = CancelToken::new();
    cancel.cancel();
    let limits = Limits { cancel: Some(&cancel), ..Limits::default() };
    says(tell_with(options(), &url, limits), Status::Cancelled, &url);
}

/// The local application server verifies callbacks: this is none.
#[test]
fn https_needs_a_certificate_that_is_trusted() {
    let SelfSigned { identity, ca_pem } = SelfSigned::generate(&["127.0.0.1"]).unwrap();
    let server = ReceiverOptions { tls: Some(identity), ..ReceiverOptions::default() };
    let server = Receiver::start(server).unwrap();
    let url = server.url("/tell");
    assert_eq!(tell(&url).unwrap_err().status(), Status::Tls);
    let tls = TlsOptions { ca_pem: Some(ca_pem.into()), ..TlsOptions::default() };
    tell_with(HttpOptions { tls, ..options() }, &url, Limits::default()).unwrap();
    let [told] = &server.received()[..] else { panic!("told once") };
    assert_eq!(
        (told.body_text().as_str(), told.header("x-ossbind-signature")),
        (BODY, Some(SIGNATURE))
    );
    assert!(told.signature.as_ref().unwrap_err().contains("authorization header is missing"));
}

#[test]
fn a_kept_connection_that_is_gone_costs_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let mut kept = listener.accept().unwrap().0;
        read_request(&kept);
        kept.write_all(answer(200, "").as_bytes()).unwrap();
        // The next one is taken, and not answered.
        read_request(&kept);
        drop(kept);
        let mut stream = listener.accept().unwrap().0;
        read_request(&stream);
        stream.write_all(answer(200, "").as_bytes()).unwrap();
    });
    let http = HttpClient::new(options()).unwrap();
    let teller = Teller::new(&url, KEY).unwrap();
    for _ in 0..2 {
        teller.tell(&http, &facts(&[]), NOW, Limits::default()).unwrap();
    }
    server.join().unwrap();
}

#[test]
fn settings_that_cannot_be_used_name_their_field() {
    for url in [
        "",
        "app.example.com/told",
        "ftp://h/",
        "https://me:s3cr3t@h/",
        "http://h:0/",
        "http://h/a b",
    ] {
        let error = Teller::new(url, KEY).unwrap_err();
        assert_eq!((error.status(), error.field()), (Status::InvalidArgument, Some("tell_url")));
        assert!(!error.message().contains("s3cr3t"), "{error}");
    }
    for (length, is_sound) in [(0, false), (15, false), (16, true), (1024, true), (1025, false)] {
        let outcome = Teller::new("http://[::1]:8080/told", &vec![0; length]);
        let field = outcome.err().map(|error| error.field().map(str::to_owned));
        assert_eq!(field, (!is_sound).then(|| Some("tell_key".to_owned())), "{length}");
    }
}

#[test]
fn its_debug_form_has_no_secret() {
    let teller = Teller::new("https://app.example.com/told?token=s3cr3t", KEY).unwrap();
    assert_eq!(format!("{teller:?}"), "Teller { host: \"app.example.com\", .. }");
}
