//! Bytes per second, for a client and for one upload.

use std::time::{Duration, Instant};

use super::support::{Server, client, options, put};
use crate::http::{HttpOptions, Limits, RateLimiter};

fn rate(bytes_per_second: u64) -> RateLimiter {
    RateLimiter::new(bytes_per_second.try_into().unwrap())
}

/// Whoever is slower than the limit on a busy machine keeps it as well, so there is only a lower
/// bound on the time.
fn assert_takes_at_least(seconds: f64, send: impl FnOnce()) {
    let began = Instant::now();
    send();
    let took = began.elapsed();
    assert!(took >= Duration::from_secs_f64(seconds), "{took:?}");
    assert!(took < Duration::from_secs_f64(seconds * 20.0), "{took:?}");
}

#[test]
fn of_one_upload() {
    let server = Server::polite();
    let limiter = rate(1_000_000);
    let limits = Limits { rate: Some(&limiter), ..Limits::default() };
    let client = client(options());
    // The burst is of 100 ms.
    assert_takes_at_least(0.35, || {
        put(&client, &server.url(), 500_000, limits).unwrap();
    });
    // A request of the same client that has no limit is not held back.
    put(&client, &server.url(), 50_000_000, Limits::default()).unwrap();
}

#[test]
fn of_a_client_for_all_its_uploads_together() {
    let server = Server::polite();
    let client =
        client(HttpOptions { rate_limit: Some(1_000_000.try_into().unwrap()), ..options() });
    assert_takes_at_least(0.35, || {
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| put(&client, &server.url(), 250_000, Limits::default()).unwrap());
            }
        });
    });
}

#[test]
fn the_lower_of_both() {
    let server = Server::polite();
    let client =
        client(HttpOptions { rate_limit: Some(1_000_000_000.try_into().unwrap()), ..options() });
    let limiter = rate(500_000);
    let limits = Limits { rate: Some(&limiter), ..Limits::default() };
    assert_takes_at_least(0.35, || {
        put(&client, &server.url(), 250_000, limits).unwrap();
    });
}

/// Waiting for the limit is not silence of the other side.
#[test]
fn a_low_rate_is_not_idle() {
    let server = Server::polite();
    let limiter = rate(5_000);
    let limits = Limits {
        rate: Some(&limiter),
        idle_timeout: Some(Duration::from_millis(150)),
        ..Limits::default()
    };
    put(&client(options()), &server.url(), 4_000, limits).unwrap();
}
