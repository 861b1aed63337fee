//! Copies of objects, whole and as parts.

mod common;

use std::fs;
use std::time::Duration;

use common::folder::Folder;
use common::multipart::{MIN_PART, complete, initiate, part};
use common::{BUCKET, Request, Response, code, emulator, is};
use ossbind_emulator::{Bucket, Emulator, Operation, Options, Storage, Versioning};

fn copy(from: &str, to: &str) -> Request {
    Request::put(to, "").header("x-oss-copy-source", from)
}

fn put_source(emulator: &Emulator) -> Response {
    Request::put("dir/a é+b", "123456789")
        .header("content-type", "text/plain")
        .header("cache-control", "no-cache")
        .header("x-oss-meta-author", "alice")
        .header("x-oss-tagging", "a=1")
        .header("x-oss-object-acl", "private")
        .header("x-oss-storage-class", "IA")
        .header("x-oss-server-side-encryption", "AES256")
        .send(emulator)
}

const SOURCE: &str = "/examplebucket/dir%2Fa%20%C3%A9%2Bb";

#[test]
fn a_copy_has_the_content_and_the_metadata() {
    let folder = Folder::new("copy");
    for emulator in [emulator(), folder.emulator()] {
        let put = put_source(&emulator);
        let answer = copy(SOURCE, "copy").send(&emulator);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/xml"));
        assert_eq!(answer.element("ETag").as_deref(), put.header("etag"));
        assert_eq!(answer.header("etag"), put.header("etag"));
        assert_eq!(answer.header("x-oss-hash-crc64ecma"), Some("11051210869376104954"));
        // It would be taken for that of the body.
        assert_eq!(answer.header("content-md5"), None);
        let listed = Request::get("").query("prefix", "copy").send(&emulator);
        assert_eq!(answer.element("LastModified"), listed.element("LastModified"));

        let get = Request::get("copy").send(&emulator);
        assert_eq!((get.status, get.text().as_str()), (200, "123456789"));
        assert_eq!(get.header("content-type"), Some("text/plain"));
        assert_eq!(get.header("cache-control"), Some("no-cache"));
        assert_eq!(get.header("x-oss-meta-author"), Some("alice"));
        assert_eq!(get.header("x-oss-tagging-count"), Some("1"));
        // Neither of these is copied.
        assert_eq!(get.header("x-oss-storage-class"), Some("Standard"));
        assert_eq!(get.header("x-oss-server-side-encryption"), None);
        assert_eq!(emulator.object(BUCKET, "copy").unwrap().acl(), "default");

        let records = emulator.requests();
        let copy = records.iter().find(|record| record.operation == Some(Operation::CopyObject));
        assert_eq!(copy.unwrap().stored.as_ref().map(|stored| stored.size), Some(9));
    }
}

#[test]
fn a_copy_can_get_metadata_and_tags_of_its_own() {
    let emulator = emulator();
    put_source(&emulator);
    // As programs write the words.
    for (metadata, tags) in [("REPLACE", "COPY"), ("copy", "Replace")] {
        let answer = copy(SOURCE, "copy")
            .header("x-oss-metadata-directive", metadata)
            .header("x-oss-tagging-directive", tags)
            .header("content-type", "image/png")
            .header("x-oss-meta-other", "bob")
            .header("x-oss-tagging", "b=2&c=3")
            .header("x-oss-object-acl", "public-read")
            .header("x-oss-storage-class", "Archive")
            .header("x-oss-server-side-encryption", "KMS")
            .send(&emulator);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("x-oss-server-side-encryption"), Some("KMS"));
        let object = emulator.object(BUCKET, "copy").unwrap();
        let encryption = ("x-oss-server-side-encryption", "KMS");
        let own = [("x-oss-meta-other", "bob"), encryption];
        let copied = [("x-oss-meta-author", "alice"), ("cache-control", "no-cache"), encryption];
        let expected: &[_] = if metadata == "REPLACE" { &own } else { &copied };
        let headers = object.headers();
        let headers: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(headers, expected);
        let is_own = metadata == "REPLACE";
        assert_eq!(object.content_type(), if is_own { "image/png" } else { "text/plain" });
        assert_eq!(object.tags().len(), if is_own { 1 } else { 2 });
        assert_eq!((object.acl(), object.storage_class()), ("public-read", "Archive"));
    }
}

#[test]
fn copies_that_are_refused() {
    let emulator = emulator();
    put_source(&emulator);
    Request::put("there", "old").send(&emulator);
    let cases = [
        ("/examplebucket/missing", is(404, "NoSuchKey")),
        ("/other-bucket/a", is(404, "NoSuchBucket")),
        ("/_/a", is(400, "InvalidBucketName")),
        ("examplebucket/a", is(400, "InvalidArgument")),
        ("/examplebucket", is(400, "InvalidArgument")),
        ("/examplebucket/", is(400, "InvalidArgument")),
        ("", is(400, "InvalidArgument")),
        ("/examplebucket/%FF", is(400, "InvalidArgument")),
        ("/examplebucket/dir%2Fa%20%C3%A9%2Bb?versionId=abc", is(400, "NotImplemented")),
    ];
    for (source, expected) in cases {
        assert_eq!(code(&copy(source, "there").send(&emulator)), expected, "{source}");
    }
    let cases = [
        ("x-oss-metadata-directive", "MOVE", is(400, "InvalidArgument")),
        ("x-oss-tagging-directive", "", is(400, "InvalidArgument")),
        ("x-oss-tagging", "a*=1", is(400, "InvalidTaggingKey")),
        ("x-oss-forbid-overwrite", "true", is(409, "FileAlreadyExists")),
        ("x-oss-storage-class", "Cold", is(400, "InvalidArgument")),
        ("if-match", "\"A\"", is(400, "NotImplemented")),
    ];
    for (name, value, expected) in cases {
        let answer = copy(SOURCE, "there").header(name, value).send(&emulator);
        assert_eq!(code(&answer), expected, "{name}");
    }
    assert_eq!(Request::get("there").send(&emulator).text(), "old");
}

/// Makes an object look as if it were larger, by a file without blocks.
fn enlarge(folder: &Folder, size: u64) {
    let files = fs::read_dir(folder.0.join("data").join(BUCKET)).unwrap();
    for path in files.map(|file| file.unwrap().path()) {
        let extension = path.extension().map(|extension| extension.to_str().unwrap());
        if extension == Some("data") {
            fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(size).unwrap();
        } else if extension == Some("json") {
            let mut record: serde_json::Value =
                serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            record["digests"]["size"] = size.into();
            fs::write(&path, record.to_string()).unwrap();
        }
    }
}

/// The vendor's SDK for Python copies in parts when it is told so.
#[test]
fn what_is_too_large_has_to_be_copied_in_parts() {
    let folder = Folder::new("copy-large");
    let start = || {
        let buckets = vec![Bucket::new(BUCKET), Bucket::new("other-bucket")];
        let storage = Storage::Directory(folder.0.join("data"));
        Emulator::start(Options { storage, buckets, ..Options::default() }).unwrap()
    };
    let emulator = start();
    Request::put("large", "").send(&emulator);
    let id = initiate(&emulator, "parts");
    drop(emulator);
    let to = |bucket: &str| {
        let request = copy("/examplebucket/large", "copy");
        Request { bucket: bucket.to_owned(), ..request }
    };
    let cases = [
        (5, to("other-bucket")),
        (1, to(BUCKET).header("x-oss-storage-class", "IA")),
        (1, to("other-bucket").header("x-oss-storage-class", "IA")),
        (1, to(BUCKET).header("x-oss-server-side-encryption", "AES256")),
        // A part has the limit of all parts.
        (5, part("parts", &id, 1, "").header("x-oss-copy-source", "/examplebucket/large")),
    ];
    for (gigabytes, request) in cases {
        enlarge(&folder, (gigabytes << 30) + 1);
        let answer = request.send(&start());
        assert_eq!(code(&answer), is(400, "EntityTooLarge"));
    }
}

#[test]
fn a_copy_can_depend_on_its_source() {
    let emulator = emulator();
    let etag = put_source(&emulator).header("etag").unwrap().to_owned();
    let modified = emulator.object(BUCKET, "dir/a é+b").unwrap().last_modified();
    let date = |time| httpdate::fmt_http_date(time);
    let (before, after) =
        (date(modified - Duration::from_secs(60)), date(modified + Duration::from_secs(60)));
    let cases = [
        ("if-match", etag.as_str(), 200),
        ("if-match", "\"A\"", 412),
        ("if-none-match", &etag, 304),
        ("if-none-match", "\"A\"", 200),
        ("if-modified-since", &before, 200),
        ("if-modified-since", &after, 304),
        ("if-unmodified-since", &before, 412),
        ("if-unmodified-since", &after, 200),
    ];
    let id = initiate(&emulator, "parts");
    for (name, value, status) in cases {
        let name = format!("x-oss-copy-source-{name}");
        let answer = copy(SOURCE, "copy").header(&name, value).send(&emulator);
        assert_eq!(answer.status, status, "{name}: {value}");
        let answer = part("parts", &id, 1, "")
            .header("x-oss-copy-source", SOURCE)
            .header(&name, value)
            .send(&emulator);
        assert_eq!(answer.status, status, "{name}: {value}");
    }
}

#[test]
fn a_copy_onto_itself_gets_the_metadata_of_the_request() {
    let folder = Folder::new("onto-itself");
    for emulator in [emulator(), folder.emulator()] {
        let etag = put_source(&emulator).header("etag").unwrap().to_owned();
        let answer = copy(SOURCE, "dir/a é+b").header("x-oss-meta-other", "bob").send(&emulator);
        assert_eq!((answer.status, answer.header("etag")), (200, Some(etag.as_str())));
        let get = Request::get("dir/a é+b").send(&emulator);
        assert_eq!(get.text(), "123456789");
        assert_eq!(get.header("x-oss-meta-author"), None);
        assert_eq!(get.header("x-oss-meta-other"), Some("bob"));
        assert_eq!(get.header("x-oss-tagging-count"), Some("1"));
    }
    assert_eq!(folder.files(), 2);
}

#[test]
fn copies_between_buckets_have_versions_of_their_own() {
    let versioned = |name: &str| Bucket { versioning: Versioning::Enabled, ..Bucket::new(name) };
    let buckets = vec![versioned(BUCKET), versioned("other-bucket")];
    let emulator = Emulator::start(Options { buckets, ..Options::default() }).unwrap();
    let source = put_source(&emulator).header("x-oss-version-id").unwrap().to_owned();
    let request = Request { bucket: "other-bucket".to_owned(), ..copy(SOURCE, "copy") };
    let answer = request.send(&emulator);
    assert_eq!(answer.header("x-oss-copy-source-version-id"), Some(source.as_str()));
    let version = answer.header("x-oss-version-id").unwrap();
    assert_ne!(version, source);
    let object = emulator.object("other-bucket", "copy").unwrap();
    assert_eq!(object.version_id(), Some(version));
    // Where versions stay, it is a copy like any other.
    copy(SOURCE, "dir/a é+b").header("x-oss-meta-other", "bob").send(&emulator);
    let object = emulator.object(BUCKET, "dir/a é+b").unwrap();
    assert!(object.headers().contains(&("x-oss-meta-author".to_owned(), "alice".to_owned())));
}

#[test]
fn source_and_copy_go_their_own_ways() {
    let folder = Folder::new("own-ways");
    let emulator = folder.emulator();
    put_source(&emulator);
    copy(SOURCE, "copy").send(&emulator);
    assert_eq!(folder.files(), 4);
    assert_eq!(Request::new("DELETE", "dir/a é+b").send(&emulator).status, 204);
    assert_eq!(folder.files(), 2);
    drop(emulator);
    let emulator = folder.emulator();
    let get = Request::get("copy").send(&emulator);
    assert_eq!(
        (get.text().as_str(), get.header("x-oss-meta-author")),
        ("123456789", Some("alice"))
    );
    put_source(&emulator);
    let refused = copy(SOURCE, "copy").header("x-oss-forbid-overwrite", "true").send(&emulator);
    assert_eq!(code(&refused), is(409, "FileAlreadyExists"));
    assert_eq!(folder.files(), 4);
}

#[test]
fn a_copy_of_a_multipart_object_is_one_too() {
    let emulator = emulator();
    let id = initiate(&emulator, "parts");
    let etag =
        part("parts", &id, 1, "123456789").send(&emulator).header("etag").unwrap().to_owned();
    let whole = complete("parts", &id, [(1, etag.as_str())]).send(&emulator);
    copy("/examplebucket/parts", "copy").send(&emulator);
    let get = Request::get("copy").send(&emulator);
    assert_eq!(get.text(), "123456789");
    assert_eq!(get.header("x-oss-object-type"), Some("Multipart"));
    assert_eq!(get.header("etag"), whole.header("etag"));
}

#[test]
fn parts_can_be_copied() {
    let folder = Folder::new("part-copy");
    for emulator in [emulator(), folder.emulator()] {
        let content: Vec<u8> = (0..3 * MIN_PART).map(|n| (n % 251) as u8).collect();
        Request::put("source", content.clone()).send(&emulator);
        let id = initiate(&emulator, "parts");
        let copy = |number: u32, range: &str| {
            let request =
                part("parts", &id, number, "").header("x-oss-copy-source", "/examplebucket/source");
            let ranged = request.clone().header("x-oss-copy-source-range", range);
            if range.is_empty() { request } else { ranged }.send(&emulator)
        };
        let first = copy(1, &format!("bytes=1000-{}", 1000 + MIN_PART - 1));
        assert_eq!(first.status, 200, "{first:?}");
        let expected = format!("bytes 1000-{}/{}", 1000 + MIN_PART - 1, content.len());
        assert_eq!(first.header("content-range"), Some(expected.as_str()));
        assert_eq!(first.element("ETag").as_deref(), first.header("etag"));
        assert_eq!(first.element("LastModified").unwrap().len(), 24);
        let second = copy(2, "");
        assert_eq!((second.status, second.header("content-range")), (200, None));
        // What leaves the source selects all of it.
        let third = copy(3, "bytes=0-400000");
        assert_eq!(third.header("content-range"), None);
        let last = copy(4, "bytes=7-7");

        let uploaded = part("parts", &id, 5, &content[1000..][..MIN_PART]).send(&emulator);
        assert_eq!(first.header("etag"), uploaded.header("etag"));
        for name in ["x-oss-hash-crc64ecma", "etag"] {
            assert_eq!(first.header(name), uploaded.header(name));
        }
        let etags: Vec<_> =
            [&first, &second, &third, &last].map(|a| a.header("etag").unwrap()).to_vec();
        let parts = (1..).zip(etags);
        assert_eq!(complete("parts", &id, parts).send(&emulator).status, 200);
        let expected = [&content[1000..][..MIN_PART], &content, &content, &content[7..8]].concat();
        assert!(Request::get("parts").send(&emulator).body == expected);

        let records = emulator.requests();
        let operations = records.iter().filter_map(|record| record.operation);
        assert_eq!(operations.filter(|one| *one == Operation::UploadPartCopy).count(), 4);
    }
    assert_eq!(folder.files(), 4);
}

#[test]
fn part_copies_that_are_refused() {
    let emulator = emulator();
    put_source(&emulator);
    let id = initiate(&emulator, "parts");
    let copy = |number: u32, id: &str, source: &str| {
        part("parts", id, number, "").header("x-oss-copy-source", source).send(&emulator)
    };
    assert_eq!(code(&copy(0, &id, SOURCE)), is(400, "InvalidArgument"));
    assert_eq!(code(&copy(1, "other", SOURCE)), is(404, "NoSuchUpload"));
    assert_eq!(code(&copy(1, &id, "/examplebucket/missing")), is(404, "NoSuchKey"));
    assert_eq!(emulator.multipart_uploads()[0].parts, []);
}

#[test]
fn discarded_contents_can_be_copied_but_not_read() {
    let options = Options { storage: Storage::Discard, ..Options::default() };
    let emulator = Emulator::start(options).unwrap();
    let put = put_source(&emulator);
    assert_eq!(copy(SOURCE, "copy").send(&emulator).header("etag"), put.header("etag"));
    let id = initiate(&emulator, "parts");
    let answer = part("parts", &id, 1, "").header("x-oss-copy-source", SOURCE).send(&emulator);
    assert_eq!(code(&answer), is(403, "InvalidObjectState"));
}
