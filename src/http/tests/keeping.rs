//! Connections are kept, and one that the server has closed meanwhile is nobody's trouble.

use std::io::{self, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::support::{
    LARGE, OK, Server, answer_politely, client, get, options, put, read_head, read_request, send,
};
use crate::http::connection::ALIVE;
use crate::http::{FailureKind, HttpOptions, Limits};

/// Answers the first request of the first connection, does `then` with it, and is polite to later
/// connections.
fn server_with_a_bad_turn(then: impl Fn(BufReader<TcpStream>) + Send + Sync + 'static) -> Server {
    let is_first = AtomicBool::new(true);
    Server::start(move |stream| {
        if !is_first.swap(false, Ordering::SeqCst) {
            return answer_politely(stream);
        }
        let mut reader = BufReader::new(stream);
        read_request(&mut reader).unwrap();
        reader.get_mut().write_all(OK.as_bytes()).unwrap();
        then(reader);
    })
}

#[test]
fn one_connection_serves_many_requests() {
    let server = Server::polite();
    let client = client(options());
    for length in [0, 1, 100_000, 1_000_000] {
        put(&client, &server.url(), length, Limits::default()).unwrap();
    }
    assert_eq!(server.accepted(), 1);
}

#[test]
fn not_longer_than_wanted() {
    let server = Server::polite();
    let client = client(HttpOptions { max_idle_age: Duration::from_millis(20), ..options() });
    put(&client, &server.url(), 1, Limits::default()).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    let second = put(&client, &server.url(), 1, Limits::default()).unwrap();
    assert_eq!((server.accepted(), second.metrics.reused_connection), (2, false));
}

/// Its first bytes come after the server has closed the connection that was taken for them, and
/// that is not taken to be alive any more.
struct LateSource {
    begun: Sender<()>,
    closed: Receiver<()>,
    is_first: bool,
    given: u64,
}

impl Read for LateSource {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.is_first) {
            self.begun.send(()).unwrap();
            self.closed.recv().unwrap();
            std::thread::sleep(ALIVE);
        }
        self.given += buf.len() as u64;
        Ok(buf.len())
    }
}

#[test]
fn closed_while_the_source_takes_its_time() {
    // Once with a farewell, as some servers have it.
    for farewell in ["", "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n"] {
        let ((begun, wait), (closed, heard)) = (channel(), channel());
        let ends = Mutex::new((wait, closed));
        let server = server_with_a_bad_turn(move |mut reader| {
            let ends = ends.lock().unwrap();
            ends.0.recv().unwrap();
            reader.get_mut().write_all(farewell.as_bytes()).unwrap();
            drop(reader);
            ends.1.send(()).unwrap();
        });
        let client = client(options());
        put(&client, &server.url(), 1, Limits::default()).unwrap();
        let mut source = LateSource { begun, closed: heard, is_first: true, given: 0 };
        let length = 1_000_000;
        let answer =
            send(&client, "PUT", &server.url(), length, &mut source, Limits::default()).unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(source.given, length, "nothing was read twice");
        assert_eq!((server.accepted(), answer.metrics.reused_connection), (2, false));
    }
}

/// A whole request may have been obeyed, so that only harmless ones are repeated.
#[test]
fn closed_instead_of_an_answer() {
    let silent_end = |mut reader: BufReader<TcpStream>| {
        read_request(&mut reader).unwrap();
    };
    let server = server_with_a_bad_turn(silent_end);
    let client = client(options());
    put(&client, &server.url(), 1, Limits::default()).unwrap();
    let answer = get(&client, &server.url()).unwrap();
    assert_eq!((answer.status, server.accepted()), (200, 2));

    let server = server_with_a_bad_turn(silent_end);
    for empty in [1, 0] {
        let outcome = put(&client, &server.url(), empty, Limits::default());
        if empty == 1 {
            outcome.unwrap();
            continue;
        }
        let failure = outcome.unwrap_err();
        assert!(matches!(failure.kind, FailureKind::Transport), "{failure:?}");
        assert!(failure.request_complete && !failure.stale, "{failure:?}");
        assert!(failure.metrics.reused_connection);
    }
    assert_eq!(server.accepted(), 1);
}

/// What was read of the source cannot be read again here: the caller is told that it may.
#[test]
fn closed_in_the_middle_of_a_body() {
    let server = server_with_a_bad_turn(|mut reader| {
        read_head(&mut reader).unwrap();
    });
    let client = client(options());
    put(&client, &server.url(), 1, Limits::default()).unwrap();
    let failure = put(&client, &server.url(), LARGE, Limits::default()).unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Transport), "{failure:?}");
    assert!(failure.stale && !failure.request_complete, "{failure:?}");
    put(&client, &server.url(), LARGE, Limits::default()).unwrap();

    let server = Server::start(|stream| {
        read_head(&mut BufReader::new(stream)).unwrap();
    });
    let failure = put(&client, &server.url(), LARGE, Limits::default()).unwrap_err();
    assert!(!failure.stale, "a new connection is not stale: {failure:?}");
}

/// A connection through the proxy is none for a call that goes round it.
#[test]
fn the_way_belongs_to_the_connection() {
    let proxy = Server::start(|stream| {
        let mut reader = BufReader::new(stream);
        read_head(&mut reader).unwrap();
        reader.get_mut().write_all(b"HTTP/1.1 200 X\r\n\r\n").unwrap();
        answer_politely(reader.into_inner());
    });
    let server = Server::polite();
    let client =
        client(HttpOptions { proxy: Some(format!("http://{}", proxy.address())), ..options() });
    for (bypass_proxy, peer) in [(false, &proxy), (true, &server), (false, &proxy), (false, &proxy)]
    {
        let limits = Limits { bypass_proxy, ..Limits::default() };
        let metrics = put(&client, &server.url(), 1, limits).unwrap().metrics;
        assert_eq!(metrics.peer, Some(peer.address()));
    }
    assert_eq!((proxy.accepted(), server.accepted()), (1, 1));
}
