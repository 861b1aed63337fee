//! Every limit of time ends what it is for, and says so.

use std::io::{BufReader, Read, Write as _};
use std::net::{IpAddr, TcpStream};
use std::time::Duration;

use super::support::{
    BlackHole, LARGE, Server, client, hold, options, put, read_head, read_request, resolver,
};
use crate::http::dns::Resolver;
use crate::http::{Failure, FailureKind, HttpClient, HttpOptions, Limits, LowSpeed};
use crate::wait::Deadline;

const SHORT: Duration = Duration::from_millis(200);

fn never_resolves() -> Resolver {
    resolver(|_| {
        std::thread::sleep(Duration::from_secs(5));
        Ok(Vec::<IpAddr>::new())
    })
}

/// Reads the request, and no more is said.
fn thoughtful(stream: TcpStream) {
    let mut reader = BufReader::new(stream);
    read_request(&mut reader);
    let _ = reader.read(&mut [0]);
}

/// Reads the head, and nothing of the body.
fn stalled(stream: TcpStream) {
    read_head(&mut BufReader::with_capacity(1, &stream));
    hold(stream);
}

fn assert_timeout(failure: &Failure, part: &str) {
    assert!(matches!(failure.kind, FailureKind::Timeout), "{failure:?}");
    assert!(failure.message.contains(part), "{}", failure.message);
    assert!(failure.message.contains("200ms"), "the value: {}", failure.message);
}

#[test]
fn a_dns_that_is_silent() {
    let options = HttpOptions { connect_timeout: SHORT, ..options() };
    let client = HttpClient::with_resolver(options, never_resolves()).unwrap();
    let failure = put(&client, "http://host.test/", 1, Limits::default()).unwrap_err();
    assert_timeout(&failure, "host.test was not resolved");
}

#[test]
fn an_address_that_is_silent() {
    let hole = BlackHole::new();
    let client = client(HttpOptions { connect_timeout: SHORT, ..options() });
    let failure = put(&client, &hole.url(), 1, Limits::default()).unwrap_err();
    assert_timeout(&failure, &format!("no connection to {}", hole.address()));
}

#[test]
fn a_limit_of_the_call_alone() {
    let hole = BlackHole::new();
    let limits = Limits { connect_timeout: Some(SHORT), ..Limits::default() };
    assert_timeout(&put(&client(options()), &hole.url(), 1, limits).unwrap_err(), "connect");
    let server = Server::start(thoughtful);
    let limits = Limits { idle_timeout: Some(SHORT), ..Limits::default() };
    assert_timeout(&put(&client(options()), &server.url(), 1, limits).unwrap_err(), "idle");
}

#[test]
fn a_tls_server_that_is_silent() {
    let server = Server::silent();
    let client = client(HttpOptions { tls_timeout: SHORT, ..options() });
    let url = format!("https://{}/", server.address());
    let failure = put(&client, &url, 1, Limits::default()).unwrap_err();
    assert_timeout(&failure, "the TLS handshake with 127.0.0.1");
}

#[test]
fn an_uplink_that_stalls() {
    let server = Server::start(stalled);
    let client = client(HttpOptions { idle_timeout: SHORT, ..options() });
    let failure = put(&client, &server.url(), LARGE, Limits::default()).unwrap_err();
    assert_timeout(&failure, "took no byte");
    assert!(failure.message.contains(&format!("of {LARGE} bytes")), "{}", failure.message);
    assert!(!failure.request_complete);
}

#[test]
fn an_answer_that_never_comes() {
    let server = Server::start(thoughtful);
    let client = client(HttpOptions { idle_timeout: SHORT, ..options() });
    let failure = put(&client, &server.url(), 10, Limits::default()).unwrap_err();
    assert_timeout(&failure, "sent no byte");
    assert!(failure.request_complete);
}

/// The program's own functions may take their time.
#[test]
fn a_slow_source_is_not_an_idle_connection() {
    struct Slow(usize);
    impl Read for Slow {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            std::thread::sleep(SHORT);
            self.0 += 1;
            Ok(buf.len())
        }
    }
    let server = Server::polite();
    let floor = LowSpeed { bytes_per_second: 100_000_000_000, window: Duration::from_millis(80) };
    let client =
        client(HttpOptions { idle_timeout: SHORT / 2, low_speed: Some(floor), ..options() });
    let mut source = Slow(0);
    let length = 3 * 128 * 1024;
    super::support::send(&client, "PUT", &server.url(), length, &mut source, Limits::default())
        .unwrap();
    assert!(source.0 >= 3);
}

/// Bytes that the kernel has taken are not yet under way: over a slow link they leave it for minutes
/// after the last one was written.
#[test]
fn a_slow_link_is_not_an_idle_connection() {
    let server = Server::with_small_window(|stream| {
        let mut reader = BufReader::with_capacity(8 * 1024, stream);
        let mut slow = BufReader::with_capacity(8 * 1024, Slowly(&mut reader));
        read_request(&mut slow);
        drop(slow);
        let _ = reader.get_mut().write_all(super::support::OK.as_bytes());
    });
    let client = client(HttpOptions { idle_timeout: SHORT, ..options() });
    let response = put(&client, &server.url(), 1024 * 1024, Limits::default()).unwrap();
    let timings = response.metrics.timings;
    assert!(timings.wait > SHORT * 3 / 2, "the test tests nothing: {timings:?}");
}

/// A server that reads as much as its buffer holds, and waits.
struct Slowly<R>(R);

impl<R: Read> Read for Slowly<R> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        std::thread::sleep(Duration::from_millis(20));
        self.0.read(buf)
    }
}

fn trickle(mut stream: TcpStream) {
    read_head(&mut BufReader::with_capacity(1, &stream));
    let mut buf = vec![0; 64 * 1024];
    while stream.read(&mut buf).is_ok_and(|count| count > 0) {
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_trickle_below_the_floor() {
    let server = Server::start(trickle);
    let low_speed =
        Some(LowSpeed { bytes_per_second: 1 << 40, window: Duration::from_millis(400) });
    let client = client(HttpOptions { low_speed, ..options() });
    let failure = put(&client, &server.url(), 16 * LARGE, Limits::default()).unwrap_err();
    assert!(matches!(failure.kind, FailureKind::LowSpeed), "{failure:?}");
    assert!(failure.message.contains("1099511627776 bytes/s"), "{}", failure.message);
    assert!(!failure.request_complete);
}

/// The kernel has all of it, and the link is as slow as before.
#[test]
fn below_the_floor_after_the_last_byte_was_written() {
    let server = Server::with_small_window(|stream| {
        let mut slow = BufReader::with_capacity(1024, Slowly(stream));
        read_request(&mut slow);
    });
    let low_speed =
        Some(LowSpeed { bytes_per_second: 1 << 40, window: Duration::from_millis(200) });
    let client = client(HttpOptions { low_speed, ..options() });
    let failure = put(&client, &server.url(), 100 * 1024, Limits::default()).unwrap_err();
    assert!(matches!(failure.kind, FailureKind::LowSpeed), "{failure:?}");
    assert!(failure.request_complete, "{failure:?}");
}

#[test]
fn above_the_floor_all_is_well() {
    let server = Server::polite();
    let low_speed = Some(LowSpeed { bytes_per_second: 1, window: Duration::from_millis(80) });
    let client = client(HttpOptions { low_speed, ..options() });
    put(&client, &server.url(), LARGE, Limits::default()).unwrap();
}

/// An answer that takes its time is the affair of the idle time-out.
#[test]
fn thinking_is_not_slow() {
    let server = Server::start(|stream| {
        let mut reader = BufReader::new(stream);
        read_request(&mut reader);
        std::thread::sleep(Duration::from_millis(300));
        let _ = reader.get_mut().write_all(super::support::OK.as_bytes());
    });
    let low_speed = Some(LowSpeed { bytes_per_second: 1 << 40, window: Duration::from_millis(80) });
    let client = client(HttpOptions { low_speed, ..options() });
    put(&client, &server.url(), 1, Limits::default()).unwrap();
}

#[test]
fn the_deadline_holds_in_every_phase() {
    let hole = BlackHole::new();
    let (silent, stalled, thoughtful) =
        (Server::silent(), Server::start(stalled), Server::start(thoughtful));
    let dripping = Server::start(|stream| {
        let mut reader = BufReader::new(stream);
        read_request(&mut reader);
        let _ = reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\n");
        while reader.get_mut().write_all(b"x: y\r\n").is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let client = HttpClient::with_resolver(options(), never_resolves()).unwrap();
    let https = format!("https://{}/", silent.address());
    for (url, length, part) in [
        ("http://host.test/".to_owned(), 1, "being resolved"),
        (hole.url(), 1, "being connected"),
        (https, 1, "TLS handshake"),
        (stalled.url(), LARGE, "bytes of the body were sent"),
        (thoughtful.url(), 1, "answer was awaited"),
        (dripping.url(), 1, "answer was being received"),
    ] {
        let limits = Limits { deadline: Deadline::after(SHORT), ..Limits::default() };
        let failure = put(&client, &url, length, limits).unwrap_err();
        assert!(matches!(failure.kind, FailureKind::Deadline), "{part}: {failure:?}");
        assert!(failure.message.contains(part), "{part}: {}", failure.message);
        assert!(failure.message.contains("deadline of the call (200ms)"), "{}", failure.message);
    }
}

#[test]
fn timings_tell_where_the_time_went() {
    let pause = Duration::from_millis(60);
    let server = Server::start(move |stream| {
        let mut reader = BufReader::new(stream);
        while read_request(&mut reader).is_some() {
            std::thread::sleep(pause);
            reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n").unwrap();
            std::thread::sleep(pause);
            reader.get_mut().write_all(b"ok").unwrap();
        }
    });
    let resolver = resolver(move |_| {
        std::thread::sleep(pause);
        Ok(vec![IpAddr::from([127, 0, 0, 1])])
    });
    let client = HttpClient::with_resolver(options(), resolver).unwrap();
    let url = format!("http://host.test:{}/x", server.port());
    let first = put(&client, &url, 100_000, Limits::default()).unwrap().metrics;
    let timings = first.timings;
    for (name, time) in [("dns", timings.dns), ("wait", timings.wait), ("receive", timings.receive)]
    {
        assert!(time >= pause / 2, "{name}: {timings:?}");
    }
    assert!(timings.connect > Duration::ZERO && timings.send > Duration::ZERO, "{timings:?}");
    assert_eq!(timings.tls, Duration::ZERO);
    assert!((100_050..101_000).contains(&first.bytes_sent), "{first:?}");
    assert_eq!(first.bytes_received, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".len() as u64);
    assert_eq!((first.reused_connection, first.peer), (false, Some(server.address())));
    let second = put(&client, &url, 1, Limits::default()).unwrap().metrics;
    assert!(second.reused_connection);
    assert_eq!(second.peer, Some(server.address()));
    assert_eq!((second.timings.dns, second.timings.connect), (Duration::ZERO, Duration::ZERO));
}
