use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, Mutex, OnceLock, Weak};
use std::thread;
use std::time::{Duration, Instant};

use crate::credentials::{
    CredentialSource, Credentials, Expiration, Fetched, Function, Lease, Limits, Provider, Wait,
    is_token_refusal,
};
use crate::error::{Error, Result, Status};
use crate::time::Timestamp;
use crate::wait::CancelToken;

const THREADS: usize = 16;

fn keys(id: impl std::fmt::Display) -> Fetched {
    Credentials::new(&format!("STS.{id}"), "s3cr3t", Some("t0k3n")).unwrap().into()
}

fn get(source: &CredentialSource) -> Result<Lease> {
    source.get(&Wait::default())
}

fn get_within(source: &CredentialSource, time: Duration) -> Result<Lease> {
    source.get(&Wait { deadline: Some(Instant::now() + time), cancel: None })
}

/// Counts its calls, and numbers its keys.
fn counting(
    fetch: impl Fn(usize) -> Result<Fetched> + Send + Sync + 'static,
) -> (CredentialSource, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let provider = Function::new(move |_| fetch(count.fetch_add(1, Ordering::SeqCst) + 1));
    (CredentialSource::new(provider), calls)
}

/// A provider that answers when the test says so, and the two ends of that.
fn held_back() -> (CredentialSource, Receiver<usize>, Sender<Result<Fetched>>) {
    let (asked, is_asked) = channel();
    let (answer, answers) = channel();
    let (asked, answers) = (Mutex::new(asked), Mutex::new(answers));
    let calls = AtomicUsize::new(0);
    let provider = Function::new(move |_| {
        let call = calls.fetch_add(1, Ordering::SeqCst) + 1;
        let _ = asked.lock().unwrap().send(call);
        answers.lock().unwrap().recv().unwrap()
    });
    (CredentialSource::new(provider), is_asked, answer)
}

#[test]
fn one_call_for_each_renewal_of_tokens_that_live_a_second() {
    const LIFE: Duration = Duration::from_secs(1);
    const CALLS: usize = 6;
    let ends = Arc::new(Mutex::new(HashMap::new()));
    let at_work = Arc::new(AtomicUsize::new(0));
    let (known, working) = (Arc::clone(&ends), Arc::clone(&at_work));
    let (source, calls) = counting(move |call| {
        assert_eq!(working.fetch_add(1, Ordering::SeqCst), 0, "two calls at the same time");
        thread::sleep(Duration::from_millis(20));
        known.lock().unwrap().insert(format!("STS.{call}"), Instant::now() + LIFE);
        working.fetch_sub(1, Ordering::SeqCst);
        Ok(keys(call).for_duration(LIFE))
    });
    let began = Instant::now();
    let uploads = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while calls.load(Ordering::SeqCst) < CALLS {
                    let asked = Instant::now();
                    let lease = get(&source).unwrap();
                    let end = ends.lock().unwrap()[lease.access_key_id()];
                    // The scheduler may keep a thread from its work for a while.
                    assert!(asked < end + LIFE / 2, "{} had expired", lease.access_key_id());
                    uploads.fetch_add(1, Ordering::SeqCst);
                    thread::sleep(Duration::from_millis(1));
                }
            });
        }
    });
    // Nobody is asked before two thirds of a life are over.
    let renewals = u32::try_from(CALLS - 1).unwrap();
    assert!(began.elapsed() >= renewals * LIFE * 6 / 10, "{:?}", began.elapsed());
    assert!(uploads.load(Ordering::SeqCst) > CALLS * THREADS);
}

#[test]
fn a_call_gives_up_at_its_deadline_and_others_get_the_late_answer() {
    let (source, is_asked, answer) = held_back();
    let began = Instant::now();
    let error = get_within(&source, Duration::from_millis(50)).unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    assert_eq!(error.status(), Status::Timeout);
    assert!(error.message().contains("for the credentials function of the program"), "{error}");
    thread::scope(|scope| {
        let other = scope.spawn(|| get(&source));
        answer.send(Ok(keys("late"))).unwrap();
        assert_eq!(other.join().unwrap().unwrap().access_key_id(), "STS.late");
    });
    assert_eq!(get(&source).unwrap().access_key_id(), "STS.late");
    assert_eq!(is_asked.try_iter().collect::<Vec<_>>(), [1]);
}

#[test]
fn a_waiting_call_can_be_cancelled() {
    let (source, is_asked, _answer) = held_back();
    let token = CancelToken::new();
    let outcome = thread::scope(|scope| {
        let call = scope.spawn(|| source.get(&Wait { deadline: None, cancel: Some(&token) }));
        is_asked.recv().unwrap();
        token.cancel();
        call.join().unwrap()
    });
    let error = outcome.unwrap_err();
    assert_eq!(error.status(), Status::Cancelled);
    assert_eq!(error.message(), "cancelled while credentials were awaited");
}

#[test]
fn uploads_go_on_while_old_keys_are_renewed() {
    let (source, is_asked, answer) = held_back();
    answer.send(Ok(keys(1).for_duration(Duration::from_secs(3)))).unwrap();
    while is_asked.try_iter().last() != Some(2) {
        assert_eq!(get(&source).unwrap().access_key_id(), "STS.1");
        thread::sleep(Duration::from_millis(10));
    }
    // The provider hangs now, and that is nobody's concern.
    for _ in 0..THREADS {
        assert_eq!(get(&source).unwrap().access_key_id(), "STS.1");
    }
    answer.send(Ok(keys(2))).unwrap();
    while get(&source).unwrap().access_key_id() != "STS.2" {
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(is_asked.try_iter().count(), 0);
}

#[test]
fn of_many_refused_calls_one_renews() {
    let (source, calls) = counting(|call| Ok(keys(call)));
    let used = get(&source).unwrap();
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                barrier.wait();
                let renewed =
                    source.renew_refused(used.generation(), &Wait::default()).unwrap().unwrap();
                assert_eq!(renewed.access_key_id(), "STS.2");
                assert!(renewed.generation() > used.generation());
            });
        }
    });
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    // A refusal that comes late is answered with what is there.
    let late = source.renew_refused(used.generation(), &Wait::default()).unwrap().unwrap();
    assert_eq!(late.access_key_id(), "STS.2");
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[test]
fn the_same_keys_again_end_the_matter() {
    let (source, calls) = counting(|_| Ok(keys("same")));
    let used = get(&source).unwrap();
    for _ in 0..3 {
        assert!(source.renew_refused(used.generation(), &Wait::default()).unwrap().is_none());
        assert_eq!(get(&source).unwrap().generation(), used.generation());
    }
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[test]
fn refused_keys_are_not_used_when_the_renewal_fails() {
    let (source, calls) = counting(|call| match call {
        1 | 3 => Ok(keys(call)),
        _ => Err(Error::new(Status::Credentials, "out of order")),
    });
    let used = get(&source).unwrap();
    let error = source.renew_refused(used.generation(), &Wait::default()).unwrap_err();
    assert_eq!(error.message(), "out of order");
    assert_eq!(get(&source).unwrap().access_key_id(), "STS.3");
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}

#[test]
fn fixed_credentials_have_no_others() {
    let source = CredentialSource::from(Credentials::new("id", "s", None).unwrap());
    let used = get(&source).unwrap();
    assert!(source.renew_refused(used.generation(), &Wait::default()).unwrap().is_none());
    assert_eq!(get(&source).unwrap().access_key_id(), "id");
}

#[test]
fn a_failure_is_told_to_all_who_waited_and_tried_again_by_the_next() {
    let (source, is_asked, answer) = held_back();
    thread::scope(|scope| {
        let first = scope.spawn(|| get(&source));
        is_asked.recv().unwrap();
        // Waits for the same call: it is under way until the answer is sent.
        let second = scope.spawn(|| get_within(&source, Duration::from_secs(60)));
        answer.send(Err(Error::new(Status::Credentials, "no luck"))).unwrap();
        assert_eq!(first.join().unwrap().unwrap_err().message(), "no luck");
        answer.send(Ok(keys("next"))).unwrap();
        // Depending on when it came, it shared the failure, or made the next call.
        match second.join().unwrap() {
            Err(error) => assert_eq!(error.message(), "no luck"),
            Ok(lease) => assert_eq!(lease.access_key_id(), "STS.next"),
        }
    });
    assert_eq!(get(&source).unwrap().access_key_id(), "STS.next");
}

#[test]
fn a_panic_is_contained() {
    let (source, _calls) = counting(|call| match call {
        1 => panic!("s3cr3t"),
        _ => Ok(keys(call)),
    });
    let error = get(&source).unwrap_err();
    assert_eq!(error.status(), Status::Internal);
    assert!(!error.message().contains("s3cr3t"), "{error}");
    assert_eq!(get(&source).unwrap().access_key_id(), "STS.2");
}

#[test]
fn a_source_is_dropped_while_its_provider_hangs() {
    struct Hanging {
        release: Mutex<Receiver<()>>,
        stopped: Sender<bool>,
        dropped: Sender<()>,
    }
    impl Provider for Hanging {
        fn describe(&self) -> String {
            "a provider that hangs".to_owned()
        }
        fn fetch(&self, limits: &Limits) -> Result<Fetched> {
            self.release.lock().unwrap().recv().unwrap();
            self.stopped.send(limits.cancel.is_cancelled()).unwrap();
            Ok(keys("unused"))
        }
    }
    impl Drop for Hanging {
        fn drop(&mut self) {
            self.dropped.send(()).unwrap();
        }
    }
    let (release, released) = channel();
    let (stopped, is_stopped) = channel();
    let (dropped, is_dropped) = channel();
    let release_end = Mutex::new(released);
    let source = CredentialSource::new(Hanging { release: release_end, stopped, dropped });
    assert!(get_within(&source, Duration::from_millis(20)).is_err());
    drop(source);
    assert!(is_dropped.try_recv().is_err(), "the provider is in use");
    release.send(()).unwrap();
    assert!(is_stopped.recv().unwrap());
    is_dropped.recv().unwrap();
}

#[test]
fn a_provider_must_not_wait_for_itself() {
    let own = Arc::new(OnceLock::<Weak<CredentialSource>>::new());
    let inner = Arc::clone(&own);
    let source = Arc::new(CredentialSource::new(Function::new(move |_| {
        let source = inner.get().and_then(Weak::upgrade).expect("it is in use");
        get(&source)?;
        Ok(keys("unreachable"))
    })));
    own.set(Arc::downgrade(&source)).unwrap();
    let error = get(&source).unwrap_err();
    assert!(
        error.message().contains("uses the client whose credentials it is asked for"),
        "{error}"
    );
}

#[test]
fn an_expiration_far_from_the_clock_of_the_device_asks_no_more_often() {
    for moment in [Timestamp(0), Timestamp(4_000_000_000)] {
        let expiration = Expiration::At { moment, server_time: None };
        let (source, calls) = counting(move |_| Ok(Fetched { expiration, ..keys("id") }));
        for _ in 0..10 {
            get(&source).unwrap();
        }
        assert_eq!(calls.load(Ordering::SeqCst), 1, "{moment:?}");
    }
}

#[test]
fn keys_that_live_no_time_serve_the_one_call() {
    let (source, calls) = counting(|call| Ok(keys(call).for_duration(Duration::ZERO)));
    assert_eq!(get(&source).unwrap().access_key_id(), "STS.1");
    assert_eq!(get(&source).unwrap().access_key_id(), "STS.2");
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[test]
fn refusals_that_a_new_token_may_cure() {
    assert!(is_token_refusal(403, "SecurityTokenExpired"));
    assert!(is_token_refusal(403, "InvalidSecurityToken"));
    assert!(!is_token_refusal(403, "InvalidAccessKeyId"));
    assert!(!is_token_refusal(400, "SecurityTokenExpired"));
}
