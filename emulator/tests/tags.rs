//! Tags and access control of objects that are there already.

mod common;

use common::folder::Folder;
use common::multipart::elements;
use common::{BUCKET, Request, code, emulator, is};
use ossbind_emulator::{Bucket, Emulator, Options, Versioning};

fn document(tags: &[(&str, &str)]) -> String {
    let tags: String = tags
        .iter()
        .map(|(key, value)| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>"))
        .collect();
    format!("<Tagging><TagSet>{tags}</TagSet></Tagging>")
}

fn put_tags(key: &str, body: &str) -> Request {
    Request::put(key, body).query("tagging", "")
}

fn tags(emulator: &Emulator, key: &str) -> Vec<(String, String)> {
    let answer = Request::get(key).query("tagging", "").send(emulator);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/xml")));
    assert!(answer.element("TagSet").is_some());
    elements(&answer, "Key").into_iter().zip(elements(&answer, "Value")).collect()
}

fn owned(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn tags_are_put_read_and_deleted() {
    let folder = Folder::new("tags");
    for emulator in [emulator(), folder.emulator()] {
        Request::put("a", "content").header("x-oss-tagging", "old=1&c%20d=e+f").send(&emulator);
        assert_eq!(tags(&emulator, "a"), owned(&[("old", "1"), ("c d", "e f")]));
        let before = emulator.object(BUCKET, "a").unwrap();
        let new = [("a", "1"), ("b c", "+-=._:/"), ("A", "")];
        let answer = put_tags("a", &document(&new)).send(&emulator);
        assert_eq!((answer.status, answer.body.as_slice()), (200, &b""[..]));
        assert_eq!(tags(&emulator, "a"), owned(&new));

        // Nothing else has changed.
        let get = Request::get("a").send(&emulator);
        assert_eq!(
            (get.text().as_str(), get.header("x-oss-tagging-count")),
            ("content", Some("3"))
        );
        let after = emulator.object(BUCKET, "a").unwrap();
        assert_eq!(after.last_modified(), before.last_modified());
        assert_eq!(after.etag(), before.etag());
    }
    let emulator = folder.emulator();
    assert_eq!(tags(&emulator, "a").len(), 3);
    let delete = Request::new("DELETE", "a").query("tagging", "");
    assert_eq!(delete.clone().send(&emulator).status, 204);
    assert_eq!(delete.send(&emulator).status, 204);
    assert_eq!(tags(&emulator, "a"), []);
    assert_eq!(Request::get("a").send(&emulator).header("x-oss-tagging-count"), None);
    drop(emulator);
    assert_eq!(tags(&folder.emulator(), "a"), []);
    assert_eq!(folder.files(), 2);
}

#[test]
fn the_forms_of_a_document() {
    let emulator = emulator();
    Request::put("a", "").send(&emulator);
    let plain = document(&[("a", "1")]);
    let namespace = "http://doc.oss-cn-hangzhou.aliyuncs.com";
    let forms = [
        plain.clone(),
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{plain}\n"),
        plain.replacen("<Tagging>", &format!("<Tagging xmlns=\"{namespace}\">"), 1),
        plain.replace('>', ">\n").replace(">\na", ">a").replace(">\n1", ">1"),
    ];
    for form in forms {
        Request::new("DELETE", "a").query("tagging", "").send(&emulator);
        assert_eq!(put_tags("a", &form).send(&emulator).status, 200, "{form}");
        assert_eq!(tags(&emulator, "a"), owned(&[("a", "1")]), "{form}");
    }
    assert_eq!(put_tags("a", &document(&[])).send(&emulator).status, 200);
    assert_eq!(tags(&emulator, "a"), []);
}

#[test]
fn documents_that_are_refused() {
    let emulator = emulator();
    Request::put("a", "").header("x-oss-tagging", "old=1").send(&emulator);
    let many: Vec<(String, String)> = (0..11).map(|n| (format!("t{n}"), String::new())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let good = document(&[("a", "1")]);
    let malformed = || "MalformedXML".to_owned();
    let cases = [
        (String::new(), malformed()),
        ("text".to_owned(), malformed()),
        (good.replace("Tagging", "Tags"), malformed()),
        ("<Tagging></Tagging>".to_owned(), malformed()),
        (good.replace("</TagSet>", "</TagSet><TagSet/>"), malformed()),
        (good.replace("Tag>", "Mark>"), malformed()),
        (good.replace("Key>", "Name>"), malformed()),
        (good.replace("Value>", "Text>"), malformed()),
        (good.replace("</Value>", "<b/></Value>"), malformed()),
        (good.replace("</Value>", "</Value><Value/>"), malformed()),
        (good.replace('a', &"a".repeat(64 * 1024)), malformed()),
        (document(&[("", "1")]), "InvalidTaggingKey".to_owned()),
        (document(&[("a*", "1")]), "InvalidTaggingKey".to_owned()),
        (document(&[(&"n".repeat(129), "1")]), "InvalidTaggingKey".to_owned()),
        (document(&[("a", "&amp;")]), "InvalidArgument".to_owned()),
        (document(&[("a", "1"), ("a", "2")]), "InvalidArgument".to_owned()),
        (document(&many), "InvalidArgument".to_owned()),
        // Each would be compared with all others.
        (document(&[("", ""); 11]), "InvalidArgument".to_owned()),
    ];
    for (body, expected) in cases {
        let answer = put_tags("a", &body).send(&emulator);
        assert_eq!(code(&answer), (400, expected), "{body}");
    }
    let digest = put_tags("a", &good).header("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==");
    assert_eq!(code(&digest.send(&emulator)), is(400, "InvalidDigest"));
    assert_eq!(tags(&emulator, "a"), owned(&[("old", "1")]));
}

#[test]
fn tags_and_access_need_an_object() {
    let emulator = emulator();
    let requests = [
        put_tags("missing", &document(&[])),
        Request::get("missing").query("tagging", ""),
        Request::new("DELETE", "missing").query("tagging", ""),
        put_acl("missing", "private"),
    ];
    for request in requests {
        assert_eq!(code(&request.send(&emulator)), is(404, "NoSuchKey"));
    }
    assert!(emulator.object(BUCKET, "missing").is_none());
}

#[test]
fn answers_about_tags_name_the_version() {
    let bucket = Bucket { versioning: Versioning::Enabled, ..Bucket::new(BUCKET) };
    let options = Options { buckets: vec![bucket], ..Options::default() };
    let emulator = Emulator::start(options).unwrap();
    let put = Request::put("a", "").send(&emulator);
    let requests = [
        put_tags("a", &document(&[])),
        Request::get("a").query("tagging", ""),
        Request::new("DELETE", "a").query("tagging", ""),
        put_acl("a", "private"),
    ];
    for request in requests {
        let answer = request.send(&emulator);
        assert_eq!(answer.header("x-oss-version-id"), put.header("x-oss-version-id"));
    }
}

fn put_acl(key: &str, acl: &str) -> Request {
    Request::put(key, "").query("acl", "").header("x-oss-object-acl", acl)
}

#[test]
fn access_can_be_decided_later() {
    let folder = Folder::new("acl");
    for emulator in [emulator(), folder.emulator()] {
        Request::put("a", "content").header("x-oss-meta-a", "b").send(&emulator);
        for acl in ["private", "public-read", "public-read-write", "default", "private"] {
            let answer = put_acl("a", acl).send(&emulator);
            assert_eq!((answer.status, answer.body.as_slice()), (200, &b""[..]));
            let get = Request::get("a").query("acl", "").send(&emulator);
            assert_eq!(get.element("Grant").as_deref(), Some(acl));
        }
        assert_eq!(code(&put_acl("a", "public").send(&emulator)), is(400, "InvalidArgument"));
        let bare = Request::put("a", "").query("acl", "").send(&emulator);
        assert_eq!(code(&bare), is(400, "MissingArgument"));
        assert_eq!(bare.element("ArgumentName").as_deref(), Some("x-oss-object-acl"));
    }
    let emulator = folder.emulator();
    assert_eq!(emulator.object(BUCKET, "a").unwrap().acl(), "private");
    let get = Request::get("a").send(&emulator);
    assert_eq!((get.text().as_str(), get.header("x-oss-meta-a")), ("content", Some("b")));
}
