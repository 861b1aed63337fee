//! A broken address costs no time-out as long as another one works.

use std::net::SocketAddr;
use std::time::Instant;

use super::support::{BlackHole, LONG, Server, answer_politely, client_where, options, put};
use crate::http::{FailureKind, Limits};

/// A polite server on an address of the port at which another address swallows everything.
fn beside(hole: &BlackHole, address: &str) -> Server {
    Server::at(&format!("{address}:{}", hole.address().port()), answer_politely)
}

fn peer(addresses: &[&str], port: u16) -> SocketAddr {
    let client = client_where(options(), addresses);
    let began = Instant::now();
    let url = format!("http://host.test:{port}/");
    let metrics = put(&client, &url, 1, Limits::default()).unwrap().metrics;
    assert!(began.elapsed() < LONG / 2, "a time-out was waited for");
    metrics.peer.unwrap()
}

#[test]
fn a_black_hole_does_not_hold_up_the_next_address() {
    let hole = BlackHole::new();
    let server = beside(&hole, "127.0.0.2");
    assert_eq!(peer(&["127.0.0.1", "127.0.0.2"], server.port()), server.address());
}

#[test]
fn ipv6_that_leads_nowhere() {
    let hole = BlackHole::at("[::1]:0".parse().unwrap());
    let server = beside(&hole, "127.0.0.1");
    assert_eq!(peer(&["::1", "127.0.0.1"], server.port()), server.address());
}

#[test]
fn ipv6_is_used_when_it_is_preferred_and_works() {
    let server = Server::at("[::1]:0", answer_politely);
    let _other = Server::at(&format!("127.0.0.1:{}", server.port()), answer_politely);
    assert_eq!(peer(&["::1", "127.0.0.1"], server.port()), server.address());
}

/// All addresses of the preferred family are bad: the other one gets its turn as the second.
#[test]
fn families_take_turns() {
    let hole = BlackHole::at("[::1]:0".parse().unwrap());
    let server = beside(&hole, "127.0.0.1");
    let many = ["::1"; 20];
    let addresses: Vec<&str> = many.into_iter().chain(["127.0.0.1"]).collect();
    assert_eq!(peer(&addresses, server.port()), server.address());
}

#[test]
fn a_refusal_passes_on_at_once() {
    let server = Server::at("127.0.0.2:0", answer_politely);
    let addresses = ["127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.2"];
    assert_eq!(peer(&addresses, server.port()), server.address());
}

#[test]
fn all_that_failed_is_told() {
    let port = Server::polite().port();
    let client = client_where(options(), &["127.0.0.3", "::1"]);
    let url = format!("http://host.test:{port}/");
    let failure = put(&client, &url, 1, Limits::default()).unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Transport), "{failure:?}");
    for part in [format!("127.0.0.3:{port}"), format!("[::1]:{port}"), "nothing listens".into()] {
        assert!(failure.message.contains(&part), "{part}: {}", failure.message);
    }
}
