//! A cancelled call returns at once, wherever it is.

use std::io::{self, BufReader, Read};
use std::net::IpAddr;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use super::support::{
    BlackHole, LARGE, LONG, Server, client, hold, options, put, read_head, read_request, resolver,
    send,
};
use crate::http::dns::Resolver;
use crate::http::{Failure, FailureKind, HttpClient, HttpOptions, HttpResponse, Limits};
use crate::wait::{CancelToken, wait_for_any};

/// What is promised are 100 ms; the rest is for busy machines.
const PROMPTLY: Duration = Duration::from_secs(1);
/// Enough for a call to come to where it waits; too short a time would only weaken the test.
const SETTLING: Duration = Duration::from_millis(150);

/// Cancels a call while it waits, and gives its failure.
fn cancelled(
    name: &str,
    call: impl FnOnce(Limits<'_>) -> Result<HttpResponse, Failure> + Send,
) -> Failure {
    let token = CancelToken::new();
    std::thread::scope(|scope| {
        let own = token.clone();
        let call = scope.spawn(move || {
            let outcome = call(Limits { cancel: Some(&own), ..Limits::default() });
            (outcome, Instant::now())
        });
        std::thread::sleep(SETTLING);
        assert!(!call.is_finished(), "{name}: does not wait");
        let triggered = Instant::now();
        token.cancel();
        let (outcome, returned) = call.join().unwrap();
        let latency = returned.saturating_duration_since(triggered);
        report(name, latency);
        assert!(latency < PROMPTLY, "{name}: {latency:?}");
        let failure = outcome.expect_err(name);
        assert!(matches!(failure.kind, FailureKind::Cancelled), "{name}: {failure:?}");
        failure
    })
}

#[allow(clippy::print_stdout, reason = "the figure is worth seeing, with --nocapture")]
fn report(name: &str, latency: Duration) {
    println!("cancelled {name}: {latency:?}");
}

fn hung_resolver() -> Resolver {
    resolver(|_| {
        std::thread::sleep(Duration::from_secs(5));
        Ok(Vec::<IpAddr>::new())
    })
}

#[test]
fn while_resolving() {
    let client = HttpClient::with_resolver(options(), hung_resolver()).unwrap();
    let failure =
        cancelled("while resolving", |limits| put(&client, "http://host.test/", 1, limits));
    assert!(failure.message.contains("host.test was being resolved"), "{}", failure.message);
    assert!(!failure.request_complete);
}

#[test]
fn while_connecting() {
    let hole = BlackHole::new();
    let client = client(options());
    let failure = cancelled("while connecting", |limits| put(&client, &hole.url(), 1, limits));
    assert!(failure.message.contains("was being connected"), "{}", failure.message);
    assert!(!failure.request_complete);
}

#[test]
fn during_the_tls_handshake() {
    let server = Server::silent();
    let client = client(options());
    let url = format!("https://{}/", server.address());
    let failure = cancelled("during TLS", |limits| put(&client, &url, 1, limits));
    assert!(failure.message.contains("TLS handshake"), "{}", failure.message);
    assert!(!failure.request_complete);
}

#[test]
fn while_a_proxy_thinks() {
    let server = Server::silent();
    let client =
        client(HttpOptions { proxy: Some(format!("http://{}", server.address())), ..options() });
    let failure = cancelled("in the proxy", |limits| put(&client, "http://host.test/", 1, limits));
    assert!(failure.message.contains("was asked for a connection"), "{}", failure.message);
}

#[test]
fn while_sending() {
    let server = Server::start(|stream| {
        read_head(&mut BufReader::with_capacity(1, &stream));
        hold(stream);
    });
    let client = client(options());
    let failure = cancelled("while sending", |limits| put(&client, &server.url(), LARGE, limits));
    assert!(failure.message.contains(&format!("of {LARGE} bytes")), "{}", failure.message);
    assert!(!failure.request_complete);
}

#[test]
fn while_the_answer_is_awaited() {
    let server = Server::start(|stream| {
        let mut reader = BufReader::new(stream);
        read_request(&mut reader);
        let _ = reader.read(&mut [0]);
    });
    let client = client(options());
    let failure = cancelled("while waiting", |limits| put(&client, &server.url(), 10, limits));
    assert!(failure.message.contains("answer was awaited"), "{}", failure.message);
    assert!(failure.request_complete, "the server has it, and may act on it");
}

#[test]
fn while_the_answer_comes() {
    let server = Server::start(|stream| {
        let mut reader = BufReader::new(stream);
        read_request(&mut reader);
        io::Write::write_all(reader.get_mut(), b"HTTP/1.1 200 OK\r\ncontent-").unwrap();
        let _ = reader.read(&mut [0]);
    });
    let client = client(options());
    let failure = cancelled("while receiving", |limits| put(&client, &server.url(), 10, limits));
    assert!(failure.message.contains("answer was being received"), "{}", failure.message);
}

#[test]
fn while_a_rate_limit_holds_it_back() {
    let server = Server::polite();
    let client = client(HttpOptions { rate_limit: Some(1000.try_into().unwrap()), ..options() });
    cancelled("in the rate limit", |limits| put(&client, &server.url(), 1_000_000, limits));
}

#[test]
fn in_a_back_off() {
    let token = CancelToken::new();
    let (begun, wait) = channel();
    // Several wait with one token, as the workers of a multipart upload do.
    let waiters: Vec<_> = (0..3)
        .map(|_| {
            let (token, begun) = (token.clone(), begun.clone());
            std::thread::spawn(move || {
                begun.send(()).unwrap();
                wait_for_any(&[token.event()], Some(Instant::now() + LONG));
                (token.is_cancelled(), Instant::now())
            })
        })
        .collect();
    waiters.iter().for_each(|_| wait.recv().unwrap());
    std::thread::sleep(SETTLING);
    let triggered = Instant::now();
    token.cancel();
    for waiter in waiters {
        let (is_cancelled, returned) = waiter.join().unwrap();
        assert!(is_cancelled);
        let latency = returned.saturating_duration_since(triggered);
        report("in a back-off", latency);
        assert!(latency < PROMPTLY);
    }
}

#[test]
fn waits_end_at_their_time_or_by_the_event() {
    let token = CancelToken::new();
    let until = Instant::now() + Duration::from_millis(1);
    wait_for_any(&[token.event()], Some(until));
    assert!(Instant::now() >= until && !token.is_cancelled());
    token.cancel();
    // It would never end by itself.
    wait_for_any(&[token.event()], None);
}

/// Nothing of a call with a cancelled token reaches the network.
#[test]
fn before_it_begins() {
    let server = Server::polite();
    let token = CancelToken::new();
    token.cancel();
    let limits = Limits { cancel: Some(&token), ..Limits::default() };
    let failure = put(&client(options()), &server.url(), 1, limits).unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Cancelled), "{failure:?}");
    assert_eq!((server.accepted(), failure.metrics.bytes_sent), (0, 0));
}

/// From the program's own function, between two of its calls.
#[test]
fn from_the_source_of_the_body() {
    struct Canceller<'a>(&'a CancelToken, usize);
    impl Read for Canceller<'_> {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            assert!(!self.0.is_cancelled(), "the source is not read any more");
            self.1 += buf.len();
            if self.1 > 1_000_000 {
                self.0.cancel();
            }
            Ok(buf.len())
        }
    }
    let server = Server::polite();
    let token = CancelToken::new();
    let limits = Limits { cancel: Some(&token), ..Limits::default() };
    let mut body = Canceller(&token, 0);
    let failure =
        send(&client(options()), "PUT", &server.url(), LARGE, &mut body, limits).unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Cancelled), "{failure:?}");
}
