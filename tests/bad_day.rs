//! A gateway's bad day: servers that fail, hang or break off, and a program that has no more time.

mod support;

use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use ossbind::credentials::Credentials;
use ossbind::upload::{FindRequest, Source};
use ossbind::{
    Advice, Body, Callback, CancelToken, Client, ClientConfig, Error, ObjectState, Status,
    UploadRequest,
};
use ossbind_emulator::{AccessKey, Operation, Options};
use support::local_oss::{BUCKET, LocalOss, PATIENCE};

const CONTENT: &[u8] = b"content";

fn put<'a>(key: &'a str) -> UploadRequest<'a> {
    UploadRequest::new(BUCKET, key, Body::Memory(CONTENT))
}

#[test]
fn what_passes_is_waited_out() {
    for text in [
        "error status=503 times=2",
        "error status=500 times=2",
        "error status=429 times=2",
        "error status=503 retry-after=0 times=2",
        "refuse times=2",
        "reset-request at=64k times=2",
    ] {
        let oss = LocalOss::start();
        oss.fault(text);
        // More than the sockets hold, so that a reset is noticed before the end.
        let content = vec![7; 16 << 20];
        let request = UploadRequest::new(BUCKET, "k", Body::Memory(&content));
        let result =
            oss.persistent_client().upload(request).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!((result.metrics().requests, result.metrics().retries), (3, 2), "{text}");
        assert!(oss.content("k").unwrap() == content, "{text}");
    }
}

#[test]
fn what_stays_is_told_with_the_number_of_attempts() {
    let oss = LocalOss::start();
    oss.fault("error status=503 times=always");
    let failed = oss.persistent_client().upload(put("k")).unwrap_err();
    assert!(failed.error.message().contains("tried 3 times"), "{failed}");
    assert_eq!(failed.error.advice(), Advice::Again);
    let metrics = failed.error.metrics().unwrap();
    assert_eq!((metrics.requests, metrics.retries, oss.count(Operation::PutObject)), (3, 2, 3));
}

/// Ten retries, and one more for five uploads that succeed at once.
#[test]
fn success_earns_retries() {
    let oss = LocalOss::start();
    let client = oss.persistent_client();
    oss.fault("error status=503 times=always");
    for _ in 0..5 {
        client.upload(put("k")).unwrap_err();
    }
    let error = client.upload(put("k")).unwrap_err().error;
    assert!(error.message().contains("the retry budget of the client is used up"), "{error}");
    assert_eq!(error.metrics().unwrap().requests, 1);
    oss.emulator.faults().clear();
    for _ in 0..5 {
        client.upload(put("k")).unwrap();
    }
    oss.fault("error status=503 times=1");
    assert_eq!(client.upload(put("k")).unwrap().metrics().retries, 1);
}

#[test]
fn what_the_service_refuses_is_not_tried_again() {
    for text in ["error status=403 code=AccessDenied", "error status=400", "error status=404"] {
        let oss = LocalOss::start();
        oss.fault(text);
        let error = oss.persistent_client().upload(put("k")).unwrap_err().error;
        assert!(!error.message().contains("tried"), "{error}");
        assert_eq!(oss.count(Operation::PutObject), 1, "{text}");
    }
}

/// The object is stored and the application server was told: a repetition would tell it again.
#[test]
fn a_failed_callback_is_never_tried_again() {
    let oss = LocalOss::start();
    oss.fault("error status=503 times=1");
    oss.fault("callback-status status=500 times=always");
    let callback = Callback::new(oss.callback_url(), "a=${object}");
    let mut request = put("k");
    request.callback = Some(&callback);
    let failed = oss.persistent_client().upload(request).unwrap_err();
    assert_eq!(failed.error.status(), Status::CallbackFailed);
    assert!(!failed.error.message().contains("tried"), "{failed}");
    assert_eq!(oss.count(Operation::PutObject), 2, "the one that was refused, and one");
}

#[test]
fn a_client_that_fails_all_the_time_runs_out_of_retries() {
    let oss = LocalOss::start();
    oss.fault("error status=503 times=always");
    let client = oss.persistent_client();
    let told = (0..20).any(|_| {
        let failed = client.upload(put("k")).unwrap_err();
        failed.error.message().contains("time alone brings the next retry in")
    });
    assert!(told);
    let before = oss.count(Operation::PutObject);
    client.upload(put("k")).unwrap_err();
    assert_eq!(oss.count(Operation::PutObject), before + 1, "one attempt, and no more");
}

/// A body that can be given once only, or again.
struct Given {
    left: usize,
    can_rewind: bool,
    rewinds: usize,
}

impl Source for Given {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        let count = self.left.min(buf.len());
        buf[..count].fill(7);
        self.left -= count;
        Ok(count)
    }

    fn rewind(&mut self) -> Result<bool, Error> {
        self.rewinds += 1;
        self.left = 300_000;
        Ok(self.can_rewind)
    }
}

#[test]
fn a_stream_of_which_nothing_was_read_is_tried_again() {
    let config = support::persistent(support::client_config("http://127.0.0.1:1".to_owned()));
    let mut given = Given { left: 300_000, can_rewind: false, rewinds: 0 };
    let body = Body::Stream { source: &mut given, length: Some(300_000) };
    let request = UploadRequest::new(BUCKET, "k", body);
    let failed = Client::new(config).unwrap().upload(request).unwrap_err();
    assert!(failed.error.message().contains("tried 3 times"), "{failed}");
    assert_eq!((given.left, given.rewinds), (300_000, 0));
}

#[test]
fn a_stream_is_sent_again_when_it_can_be_rewound() {
    for (text, can_rewind, is_stored) in [
        ("error status=503", true, true),
        ("error status=503", false, false),
        ("reset-request at=100k", true, true),
        ("reset-request at=100k", false, false),
    ] {
        let oss = LocalOss::start();
        oss.fault(text);
        let mut given = Given { left: 300_000, can_rewind, rewinds: 0 };
        let body = Body::Stream { source: &mut given, length: Some(300_000) };
        let outcome = oss.persistent_client().upload(UploadRequest::new(BUCKET, "k", body));
        assert_eq!(outcome.is_ok(), is_stored, "{text} {can_rewind}: {outcome:?}");
        if let Err(failed) = outcome {
            assert!(failed.error.message().contains("rewind"), "{failed}");
        }
        assert_eq!(oss.content("k").map(|content| content.len()), is_stored.then_some(300_000));
    }
}

#[test]
fn a_lost_answer_to_a_put_is_looked_up() {
    for (text, has_callback, status, state, puts) in [
        // Stored, and the answer lost.
        ("close-answer at=0", false, None, ObjectState::Stored, 1),
        ("close-answer at=0", true, Some(Status::Transport), ObjectState::Stored, 1),
        // Everything arrived, and nothing stored.
        ("reset-request at=end", false, None, ObjectState::Stored, 2),
        ("reset-request at=end", true, Some(Status::Transport), ObjectState::Unknown, 1),
    ] {
        let oss = LocalOss::start();
        oss.fault(text);
        let callback = Callback::new(oss.callback_url(), "a=${object}");
        let mut request = put("k");
        request.callback = has_callback.then_some(&callback);
        match oss.persistent_client().upload(request) {
            Ok(_) => assert_eq!(status, None, "{text} {has_callback}"),
            Err(failed) => {
                assert_eq!(Some(failed.error.status()), status, "{text}: {failed}");
                assert_eq!(failed.error.object_state(), state, "{text}: {failed}");
            }
        }
        assert_eq!(oss.count(Operation::PutObject), puts, "{text} {has_callback}");
        assert!(oss.receiver.received().len() <= 1, "{text}: called back once at most");
    }
}

/// For programs that are told that nobody knows.
#[test]
fn a_program_can_look_by_itself() {
    let oss = LocalOss::start();
    let client = oss.persistent_client();
    let ask = |content: &'static [u8], seconds: u64| {
        let doubt_age = Duration::from_secs(seconds);
        client
            .find(FindRequest { doubt_age, ..FindRequest::new(BUCKET, "k", Body::Memory(content)) })
    };
    let find = || ask(CONTENT, 0);
    let too_early = find().unwrap_err();
    assert_eq!((too_early.status(), too_early.advice()), (Status::NotFound, Advice::Look));
    assert_eq!(too_early.retry_after(), Duration::from_secs(60));
    assert_eq!(ask(CONTENT, 59).unwrap_err().retry_after(), Duration::from_secs(1));
    let never = ask(CONTENT, 60).unwrap_err();
    assert_eq!((never.status(), never.advice()), (Status::NotFound, Advice::Again));
    assert_eq!(
        (never.object_state(), never.retry_after()),
        (ObjectState::NotStored, Duration::ZERO)
    );
    client.upload(put("k")).unwrap();
    let found = find().unwrap();
    assert!(found.crc64().is_some() && found.metrics().requests == 1);
    let other = vec![b'x'; CONTENT.len()].leak();
    assert_eq!(ask(other, 0).unwrap_err().status(), Status::NotFound, "of the same length");

    // To upload again because nobody could be asked might call back twice.
    oss.fault("error status=503 times=always");
    let unasked = find().unwrap_err();
    assert_eq!((unasked.object_state(), unasked.advice()), (ObjectState::Unknown, Advice::Look));
    oss.emulator.faults().clear();
    let cancel = CancelToken::new();
    cancel.cancel();
    let cancelled = FindRequest {
        cancel: Some(&cancel),
        ..FindRequest::new(BUCKET, "k", Body::Memory(CONTENT))
    };
    let unasked = client.find(cancelled).unwrap_err();
    assert_eq!((unasked.status(), unasked.advice()), (Status::Cancelled, Advice::Look));

    oss.fault("error status=403 code=AccessDenied");
    let refused = find().unwrap_err();
    assert_eq!((refused.http_status(), refused.advice()), (Some(403), Advice::FixSettings));
    assert!(refused.message().contains("oss:GetObject"), "{refused}");
    oss.fault("error status=403 code=SignatureDoesNotMatch");
    let refused = find().unwrap_err();
    assert!(!refused.message().contains("oss:GetObject"), "{refused}");
    let elsewhere = FindRequest::new("missing-bucket", "k", Body::Memory(CONTENT));
    let missing = client.find(elsewhere).unwrap_err();
    assert_eq!((missing.code(), missing.advice()), (Some("NoSuchBucket"), Advice::FixSettings));
    let mut given = Given { left: 7, can_rewind: true, rewinds: 0 };
    let stream = Body::Stream { source: &mut given, length: Some(7) };
    let error = client.find(FindRequest::new(BUCKET, "k", stream)).unwrap_err();
    assert_eq!((error.status(), error.field()), (Status::InvalidArgument, Some("body")));
    assert_eq!(given.left, 7);
}

/// An object of the same content from before is no proof.
#[test]
fn an_older_object_is_not_taken_for_the_one_that_was_sent() {
    let oss = LocalOss::start();
    let client = oss.persistent_client();
    client.upload(put("k")).unwrap();
    let callback = Callback::new(oss.callback_url(), "a=${object}");
    // As if a day had passed.
    oss.emulator.set_clock_offset_seconds(86_400);
    client.upload(put("other")).unwrap();
    oss.fault("reset-request at=end");
    let mut request = put("k");
    request.callback = Some(&callback);
    let failed = client.upload(request).unwrap_err();
    assert_eq!(failed.error.object_state(), ObjectState::Unknown, "{failed}");
}

/// A worker that waits for its next attempt does not keep a failure of another one.
#[test]
fn a_failed_part_ends_the_waits_of_the_others() {
    let oss = LocalOss::start();
    oss.fault("error status=503 retry-after=60 operation=UploadPart part=1 times=always");
    oss.fault("error status=403 code=AccessDenied operation=UploadPart part=2 times=always");
    let content = vec![7; 250_000];
    let mut request = UploadRequest::new(BUCKET, "k", Body::Memory(&content));
    request.multipart_threshold = Some(1);
    request.part_size = Some(102_400);
    let began = Instant::now();
    let failed = oss.persistent_client().upload(request).unwrap_err();
    assert_eq!(failed.error.code(), Some("AccessDenied"), "{failed}");
    assert!(oss.emulator.multipart_uploads().is_empty(), "aborted");
    // The service asked for 60 s.
    assert!(began.elapsed() < Duration::from_secs(45));
}

#[test]
fn the_whole_call_has_a_deadline() {
    for text in ["stall-request at=0", "stall-answer at=0", "error status=503 retry-after=60"] {
        let oss = LocalOss::start();
        oss.fault(&format!("{text} times=always"));
        let mut request = put("k");
        request.timeout = Some(Duration::from_millis(300));
        let failed = oss.persistent_client().upload(request).unwrap_err();
        let message = failed.error.message();
        assert!(message.contains("deadline") || message.contains("time"), "{text}: {failed}");
        assert!(failed.result.is_none());
    }
}

#[test]
fn another_thread_ends_a_call() {
    for text in ["stall-request at=0", "stall-answer at=0", "error status=503 retry-after=60"] {
        let oss = LocalOss::start();
        let begun = oss.fault(&format!("{text} times=always"));
        let token = CancelToken::new();
        let failed = std::thread::scope(|scope| {
            scope.spawn(|| {
                assert!(begun.wait_happened(1, PATIENCE));
                token.cancel();
            });
            let mut request = put("k");
            request.cancel = Some(&token);
            oss.persistent_client().upload(request).unwrap_err()
        });
        assert_eq!(failed.error.status(), Status::Cancelled, "{text}: {failed}");
        let is_unknown = failed.error.object_state() == ObjectState::Unknown;
        let advice = if is_unknown { Advice::Look } else { Advice::Again };
        assert_eq!(failed.error.advice(), advice, "{text}: {failed}");
    }
    // It cannot be taken back.
    let oss = LocalOss::start();
    let token = CancelToken::new();
    token.cancel();
    let mut request = put("k");
    request.cancel = Some(&token);
    let failed = oss.persistent_client().upload(request).unwrap_err();
    assert_eq!(failed.error.status(), Status::Cancelled);
    assert!(oss.emulator.requests().is_empty());
}

#[test]
fn the_service_is_asked_to_limit_the_traffic() {
    let oss = LocalOss::start();
    let content = vec![7; 250_000];
    for (key, threshold) in [("one", 5 << 30), ("parts", 1)] {
        let mut request = UploadRequest::new(BUCKET, key, Body::Memory(&content));
        request.multipart_threshold = Some(threshold);
        request.part_size = Some(102_400);
        request.traffic_limit = NonZeroU64::new(838_860_800);
        oss.persistent_client().upload(request).unwrap();
    }
    for request in oss.emulator.requests() {
        let carries =
            matches!(request.operation, Some(Operation::PutObject | Operation::UploadPart));
        assert_eq!(request.header("x-oss-traffic-limit"), carries.then_some("838860800"));
    }
    let mut request = put("k");
    request.traffic_limit = NonZeroU64::new(819_199);
    let failed = oss.persistent_client().upload(request).unwrap_err();
    assert_eq!(failed.error.field(), Some("traffic_limit_bits_per_s"));
}

#[test]
fn a_report_has_all_but_secrets() {
    let keys = AccessKey::temporary("STS.first", "sk", "first");
    let oss = LocalOss::with(Options { access_keys: vec![keys], ..Options::default() });
    let credentials = Credentials::new("STS.first", "wr0ng", Some("first")).unwrap();
    let config = ClientConfig { credentials: Some(credentials.into()), ..oss.config() };
    let callback = Callback::new(oss.callback_url(), "a=${x:id}").variable("x:id", "pr1vate");
    let mut request = put("k");
    request.callback = Some(&callback);
    let failed = Client::new(config).unwrap().upload(request).unwrap_err();
    let report = failed.error.report();
    for part in [
        "SignatureDoesNotMatch",
        "\"requests\":1",
        "\"object\":\"OSSBIND_OBJECT_STATE_NOT_STORED\"",
        "dns_ms",
        "\"advice\":\"OSSBIND_ADVICE_FIX_SETTINGS\"",
        "device_time\":\"20",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    let callback = callback.encode(ossbind::callback::Audience::Any).unwrap();
    for secret in ["wr0ng", "\"first\"", "pr1vate", "Signature=", &callback.callback] {
        assert!(!report.contains(secret), "{secret}: {report}");
    }
}
