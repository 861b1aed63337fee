//! What the library learns of a refusal: the time of the service, and that its keys have expired.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use ossbind::credentials::{CredentialSource, Credentials, Fetched, Function};
use ossbind::log::{LogLevel, Logger};
use ossbind::retry::RetryPolicy;
use ossbind::time::Timestamp;
use ossbind::upload::Source;
use ossbind::{Advice, Body, CancelToken, Client, ClientConfig, Error, Status, UploadRequest};
use ossbind_emulator::{AccessKey, Operation, Options, SelfSigned};
use support::local_oss::{BUCKET, LocalOss};
use support::raw_server::RawServer;

fn put<'a>(key: &'a str) -> UploadRequest<'a> {
    UploadRequest::new(BUCKET, key, Body::Memory(b"content"))
}

#[test]
fn the_clock_of_the_service_is_taken_over() {
    let made = SelfSigned::generate(&["127.0.0.1"]).unwrap();
    for (offset, is_https) in [(-3600, false), (3600, false), (5 * 365 * 86_400, true)] {
        let tls = is_https.then(|| made.identity.clone());
        let oss = LocalOss::with(Options { tls, ..Options::default() });
        oss.emulator.set_clock_offset_seconds(offset);
        let mut config = support::persistent(oss.config());
        config.http.tls.ca_pem = Some(made.ca_pem.clone().into());
        let client = Client::new(config).unwrap();
        let ahead_of_device =
            || client.now().0.cast_signed() - Timestamp::of_device().0.cast_signed();
        assert!(ahead_of_device().abs() < 60);
        client.upload(put("k")).unwrap_or_else(|e| panic!("{offset}: {e}"));
        assert!((ahead_of_device() - offset).abs() < 60, "{offset}: {}", ahead_of_device());
        client.upload(put("k")).unwrap();
        assert_eq!(oss.count(Operation::PutObject), 3, "learned once");
    }
}

#[test]
fn the_clock_is_not_moved_beyond_its_limit() {
    for (limit, part) in [
        (Duration::ZERO, "this client keeps the clock of the device: set the clock"),
        (Duration::from_secs(1800), "a correction of more than 30 min is refused"),
    ] {
        let oss = LocalOss::start();
        oss.emulator.set_clock_offset_seconds(3600);
        let clock_limit = Some(limit);
        let config = ClientConfig { clock_limit, ..support::persistent(oss.config()) };
        let failed = Client::new(config).unwrap().upload(put("k")).unwrap_err();
        assert_eq!(failed.error.code(), Some("RequestTimeTooSkewed"));
        assert!(failed.error.message().contains(part), "{failed}");
        assert_eq!(oss.count(Operation::PutObject), 1);
    }
}

/// A refusal that anybody on the way can forge must not make signatures that are good for years.
#[test]
fn without_tls_the_clock_is_moved_by_a_week_at_most() {
    let in_two_years = Timestamp(Timestamp::of_device().0 + 2 * 365 * 86_400).iso_milliseconds();
    let forged = format!(
        "<Error><Code>RequestTimeTooSkewed</Code><Message>m</Message>\
         <ServerTime>{in_two_years}</ServerTime></Error>"
    );
    let answer = format!(
        "HTTP/1.1 403 Forbidden\r\nx-oss-request-id: R1\r\ncontent-length: {}\r\n\r\n{forged}",
        forged.len()
    );
    let server = RawServer::answering(answer);
    let client = Client::new(support::persistent(server.config())).unwrap();
    let failed = client.upload(put("k")).unwrap_err();
    let part = "a correction of more than 7 days is refused, since nothing proves who answers; use \
                https with a certificate that is checked, or set the clock of this device";
    assert!(failed.error.message().contains(part), "{failed}");
}

/// TLS that takes any certificate proves as little.
#[test]
fn without_a_certificate_the_clock_is_moved_by_a_week_at_most() {
    let made = SelfSigned::generate(&["127.0.0.1"]).unwrap();
    let oss = LocalOss::with(Options { tls: Some(made.identity), ..Options::default() });
    oss.emulator.set_clock_offset_seconds(2 * 365 * 86_400);
    let mut config = support::persistent(oss.config());
    config.http.tls.danger_accept_any_certificate = true;
    let failed = Client::new(config).unwrap().upload(put("k")).unwrap_err();
    let part = "a correction of more than 7 days is refused";
    assert!(failed.error.message().contains(part), "{failed}");
    assert_eq!(oss.count(Operation::PutObject), 1);
}

/// A local OSS that knows two temporary keys.
fn two_tokens() -> LocalOss {
    let mut options = Options::default();
    for name in ["first", "second"] {
        options.access_keys.push(AccessKey::temporary(format!("STS.{name}"), "sk", name));
    }
    LocalOss::with(options)
}

/// Gives the first keys once, and then the second; counts how often it was asked.
fn renewing(names: &'static [&'static str]) -> (CredentialSource, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let function = Function::new(move |_| {
        let number = counter.fetch_add(1, Ordering::SeqCst);
        let name = names[number.min(names.len() - 1)];
        Ok(Fetched::from(Credentials::new(&format!("STS.{name}"), "sk", Some(name))?))
    });
    (CredentialSource::new(function), asked)
}

#[test]
fn an_expired_token_is_renewed_once() {
    let oss = two_tokens();
    let (credentials, asked) = renewing(&["first", "second"]);
    let config =
        ClientConfig { credentials: Some(credentials), ..support::persistent(oss.config()) };
    let client = Client::new(config).unwrap();
    client.upload(put("k")).unwrap();
    oss.fault("expired-token");
    client.upload(put("k")).unwrap();
    assert_eq!((asked.load(Ordering::SeqCst), oss.count(Operation::PutObject)), (2, 3));
}

#[test]
fn refused_tokens_make_no_loop() {
    let oss = two_tokens();
    oss.fault("expired-token times=always");
    let (credentials, asked) = renewing(&["first", "second", "first", "second"]);
    let config =
        ClientConfig { credentials: Some(credentials), ..support::persistent(oss.config()) };
    let failed = Client::new(config).unwrap().upload(put("k")).unwrap_err();
    assert_eq!(failed.error.code(), Some("SecurityTokenExpired"), "{failed}");
    assert_eq!((asked.load(Ordering::SeqCst), oss.count(Operation::PutObject)), (2, 2));
}

#[test]
fn a_provider_that_hangs_obeys_the_time_of_the_call() {
    let oss = LocalOss::start();
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let function = Function::new(move |_| {
        let _ = released.lock().unwrap().recv();
        Ok(Fetched::from(Credentials::new("ak", "sk", None)?))
    });
    let credentials = Some(CredentialSource::new(function));
    let client =
        Client::new(ClientConfig { credentials, ..support::persistent(oss.config()) }).unwrap();
    let mut request = put("k");
    request.timeout = Some(Duration::from_millis(200));
    let failed = client.upload(request).unwrap_err();
    assert_eq!(failed.error.status(), Status::Timeout, "{failed}");
    release.send(()).unwrap();
    client.upload(put("k")).unwrap();
}

/// A body that can be given once only.
struct Once(usize);

impl Source for Once {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        let count = self.0.min(buf.len());
        buf[..count].fill(7);
        self.0 -= count;
        Ok(count)
    }
}

/// A camera sends nothing but streams: what one upload is refused for must not fail the next one.
#[test]
fn what_cannot_be_sent_again_teaches_the_next_call() {
    for (attempts, is_stream) in [(3, true), (1, true), (1, false)] {
        learns(attempts, is_stream, "expired-token operation=PutObject");
        learns(attempts, is_stream, "expired-token operation=UploadPart part=2");
        learns(attempts, is_stream, "clock offset=2h");
    }
}

fn learns(attempts: u32, is_stream: bool, fault_text: &str) {
    let name = format!("{attempts} {is_stream} {fault_text}");
    let oss = two_tokens();
    let (credentials, asked) = renewing(&["first", "second"]);
    let retry = RetryPolicy { attempts, ..RetryPolicy::default() };
    let credentials = Some(credentials);
    let client = Client::new(ClientConfig { credentials, retry, ..oss.config() }).unwrap();
    let content = vec![7; 250_000];
    let upload = || {
        let mut once = Once(content.len());
        let body = match is_stream {
            true => Body::Stream { source: &mut once, length: Some(content.len() as u64) },
            false => Body::Memory(&content),
        };
        let mut request = UploadRequest::new(BUCKET, "k", body);
        request.multipart_threshold = fault_text.contains("Part").then_some(1);
        request.part_size = Some(102_400);
        client.upload(request)
    };
    oss.fault(fault_text);
    let failed = upload().unwrap_err();
    assert_eq!(failed.error.http_status(), Some(403), "{name}: {failed}");
    assert!(failed.error.message().contains("gone for the next call"), "{name}: {failed}");
    if fault_text.starts_with("clock") {
        // It is wrong from now on.
        oss.emulator.set_clock_offset_seconds(7200);
    } else {
        assert_eq!(asked.load(Ordering::SeqCst), 2, "{name}");
    }
    oss.emulator.take_requests();
    upload().unwrap_or_else(|e| panic!("{name}: {e}"));
    let statuses: Vec<u16> = oss.emulator.requests().iter().map(|r| r.status).collect();
    assert!(statuses.iter().all(|status| *status == 200), "{name}: {statuses:?}");
}

/// The refusal is the truth of the upload; what the provider says is a remark on it.
#[test]
fn a_refused_token_that_cannot_be_renewed_is_told() {
    let oss = two_tokens();
    let asked = AtomicUsize::new(0);
    let function = Function::new(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(Fetched::from(Credentials::new("STS.first", "sk", Some("first"))?)),
        _ => Ok(Fetched::from(Credentials::new("", "sk", None)?)),
    });
    let credentials = Some(CredentialSource::new(function));
    let client =
        Client::new(ClientConfig { credentials, ..support::persistent(oss.config()) }).unwrap();
    oss.fault("expired-token");
    let failed = client.upload(put("k")).unwrap_err();
    assert_eq!(failed.error.code(), Some("SecurityTokenExpired"), "{failed}");
    assert!(failed.error.message().contains("there are no others"), "{failed}");
}

/// It does not say more of the file than a server that does not answer.
#[test]
fn keys_that_are_not_there_now_may_come_later() {
    let oss = LocalOss::start();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let function = Function::new(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok(Fetched::from(Credentials::new("", "sk", None)?))
    });
    let credentials = Some(CredentialSource::new(function));
    let config = ClientConfig { credentials, ..support::persistent(oss.config()) };
    let error = Client::new(config).unwrap().upload(put("k")).unwrap_err().error;
    assert_eq!(error.advice(), Advice::Again, "{error}");
    assert_eq!(asked.load(Ordering::SeqCst), 1, "its source has pauses of its own");
}

/// The keys of before are still good, so that no upload would tell.
#[test]
fn a_renewal_that_fails_in_the_background_is_logged() {
    let oss = LocalOss::start();
    let asked = AtomicUsize::new(0);
    let function = Function::new(move |_| {
        let id = if asked.fetch_add(1, Ordering::SeqCst) == 0 { "ak" } else { "" };
        let fetched = Fetched::from(Credentials::new(id, "sk", None)?);
        Ok(fetched.for_duration(Duration::from_secs(5)))
    });
    let (said, lines) = mpsc::channel();
    let log = Logger::new(LogLevel::Warning, move |_, line| said.send(line.to_owned()).unwrap());
    let credentials = Some(CredentialSource::new(function));
    let client = Client::new(ClientConfig { credentials, log, ..oss.config() }).unwrap();
    let line = loop {
        client.upload(put("k")).unwrap();
        if let Ok(line) = lines.try_recv() {
            break line;
        }
    };
    assert!(line.contains("keys could not be renewed") && line.contains("access_key_id"), "{line}");
}

/// A stream whose second pass triggers a token.
struct Tiring {
    left: usize,
    passes: usize,
    reads_of_second_pass: usize,
    cancel: CancelToken,
}

impl Source for Tiring {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        if self.passes == 1 {
            self.reads_of_second_pass += 1;
            self.cancel.cancel();
        }
        let count = self.left.min(buf.len()).min(1000);
        buf[..count].fill(7);
        self.left -= count;
        Ok(count)
    }

    fn rewind(&mut self) -> Result<bool, Error> {
        self.passes += 1;
        self.left = 1 << 20;
        Ok(true)
    }
}

/// To go back to a part means to read all that stands before it, which may take long.
#[test]
fn going_back_in_a_stream_can_be_cancelled() {
    let oss = LocalOss::start();
    oss.fault("error status=503 operation=UploadPart part=10");
    let cancel = CancelToken::new();
    let mut tiring =
        Tiring { left: 1 << 20, passes: 0, reads_of_second_pass: 0, cancel: cancel.clone() };
    let body = Body::Stream { source: &mut tiring, length: Some(1 << 20) };
    let mut request = UploadRequest::new(BUCKET, "k", body);
    request.multipart_threshold = Some(1);
    request.part_size = Some(102_400);
    request.cancel = Some(&cancel);
    let failed = oss.persistent_client().upload(request).unwrap_err();
    assert_eq!(failed.error.status(), Status::Cancelled, "{failed}");
    assert!(failed.error.message().contains("503"), "names what was before: {failed}");
    // One step of 64 KiB, and not the 900 KiB before the part.
    assert!(tiring.reads_of_second_pass <= 66, "{}", tiring.reads_of_second_pass);
}
