//! Names with a DNS that is slow, flaky or dead.

use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex};
use std::time::{Duration, Instant};

use super::support::{LONG, Server, options, put, resolver};
use crate::http::dns::Resolver;
use crate::http::{FailureKind, HttpClient, HttpOptions, Limits};

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn client(options: HttpOptions, resolver: Resolver) -> HttpClient {
    HttpClient::with_resolver(options, resolver).unwrap()
}

#[test]
fn exchanges_share_a_lookup() {
    let server = Server::polite();
    let lookups = Arc::new(AtomicUsize::new(0));
    let (count, together) = (Arc::clone(&lookups), Arc::new(Barrier::new(4)));
    let slow = resolver(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(100));
        Ok(vec![HERE])
    });
    let client = client(options(), slow);
    let url = format!("http://host.test:{}/", server.port());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                together.wait();
                put(&client, &url, 1, Limits::default()).unwrap();
            });
        }
    });
    assert_eq!(lookups.load(Ordering::SeqCst), 1);
}

#[test]
fn what_comes_too_late_serves_the_next() {
    let server = Server::polite();
    let lookups = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&lookups);
    let (release, released) = channel::<()>();
    let released = Mutex::new(released);
    let late = resolver(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        released.lock().unwrap().recv().unwrap();
        Ok(vec![HERE])
    });
    let client = client(options(), late);
    let url = format!("http://host.test:{}/", server.port());
    let hurry = Limits { connect_timeout: Some(Duration::from_millis(50)), ..Limits::default() };
    let failure = put(&client, &url, 1, hurry).unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Timeout), "{failure:?}");
    release.send(()).unwrap();
    put(&client, &url, 1, Limits::default()).unwrap();
    assert_eq!(lookups.load(Ordering::SeqCst), 1);
}

#[test]
fn hung_lookups_are_few_and_said_to_hang() {
    let threads = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&threads);
    let (_keep, hang) = channel::<()>();
    let hang = Mutex::new(hang);
    let lookup = move |_: &str| {
        count.fetch_add(1, Ordering::SeqCst);
        let _ = hang.lock().unwrap().recv();
        Err::<Vec<IpAddr>, _>(io::Error::other("never"))
    };
    // Everything counts as hung at once.
    let client = client(options(), Resolver::new(Box::new(lookup), Duration::ZERO));
    let hurry = Limits { connect_timeout: Some(Duration::from_millis(50)), ..Limits::default() };
    for _ in 0..4 {
        let failure = put(&client, "http://host.test/", 1, hurry).unwrap_err();
        assert!(matches!(failure.kind, FailureKind::Timeout), "{failure:?}");
    }
    let began = Instant::now();
    for host in ["http://host.test/", "http://other.test/"] {
        let failure = put(&client, host, 1, Limits::default()).unwrap_err();
        assert!(failure.message.contains("4 earlier lookups hang"), "{}", failure.message);
    }
    assert!(began.elapsed() < LONG / 2, "it has to fail at once");
    assert!(threads.load(Ordering::SeqCst) <= 4);
}

/// Many names at a time are no sign of a dead DNS: they wait for their turn.
#[test]
fn more_names_than_threads() {
    let server = Server::polite();
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (running, maximum) = (Arc::clone(&now), Arc::clone(&most));
    let client = client(
        options(),
        resolver(move |_| {
            maximum.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(20));
            running.fetch_sub(1, Ordering::SeqCst);
            Ok(vec![HERE])
        }),
    );
    std::thread::scope(|scope| {
        for number in 0..10 {
            let (client, port) = (&client, server.port());
            scope.spawn(move || {
                let url = format!("http://host{number}.test:{port}/");
                put(client, &url, 1, Limits::default()).unwrap();
            });
        }
    });
    assert!((1..=4).contains(&most.load(Ordering::SeqCst)), "{most:?}");
}

/// The first lookup is answered, later ones fail or hang.
fn flaky(hangs: bool) -> Resolver {
    let first = AtomicUsize::new(0);
    resolver(move |_| match first.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(vec![HERE]),
        _ if hangs => {
            std::thread::sleep(Duration::from_secs(5));
            Ok(vec![])
        }
        _ => Err(io::Error::other("no DNS today")),
    })
}

#[test]
fn an_older_answer_is_better_than_none() {
    for hangs in [false, true] {
        let server = Server::polite();
        let closed = Server::polite().port();
        let client = client(
            HttpOptions { connect_timeout: Duration::from_millis(400), ..options() },
            flaky(hangs),
        );
        // That nobody is there makes the answer suspect, so that the DNS is asked again.
        let nobody = format!("http://host.test:{closed}/");
        put(&client, &nobody, 1, Limits::default()).unwrap_err();
        let url = format!("http://host.test:{}/", server.port());
        put(&client, &url, 1, Limits::default()).unwrap();
    }
}

#[test]
fn a_name_without_an_address() {
    let unknown = client(options(), resolver(|_| Err(io::Error::other("no such name"))));
    let failure = put(&unknown, "http://host.test/", 1, Limits::default()).unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Transport), "{failure:?}");
    assert!(failure.message.contains("no such name"), "{}", failure.message);
    let empty = client(options(), resolver(|_| Ok(vec![])));
    let failure = put(&empty, "http://host.test/", 1, Limits::default()).unwrap_err();
    assert!(failure.message.contains("host.test was not resolved"), "{}", failure.message);
}
