//! Buckets that clients make, change and remove.

mod common;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::multipart::{abort, complete_all, elements, initiate, upload_part};
use common::{BUCKET, Request, Response, callback_headers, code, connect, emulator, is};
use md5::{Digest, Md5};
use ossbind_emulator::{Bucket, Emulator, Log, Options, Storage};
use serde_json::json;

fn of(bucket: &str, request: Request) -> Request {
    Request { bucket: bucket.to_owned(), ..request }
}

fn put(bucket: &str) -> Request {
    of(bucket, Request::new("PUT", ""))
}

fn configuration(members: &str) -> String {
    format!("<CreateBucketConfiguration>{members}</CreateBucketConfiguration>")
}

fn put_with(bucket: &str, body: &str) -> Request {
    of(bucket, Request::put("", body))
}

fn delete(emulator: &Emulator, bucket: &str) -> Response {
    of(bucket, Request::new("DELETE", "")).send(emulator)
}

fn ask(emulator: &Emulator, bucket: &str, what: &str) -> Response {
    of(bucket, Request::get("")).query(what, "").send(emulator)
}

fn names(emulator: &Emulator) -> Vec<String> {
    elements(&of("", Request::get("")).send(emulator), "Name")
}

#[test]
fn a_bucket_is_made_used_and_removed() {
    let emulator = emulator();
    let body = configuration("<StorageClass>IA</StorageClass>");
    let digest = STANDARD.encode(Md5::digest(&body));
    let request = put_with("made", &body).header("content-md5", &digest);
    let answer = request.header("x-oss-acl", "public-read").send(&emulator);
    assert_eq!((answer.status, answer.header("location")), (200, Some("/made")));
    assert_eq!(names(&emulator), [BUCKET, "made"]);
    let info = ask(&emulator, "made", "bucketInfo");
    for (name, value) in [
        ("Name", "made"),
        ("StorageClass", "IA"),
        ("DataRedundancyType", "LRS"),
        ("Grant", "public-read"),
    ] {
        assert_eq!(info.element(name).as_deref(), Some(value));
    }

    assert_eq!(of("made", Request::put("a", "1")).send(&emulator).status, 200);
    let refused = delete(&emulator, "made");
    assert_eq!(code(&refused), is(409, "BucketNotEmpty"));
    assert_eq!(refused.element("BucketName").as_deref(), Some("made"));
    assert_eq!(of("made", Request::new("DELETE", "a")).send(&emulator).status, 204);
    assert_eq!(delete(&emulator, "made").status, 204);
    assert_eq!(code(&delete(&emulator, "made")), is(404, "NoSuchBucket"));
    assert_eq!(code(&of("made", Request::put("a", "1")).send(&emulator)), is(404, "NoSuchBucket"));
    assert_eq!(names(&emulator), [BUCKET]);
}

#[test]
fn an_open_multipart_upload_keeps_its_bucket() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    assert_eq!(code(&delete(&emulator, BUCKET)), is(409, "BucketNotEmpty"));
    assert_eq!(abort(&emulator, "a", &id).status, 204);
    assert_eq!(delete(&emulator, BUCKET).status, 204);
}

#[test]
fn every_url_style_makes_a_bucket() {
    let emulator = emulator();
    for host in ["made.localhost:9000", "other.oss-cn-hangzhou.aliyuncs.com"] {
        let bucket = host.split('.').next().unwrap();
        let request = Request { host: Some(host.to_owned()), ..put(bucket) };
        assert_eq!(request.send(&emulator).status, 200, "{host}");
    }
    assert_eq!(names(&emulator), [BUCKET, "made", "other"]);
}

/// What it is cannot be changed, who may use it can.
#[test]
fn the_own_bucket_is_made_again() {
    let emulator = emulator();
    Request::put("a", "1").send(&emulator);
    assert_eq!(put(BUCKET).send(&emulator).status, 200);
    let same = "<StorageClass>Standard</StorageClass><DataRedundancyType>LRS</DataRedundancyType>";
    let request = put_with(BUCKET, &configuration(same)).header("x-oss-acl", "public-read");
    assert_eq!(request.send(&emulator).status, 200);
    for (member, message) in [
        ("<StorageClass>Archive</StorageClass>", "Cannot modify existing bucket's storage class."),
        (
            "<DataRedundancyType>ZRS</DataRedundancyType>",
            "Bucket already exists can't modify data redundancy type.",
        ),
    ] {
        let request = put_with(BUCKET, &configuration(member)).header("x-oss-acl", "private");
        let answer = request.send(&emulator);
        assert_eq!(code(&answer), is(409, "BucketAlreadyExists"));
        assert_eq!(answer.element("Message").as_deref(), Some(message));
    }
    let acl = ask(&emulator, BUCKET, "acl").element("Grant");
    assert_eq!(acl.as_deref(), Some("public-read"));
    assert!(emulator.object(BUCKET, "a").is_some());
}

#[test]
fn buckets_that_are_refused() {
    let emulator = emulator();
    for name in ["Bad_Name", "ab", "-ab"] {
        assert_eq!(code(&put(name).send(&emulator)), is(400, "InvalidBucketName"), "{name}");
    }
    for body in [
        "no XML",
        "<Other/>",
        &configuration("<StorageClass>Fast</StorageClass>"),
        &configuration("<DataRedundancyType>None</DataRedundancyType>"),
        &configuration("<StorageClass>IA<b/></StorageClass>"),
        &"x".repeat(65 * 1024),
    ] {
        assert_eq!(code(&put_with("made", body).send(&emulator)), is(400, "MalformedXML"));
    }
    let unknown = put_with("made", &configuration("<Location>moon</Location>")).send(&emulator);
    assert_eq!(code(&unknown), is(400, "NotImplemented"));
    assert_eq!(unknown.element("ArgumentName").as_deref(), Some("Location"));
    let acl = put("made").header("x-oss-acl", "default").send(&emulator);
    assert_eq!(code(&acl), is(400, "InvalidArgument"));
    assert_eq!(acl.element("Message").as_deref(), Some("no such bucket access control exists"));
    let digest = put_with("made", "").header("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==");
    assert_eq!(code(&digest.send(&emulator)), is(400, "InvalidDigest"));
    assert_eq!(code(&put("made").send_as_is(&emulator)), is(403, "AccessDenied"));
    assert_eq!(names(&emulator), [BUCKET]);
}

#[test]
fn an_account_has_a_hundred_buckets() {
    let buckets = (0..99).map(|number| Bucket::new(format!("bucket-{number}"))).collect();
    let emulator = Emulator::start(Options { buckets, ..Options::default() }).unwrap();
    assert_eq!(put("made").send(&emulator).status, 200);
    assert_eq!(code(&put("other").send(&emulator)), is(400, "TooManyBuckets"));
    assert_eq!(put("made").send(&emulator).status, 200);
    assert_eq!(delete(&emulator, "bucket-0").status, 204);
    assert_eq!(put("other").send(&emulator).status, 200);
}

#[test]
fn who_may_use_a_bucket_is_remembered() {
    let emulator = emulator();
    let set = |bucket: &str, acl: Option<&str>| {
        let request = put(bucket).query("acl", "");
        let request = acl.iter().fold(request, |request, acl| request.header("x-oss-acl", acl));
        request.send(&emulator).status
    };
    let get = |bucket: &str| ask(&emulator, bucket, "acl").element("Grant").unwrap();
    assert_eq!(get(BUCKET), "private");
    assert_eq!(set(BUCKET, Some("public-read-write")), 200);
    assert_eq!(get(BUCKET), "public-read-write");
    assert_eq!(set(BUCKET, None), 200);
    assert_eq!(set(BUCKET, Some("everybody")), 400);
    assert_eq!(get(BUCKET), "public-read-write");
    // The documents: without the bucket, one is made.
    assert_eq!(set("made", Some("public-read")), 200);
    assert_eq!(get("made"), "public-read");
}

/// As with the service, an upload that has lost its key is taken for PutBucket.
#[test]
fn an_upload_without_a_key_is_explained_in_the_log() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let log = Log::Sink(Arc::new(move |line: &str| sink.lock().unwrap().push(line.to_owned())));
    let emulator = Emulator::start(Options { log, ..Options::default() }).unwrap();
    let callback = json!({"callbackUrl": "http://127.0.0.1:1/", "callbackBody": "a=1"});
    let headers = || callback_headers(&callback, &json!({}));
    assert_eq!(put(BUCKET).headers(headers()).send(&emulator).status, 200);
    let with_body = Request::put("", "content").headers(headers()).send(&emulator);
    assert_eq!(code(&with_body), is(400, "MalformedXML"));
    assert!(emulator.callbacks().is_empty());
    let lines = lines.lock().unwrap();
    for line in &*lines {
        assert!(line.contains(" PUT examplebucket PutBucket "), "{line}");
        let note = " callback: none, since without a key this is PutBucket ";
        assert!(line.contains(note), "{line}");
    }
    assert_eq!(lines.len(), 2);
}

/// A part that is a pipe holds the completion until somebody writes.
#[test]
fn a_completion_keeps_its_bucket() {
    let folder = Folder::new("completion");
    let emulator = folder.emulator(Log::None);
    let id = initiate(&emulator, "a");
    upload_part(&emulator, "a", &id, 1, "content");
    let files = fs::read_dir(folder.0.join(BUCKET)).unwrap().map(|file| file.unwrap().path());
    let data = files.into_iter().find(|path| path.extension().is_some()).unwrap();
    fs::remove_file(&data).unwrap();
    assert!(Command::new("mkfifo").arg(&data).status().unwrap().success());
    thread::scope(|scope| {
        let completion = scope.spawn(|| complete_all("a", &id).send(&emulator));
        // Opens as soon as the completion reads.
        let mut pipe = fs::OpenOptions::new().write(true).open(&data).unwrap();
        assert_eq!(emulator.multipart_uploads(), []);
        assert_eq!(code(&delete(&emulator, BUCKET)), is(409, "BucketNotEmpty"));
        pipe.write_all(b"content").unwrap();
        drop(pipe);
        assert_eq!(completion.join().unwrap().status, 200);
    });
    assert_eq!(Request::get("a").send(&emulator).text(), "content");
    assert_eq!(Request::new("DELETE", "a").send(&emulator).status, 204);
    assert_eq!(delete(&emulator, BUCKET).status, 204);
}

/// A directory that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        drop(fs::remove_dir_all(&path));
        Folder(path)
    }

    fn emulator(&self, log: Log) -> Emulator {
        let storage = Storage::Directory(self.0.clone());
        Emulator::start(Options { storage, log, ..Options::default() }).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[test]
fn a_restart_finds_the_buckets_again() {
    let folder = Folder::new("buckets");
    let emulator = folder.emulator(Log::None);
    let body = configuration(
        "<StorageClass>IA</StorageClass><DataRedundancyType>ZRS</DataRedundancyType>",
    );
    put_with("made", &body).header("x-oss-acl", "public-read").send(&emulator);
    put("removed").send(&emulator);
    assert_eq!(delete(&emulator, "removed").status, 204);
    of("made", Request::put("a", "1")).send(&emulator);
    put(BUCKET).query("acl", "").header("x-oss-acl", "public-read-write").send(&emulator);
    // The endpoint differs with each start.
    let told = |emulator: &Emulator, bucket: &str| {
        let info = ask(emulator, bucket, "bucketInfo");
        ["Name", "CreationDate", "StorageClass", "DataRedundancyType", "Grant"]
            .map(|name| info.element(name).unwrap())
    };
    let before = [told(&emulator, "made"), told(&emulator, BUCKET)];
    drop(emulator);

    let emulator = folder.emulator(Log::None);
    assert_eq!(names(&emulator), [BUCKET, "made"]);
    assert_eq!([told(&emulator, "made"), told(&emulator, BUCKET)], before);
    assert_eq!(of("made", Request::get("a")).send(&emulator).text(), "1");
    // An option makes it again.
    assert_eq!(delete(&emulator, BUCKET).status, 204);
    drop(emulator);
    assert_eq!(told(&folder.emulator(Log::None), BUCKET)[4], "private");
}

#[test]
fn a_damaged_record_of_a_bucket_is_left_out() {
    let folder = Folder::new("damaged-bucket");
    let emulator = folder.emulator(Log::None);
    put("damaged").send(&emulator);
    put("whole").send(&emulator);
    drop(emulator);
    let (damaged, foreign) = (folder.0.join("damaged.json"), folder.0.join("Bad_Name.json"));
    fs::write(&damaged, "{").unwrap();
    fs::write(&foreign, "{}").unwrap();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let log = Log::Sink(Arc::new(move |line: &str| sink.lock().unwrap().push(line.to_owned())));
    assert_eq!(names(&folder.emulator(log)), [BUCKET, "whole"]);
    let said = lines.lock().unwrap().join("\n");
    for path in [damaged, foreign] {
        assert!(said.contains(&format!("left out: {}: ", path.display())), "{said}");
        assert!(path.exists());
    }
}

/// Its objects would not be seen before the next start otherwise.
#[test]
fn a_bucket_that_was_there_by_an_option_is_made_again_with_its_objects() {
    let folder = Folder::new("by-option");
    let start = |names: &[&str], log: Log| {
        let storage = Storage::Directory(folder.0.clone());
        let buckets = names.iter().map(|name| Bucket::new(*name)).collect();
        Emulator::start(Options { storage, buckets, log, ..Options::default() }).unwrap()
    };
    let emulator = start(&["made"], Log::None);
    of("made", Request::put("a", "1")).send(&emulator);
    let initiated = of("made", Request::post("b", "")).query("uploads", "").send(&emulator);
    let id = initiated.element("UploadId").unwrap();
    drop(emulator);
    let damaged = folder.0.join("made").join("damaged.json");
    fs::write(&damaged, "{").unwrap();

    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let log = Log::Sink(Arc::new(move |line: &str| sink.lock().unwrap().push(line.to_owned())));
    let emulator = start(&[], log);
    assert_eq!(code(&of("made", Request::get("a")).send(&emulator)), is(404, "NoSuchBucket"));
    assert_eq!(put("made").send(&emulator).status, 200);
    let said = lines.lock().unwrap().join("\n");
    assert!(said.contains(&format!("left out: {}: ", damaged.display())), "{said}");
    assert_eq!(of("made", Request::get("a")).send(&emulator).text(), "1");
    let parts = of("made", Request::get("b")).query("uploadId", &id).send(&emulator);
    assert_eq!(parts.status, 200);
    assert_eq!(code(&delete(&emulator, "made")), is(409, "BucketNotEmpty"));
}

/// What somebody is still sending must not be taken for a left-over.
#[test]
fn a_bucket_is_made_again_around_an_upload() {
    let folder = Folder::new("around");
    let emulator = folder.emulator(Log::None);
    let request = Request::put("a", "content").header("expect", "100-continue").sign_v4();
    let mut stream = connect(emulator.address());
    stream.write_all(request.head(emulator.address()).as_bytes()).unwrap();
    assert_eq!(Response::read(&mut stream, false).status, 100);
    assert_eq!(delete(&emulator, BUCKET).status, 204);
    assert_eq!(put(BUCKET).send(&emulator).status, 200);
    stream.write_all(&request.body).unwrap();
    assert_eq!(Response::read(&mut stream, false).status, 200);
    assert_eq!(Request::get("a").send(&emulator).text(), "content");
}

#[test]
fn left_overs_of_buckets_are_removed() {
    let folder = Folder::new("bucket-crash");
    drop(folder.emulator(Log::None));
    let (own, foreign) =
        (folder.0.join("made.json.temporary"), folder.0.join("Bad_Name.json.temporary"));
    for path in [&own, &foreign] {
        fs::write(path, "{").unwrap();
    }
    drop(folder.emulator(Log::None));
    assert!(!own.exists() && foreign.exists());
}
