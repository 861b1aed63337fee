//! What is true although something else came last: doubts of earlier attempts, causes before their
//! consequences, secrets at the edge of what a message shows.

mod support;

use std::fs;
use std::io::{BufReader, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ossbind::credentials::Credentials;
use ossbind::signing::SignatureVersion;
use ossbind::upload::{ContentMd5, FindRequest, Source};
use ossbind::{
    Advice, Body, Callback, CancelToken, Client, ClientConfig, Error, ObjectState, Status,
    UploadError, UploadRequest, UploadResult,
};
use ossbind_emulator::Operation;
use support::local_oss::{BUCKET, LocalOss};
use support::native::out_dir;
use support::raw_server::{RawServer, read_head, read_request};

const REFUSED: &str = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";

fn say(mut stream: &TcpStream, status: &str, headers: &str, body: &str) {
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\nx-oss-request-id: R\r\nconnection: close\r\n\
         content-length: {length}\r\n{headers}\r\n{body}"
    );
    let _ = stream.write_all(answer.as_bytes());
}

/// The first request may be stored after all, whatever becomes of the second.
#[test]
fn an_attempt_that_may_have_stored_is_not_forgotten() {
    let page = "HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 4\r\n\r\npage";
    for is_page in [false, true] {
        let puts = AtomicUsize::new(0);
        let server = RawServer::start(move |stream| {
            let head = read_request(&stream);
            match head.first() {
                Some(line) if line.starts_with("HEAD") => say(&stream, "404 Not Found", "", ""),
                _ if puts.fetch_add(1, Ordering::SeqCst) == 0 => {}
                _ if is_page => (&stream).write_all(page.as_bytes()).unwrap(),
                _ => say(&stream, "403 Forbidden", "", REFUSED),
            }
        });
        let client = Client::new(support::persistent(server.config())).unwrap();
        let request = UploadRequest::new(BUCKET, "k", Body::Memory(b"v"));
        let error = client.upload(request).unwrap_err().error;
        assert_eq!(error.object_state(), ObjectState::Unknown, "{error}");
        assert_eq!(error.advice(), Advice::Look);
        assert!(error.message().contains("may be stored all the same"), "{error}");
        assert!(error.message().contains("look before you try again"), "{error}");
        // What is true of the second request alone is not said of the object.
        assert!(!error.message().contains("is not stored"), "{error}");
        assert_eq!(error.code().is_none(), is_page, "{error}");
    }
}

/// A portal answers everything, the question for the object as well.
#[test]
fn what_answers_in_place_of_oss_says_nothing_of_the_object() {
    for status in ["502 Bad Gateway", "200 OK"] {
        let page = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        let server = RawServer::answering(page);
        let client = server.client();
        let failed =
            client.upload(UploadRequest::new(BUCKET, "k", Body::Memory(b"v"))).unwrap_err();
        let found = client.find(FindRequest::new(BUCKET, "k", Body::Memory(b"v"))).unwrap_err();
        for error in [failed.error, found] {
            assert_ne!(error.object_state(), ObjectState::Stored);
            assert!(!error.message().contains("not stored"), "{status}: {error}");
            assert!(!error.message().contains("callback"), "there was none: {error}");
            assert!(error.message().contains("it has no body"), "{error}");
        }
    }
}

/// Of several parts one is refused, and the others are broken off because of that. Who tells of it first is a
/// race, which the wrong one won in one round of eighty.
#[test]
fn the_cause_is_told_and_not_its_consequences() {
    const PART: usize = 100 * 1024;
    let content = vec![7; 64 * PART];
    for round in 0..40 {
        let oss = LocalOss::start();
        oss.fault("error status=403 code=AccessDenied operation=UploadPart part=9 times=always");
        // Slow, so that the workers wait for it: this makes the race likely, and is awaited by nothing.
        let mut progress = |_| {
            std::thread::sleep(Duration::from_micros(20));
            Ok(())
        };
        let mut request = UploadRequest::new(BUCKET, "k", Body::Memory(&content));
        request.part_size = Some(PART as u64);
        request.multipart_threshold = Some(PART as u64);
        request.parallel = Some(64);
        request.progress = Some(&mut progress);
        let error = oss.client().upload(request).unwrap_err().error;
        assert_eq!(error.code(), Some("AccessDenied"), "{round}: {error}");
    }
}

#[test]
fn half_a_token_is_a_secret_too() {
    let token = format!("CAIS{}", "x".repeat(300));
    let credentials = || Some(Credentials::new("STS.id", "sk", Some(&token)).unwrap().into());
    let page = format!("<html>you sent x-oss-security-token: {token}</html>");
    let signed = format!(
        "<Error><Code>SignatureDoesNotMatch</Code><Message>m</Message><StringToSign>PUT\n\n\n\n\
         x-oss-security-token:{token}\n/b/k</StringToSign></Error>"
    );
    for (status, body) in [("200 OK", &page), ("403 Forbidden", &page), ("403 Forbidden", &signed)]
    {
        let body = body.clone();
        let server = RawServer::start(move |mut stream| {
            read_request(&stream);
            let length = body.len();
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}");
            let _ = stream.write_all(answer.as_bytes());
        });
        let config = ClientConfig {
            credentials: credentials(),
            signature_version: SignatureVersion::V1,
            ..server.config()
        };
        let mut request = UploadRequest::new(BUCKET, "k", Body::Memory(b"v"));
        let callback = Callback::new("http://app.example.com/", "a=1");
        request.callback = Some(&callback);
        let error = Client::new(config).unwrap().upload(request).unwrap_err().error;
        assert!(!error.message().contains("CAISxxx"), "{status}: {error}");
        assert!(!error.report().contains("CAISxxx"), "{status}: {}", error.report());
    }
}

/// OSS names the header that it does not like, with its value.
#[test]
fn a_signature_that_comes_back_is_not_shown() {
    for signature_version in [SignatureVersion::V1, SignatureVersion::V4] {
        let server = RawServer::start(|stream| {
            let head = read_request(&stream);
            let value = head.iter().find_map(|line| line.strip_prefix("authorization: ")).unwrap();
            let signature = value.rsplit(['=', ':']).find(|text| !text.is_empty()).unwrap();
            let body = format!(
                "<Error><Code>InvalidArgument</Code><Message>{value}</Message>\
                 <ArgumentValue>{value}</ArgumentValue><Other>{}</Other></Error>",
                signature.chars().rev().collect::<String>()
            );
            say(&stream, "400 Bad Request", "", &body);
        });
        let client = Client::new(ClientConfig { signature_version, ..server.config() }).unwrap();
        let request = UploadRequest::new(BUCKET, "k", Body::Memory(b"v"));
        let error = client.upload(request).unwrap_err().error;
        let backwards = error.document_element("Other").unwrap();
        let signature: String = backwards.chars().rev().collect();
        assert!(signature.len() > 20, "{signature}");
        assert!(!error.report().contains(&signature), "{}", error.report());
        assert!(error.report().contains("(secret)"), "{}", error.report());
    }
}

/// The proxy knows the password; who reads the log does not.
#[test]
fn a_password_that_a_proxy_repeats_is_not_shown() {
    let server = RawServer::start(|mut stream| {
        let head = read_head(&mut BufReader::new(&stream));
        let login = head.iter().find(|line| line.starts_with("Proxy-Authorization")).unwrap();
        let _ = write!(stream, "HTTP/1.1 407 {login}\r\n\r\n");
    });
    let proxy = format!("http://user:password@{}", server.address());
    let config = support::client_config("http://oss.example.com".to_owned());
    let client = Client::new(support::through(&proxy, config)).unwrap();
    let request = UploadRequest::new(BUCKET, "k", Body::Memory(b"v"));
    let error = client.upload(request).unwrap_err().error;
    assert!(!error.message().contains("dXNlcjpwYXNz"), "{error}");
    assert!(error.message().contains("Basic (secret)"), "{error}");
}

/// Cancels at its first byte, and then goes on for a long time.
struct Slow {
    token: CancelToken,
    reads: Arc<AtomicUsize>,
}

impl Source for Slow {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        self.token.cancel();
        buf[0] = 7;
        self.reads.fetch_add(1, Ordering::SeqCst);
        Ok(1)
    }

    fn rewind(&mut self) -> Result<bool, Error> {
        Ok(true)
    }
}

#[test]
fn no_more_is_read_after_a_cancel() {
    let oss = LocalOss::start();
    for (length, md5) in [
        (Some(1_000_000), ContentMd5::None),
        (Some(1_000_000), ContentMd5::Computed),
        (None, ContentMd5::None),
    ] {
        let token = CancelToken::new();
        let reads = Arc::new(AtomicUsize::new(0));
        let mut source = Slow { token: token.clone(), reads: Arc::clone(&reads) };
        let body = Body::Stream { source: &mut source, length };
        let mut request = UploadRequest::new(BUCKET, "k", body);
        request.cancel = Some(&token);
        request.content_md5 = md5;
        let error = oss.client().upload(request).unwrap_err().error;
        assert_eq!(error.status(), Status::Cancelled, "{length:?} {md5:?}: {error}");
        assert_eq!(error.object_state(), ObjectState::NotStored);
        assert_eq!(reads.load(Ordering::SeqCst), 1, "{length:?} {md5:?}");
    }
}

/// A key that may put and not look must not be stuck with a checkpoint for ever.
#[test]
fn a_checkpoint_of_an_upload_that_is_gone_and_may_not_be_looked_for() {
    for has_callback in [false, true] {
        let interrupted = Interrupted::start(&format!("{has_callback}"), has_callback);
        let oss = &interrupted.oss;
        oss.fault("error status=403 code=AccessDenied operation=HeadObject times=always");
        let second = interrupted.upload_again();
        if has_callback {
            let error = second.unwrap_err().error;
            assert_eq!(error.object_state(), ObjectState::Unknown, "{error}");
            assert!(error.message().contains("begins anew"), "{error}");
            interrupted.upload_again().unwrap();
        } else {
            second.unwrap();
        }
        assert_eq!(oss.count(Operation::InitiateMultipartUpload), 2);
    }
}

/// An upload with a checkpoint that was interrupted, and of which OSS does not know any more.
struct Interrupted {
    oss: LocalOss,
    dir: PathBuf,
    callback: Option<Callback>,
}

impl Interrupted {
    fn start(name: &str, has_callback: bool) -> Self {
        let dir = out_dir().join(format!("doubts-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("source"), vec![7; 300 * 1024]).unwrap();
        let oss = LocalOss::start();
        let callback = has_callback.then(|| Callback::new(oss.callback_url(), "a=1"));
        let interrupted = Self { oss, dir, callback };
        interrupted.oss.fault("error status=403 code=AccessDenied operation=UploadPart part=2");
        interrupted.upload_again().unwrap_err();
        interrupted.oss.fault("error status=404 code=NoSuchUpload operation=ListParts");
        interrupted
    }

    fn upload_again(&self) -> Result<UploadResult, UploadError> {
        let path = self.dir.join("source");
        let mut request = UploadRequest::new(BUCKET, "k", Body::file(&path));
        request.part_size = Some(100 * 1024);
        request.multipart_threshold = request.part_size;
        request.checkpoint_dir = Some(&self.dir);
        request.callback = self.callback.as_ref();
        self.oss.client().upload(request)
    }
}

impl Drop for Interrupted {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// A proxy that refuses to pass a HEAD on, or does not find where to, knows nothing of the object.
#[test]
fn a_page_with_the_status_of_a_refusal_says_nothing_of_the_object() {
    for status in [403, 404] {
        let page = format!("page status={status} operation=HeadObject");
        let oss = LocalOss::start();
        let client = oss.client();
        client.upload(UploadRequest::new(BUCKET, "k", Body::Memory(b"damaged"))).unwrap();

        oss.fault(&page);
        let doubt_age = Duration::from_secs(100);
        let question = FindRequest::new(BUCKET, "k", Body::Memory(b"content"));
        let error = client.find(FindRequest { doubt_age, ..question }).unwrap_err();
        assert_eq!(error.status(), Status::BadResponse, "{error}");
        assert_ne!(error.advice(), Advice::Again, "{error}");
        assert!(!error.message().contains("is not stored"), "{error}");

        oss.fault(&page);
        let mut request = UploadRequest::new(BUCKET, "k", Body::Memory(b"content"));
        request.once = true;
        let error = client.upload(request).unwrap_err().error;
        assert_eq!(error.object_state(), ObjectState::NotStored, "{error}");
        assert_eq!(error.advice(), Advice::Again, "{error}");

        let interrupted = Interrupted::start(&format!("{status}"), true);
        interrupted.oss.fault(&page);
        let error = interrupted.upload_again().unwrap_err().error;
        assert_eq!(error.status(), Status::BadResponse, "{error}");
        assert_eq!(interrupted.oss.count(Operation::InitiateMultipartUpload), 1, "{error}");
    }
}
