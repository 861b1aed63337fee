//! What is said of an upload that did not end well, through the Rust face against the local OSS.

mod support;

use std::time::Duration;

use ossbind::credentials::Credentials;
use ossbind::signing::SignatureVersion;
use ossbind::{Advice, Body, Callback, Client, ClientConfig, ObjectState, Status, UploadRequest};
use ossbind_emulator::Options;
use support::callback_failures;
use support::local_oss::{BUCKET, LocalOss};

fn memory<'a>(key: &'a str, bytes: &'a [u8]) -> UploadRequest<'a> {
    UploadRequest::new(BUCKET, key, Body::Memory(bytes))
}

#[test]
fn every_callback_failure_is_stored_but_failed() {
    let oss = LocalOss::start();
    let client = oss.client();
    for failure in callback_failures::all() {
        let message = failure.message;
        let callback = Callback::new(failure.provoke(&oss), "a=${object}");
        let mut request = memory("k", b"v");
        request.callback = Some(&callback);
        let failed = client.upload(request).expect_err(message);
        let error = &failed.error;
        assert_eq!(error.status(), Status::CallbackFailed, "{message}: {error}");
        assert_eq!(error.object_state(), ObjectState::Stored);
        assert_eq!(error.advice(), Advice::Done);
        assert_eq!((error.http_status(), error.code()), (Some(203), Some("CallbackFailed")));
        assert!(error.message().contains(message), "{message}: {error}");
        assert_eq!(error.ec(), Some(failure.ec), "{message}");
        let result = failed.result.as_ref().expect("the object is stored");
        assert_eq!(result.etag(), Some("9E3669D19B675BD57058FD4664205D2A"));
        assert_eq!(error.request_id(), result.request_id());
        assert!(result.callback_answer().is_empty());
        assert_eq!(oss.content("k").unwrap(), b"v");
    }
}

#[test]
fn refusals_say_what_is_wrong() {
    let refused = |oss: &LocalOss, config: ClientConfig| {
        let error = Client::new(config).unwrap().upload(memory("k", b"v")).unwrap_err().error;
        assert_eq!(error.status(), Status::Service, "{error}");
        assert_eq!(error.object_state(), ObjectState::NotStored);
        assert!(oss.content("k").is_none());
        error
    };
    for version in [SignatureVersion::V4, SignatureVersion::V1] {
        let oss = LocalOss::start();
        let config = || ClientConfig { signature_version: version, ..oss.config() };
        let wrong = Some(Credentials::new("ak", "wrong-secret", None).unwrap());
        let error = refused(&oss, ClientConfig { credentials: wrong.map(Into::into), ..config() });
        assert_eq!(error.code(), Some("SignatureDoesNotMatch"));
        assert!(error.message().contains("access key secret is wrong"), "{error}");
        assert!(!error.message().contains("wrong-secret"));
        assert!(error.document_element("StringToSign").is_some());

        let unknown = Some(Credentials::new("nobody", "sk", None).unwrap());
        let error =
            refused(&oss, ClientConfig { credentials: unknown.map(Into::into), ..config() });
        assert_eq!(error.code(), Some("InvalidAccessKeyId"));

        let token = Some(Credentials::new("STS.ak", "sts-sk", Some("other-token")).unwrap());
        let error = refused(&oss, ClientConfig { credentials: token.map(Into::into), ..config() });
        assert!(error.code().is_some_and(|code| code.contains("SecurityToken")), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("other-token"));

        let oss = LocalOss::with(Options { clock_offset_seconds: 3600, ..Options::default() });
        let error = refused(&oss, ClientConfig { signature_version: version, ..oss.config() });
        assert_eq!(error.code(), Some("RequestTimeTooSkewed"));
        assert_eq!(error.advice(), Advice::Again);
        assert!(error.message().contains("et the clock"), "{error}");
    }
    let oss = LocalOss::with(Options { region: "cn-beijing".to_owned(), ..Options::default() });
    let error = refused(&oss, oss.config());
    assert!(error.message().contains("the region of the signature is \"cn-hangzhou\""), "{error}");

    let oss = LocalOss::start();
    let error = oss
        .client()
        .upload(UploadRequest::new("no-such-bucket", "k", Body::Memory(b"v")))
        .unwrap_err()
        .error;
    assert_eq!((error.code(), error.http_status()), (Some("NoSuchBucket"), Some(404)));
    assert!(error.ec().is_some() && error.request_id().is_some());
}

#[test]
fn the_service_says_when_to_try_again() {
    for (fault, seconds) in [("retry-after=7", 7), ("", 10)] {
        let oss = LocalOss::start();
        oss.fault(&format!("error status=503 {fault}"));
        let error = oss.client().upload(memory("k", b"v")).unwrap_err().error;
        assert_eq!(error.advice(), Advice::Again, "{error}");
        assert_eq!(error.retry_after(), Duration::from_secs(seconds), "{error}");
    }
}

#[test]
fn a_callback_host_without_an_address_is_named_as_such() {
    let oss = LocalOss::start();
    let callback = Callback::new("http://no-such-host.invalid/", "a=${object}");
    let mut request = memory("k", b"v");
    request.callback = Some(&callback);
    let error = oss.client().upload(request).unwrap_err().error;
    assert!(error.message().contains("Can not get ip by this host."), "{error}");
    assert!(error.message().contains("set callback.url"), "{error}");
    assert_eq!(error.advice(), Advice::FixSettings);
    assert!(oss.content("k").is_none());
}
