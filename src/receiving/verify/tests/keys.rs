//! Fetching keys: once for all that wait, again when they change, and not whenever somebody wants.

use std::net::TcpListener;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};

use super::super::{Verifier, test_key};
use crate::error::{Error, Status};
use crate::receiving::{NotFetched, ReceivedRequest, VerifierConfig};

const URL: &str = "http://keys.test/1.pem";

fn verifier(
    fetch: impl Fn(&str) -> Result<Vec<u8>, NotFetched> + Send + Sync + 'static,
) -> Verifier {
    Verifier::new(VerifierConfig {
        key_urls: &["http://keys.test/", "http://more.keys.test/"],
        fetch: Some(Box::new(fetch)),
        ..VerifierConfig::default()
    })
    .unwrap()
}

fn status(verifier: &Verifier, url: &str) -> Option<Status> {
    error(verifier, url).map(|error| error.status())
}

/// What is wrong with a callback that the test key has signed, under this URL.
fn error(verifier: &Verifier, url: &str) -> Option<Error> {
    use base64::Engine as _;
    let url = base64::engine::general_purpose::STANDARD.encode(url);
    let signed = test_key::test_callback("/cb", b"a=b").unwrap();
    let headers = [("authorization", signed[0].1.as_str()), ("x-oss-pub-key-url", url.as_str())];
    let request =
        ReceivedRequest { method: "POST", target: "/cb", headers: &headers, body: b"a=b" };
    verifier.check(&request).err().map(|refused| refused.error)
}

fn pem() -> Vec<u8> {
    test_key::PUBLIC_PEM.into()
}

#[test]
fn one_fetch_for_all_that_wait() {
    let fetches = Arc::new(AtomicUsize::new(0));
    let (begun, has_begun) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let may_go_on = std::sync::Mutex::new(may_go_on);
    let counted = Arc::clone(&fetches);
    let verifier = verifier(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        begun.send(()).unwrap();
        may_go_on.lock().unwrap().recv().unwrap();
        Ok(pem())
    });
    let barrier = Barrier::new(5);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| status(&verifier, URL));
        has_begun.recv().unwrap();
        let waiting: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    status(&verifier, URL)
                })
            })
            .collect();
        barrier.wait();
        go_on.send(()).unwrap();
        assert_eq!(first.join().unwrap(), None);
        assert!(waiting.into_iter().all(|thread| thread.join().unwrap().is_none()));
    });
    assert_eq!(fetches.load(Ordering::SeqCst), 1);
}

#[test]
fn a_failure_is_not_asked_for_at_once_again() {
    let fetches = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&fetches);
    let verifier = verifier(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Err(NotFetched::NoKey("404".to_owned()))
    });
    for _ in 0..3 {
        assert_eq!(status(&verifier, URL), Some(Status::KeyUnavailable));
    }
    assert_eq!(fetches.load(Ordering::SeqCst), 1);
}

#[test]
fn a_server_that_is_down_is_not_asked_for_other_keys() {
    let fetches = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&fetches);
    let verifier = verifier(move |url| {
        counted.fetch_add(1, Ordering::SeqCst);
        match url.starts_with("http://keys.test/") {
            true => Err(NotFetched::NoAnswer("nothing came in 3 s".to_owned())),
            false => Ok(pem()),
        }
    });
    for number in 0..100 {
        let url = format!("http://keys.test/{number}.pem");
        assert_eq!(status(&verifier, &url), Some(Status::KeyUnavailable));
    }
    assert_eq!(fetches.load(Ordering::SeqCst), 1);
    assert_eq!(status(&verifier, "http://more.keys.test/1.pem"), None);
}

#[test]
fn a_closed_port_is_a_server_that_is_down() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let prefix = format!("http://{port}/");
    let config = VerifierConfig { key_urls: &[&prefix], ..VerifierConfig::default() };
    let verifier = Verifier::new(config).unwrap();
    for name in ["1.pem", "2.pem"] {
        let refused = error(&verifier, &format!("{prefix}{name}")).unwrap();
        assert_eq!(refused.status(), Status::KeyUnavailable);
        let is_asked = refused.message().contains("did not answer");
        assert_eq!(is_asked, name == "2.pem", "{}", refused.message());
    }
}

#[test]
fn forged_requests_do_not_make_it_fetch_all_the_time() {
    let fetches = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&fetches);
    // The service's key, which has not signed this.
    let verifier = verifier(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(super::super::key_urls::SERVICE_KEY.into())
    });
    for _ in 0..10 {
        assert_eq!(status(&verifier, URL), Some(Status::SignatureWrong));
    }
    assert_eq!(fetches.load(Ordering::SeqCst), 2);
}

#[test]
fn made_up_urls_do_not_fill_the_memory() {
    let verifier = verifier(|_| Ok(pem()));
    for number in 0..200 {
        assert_eq!(status(&verifier, &format!("http://keys.test/{number}.pem")), None);
    }
    assert_eq!(verifier.keys.cache().len(), 32);
}

#[test]
fn made_up_urls_do_not_push_out_a_key() {
    let fetches = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&fetches);
    let verifier = verifier(move |url| {
        if url != URL {
            return Err(NotFetched::NoKey("404".to_owned()));
        }
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(pem())
    });
    assert_eq!(status(&verifier, URL), None);
    for number in 2..200 {
        let url = format!("http://keys.test/{number}.pem");
        assert_eq!(status(&verifier, &url), Some(Status::KeyUnavailable));
    }
    assert_eq!(status(&verifier, URL), None);
    assert_eq!(fetches.load(Ordering::SeqCst), 1);
}

#[test]
fn a_fetch_that_panics_is_one_that_failed() {
    let verifier = verifier(|_| panic!("of a test"));
    let panicked =
        || std::panic::catch_unwind(AssertUnwindSafe(|| status(&verifier, URL))).is_err();
    assert!(panicked());
    assert_eq!(status(&verifier, URL), Some(Status::KeyUnavailable));
    assert!(!verifier.keys.cache().iter().any(|entry| entry.is_fetching()));
}
