//! Storing, reading and listing objects.

mod common;

use common::{BUCKET, Request, Response, code, emulator, is};
use ossbind_emulator::{Bucket, Cname, Emulator, Options, Storage, Versioning};

#[test]
fn what_was_put_comes_back() {
    let emulator = emulator();
    let put = Request::put("dir/a.txt", "123456789")
        .header("content-type", "text/plain; charset=utf-8")
        .header("cache-control", "no-cache")
        .header("content-disposition", "attachment")
        .header("x-oss-meta-author", "alice é")
        .header("x-oss-storage-class", "IA")
        .header("x-oss-object-acl", "private")
        .header("content-md5", "JfnnlDI7RTiF9RgfG2JNCw==")
        .header("x-oss-hash-crc64ecma", "11051210869376104954")
        .send(&emulator);
    assert_eq!((put.status, put.body.as_slice()), (200, &b""[..]));
    assert_eq!(put.header("etag"), Some("\"25F9E794323B453885F5181F1B624D0B\""));
    assert_eq!(put.header("x-oss-hash-crc64ecma"), Some("11051210869376104954"));
    assert_eq!(put.header("content-md5"), Some("JfnnlDI7RTiF9RgfG2JNCw=="));
    assert_eq!(put.header("server"), Some("AliyunOSS"));
    assert_eq!(put.header("x-oss-request-id").unwrap().len(), 24);
    assert!(put.header("x-oss-server-time").unwrap().parse::<u64>().is_ok());
    assert_eq!(put.header("x-oss-version-id"), None);

    let get = Request::get("dir/a.txt").send(&emulator);
    assert_eq!((get.status, get.text().as_str()), (200, "123456789"));
    let head = Request::new("HEAD", "dir/a.txt").send(&emulator);
    for answer in [&get, &head] {
        assert_eq!(answer.header("content-length"), Some("9"));
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert_eq!(answer.header("content-disposition"), Some("attachment"));
        assert_eq!(answer.header("x-oss-meta-author"), Some("alice é"));
        assert_eq!(answer.header("x-oss-storage-class"), Some("IA"));
        assert_eq!(answer.header("x-oss-object-type"), Some("Normal"));
        assert_eq!(answer.header("etag"), put.header("etag"));
        assert!(answer.header("last-modified").is_some());
    }

    let object = emulator.object(BUCKET, "dir/a.txt").unwrap();
    assert_eq!(object.content().unwrap().unwrap(), b"123456789");
    assert_eq!((object.size(), object.crc64()), (9, 11_051_210_869_376_104_954));
    assert_eq!((object.acl(), object.storage_class()), ("private", "IA"));

    assert_eq!(Request::new("DELETE", "dir/a.txt").send(&emulator).status, 204);
    assert_eq!(Request::new("DELETE", "dir/a.txt").send(&emulator).status, 204);
    assert_eq!(code(&Request::get("dir/a.txt").send(&emulator)), is(404, "NoSuchKey"));
}

#[test]
fn the_default_content_type() {
    let emulator = emulator();
    Request::put("a.txt", "").send(&emulator);
    let object = emulator.object(BUCKET, "a.txt").unwrap();
    assert_eq!(object.content_type(), "application/octet-stream");
}

#[test]
fn an_error_to_head_is_in_a_header() {
    use base64::Engine;
    let emulator = emulator();
    let mut answer = Request::new("HEAD", "missing").send(&emulator);
    assert_eq!((answer.status, answer.header("content-length")), (404, Some("0")));
    assert_eq!(answer.header("x-oss-ec"), Some("0026-00000001"));
    let document = answer.header("x-oss-err").unwrap();
    answer.body = base64::engine::general_purpose::STANDARD.decode(document).unwrap();
    assert_eq!(code(&answer), is(404, "NoSuchKey"));
}

#[test]
fn headers_that_are_refused() {
    let emulator = emulator();
    let cases = [
        ("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==", is(400, "InvalidDigest")),
        ("content-md5", "no digest", is(400, "InvalidDigest")),
        ("x-oss-hash-crc64ecma", "1", is(400, "InvalidCRC64")),
        ("x-oss-object-acl", "public", is(400, "InvalidArgument")),
        ("x-oss-storage-class", "Cold", is(400, "InvalidArgument")),
        ("x-oss-forbid-overwrite", "yes", is(400, "InvalidArgument")),
        ("x-oss-server-side-encryption", "DES", is(400, "InvalidEncryptionAlgorithmError")),
        ("x-oss-meta-a_b", "1", is(400, "InvalidArgument")),
        ("x-oss-meta-a", &"v".repeat(8192), is(400, "InvalidArgument")),
        ("if-none-match", "*", is(400, "NotImplemented")),
    ];
    for (name, value, expected) in cases {
        let answer = Request::put("a.txt", "content").header(name, value).send(&emulator);
        assert_eq!(code(&answer), expected, "{name}: {value}");
        assert!(emulator.object(BUCKET, "a.txt").is_none());
    }
}

#[test]
fn overwriting_can_be_forbidden() {
    let versioned = Bucket { versioning: Versioning::Enabled, ..Bucket::new("versioned") };
    let buckets = vec![Bucket::new(BUCKET), versioned];
    let emulator = Emulator::start(Options { buckets, ..Options::default() }).unwrap();
    let put = |bucket: &str| {
        let request = Request { bucket: bucket.to_owned(), ..Request::put("a.txt", "") };
        request.header("x-oss-forbid-overwrite", "true").send(&emulator)
    };
    assert_eq!(put(BUCKET).status, 200);
    assert_eq!(code(&put(BUCKET)), is(409, "FileAlreadyExists"));
    assert_eq!(put("versioned").status, 200);
    assert_eq!(put("versioned").status, 200);
}

#[test]
fn versioning_shows_in_a_header() {
    let bucket = |name: &str, versioning| Bucket { versioning, ..Bucket::new(name) };
    let buckets =
        vec![bucket("enabled", Versioning::Enabled), bucket("suspended", Versioning::Suspended)];
    let emulator = Emulator::start(Options { buckets, ..Options::default() }).unwrap();
    let version = |bucket: &str| {
        let request = Request { bucket: bucket.to_owned(), ..Request::put("a.txt", "") };
        request.send(&emulator).header("x-oss-version-id").map(str::to_owned)
    };
    let first = version("enabled");
    assert!(first.is_some());
    assert_ne!(first, version("enabled"));
    assert_eq!(version("suspended").as_deref(), Some("null"));
}

#[test]
fn names_that_are_refused() {
    let emulator = emulator();
    let put = |bucket: &str, key: &str| {
        code(&Request { bucket: bucket.to_owned(), ..Request::put(key, "") }.send(&emulator))
    };
    assert_eq!(put("no-such-bucket", "a"), is(404, "NoSuchBucket"));
    assert_eq!(put("Bad_Bucket", "a"), is(400, "InvalidBucketName"));
    assert_eq!(put(BUCKET, "/a"), is(400, "InvalidObjectName"));
    assert_eq!(put(BUCKET, "\\a"), is(400, "InvalidObjectName"));
    assert_eq!(put(BUCKET, &"a".repeat(1024)), is(400, "InvalidObjectName"));
}

#[test]
fn names_that_no_object_can_have_are_not_found() {
    let emulator = emulator();
    for key in ["/", "/a", "\\a"] {
        assert_eq!(Request::new("HEAD", key).send(&emulator).status, 404, "{key}");
        assert_eq!(code(&Request::get(key).send(&emulator)), is(404, "NoSuchKey"), "{key}");
    }
    let long = Request::get(&"a".repeat(1024)).send(&emulator);
    assert_eq!(code(&long), is(400, "InvalidObjectName"));
}

#[test]
fn every_url_style_reaches_the_bucket() {
    let cnames = vec![Cname { host: "img.example.com".to_owned(), bucket: BUCKET.to_owned() }];
    let emulator = Emulator::start(Options { cnames, ..Options::default() }).unwrap();
    for host in [
        "examplebucket.localhost:9000",
        "examplebucket.oss-cn-hangzhou.aliyuncs.com",
        "examplebucket.oss",
        "img.example.com",
    ] {
        let host = Some(host.to_owned());
        assert_eq!(Request { host, ..Request::put("a/b", "") }.send(&emulator).status, 200);
    }
    let host = Some("unknown.localhost".to_owned());
    let request = Request { host, bucket: "unknown".to_owned(), ..Request::put("a", "") };
    assert_eq!(code(&request.send(&emulator)), is(404, "NoSuchBucket"));
}

#[test]
fn methods_and_operations_that_do_not_exist() {
    let emulator = emulator();
    let answer = Request::new("PATCH", "a.txt").send(&emulator);
    assert_eq!(code(&answer), is(405, "MethodNotAllowed"));
    let answer = Request::post("a.txt", "").query("restore", "").send(&emulator);
    assert_eq!(code(&answer), is(400, "NotImplemented"));
}

#[test]
fn objects_are_listed_in_pages() {
    let emulator = emulator();
    for key in ["a/1", "a/2", "a/3 é", "b"] {
        Request::put(key, "x").send(&emulator);
    }
    let list = |marker: &str| {
        Request::get("")
            .query("prefix", "a/")
            .query("max-keys", "2")
            .query("marker", marker)
            .query("encoding-type", "url")
            .send(&emulator)
    };
    let keys = |answer: &Response| {
        let text = answer.text();
        let document = roxmltree::Document::parse(&text).unwrap();
        let keys = document.descendants().filter(|node| node.has_tag_name("Key"));
        keys.map(|node| node.text().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = list("");
    assert_eq!(keys(&first), ["a%2F1", "a%2F2"]);
    assert_eq!(first.element("IsTruncated").as_deref(), Some("true"));
    assert_eq!(first.element("NextMarker").as_deref(), Some("a%2F2"));
    assert_eq!(first.element("Size").as_deref(), Some("1"));
    let last = list("a/2");
    assert_eq!(keys(&last), ["a%2F3%20%C3%A9"]);
    assert_eq!(last.element("IsTruncated").as_deref(), Some("false"));
    let answer = Request::get("").query("max-keys", "1001").send(&emulator);
    assert_eq!(code(&answer), is(400, "InvalidArgument"));
}

#[test]
fn buckets_are_listed() {
    let emulator = emulator();
    let answer = Request { bucket: String::new(), ..Request::get("") }.send(&emulator);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.element("Name").as_deref(), Some(BUCKET));
    assert_eq!(answer.element("Location").as_deref(), Some("oss-cn-hangzhou"));
}

#[test]
fn the_public_key_needs_no_signature() {
    let emulator = emulator();
    let path = emulator.public_key_url().replace(&emulator.endpoint(), "");
    assert_eq!(path, "/-/callback_pub_key_v1.pem");
    let request = Request { bucket: "-".to_owned(), ..Request::get("callback_pub_key_v1.pem") };
    let answer = request.send_as_is(&emulator);
    assert_eq!((answer.status, answer.text()), (200, emulator.public_key_pem()));
    // An object may have that name.
    let host = Some("examplebucket.localhost".to_owned());
    let object = Request { host, ..Request::get("-/callback_pub_key_v1.pem") };
    assert_eq!(code(&object.send(&emulator)), is(404, "NoSuchKey"));
}

#[test]
fn discarded_contents_leave_their_checksums() {
    let options = Options { storage: Storage::Discard, ..Options::default() };
    let emulator = Emulator::start(options).unwrap();
    let put = Request::put("a.txt", "123456789").send(&emulator);
    assert_eq!(put.header("x-oss-hash-crc64ecma"), Some("11051210869376104954"));
    let head = Request::new("HEAD", "a.txt").send(&emulator);
    assert_eq!(head.header("content-length"), Some("9"));
    assert_eq!(code(&Request::get("a.txt").send(&emulator)), is(403, "InvalidObjectState"));
    assert_eq!(emulator.object(BUCKET, "a.txt").unwrap().content().unwrap(), None);
}
