//! Where connections leave from, and what the kernel is told of them.

use std::sync::mpsc::channel;
use std::time::Duration;

use socket2::SockRef;

use super::support::{OK, Server, client, options, put};
use crate::http::connect::Target;
use crate::http::exchange::Exchange;
use crate::http::{FailureKind, HttpOptions, HttpRequest, Limits};

fn from(source: &str) -> HttpOptions {
    HttpOptions { source: Some(source.to_owned()), ..options() }
}

#[test]
fn an_address() {
    let (seen, peer) = channel();
    let server = Server::start(move |stream| {
        seen.send(stream.peer_addr().unwrap().ip()).unwrap();
        super::support::answer_politely(stream);
    });
    put(&client(from("127.0.0.2")), &server.url(), 1, Limits::default()).unwrap();
    assert_eq!(peer.recv().unwrap().to_string(), "127.0.0.2");
}

#[test]
fn an_interface() {
    let server = Server::polite();
    put(&client(from("lo")), &server.url(), 1, Limits::default()).unwrap();
}

#[test]
fn none_that_exists() {
    let server = Server::polite();
    for source in ["no-such-if0", "192.0.2.1", "::1"] {
        let failure = put(&client(from(source)), &server.url(), 1, Limits::default()).unwrap_err();
        assert!(matches!(failure.kind, FailureKind::Transport), "{failure:?}");
        let is_named = failure.message.contains(source) || failure.message.contains("family");
        assert!(is_named, "{}", failure.message);
    }
    assert_eq!(server.accepted(), 0);
}

#[test]
fn none_that_can_exist() {
    for source in ["", "a name", "sixteen-letters-", "a/b"] {
        let error = crate::http::HttpClient::new(from(source)).unwrap_err();
        assert_eq!(error.field(), Some("network_source"), "{source:?}");
    }
}

#[test]
fn the_kernel_knows_the_user_timeout() {
    let server = Server::start(|mut stream| {
        let _ = std::io::Write::write_all(&mut stream, OK.as_bytes());
    });
    for timeout in [None, Some(Duration::from_secs(7))] {
        let client = client(HttpOptions { tcp_user_timeout: timeout, ..options() });
        let request = HttpRequest {
            method: "GET",
            url: &server.url(),
            headers: &[],
            content_length: 0,
            max_response_body: 0,
            limits: Limits::default(),
        };
        let exchange = Exchange::begin(client.terms(&request, false));
        let target = Target::of(&request.url.parse().unwrap()).unwrap();
        let stream = client.dialer.open(&target, &mut exchange.state()).unwrap();
        let socket = SockRef::from(stream.socket().stream());
        assert_eq!(socket.tcp_user_timeout().unwrap(), timeout);
        assert!(socket.tcp_nodelay().unwrap());
    }
}
