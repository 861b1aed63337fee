//! What clients ask about buckets and objects, and the removal of many objects.

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::multipart::{elements, initiate};
use common::{BUCKET, Request, Response, emulator};
use md5::{Digest, Md5};
use ossbind_emulator::{Bucket, Emulator, Options, Versioning};

fn ask(emulator: &Emulator, bucket: &str, sub_resource: &str) -> Response {
    let request = Request { bucket: bucket.to_owned(), ..Request::get("") };
    request.query(sub_resource, "").send(emulator)
}

#[test]
fn a_bucket_tells_what_it_is() {
    let bucket = Bucket { versioning: Versioning::Enabled, ..Bucket::new(BUCKET) };
    let emulator =
        Emulator::start(Options { buckets: vec![bucket], ..Options::default() }).unwrap();
    let info = ask(&emulator, BUCKET, "bucketInfo");
    // What the client has reached, and nothing that is elsewhere.
    let own = emulator.address().to_string();
    let expected = [
        ("Name", BUCKET),
        ("Location", "oss-cn-hangzhou"),
        ("ExtranetEndpoint", &*own),
        ("IntranetEndpoint", &*own),
        ("StorageClass", "Standard"),
        ("DataRedundancyType", "LRS"),
        ("Grant", "private"),
        ("Versioning", "Enabled"),
    ];
    for (name, value) in expected {
        assert_eq!(info.element(name).as_deref(), Some(value));
    }
    assert!(info.element("CreationDate").is_some() && info.element("ID").is_some());
    let location = ask(&emulator, BUCKET, "location");
    assert_eq!(location.element("LocationConstraint").as_deref(), Some("oss-cn-hangzhou"));
    let acl = ask(&emulator, BUCKET, "acl");
    assert_eq!(acl.element("Grant").as_deref(), Some("private"));
    assert!(acl.element("DisplayName").is_some());
}

#[test]
fn a_bucket_tells_how_much_it_has() {
    let emulator = emulator();
    Request::put("a", "12345").send(&emulator);
    Request::put("b", "123").header("x-oss-storage-class", "IA").send(&emulator);
    initiate(&emulator, "c");
    let stat = ask(&emulator, BUCKET, "stat");
    let expected = [
        ("Storage", "8"),
        ("ObjectCount", "2"),
        ("MultipartUploadCount", "1"),
        ("StandardStorage", "5"),
        ("StandardObjectCount", "1"),
        ("InfrequentAccessStorage", "65536"),
        ("InfrequentAccessRealStorage", "3"),
        ("InfrequentAccessObjectCount", "1"),
        ("ArchiveObjectCount", "0"),
    ];
    for (name, value) in expected {
        assert_eq!(stat.element(name).as_deref(), Some(value), "{name}");
    }
}

#[test]
fn a_bucket_that_is_not_there() {
    let emulator = emulator();
    for name in ["bucketInfo", "location", "acl", "stat"] {
        let answer = ask(&emulator, "no-such-bucket", name);
        assert_eq!((answer.status, answer.error().1.as_str()), (404, "NoSuchBucket"), "{name}");
    }
    let head = |bucket: &str| {
        let request = Request { bucket: bucket.to_owned(), ..Request::new("HEAD", "") };
        request.send(&emulator).status
    };
    assert_eq!((head(BUCKET), head("no-such-bucket")), (200, 404));
}

#[test]
fn an_object_tells_what_it_is() {
    let emulator = emulator();
    Request::put("a", "12345").send(&emulator);
    Request::put("b", "").header("x-oss-object-acl", "public-read").send(&emulator);
    let meta = Request::new("HEAD", "a").query("objectMeta", "").send(&emulator);
    assert_eq!((meta.status, meta.header("content-length")), (200, Some("5")));
    assert!(meta.header("etag").is_some() && meta.header("last-modified").is_some());
    assert_eq!(meta.header("x-oss-object-type"), None);
    let acl = |key: &str| Request::get(key).query("acl", "").send(&emulator);
    assert_eq!(acl("a").element("Grant").as_deref(), Some("default"));
    assert_eq!(acl("b").element("Grant").as_deref(), Some("public-read"));
    assert_eq!(acl("c").error().1, "NoSuchKey");
    let missing = Request::new("HEAD", "c").query("objectMeta", "").send(&emulator);
    assert_eq!(missing.status, 404);
}

fn delete(body: &str) -> Request {
    let digest = STANDARD.encode(Md5::digest(body));
    Request::post("", body).query("delete", "").header("content-md5", &digest)
}

fn delete_list(quiet: bool, keys: &[&str]) -> Request {
    let objects: String =
        keys.iter().map(|key| format!("<Object><Key>{key}</Key></Object>")).collect();
    delete(&format!("<Delete><Quiet>{quiet}</Quiet>{objects}</Delete>"))
}

#[test]
fn many_objects_are_deleted_at_once() {
    let emulator = emulator();
    let put = |keys: &[&str]| {
        for key in keys {
            assert_eq!(Request::put(key, "").send(&emulator).status, 200);
        }
    };
    put(&["a", "b&c", " d ", "e", "f"]);
    let answer = delete_list(false, &["a", "b&amp;c", " d ", "missing"]).send(&emulator);
    assert_eq!(elements(&answer, "Key"), ["a", "b&c", " d ", "missing"]);
    let answer = delete_list(false, &["e"]).query("encoding-type", "url").send(&emulator);
    assert_eq!(answer.element("EncodingType").as_deref(), Some("url"));
    put(&["e"]);
    let answer = delete_list(true, &["e"]).send(&emulator);
    assert_eq!((answer.status, answer.text().as_str()), (200, ""));
    assert_eq!(elements(&Request::get("").send(&emulator), "Key"), ["f"]);
}

/// Not an object whose key is the beginning of it.
#[test]
fn a_key_with_a_comment_in_it_is_deleted_whole() {
    let emulator = emulator();
    for key in ["a", "ab"] {
        Request::put(key, "").send(&emulator);
    }
    let answer = delete_list(false, &["a<!-- x -->b"]).send(&emulator);
    assert_eq!(elements(&answer, "Key"), ["ab"]);
    assert_eq!(elements(&Request::get("").send(&emulator), "Key"), ["a"]);
}

#[test]
fn lists_to_delete_that_are_refused() {
    let emulator = emulator();
    Request::put("a", "").send(&emulator);
    let refused = |request: Request, code: &str| {
        let answer = request.send(&emulator);
        assert_eq!((answer.status, answer.error().1.as_str()), (400, code));
        assert!(emulator.object(BUCKET, "a").is_some());
    };
    let many = vec!["a"; 1001];
    refused(delete_list(false, &many), "MalformedXML");
    refused(delete_list(false, &[]), "MalformedXML");
    refused(delete_list(false, &["a", ""]), "InvalidObjectName");
    refused(delete("<Delete><Object/></Delete>"), "MalformedXML");
    refused(delete("no XML"), "MalformedXML");
    refused(delete_list(false, &["a<b/>c"]), "MalformedXML");
    refused(delete_list(false, &["a</Key><Key>b"]), "MalformedXML");
    // Each attribute would be compared with all others.
    let attributes: String = (0..2000).map(|number| format!(" a{number}=''")).collect();
    let list = format!("<Delete{attributes}><Object><Key>a</Key></Object></Delete>");
    refused(delete(&list), "MalformedXML");
    let version = "<Object><Key>a</Key><VersionId>v</VersionId></Object>";
    refused(delete(&format!("<Delete>{version}</Delete>")), "NotImplemented");
    let list = delete_list(false, &["a"]);
    let with = |headers: &[(&str, &str)]| {
        let kept = list.headers.iter().filter(|(name, _)| name != "content-md5").cloned();
        let others = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        Request { headers: kept.chain(others).collect(), ..list.clone() }
    };
    refused(with(&[]), "MissingArgument");
    refused(with(&[("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")]), "InvalidDigest");
    assert_eq!(delete_list(false, &["a"]).send_as_is(&emulator).status, 403);
}
