//! Uploads through the Rust face against the local OSS, which verifies every signature.

mod support;

use std::cell::Cell;
use std::io::Write as _;

use ossbind::callback::BodyType;
use ossbind::credentials::Credentials;
use ossbind::signing::SignatureVersion;
use ossbind::upload::{ContentMd5, Source};
use ossbind::{
    Advice, Body, Callback, Client, ClientConfig, Error, ObjectState, Status, UploadRequest,
};
use ossbind_emulator::{Answer, Bucket, Options, Versioning};
use support::local_oss::{BUCKET, LocalOss};
use support::native::out_dir;
use support::through;

fn memory<'a>(key: &'a str, bytes: &'a [u8]) -> UploadRequest<'a> {
    UploadRequest::new(BUCKET, key, Body::Memory(bytes))
}

#[test]
fn stored_and_acknowledged_with_every_signature() {
    let permanent = || Credentials::new("ak", "sk", None).unwrap();
    let temporary = || Credentials::new("STS.ak", "sts-sk", Some("token")).unwrap();
    for (version, credentials) in [
        (SignatureVersion::V4, permanent()),
        (SignatureVersion::V4, temporary()),
        (SignatureVersion::V1, permanent()),
        (SignatureVersion::V1, temporary()),
    ] {
        let oss = LocalOss::start();
        let id = credentials.access_key_id().to_owned();
        let client = Client::new(ClientConfig {
            signature_version: version,
            credentials: Some(credentials.into()),
            ..oss.config()
        })
        .unwrap();
        let callback = Callback::new(oss.callback_url(), "key=${object}&size=${size}&id=${x:id}")
            .variable("x:id", "u 1/+");
        oss.receiver.answer_with(Answer::json("{\"seen\": 1}\n"));
        let mut request = memory("dir/a b+c~é/中.txt", b"hello world");
        request.callback = Some(&callback);
        let result = client.upload(request).unwrap();

        assert_eq!(result.http_status(), 200);
        assert_eq!(result.callback_answer(), b"{\"seen\": 1}\n");
        assert_eq!(result.etag(), Some("5EB63BBBE01EEED093CB22BB8F5ACDC3"));
        assert_eq!(result.crc64(), Some(5_981_764_153_023_615_706));
        assert_eq!(result.request_id().map(str::len), Some(24));
        assert_eq!(result.header("Server"), Some("AliyunOSS"));
        assert_eq!(oss.content("dir/a b+c~é/中.txt").unwrap(), b"hello world");

        let received = &oss.received(1)[0];
        assert_eq!(received.signature, Ok(()));
        assert_eq!(
            received.body_text(),
            "key=dir%2Fa%20b%2Bc~%C3%A9%2F%E4%B8%AD.txt&size=11&id=u%201%2F%2B"
        );
        let mut requests = oss.emulator.requests();
        requests.retain(|request| request.method == "PUT");
        assert_eq!(requests.len(), 1);
        let upload = &requests[0];
        assert_eq!(upload.access_key_id.as_deref(), Some(id.as_str()));
        let signed = upload.signature_version.map(|version| format!("{version:?}"));
        assert_eq!(signed, Some(format!("{version:?}")));
    }
}

#[test]
fn every_kind_of_body_arrives_whole() {
    struct Pieces<'a>(&'a [u8]);
    impl Source for Pieces<'_> {
        fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
            let count = self.0.len().min(buf.len()).min(1000);
            buf[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }
    let oss = LocalOss::start();
    let client = oss.client();
    // Around the sizes of the buffers: 16 KiB, 64 KiB, 128 KiB.
    for size in [0, 1, 16_383, 16_384, 65_000, 65_536, 131_071, 131_072, 131_073, 1_000_000] {
        let bytes: Vec<u8> = (0..size).map(|i| (i * 31 % 251) as u8).collect();
        let mut file = tempfile();
        file.1.write_all(&bytes).unwrap();
        let mut pieces = Pieces(&bytes);
        let keys = ["memory", "file", "stream"].map(|kind| format!("{size}-{kind}"));
        let bodies = [
            Body::Memory(&bytes),
            Body::file(&file.0),
            Body::Stream { source: &mut pieces, length: Some(size as u64) },
        ];
        for (body, key) in bodies.into_iter().zip(&keys) {
            let result = client.upload(UploadRequest::new(BUCKET, key, body)).unwrap();
            assert_eq!(oss.content(key).unwrap(), bytes, "{key}");
            assert!(result.callback_answer().is_empty());
        }
    }
    let ports: std::collections::BTreeSet<u16> =
        oss.emulator.requests().iter().map(|request| request.peer.port()).collect();
    assert_eq!(ports.len(), 1, "all uploads of one client share a connection");
}

/// A file of its own for each call.
fn tempfile() -> (std::path::PathBuf, std::fs::File) {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let name = format!("upload-{}-{number}", std::process::id());
    let path = out_dir().join(name);
    let file = std::fs::File::create(&path).unwrap();
    (path, file)
}

/// Names that URLs, proxies and file systems like to change on the way.
#[test]
fn odd_keys_stay_what_they_are() {
    let long = "中".repeat(341);
    let oss = LocalOss::start();
    for version in [SignatureVersion::V4, SignatureVersion::V1] {
        let client =
            Client::new(ClientConfig { signature_version: version, ..oss.config() }).unwrap();
        for key in [
            "a",
            "dir/",
            "..",
            "../up",
            "a/../b",
            "./a",
            "a//b",
            "a+b c",
            "%2e%2E%2f",
            "?q=1#f",
            "a&b=c;d",
            "~!*'()",
            "\u{7f}\t\n",
            "é/中.txt",
            "..\\win",
            "x:y@z",
            &long,
        ] {
            client.upload(memory(key, key.as_bytes())).unwrap_or_else(|e| panic!("{key}: {e}"));
            assert_eq!(oss.content(key).unwrap(), key.as_bytes(), "{key}");
        }
    }
}

#[test]
fn a_fifo_is_refused_and_not_waited_for() {
    let path = out_dir().join(format!("fifo-{}", std::process::id()));
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    let oss = LocalOss::start();
    let request = UploadRequest::new(BUCKET, "k", Body::file(&path));
    let error = oss.client().upload(request).unwrap_err().error;
    std::fs::remove_file(&path).unwrap();
    assert_eq!((error.status(), error.field()), (Status::Body, Some("file_path")));
    assert!(error.message().contains("not a regular file"), "{error}");
}

/// They say that they have a page, and give less.
#[test]
fn files_of_sys_need_a_read_function() {
    let oss = LocalOss::start();
    let body = Body::file("/sys/kernel/uevent_seqnum");
    let error = oss.client().upload(UploadRequest::new(BUCKET, "a", body)).unwrap_err().error;
    assert!(error.message().contains("use a read function"), "{error}");
    assert_eq!((error.status(), error.advice()), (Status::Body, Advice::FixRequest), "{error}");
    assert!(oss.content("a").is_none());
}

#[test]
fn headers_reach_the_object() {
    let oss = LocalOss::start();
    let client = oss.client();
    let mut request = memory("photo.jpg", b"not really");
    request.metadata = &[("Camera", "north-1"), ("note", "grüße 中")];
    request.headers = &[("Cache-Control", "no-cache"), ("x-oss-tagging", "a=1&b=2")];
    request.storage_class = Some("IA");
    request.acl = Some("private");
    request.content_md5 = ContentMd5::Computed;
    client.upload(request).unwrap();
    let sent = &oss.emulator.requests()[0];
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("content-md5", "EpHfuvc3S+AOr7SJEZIyCQ=="),
        ("x-oss-meta-camera", "north-1"),
        ("cache-control", "no-cache"),
        ("x-oss-tagging", "a=1&b=2"),
        ("x-oss-storage-class", "IA"),
        ("x-oss-object-acl", "private"),
    ] {
        assert!(sent.header(name).is_some(), "{name} was not sent");
        if name != "content-md5" {
            assert_eq!(sent.header(name), Some(value));
        }
    }
    let agent = sent.header("user-agent").unwrap();
    assert!(agent.starts_with(concat!("ossbind/", env!("CARGO_PKG_VERSION"), " (linux; ")));

    let content_type = |key: &str, given| {
        let mut request = memory(key, b"x");
        request.content_type = given;
        client.upload(request).unwrap();
        oss.emulator.object(BUCKET, key).unwrap().content_type().to_owned()
    };
    assert_eq!(content_type("a.json", None), "application/json");
    assert_eq!(content_type("no-extension", None), "application/octet-stream");
    assert_eq!(
        content_type("b.txt", Some("text/plain; charset=utf-8")),
        "text/plain; charset=utf-8"
    );
}

#[test]
fn forbid_overwrite_and_wrong_md5_leave_the_object_alone() {
    let oss = LocalOss::start();
    let client = oss.client();
    client.upload(memory("once", b"first")).unwrap();
    let mut second = memory("once", b"second");
    second.forbid_overwrite = true;
    let error = client.upload(second).unwrap_err().error;
    assert_eq!((error.status(), error.code()), (Status::Service, Some("FileAlreadyExists")));
    assert_eq!(error.object_state(), ObjectState::NotStored);
    let mut wrong = memory("once", b"third");
    wrong.content_md5 = ContentMd5::Given("1B2M2Y8AsgTpgAmY7PhCfg==");
    let error = client.upload(wrong).unwrap_err().error;
    assert_eq!(error.code(), Some("InvalidDigest"));
    assert_eq!(oss.content("once").unwrap(), b"first");
}

#[test]
fn version_id_of_a_versioned_bucket() {
    let bucket = Bucket { versioning: Versioning::Enabled, ..Bucket::new(BUCKET) };
    let oss = LocalOss::with(Options { buckets: vec![bucket], ..Options::default() });
    let result = oss.client().upload(memory("k", b"v")).unwrap();
    let stored = oss.emulator.object(BUCKET, "k").unwrap();
    assert_eq!(result.version_id(), stored.version_id());
    assert!(result.version_id().is_some());
}

#[test]
fn json_body_arrives_intact() {
    let oss = LocalOss::start();
    let body = r#"{"say":"\"hi\" \\ 中文 / ","object":${object},"size":${size},"me":${x:me}}"#;
    let callback = Callback::new(oss.callback_url(), body)
        .body_type(BodyType::Json)
        .variable("x:me", "a\"b\\c\n中");
    let mut request = memory("k\"1\\", b"v");
    request.callback = Some(&callback);
    oss.client().upload(request).unwrap();
    let received = &oss.received(1)[0];
    assert_eq!(
        received.body_text(),
        r#"{"say":"\"hi\" \\ 中文 / ","object":"k\"1\\","size":1,"me":"a\"b\\c\n中"}"#
    );
    assert_eq!(received.header("content-type"), Some("application/json"));
}

#[test]
fn callback_json_of_4_kb_goes_through_and_5121_bytes_are_refused_locally() {
    let oss = LocalOss::start();
    let client = oss.client();
    let upload = |filler: usize| {
        let callback = Callback::new(oss.callback_url(), format!("a={}", "b".repeat(filler)));
        let mut request = memory("k", b"v");
        request.callback = Some(&callback);
        client.upload(request)
    };
    upload(3600).unwrap();
    assert_eq!(oss.received(1)[0].body.len(), 3602);
    let before = oss.emulator.requests().len();
    let error = upload(3840).unwrap_err().error;
    assert_eq!((error.status(), error.ec()), (Status::InvalidCallback, Some("0007-00000001")));
    assert_eq!(oss.emulator.requests().len(), before, "nothing was sent");
}

#[test]
fn a_second_url_takes_over() {
    let oss = LocalOss::start();
    oss.receiver.answer_next_with(Answer::status(500));
    let urls = format!("{};{}", oss.receiver.url("/first"), oss.receiver.url("/second"));
    let callback = Callback::new(urls, "a=1");
    let mut request = memory("k", b"v");
    request.callback = Some(&callback);
    oss.client().upload(request).unwrap();
    let targets: Vec<String> = oss.received(2).iter().map(|r| r.target.clone()).collect();
    assert_eq!(targets, ["/first", "/second"]);
}

#[test]
fn the_public_service_is_not_asked_to_call_private_addresses() {
    let config = ClientConfig {
        endpoint: Some("oss-cn-hangzhou.aliyuncs.com".to_owned()),
        region: None,
        ..LocalOss::start().config()
    };
    let callback = Callback::new("http://192.168.1.2/", "a=1");
    let mut request = memory("k", b"v");
    request.callback = Some(&callback);
    let error = Client::new(config).unwrap().upload(request).unwrap_err().error;
    assert_eq!((error.status(), error.ec()), (Status::InvalidCallback, Some("0007-00000008")));
}

#[test]
fn secrets_of_a_configuration_are_not_in_its_debug_text() {
    let config = through("http://me:pr0xy@127.0.0.1:1", LocalOss::start().config());
    let text = format!("{config:?}") + &format!("{:?}", Client::new(config).unwrap());
    assert!(!text.contains("pr0xy") && !text.contains("\"sk\""), "{text}");
}

#[test]
fn progress_is_told_and_may_stop_the_upload() {
    let oss = LocalOss::start();
    let client = oss.client();
    let bytes = vec![7; 300_000];
    let last = Cell::new(0);
    let mut watch = |progress: ossbind::upload::Progress| {
        assert!(progress.sent > last.get());
        assert_eq!(progress.total, 300_000);
        last.set(progress.sent);
        Ok(())
    };
    let mut request = memory("watched", &bytes);
    request.progress = Some(&mut watch);
    client.upload(request).unwrap();
    assert_eq!(last.get(), 300_000);
}

/// What was read may be half old and half new; a log that grows is as good as it was.
#[test]
fn a_file_that_is_overwritten_meanwhile_is_not_stored() {
    let path = out_dir().join(format!("overwritten-{}", std::process::id()));
    for threshold in [u64::MAX >> 1, 1].map(|bytes| bytes.min(5 << 30)) {
        for appends in [false, true] {
            let oss = LocalOss::start();
            std::fs::write(&path, vec![7; 600_000]).unwrap();
            let mut file =
                std::fs::File::options().append(appends).write(true).open(&path).unwrap();
            // Times of files have the grain of the kernel's ticks.
            file.set_modified(std::time::UNIX_EPOCH).unwrap();
            let mut change = |_: ossbind::upload::Progress| {
                file.write_all(b"new").unwrap();
                Ok(())
            };
            let mut request = UploadRequest::new(BUCKET, "k", Body::file(&path));
            request.multipart_threshold = Some(threshold);
            request.part_size = Some(102_400);
            request.progress = Some(&mut change);
            let outcome = oss.client().upload(request);
            if appends {
                outcome.unwrap();
                assert!(oss.content("k").unwrap() == [7; 600_000]);
            } else {
                let error = outcome.unwrap_err().error;
                assert_eq!((error.status(), error.field()), (Status::Body, Some("file_path")));
                assert_eq!(error.advice(), Advice::Again);
                assert!(error.message().contains("changed while it was read"), "{error}");
                assert!(oss.content("k").is_none() && oss.emulator.multipart_uploads().is_empty());
            }
        }
    }
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_body_that_ends_early_stores_nothing() {
    struct Short;
    impl Source for Short {
        fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
            static LEFT: std::sync::atomic::AtomicUsize =
                std::sync::atomic::AtomicUsize::new(70_000);
            let left = LEFT.load(std::sync::atomic::Ordering::Relaxed);
            let count = left.min(buf.len());
            LEFT.store(left - count, std::sync::atomic::Ordering::Relaxed);
            Ok(count)
        }
    }
    let oss = LocalOss::start();
    let body = Body::Stream { source: &mut Short, length: Some(100_000) };
    let error = oss.client().upload(UploadRequest::new(BUCKET, "k", body)).unwrap_err().error;
    assert_eq!((error.status(), error.field()), (Status::Body, Some("read")));
    assert!(error.message().contains("70000") && error.message().contains("100000"), "{error}");
    assert_eq!(error.object_state(), ObjectState::NotStored);
    assert!(oss.content("k").is_none());
}

#[test]
fn many_threads_share_a_client() {
    let oss = LocalOss::start();
    let client = oss.client();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let client = &client;
            scope.spawn(move || {
                for number in 0..20 {
                    let key = format!("{thread}/{number}");
                    let result = client.upload(memory(&key, key.as_bytes())).unwrap();
                    assert!(result.etag().is_some());
                }
            });
        }
    });
    for thread in 0..8 {
        for number in 0..20 {
            let key = format!("{thread}/{number}");
            assert_eq!(oss.content(&key).unwrap(), key.as_bytes());
        }
    }
}

/// A body may come from a function that itself uploads: the two exchanges must not mix.
#[test]
fn an_upload_inside_an_upload() {
    struct Nested<'a> {
        client: &'a Client,
        left: usize,
    }
    impl Source for Nested<'_> {
        fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
            let inner = self.client.upload(memory(&format!("inner-{}", self.left), b"inner"));
            assert!(inner.is_ok());
            let count = self.left.min(buf.len()).min(50_000);
            buf[..count].fill(1);
            self.left -= count;
            Ok(count)
        }
    }
    let oss = LocalOss::start();
    let client = oss.client();
    let mut nested = Nested { client: &client, left: 200_000 };
    let body = Body::Stream { source: &mut nested, length: Some(200_000) };
    client.upload(UploadRequest::new(BUCKET, "outer", body)).unwrap();
    assert_eq!(oss.content("outer").unwrap().len(), 200_000);
    assert_eq!(oss.content("inner-200000").unwrap(), b"inner");
}

/// What the system says of a file, by its errno: what to do with the file.
#[test]
fn a_file_that_cannot_be_read_is_set_aside_or_kept() {
    let oss = LocalOss::start();
    for (path, advice, said) in [
        ("/no such file", Advice::FixRequest, "No such file"),
        ("/etc/passwd/none", Advice::FixRequest, "Not a directory"),
        ("/", Advice::FixRequest, "not a regular file"),
        // EIO, as of a disk that fails: its first page is no memory.
        ("/proc/self/mem", Advice::Again, "Input/output error"),
    ] {
        let request = UploadRequest::new(BUCKET, "k", Body::file(path));
        let error = oss.client().upload(request).unwrap_err().error;
        assert_eq!((error.status(), error.advice()), (Status::Body, advice), "{error}");
        assert!(error.message().contains(said), "{error}");
    }
    assert!(oss.emulator.requests().is_empty());
}
