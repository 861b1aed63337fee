//! Fetching keys: once for all that wait, again when they change, and not whenever somebody wants.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};

use super::super::{Verifier, test_key};
use crate::error::Status;
use crate::receiving::{ReceivedRequest, VerifierConfig};

const URL: &str = "http://keys.test/1.pem";

fn verifier(fetch: impl Fn(&str) -> Result<Vec<u8>, String> + Send + Sync + 'static) -> Verifier {
    Verifier::new(VerifierConfig {
        key_urls: &["http://keys.test/"],
        fetch: Some(Box::new(fetch)),
        ..VerifierConfig::default()
    })
    .unwrap()
}

/// The status of a callback that the test key has signed, under this URL.
fn status(verifier: &Verifier, url: &str) -> Option<Status> {
    use base64::Engine as _;
    let url = base64::engine::general_purpose::STANDARD.encode(url);
    let signed = test_key::test_callback("/cb", b"a=b").unwrap();
    let headers = [("authorization", signed[0].1.as_str()), ("x-oss-pub-key-url", url.as_str())];
    let request =
        ReceivedRequest { method: "POST", target: "/cb", headers: &headers, body: b"a=b" };
    verifier.check(&request).err().map(|refused| refused.error.status())
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
        Err("down".to_owned())
    });
    for _ in 0..3 {
        assert_eq!(status(&verifier, URL), Some(Status::KeyUnavailable));
    }
    assert_eq!(fetches.load(Ordering::SeqCst), 1);
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
            return Err("404".to_owned());
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
