//! What is not implemented is refused, and what has no meaning is ignored.

mod common;

use common::{BUCKET, Request, Response, emulator};
use ossbind_emulator::{Emulator, Operation};

/// Sub-resources of buckets and objects that OSS knows.
const SUB_RESOURCES: &[&str] = &[
    "accessMonitor",
    "accessPoint",
    "acl",
    "append",
    "bucketInfo",
    "cleanRestoredObject",
    "comp",
    "cors",
    "dataPipeline",
    "delete",
    "encryption",
    "httpsConfig",
    "inventory",
    "legalHold",
    "lifecycle",
    "live",
    "location",
    "logging",
    "metadataConfiguration",
    "metadataInventoryTable",
    "metadataJournalTable",
    "metaQuery",
    "objectMeta",
    "objectWorm",
    "overwriteConfig",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "qosInfo",
    "quota",
    "referer",
    "replication",
    "requestPayment",
    "resourceGroup",
    "restore",
    "retention",
    "rtc",
    "seal",
    "stat",
    "style",
    "symlink",
    "tagging",
    "transferAcceleration",
    "userDefinedLogFieldsConfig",
    "versionId",
    "versioning",
    "versions",
    "vod",
    "website",
    "worm",
    "x-oss-process",
];

/// Method, key and sub-resource of those that do something.
const IMPLEMENTED: &[(&str, &str, &str)] = &[
    ("GET", "", "acl"),
    ("PUT", "", "acl"),
    ("GET", "", "bucketInfo"),
    ("GET", "", "location"),
    ("GET", "", "requestPayment"),
    ("GET", "", "stat"),
    ("GET", "k", "acl"),
    ("GET", "k", "symlink"),
    ("GET", "k", "tagging"),
    ("PUT", "k", "acl"),
    ("PUT", "k", "symlink"),
    ("PUT", "k", "tagging"),
    ("DELETE", "k", "tagging"),
    ("POST", "", "delete"),
    ("POST", "k", "append"),
];

fn refuses_parameter(answer: &Response, name: &str, value: &str) {
    assert_eq!((answer.status, answer.error().1.as_str()), (400, "NotImplemented"), "{name}");
    assert_eq!(answer.element("ArgumentName").as_deref(), Some(name));
    assert_eq!(answer.element("ArgumentValue").as_deref(), Some(value), "{name}");
}

fn ask(emulator: &Emulator, method: &str, bucket: &str, key: &str, name: &str) -> Response {
    let request = Request { bucket: bucket.to_owned(), ..Request::new(method, key) };
    request.header("content-length", "0").query(name, "").send(emulator)
}

#[test]
fn sub_resources_that_are_not_implemented_are_refused() {
    let emulator = emulator();
    assert_eq!(Request::put("k", "content").send(&emulator).status, 200);
    for name in SUB_RESOURCES {
        for method in ["GET", "PUT", "POST", "DELETE"] {
            for key in ["", "k"] {
                if !IMPLEMENTED.contains(&(method, key, name)) {
                    refuses_parameter(&ask(&emulator, method, BUCKET, key, name), name, "");
                }
            }
        }
    }
    for name in ["regions", "regionList", "qosInfo", "cloudboxes"] {
        refuses_parameter(&ask(&emulator, "GET", "", "", name), name, "");
    }
    assert_eq!(emulator.object(BUCKET, "k").unwrap().content().unwrap().unwrap(), b"content");
}

#[test]
fn a_version_is_not_taken_for_the_object() {
    let emulator = emulator();
    Request::put("k", "content").send(&emulator);
    for method in ["GET", "DELETE"] {
        let answer = Request::new(method, "k").query("versionId", "abc").send(&emulator);
        refuses_parameter(&answer, "versionId", "abc");
    }
    assert!(emulator.object(BUCKET, "k").is_some());
}

#[test]
fn headers_that_ask_for_something_else_are_refused() {
    let emulator = emulator();
    Request::put("k", "content").send(&emulator);
    let cases = [
        ("DELETE", "x-oss-copy-source", "/examplebucket/k"),
        ("PUT", "x-oss-symlink-target", "k"),
        ("PUT", "if-match", "\"A\""),
        ("PUT", "x-oss-persistent-headers", "a:YQ=="),
        ("DELETE", "if-match", "\"A\""),
        ("GET", "x-oss-multi-range-behavior", "multi-range"),
    ];
    for (method, name, value) in cases {
        let answer = Request::new(method, "k")
            .header("content-length", "0")
            .header(name, value)
            .send(&emulator);
        assert_eq!((answer.status, answer.error().1.as_str()), (400, "NotImplemented"), "{name}");
        assert_eq!(answer.element("Header").as_deref(), Some(name));
    }
    assert!(emulator.object(BUCKET, "k").is_some());
}

#[test]
fn a_signature_is_checked_first() {
    let emulator = emulator();
    let answer = Request::get("").query("cors", "").send_as_is(&emulator);
    assert_eq!((answer.status, answer.error().1.as_str()), (403, "AccessDenied"));
}

#[test]
fn what_has_no_meaning_is_ignored() {
    let emulator = emulator();
    for (name, value) in [
        ("no-such-parameter", "1"),
        ("response-content-type", "text/plain"),
        ("x-oss-request-payer", "requester"),
        ("x-oss-traffic-limit", "819200"),
        ("max-keys", "none"),
    ] {
        let put = Request::put("k", "content").query(name, value);
        assert_eq!(put.send(&emulator).status, 200, "{name}");
        let delete = Request::new("DELETE", "k").query(name, value);
        assert_eq!(delete.send(&emulator).status, 204, "{name}");
    }
}

#[test]
fn a_preflight_may_be_about_any_request() {
    let emulator = emulator();
    let preflight = Request::new("OPTIONS", "k")
        .query("acl", "")
        .header("origin", "http://localhost")
        .header("access-control-request-method", "PUT");
    assert_eq!(preflight.send_as_is(&emulator).status, 200);
}

#[test]
fn the_readme_shows_what_is_understood() {
    let readme = include_str!("../README.md");
    assert!(
        readme.contains(&format!("```text\n{}```\n", Operation::help())),
        "{}",
        Operation::help()
    );
}
