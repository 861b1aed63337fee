//! Large bodies and streams of unknown length: still one call, one object, one callback.

mod support;

use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ossbind::upload::{Progress, Source};
use ossbind::{Body, Callback, Client, Error, ObjectState, Status, UploadRequest};
use ossbind_emulator::{Answer, Operation};
use support::local_oss::{BUCKET, LocalOss};
use support::native::out_dir;
use support::raw_server::{RawServer, read_request};

const MIN_PART: u64 = 100 * 1024;

/// Bytes that differ everywhere.
fn content(size: usize) -> Vec<u8> {
    (0..size).map(|i| (i * 31 % 251) as u8 ^ (i >> 8) as u8).collect()
}

/// A request that goes in parts of the smallest size.
fn in_parts<'a>(key: &'a str, body: Body<'a>) -> UploadRequest<'a> {
    let mut request = UploadRequest::new(BUCKET, key, body);
    request.part_size = Some(MIN_PART);
    request.multipart_threshold = Some(MIN_PART);
    request
}

struct Pieces<'a>(&'a [u8]);

impl Source for Pieces<'_> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        let count = self.0.len().min(buf.len()).min(7000);
        buf[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

/// Methods and queries of the requests, in order, without the receiver's look at the public key.
fn requests(oss: &LocalOss) -> Vec<String> {
    let mut requests = oss.emulator.requests();
    requests.retain(|request| !request.target.starts_with("/-/"));
    let name = |target: &str| {
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let names: Vec<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
        names.join("&")
    };
    requests.iter().map(|r| format!("{} {}", r.method, name(&r.target))).collect()
}

#[test]
fn every_body_goes_in_parts_and_calls_back_once() {
    let bytes = content(1_000_003);
    let path = out_dir().join(format!("multipart-{}", std::process::id()));
    std::fs::write(&path, &bytes).unwrap();
    for parallel in [1, 3] {
        for kind in ["memory", "file", "known", "unknown"] {
            let oss = LocalOss::start();
            oss.receiver.answer_with(Answer::json("{\"seen\":1}"));
            let callback =
                Callback::new(oss.callback_url(), "o=${object}&s=${size}&op=${operation}");
            let mut pieces = Pieces(&bytes);
            let mut request = in_parts(
                "dir/a b+中.bin",
                match kind {
                    "memory" => Body::Memory(&bytes),
                    "file" => Body::file(&path),
                    "known" => Body::Stream { source: &mut pieces, length: Some(1_000_003) },
                    _ => Body::Stream { source: &mut pieces, length: None },
                },
            );
            request.callback = Some(&callback);
            request.parallel = Some(parallel);
            request.metadata = &[("camera", "north")];
            request.acl = Some("private");
            let sent = AtomicU64::new(0);
            let mut watch = |progress: Progress| {
                assert!(progress.sent > sent.swap(progress.sent, Ordering::Relaxed));
                assert_eq!(progress.total, if kind == "unknown" { u64::MAX } else { 1_000_003 });
                Ok(())
            };
            request.progress = Some(&mut watch);
            let result = oss.client().upload(request).unwrap_or_else(|e| panic!("{kind}: {e}"));

            assert_eq!(oss.content("dir/a b+中.bin").unwrap(), bytes, "{kind}");
            assert_eq!(sent.load(Ordering::Relaxed), 1_000_003);
            assert_eq!(result.callback_answer(), b"{\"seen\":1}");
            assert!(result.etag().is_some_and(|etag| etag.ends_with("-10")), "{:?}", result.etag());
            let stored = oss.emulator.object(BUCKET, "dir/a b+中.bin").unwrap();
            assert_eq!(result.crc64(), Some(stored.crc64()));
            assert!(stored.headers().iter().any(|(n, v)| n == "x-oss-meta-camera" && v == "north"));
            let received = &oss.received(1)[0];
            assert_eq!(
                received.body_text(),
                "o=dir%2Fa%20b%2B%E4%B8%AD.bin&s=1000003&op=CompleteMultipartUpload"
            );
            assert_eq!(requests(&oss).len(), 1 + 10 + 1, "{:?}", requests(&oss));
        }
    }
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_short_stream_of_unknown_length_is_one_put() {
    for size in [0, 1, 50_000, MIN_PART as usize - 1] {
        let oss = LocalOss::start();
        let bytes = content(size);
        let body = Body::Stream { source: &mut Pieces(&bytes), length: None };
        oss.client().upload(in_parts("k", body)).unwrap();
        assert_eq!(oss.content("k").unwrap(), bytes);
        assert_eq!(requests(&oss), ["PUT "]);
    }
}

#[test]
fn the_default_threshold_keeps_ordinary_files_in_one_request() {
    let oss = LocalOss::start();
    let bytes = content(5_000_000);
    oss.client().upload(UploadRequest::new(BUCKET, "k", Body::Memory(&bytes))).unwrap();
    assert_eq!(requests(&oss), ["PUT "]);
}

#[test]
fn without_a_callback_the_etag_comes_as_well() {
    let oss = LocalOss::start();
    let bytes = content(300_000);
    let result = oss.client().upload(in_parts("k", Body::Memory(&bytes))).unwrap();
    assert!(result.etag().is_some_and(|etag| etag.ends_with("-3")), "{:?}", result.etag());
    assert!(result.callback_answer().is_empty());
}

/// Of an answer that has it in its document only.
#[test]
fn the_etag_of_the_document_is_taken() {
    let server = RawServer::start(|mut stream| {
        let line = read_request(&stream).swap_remove(0);
        let (headers, body) = match line.split(' ').next().unwrap() {
            "PUT" => ("etag: \"part\"\r\n", ""),
            _ if line.contains("uploads") => ("", "<Initiated><UploadId>1</UploadId></Initiated>"),
            _ => ("", "<Completed><ETag>\"whole-3\"</ETag></Completed>"),
        };
        let length = body.len();
        let _ = write!(
            stream,
            "HTTP/1.1 200 OK\r\nx-oss-request-id: 1\r\n{headers}Content-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        );
    });
    let bytes = content(300_000);
    let mut request = in_parts("k", Body::Memory(&bytes));
    request.parallel = Some(1);
    assert_eq!(server.client().upload(request).unwrap().etag(), Some("whole-3"));
}

#[test]
fn a_failed_callback_leaves_the_object_and_nothing_is_sent_again() {
    let oss = LocalOss::start();
    oss.receiver.answer_with(Answer::status(502));
    let bytes = content(300_000);
    let callback = Callback::new(oss.callback_url(), "a=1");
    let mut request = in_parts("k", Body::Memory(&bytes));
    request.callback = Some(&callback);
    let failed = oss.client().upload(request).unwrap_err();
    assert_eq!(failed.error.status(), Status::CallbackFailed, "{failed}");
    assert_eq!(failed.error.object_state(), ObjectState::Stored);
    assert!(failed.result.unwrap().etag().is_some());
    assert_eq!(oss.content("k").unwrap(), bytes);
    assert_eq!(requests(&oss).len(), 1 + 3 + 1, "no abort, no second try");
    assert_eq!(oss.received(1).len(), 1);
}

#[test]
fn what_is_stopped_is_aborted() {
    for parallel in [1, 3] {
        let oss = LocalOss::start();
        let bytes = content(6_000_000);
        let mut is_stopped = false;
        let mut stop = |progress: Progress| {
            assert!(!is_stopped, "it is not asked again");
            is_stopped = progress.sent > 700_000;
            if is_stopped { Err(ossbind_test_error()) } else { Ok(()) }
        };
        let mut request = in_parts("k", Body::Memory(&bytes));
        // So that it is told of each part more than once.
        request.part_size = Some(1 << 20);
        request.progress = Some(&mut stop);
        request.parallel = Some(parallel);
        let error = oss.client().upload(request).unwrap_err().error;
        assert_eq!(error.object_state(), ObjectState::NotStored, "{error}");
        assert!(error.upload_id().is_some() && error.message().contains("was aborted"), "{error}");
        // A part whose connection was cut may be written down after it.
        let requests = requests(&oss);
        let aborts = requests.iter().filter(|request| *request == "DELETE uploadId");
        assert_eq!(aborts.count(), 1, "{requests:?}");
        assert!(oss.content("k").is_none());
    }
}

#[test]
fn progress_goes_back_with_a_part_that_is_sent_again() {
    for parallel in [1, 3] {
        let oss = LocalOss::start();
        oss.fault("error status=503 operation=UploadPart part=2 times=1");
        let bytes = content(3_000_000);
        let mut told = Vec::new();
        let mut tell = |progress: Progress| {
            told.push(progress.sent);
            Ok(())
        };
        let mut request = in_parts("k", Body::Memory(&bytes));
        request.part_size = Some(1 << 20);
        request.progress = Some(&mut tell);
        request.parallel = Some(parallel);
        oss.persistent_client().upload(request).unwrap();
        assert!(told.windows(2).any(|pair| pair[1] < pair[0]), "{told:?}");
        assert_eq!(
            (told.iter().max(), told.last()),
            (Some(&3_000_000), Some(&3_000_000)),
            "{told:?}"
        );
    }
}

/// Any error of the library serves to stop an upload.
fn ossbind_test_error() -> Error {
    ossbind::credentials::Credentials::new("", "", None).unwrap_err()
}

#[test]
fn a_stream_that_ends_early_is_aborted() {
    let oss = LocalOss::start();
    let bytes = content(250_000);
    let body = Body::Stream { source: &mut Pieces(&bytes), length: Some(400_000) };
    let error = oss.client().upload(in_parts("k", body)).unwrap_err().error;
    assert_eq!((error.status(), error.field()), (Status::Body, Some("read")));
    assert!(error.message().contains("250000") && error.message().contains("400000"), "{error}");
    assert_eq!(requests(&oss).last().map(String::as_str), Some("DELETE uploadId"));
}

#[test]
fn forbidden_overwriting_shows_before_any_part_is_sent() {
    let oss = LocalOss::start();
    let bytes = content(300_000);
    oss.client().upload(UploadRequest::new(BUCKET, "k", Body::Memory(b"first"))).unwrap();
    let mut request = in_parts("k", Body::Memory(&bytes));
    request.forbid_overwrite = true;
    let error = oss.client().upload(request).unwrap_err().error;
    assert_eq!(error.code(), Some("FileAlreadyExists"));
    assert_eq!(requests(&oss).len(), 2);
    assert_eq!(oss.content("k").unwrap(), b"first");
}

/// How an upload of three parts goes when the answer to Complete is lost or bad. Gives the requests
/// after the parts.
fn after_bad_complete(
    with_callback: bool,
    prepare: impl Fn(&LocalOss),
) -> (LocalOss, Result<ossbind::UploadResult, ossbind::UploadError>, Vec<String>) {
    let oss = LocalOss::start();
    prepare(&oss);
    let bytes = content(300_000);
    let callback = Callback::new(oss.callback_url(), "a=1");
    let mut request = in_parts("k", Body::Memory(&bytes));
    request.callback = with_callback.then_some(&callback);
    let outcome = oss.client().upload(request);
    let requests = requests(&oss).split_off(1 + 3);
    (oss, outcome, requests)
}

const COMPLETE: &str = "POST encoding-type&uploadId";
const LIST: &str = "GET encoding-type&max-parts&part-number-marker&uploadId";

#[test]
fn a_lost_answer_to_complete_is_looked_up() {
    let lose = |oss: &LocalOss| {
        oss.emulator.lose_next_answer_to(Operation::CompleteMultipartUpload);
    };
    // Without a callback nothing is lost.
    let (oss, outcome, requests) = after_bad_complete(false, lose);
    assert_eq!(requests, [COMPLETE, LIST, "HEAD "]);
    let stored = oss.emulator.object(BUCKET, "k").unwrap();
    assert_eq!(outcome.unwrap().crc64(), Some(stored.crc64()));

    // With one, the application server's words are lost, and nothing is done twice for them.
    let (oss, outcome, requests) = after_bad_complete(true, lose);
    assert_eq!(requests, [COMPLETE, LIST, "HEAD "]);
    let failed = outcome.unwrap_err();
    assert_eq!(failed.error.status(), Status::Transport, "{failed}");
    assert_eq!(failed.error.object_state(), ObjectState::Stored);
    assert!(failed.error.message().contains("do not upload again"), "{failed}");
    assert!(failed.result.is_some_and(|result| result.etag().is_some()));
    assert_eq!(oss.received(1).len(), 1, "one callback");
}

/// It is on its way while the library looks, asks for an abort, and is told that there is nothing left to
/// abort.
#[test]
fn a_late_complete_is_not_passed_for_an_abort() {
    let oss = LocalOss::start();
    let faults = oss.emulator.faults();
    // Given up after 4 s, carried out after 6 s, and aborted after 7 s.
    faults.add("delay for=6s operation=CompleteMultipartUpload").unwrap();
    faults.add("delay for=3s operation=AbortMultipartUpload").unwrap();
    let mut config = oss.config();
    config.http.idle_timeout = Duration::from_secs(4);
    let bytes = content(250_000);
    let outcome = Client::new(config).unwrap().upload(in_parts("k", Body::Memory(&bytes)));
    let error = outcome.unwrap_err().error;
    assert_eq!((error.status(), error.object_state()), (Status::Timeout, ObjectState::Unknown));
    assert!(error.message().contains("gone when it was to be aborted"), "{error}");
    assert!(oss.content("k").is_some());
}

#[test]
fn an_error_of_complete_that_stored_nothing_aborts() {
    let (oss, outcome, requests) = after_bad_complete(true, |oss| {
        oss.emulator.fail_next(Operation::CompleteMultipartUpload, 500, "InternalError");
    });
    assert_eq!(requests, [COMPLETE, LIST, "DELETE uploadId"]);
    let error = outcome.unwrap_err().error;
    assert_eq!((error.status(), error.code()), (Status::Service, Some("InternalError")), "{error}");
    assert_eq!(error.object_state(), ObjectState::NotStored);
    assert!(oss.content("k").is_none() && oss.receiver.received().is_empty());
}

#[test]
fn an_error_of_complete_that_stored_the_object_is_seen_through() {
    let (oss, outcome, requests) = after_bad_complete(true, |oss| {
        let operation = Operation::CompleteMultipartUpload;
        oss.emulator.fail_next_after_carrying_out(operation, 500, "InternalError");
    });
    assert_eq!(requests, [COMPLETE, LIST, "HEAD "]);
    let failed = outcome.unwrap_err();
    assert_eq!(failed.error.object_state(), ObjectState::Stored, "{failed}");
    assert_eq!(oss.received(1).len(), 1, "one callback");
}

#[test]
fn when_nobody_can_be_asked_the_outcome_is_unknown() {
    let (_, outcome, requests) = after_bad_complete(true, |oss| {
        oss.emulator.lose_next_answer_to(Operation::CompleteMultipartUpload);
        oss.emulator.fail_next(Operation::ListParts, 503, "ServiceUnavailable");
    });
    assert_eq!(requests, [COMPLETE, LIST]);
    let error = outcome.unwrap_err().error;
    assert_eq!(error.object_state(), ObjectState::Unknown, "{error}");
    assert!(error.upload_id().is_some());
}

/// Somebody else has removed the upload: only where Complete was not sent, or refused for that, the object is
/// surely not stored.
#[test]
fn an_upload_that_is_gone_may_have_been_completed() {
    for (fault, state) in [
        ("status=404 code=NoSuchUpload operation=CompleteMultipartUpload", ObjectState::NotStored),
        ("status=500 code=InternalError operation=CompleteMultipartUpload", ObjectState::Unknown),
        (
            "status=409 code=FileAlreadyExists operation=CompleteMultipartUpload",
            ObjectState::NotStored,
        ),
        ("status=403 code=AccessDenied operation=UploadPart", ObjectState::NotStored),
    ] {
        let oss = LocalOss::start();
        oss.fault(&format!("error {fault}"));
        oss.fault("error status=404 code=NoSuchUpload operation=ListParts");
        oss.fault("error status=404 code=NoSuchUpload operation=AbortMultipartUpload");
        let bytes = content(300_000);
        let error = oss.client().upload(in_parts("k", Body::Memory(&bytes))).unwrap_err().error;
        assert_eq!(error.object_state(), state, "{fault}: {error}");
        let says_gone = error.message().contains("the upload is gone");
        assert_eq!(says_gone, state == ObjectState::Unknown, "{error}");
        let is_over = error.message().contains("the multipart upload was aborted");
        assert_eq!(is_over, state == ObjectState::NotStored, "{error}");
    }
}

#[test]
fn what_could_not_be_aborted_is_said() {
    let oss = LocalOss::start();
    oss.fault("error status=403 code=AccessDenied operation=UploadPart");
    oss.fault("error status=403 code=AccessDenied operation=AbortMultipartUpload");
    let bytes = content(300_000);
    let error = oss.client().upload(in_parts("k", Body::Memory(&bytes))).unwrap_err().error;
    assert!(error.message().contains("could not be aborted: its parts stay"), "{error}");
    assert_eq!(oss.emulator.multipart_uploads().len(), 1);
}
