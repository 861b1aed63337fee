//! Keys that belong to one content: an upload whose outcome nobody knows is repeated, stored once and
//! called back once.

mod support;

use std::fs;
use std::time::Duration;

use ossbind::upload::{Destination, Source};
use ossbind::{
    Advice, Body, Callback, Client, ClientConfig, Error, HttpOptions, ObjectState, Status,
    UploadError, UploadRequest, UploadResult,
};
use ossbind_emulator::{Answer, Operation};
use support::local_oss::{BUCKET, LocalOss, PATIENCE};
use support::native::out_dir;

const CONTENT: &[u8] = b"content";
const NOBODY_MAY_LOOK: &str =
    "error status=403 code=AccessDenied operation=HeadObject times=always";

/// How the object travels.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Put,
    Form,
    Parts,
}

const WAYS: [Way; 3] = [Way::Put, Way::Form, Way::Parts];

fn upload(
    client: &Client,
    way: Way,
    content: &[u8],
    callback: Option<&Callback>,
) -> Result<UploadResult, UploadError> {
    let destination = match way {
        Way::Form => Destination::Form { bucket: BUCKET, key: "k" },
        _ => Destination::Object { bucket: BUCKET, key: "k" },
    };
    let mut request = UploadRequest::to(destination, Body::Memory(content));
    request.multipart_threshold = (way == Way::Parts).then_some(1);
    request.callback = callback;
    request.once = true;
    client.upload(request)
}

/// The object is there, and what the application server said is lost.
fn assert_stored_before(failed: UploadError, what: &str) {
    let error = &failed.error;
    assert_eq!(error.object_state(), ObjectState::Stored, "{what}: {error}");
    assert_eq!(error.advice(), Advice::Done, "{what}: {error}");
    assert!(failed.result.is_some(), "{what}: {error}");
    assert!(error.message().contains("lost"), "{what}: {error}");
}

#[test]
fn an_object_of_an_earlier_call_is_recognized() {
    for way in WAYS {
        for may_look in [true, false] {
            let oss = LocalOss::start();
            let callback = Callback::new(oss.callback_url(), "a=${object}");
            upload(&oss.client(), way, CONTENT, Some(&callback)).unwrap();
            if !may_look {
                oss.fault(NOBODY_MAY_LOOK);
            }
            let what = format!("{way:?} {may_look}");
            let again = upload(&oss.client(), way, CONTENT, Some(&callback)).unwrap_err();
            assert_stored_before(again, &what);
            let result = upload(&oss.client(), way, CONTENT, None).unwrap();
            assert_eq!(result.etag().is_some(), may_look, "{what}");
            assert_eq!(result.http_status(), if may_look { 200 } else { 0 }, "{what}");
            assert_eq!(oss.received(1).len(), 1, "{what}");
            assert!(oss.emulator.multipart_uploads().is_empty(), "{what}");
        }
    }
}

#[test]
fn another_content_is_the_fault_of_the_request() {
    for way in WAYS {
        let oss = LocalOss::start();
        upload(&oss.client(), way, b"another one", None).unwrap();
        let failed = upload(&oss.client(), way, CONTENT, None).unwrap_err();
        let error = failed.error;
        assert_eq!(error.code(), Some("FileAlreadyExists"), "{way:?}: {error}");
        assert_eq!(error.object_state(), ObjectState::NotStored);
        assert_eq!(error.advice(), Advice::FixRequest);
        assert!(error.message().contains("there has size 11 and CRC-64"), "{error}");
        assert!(error.message().contains("body has size 7 and CRC-64"), "{error}");
        assert_eq!(oss.content("k").unwrap(), b"another one");
    }
}

/// Nothing but deleting the object helps, so the good file is kept until somebody does.
#[test]
fn an_object_that_was_damaged_on_the_way_keeps_its_file() {
    let oss = LocalOss::start();
    oss.fault("damage at=1");
    let first = upload(&oss.client(), Way::Put, CONTENT, None).unwrap_err().error;
    assert_eq!(first.status(), Status::ChecksumMismatch, "{first}");
    assert_eq!(first.advice(), Advice::FixSettings, "{first}");
    assert!(first.message().contains("delete"), "{first}");
    let second = upload(&oss.client(), Way::Put, CONTENT, None).unwrap_err().error;
    assert_eq!(second.code(), Some("FileAlreadyExists"), "{second}");
    assert_eq!(second.advice(), Advice::FixSettings, "{second}");
    assert!(second.message().contains("delete"), "{second}");
}

/// The object of a failed callback is stored as well, so nobody here knows that it succeeded.
#[test]
fn an_earlier_callback_that_failed_is_not_said_to_be_made() {
    let oss = LocalOss::start();
    oss.receiver.answer_with(Answer::status(502));
    let callback = Callback::new(oss.callback_url(), "a=${object}");
    let first = upload(&oss.client(), Way::Put, CONTENT, Some(&callback)).unwrap_err().error;
    assert_eq!(first.status(), Status::CallbackFailed, "{first}");
    let second = upload(&oss.client(), Way::Put, CONTENT, Some(&callback)).unwrap_err();
    assert!(!second.error.message().contains("was made"), "{second}");
    assert!(second.error.message().contains("ask the application server"), "{second}");
    assert_stored_before(second, "the second call");
}

#[test]
fn a_lost_answer_is_settled_within_the_call() {
    for (fault, is_stored_by_first) in
        [("close-answer at=0", true), ("reset-request at=end", false)]
    {
        for way in [Way::Put, Way::Form] {
            for may_look in [true, false] {
                let oss = LocalOss::start();
                oss.fault(fault);
                if !may_look {
                    oss.fault(NOBODY_MAY_LOOK);
                }
                let callback = Callback::new(oss.callback_url(), "a=${object}");
                let what = format!("{fault} {way:?} {may_look}");
                match upload(&oss.persistent_client(), way, CONTENT, Some(&callback)) {
                    Ok(_) => assert!(!is_stored_by_first, "{what}"),
                    Err(failed) => {
                        assert!(is_stored_by_first, "{what}: {failed}");
                        assert_stored_before(failed, &what);
                    }
                }
                assert_eq!(oss.content("k").unwrap(), CONTENT, "{what}");
                assert_eq!(oss.received(1).len(), 1, "{what}");
            }
        }
    }
}

/// The first request stores, or tries to, when the second one has long been answered.
#[test]
fn a_request_that_arrives_late_calls_nobody() {
    let oss = LocalOss::start();
    oss.fault("delay for=2s operation=PutObject");
    let http = HttpOptions { idle_timeout: Duration::from_millis(100), ..oss.config().http };
    let config = ClientConfig { http, ..support::persistent(oss.config()) };
    let callback = Callback::new(oss.callback_url(), "a=${object}");
    upload(&Client::new(config).unwrap(), Way::Put, CONTENT, Some(&callback)).unwrap();
    assert!(oss.emulator.wait_idle(PATIENCE));
    let puts: Vec<u16> = oss
        .emulator
        .requests()
        .iter()
        .filter(|request| request.operation == Some(Operation::PutObject))
        .map(|request| request.status)
        .collect();
    assert!(puts.contains(&200) && puts.contains(&409), "{puts:?}");
    assert_eq!(oss.received(1).len(), 1);
}

#[test]
fn a_doubt_that_stays_is_settled_by_the_next_call() {
    let oss = LocalOss::start();
    oss.fault("close-answer at=0 operation=CompleteMultipartUpload");
    oss.fault("error status=403 code=AccessDenied operation=ListParts times=always");
    oss.fault(NOBODY_MAY_LOOK);
    let callback = Callback::new(oss.callback_url(), "a=${object}");
    let first = upload(&oss.client(), Way::Parts, CONTENT, Some(&callback)).unwrap_err().error;
    assert_eq!(first.object_state(), ObjectState::Unknown, "{first}");
    assert_eq!((first.advice(), first.retry_after()), (Advice::Look, Duration::from_secs(10)));
    assert!(first.message().contains("same upload again after 10 s"), "{first}");
    assert!(!first.message().contains("ossbind_client_find"), "{first}");
    assert!(first.message().contains("asking whether"), "{first}");
    let second = upload(&oss.client(), Way::Parts, CONTENT, Some(&callback)).unwrap_err();
    assert_stored_before(second, "the second call");
    assert_eq!(oss.received(1).len(), 1);
}

/// A process that is killed behind Complete leaves a checkpoint of an upload that is gone.
#[test]
fn a_checkpoint_whose_upload_was_completed() {
    for may_look in [true, false] {
        let dir = out_dir().join(format!("once-{}-{may_look}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        let path = dir.join("source");
        fs::write(&path, CONTENT).unwrap();
        let oss = LocalOss::start();
        let callback = Callback::new(oss.callback_url(), "a=1");
        let request = || {
            let mut request = UploadRequest::new(BUCKET, "k", Body::file(&path));
            request.multipart_threshold = Some(1);
            request.checkpoint_dir = Some(&dir);
            request.callback = Some(&callback);
            request.once = true;
            request
        };
        let lost = oss.fault("close-answer at=0 operation=CompleteMultipartUpload");
        let forbidden =
            oss.fault("error status=403 code=AccessDenied operation=ListParts times=always");
        let first = oss.client().upload(request()).unwrap_err().error;
        assert_eq!(first.object_state(), ObjectState::Unknown, "{first}");
        assert_eq!(lost.happened(), 1);
        assert!(oss.emulator.faults().remove(forbidden.id()));
        if !may_look {
            oss.fault(NOBODY_MAY_LOOK);
        }
        assert_stored_before(oss.client().upload(request()).unwrap_err(), "the second call");
        assert_eq!(oss.received(1).len(), 1);
        assert!(oss.emulator.multipart_uploads().is_empty());
        fs::remove_dir_all(&dir).unwrap();
    }
}

/// What comes while one waits for Complete: the parts are of no use any more.
#[test]
fn an_object_that_appears_before_the_parts_are_completed() {
    let oss = LocalOss::start();
    let (client, other) = (oss.client(), oss.client());
    let mut is_there = false;
    let mut progress = |_| {
        if !std::mem::replace(&mut is_there, true) {
            upload(&other, Way::Put, CONTENT, None).unwrap();
        }
        Ok(())
    };
    let mut request = UploadRequest::new(BUCKET, "k", Body::Memory(CONTENT));
    request.multipart_threshold = Some(1);
    request.progress = Some(&mut progress);
    request.once = true;
    client.upload(request).unwrap();
    assert!(oss.emulator.multipart_uploads().is_empty(), "aborted");
}

/// Gives its bytes once.
struct Stream(&'static [u8]);

impl Source for Stream {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        let count = self.0.len().min(buf.len());
        let (now, rest) = self.0.split_at(count);
        buf[..count].copy_from_slice(now);
        self.0 = rest;
        Ok(count)
    }
}

/// It cannot be read again to be compared, so that the program is believed.
#[test]
fn a_stream_of_an_earlier_call_is_recognized() {
    let oss = LocalOss::start();
    upload(&oss.client(), Way::Put, CONTENT, None).unwrap();
    for length in [Some(CONTENT.len() as u64), None] {
        let mut source = Stream(CONTENT);
        let body = Body::Stream { source: &mut source, length };
        let mut request = UploadRequest::new(BUCKET, "k", body);
        request.once = true;
        oss.client().upload(request).unwrap();
    }
}

#[test]
fn the_service_that_cannot_be_asked_is_asked_later() {
    let oss = LocalOss::start();
    upload(&oss.client(), Way::Put, CONTENT, None).unwrap();
    oss.fault("error status=503 operation=HeadObject");
    let failed = upload(&oss.client(), Way::Put, CONTENT, None).unwrap_err();
    assert_eq!(failed.error.advice(), Advice::Again, "{failed}");
    upload(&oss.client(), Way::Put, CONTENT, None).unwrap();
}

#[test]
fn who_has_no_keys_cannot_say_it() {
    let oss = LocalOss::start();
    let elsewhere = Destination::SignedUrl("http://127.0.0.1:1/b/k?x=1");
    let mut request = UploadRequest::to(elsewhere, Body::Memory(CONTENT));
    request.once = true;
    let error = oss.client().upload(request).unwrap_err().error;
    assert_eq!((error.status(), error.field()), (Status::InvalidArgument, Some("flags")));
}

/// Without the promise, only what this call can have stored is recognized.
#[test]
fn forbidden_overwriting_recognizes_its_own_call() {
    let forbidding = |oss: &LocalOss, callback: Option<&Callback>| {
        let mut request = UploadRequest::new(BUCKET, "k", Body::Memory(CONTENT));
        request.forbid_overwrite = true;
        request.callback = callback;
        oss.persistent_client().upload(request)
    };
    // The first look fails, so that the request is repeated and refused.
    for fault in ["close-answer at=0 operation=PutObject", "error status=500 when=after"] {
        let oss = LocalOss::start();
        oss.fault(fault);
        oss.fault("error status=400 operation=HeadObject");
        let callback = Callback::new(oss.callback_url(), "a=${object}");
        assert_stored_before(forbidding(&oss, Some(&callback)).unwrap_err(), fault);
        assert_eq!(oss.count(Operation::PutObject), 2, "{fault}");
        assert_eq!(oss.received(1).len(), 1, "{fault}");
        // Another call cannot know.
        let error = forbidding(&oss, None).unwrap_err().error;
        assert_eq!(error.code(), Some("FileAlreadyExists"));
        assert_eq!(
            (error.object_state(), error.advice()),
            (ObjectState::NotStored, Advice::FixRequest)
        );
    }
    // What was there before the call is not its own, though it is the same.
    let oss = LocalOss::start();
    forbidding(&oss, None).unwrap();
    oss.emulator.set_clock_offset_seconds(600);
    oss.fault("error status=503 operation=PutObject");
    let error = forbidding(&oss, None).unwrap_err().error;
    assert_eq!(error.code(), Some("FileAlreadyExists"), "{error}");
    assert_eq!(error.object_state(), ObjectState::NotStored, "{error}");
}
