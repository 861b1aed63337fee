//! Links to other objects.

mod common;

use common::folder::Folder;
use common::multipart::{complete_all, initiate, part, upload_part};
use common::{BUCKET, Request, Response, code, emulator, is};
use ossbind_emulator::{Emulator, Options, Storage};

const TARGET: &str = "dir/a é+b";
const ENCODED: &str = "dir%2Fa%20%C3%A9%2Bb";

fn link(key: &str, target: &str) -> Request {
    Request::put(key, "").query("symlink", "").header("x-oss-symlink-target", target)
}

fn get_link(emulator: &Emulator, key: &str) -> Response {
    Request::get(key).query("symlink", "").send(emulator)
}

#[test]
fn a_link_is_read_as_its_target() {
    let folder = Folder::new("link");
    for emulator in [emulator(), folder.emulator()] {
        // The target may come later.
        let put = link("link", ENCODED)
            .header("x-oss-meta-a", "of the link")
            .header("content-type", "image/png")
            .header("x-oss-storage-class", "IA")
            .send(&emulator);
        assert_eq!((put.status, put.body.as_slice()), (200, &b""[..]));
        let target = Request::put(TARGET, "123456789")
            .header("x-oss-meta-a", "of the target")
            .header("x-oss-meta-b", "too")
            .send(&emulator);

        let get = Request::get("link").send(&emulator);
        assert_eq!((get.status, get.text().as_str()), (200, "123456789"));
        let head = Request::new("HEAD", "link").send(&emulator);
        for answer in [get, head] {
            for name in ["etag", "content-md5", "x-oss-hash-crc64ecma"] {
                assert_eq!(answer.header(name), target.header(name), "{name}");
            }
            assert_eq!(answer.header("content-length"), Some("9"));
            assert_eq!(answer.header("x-oss-object-type"), Some("Symlink"));
            assert_eq!(answer.header("x-oss-storage-class"), Some("IA"));
            assert_eq!(answer.header("content-type"), Some("image/png"));
            assert_eq!(answer.header("x-oss-meta-a"), Some("of the link"));
            assert_eq!(answer.header("x-oss-meta-b"), None);
        }
        let part = Request::get("link").header("range", "bytes=2-3").send(&emulator);
        assert_eq!((part.status, part.text().as_str()), (206, "34"));
        let unchanged =
            Request::get("link").header("if-none-match", target.header("etag").unwrap());
        assert_eq!(unchanged.send(&emulator).status, 304);
        let object = emulator.object(BUCKET, "link").unwrap();
        assert_eq!((object.symlink_target(), object.size()), (Some(TARGET), 0));
        assert_eq!(emulator.object(BUCKET, TARGET).unwrap().symlink_target(), None);
    }
    let get = Request::get("link").send(&folder.emulator());
    assert_eq!((get.status, get.text().as_str()), (200, "123456789"));
}

#[test]
fn the_later_of_both_dates_counts() {
    let emulator = emulator();
    let date = |key: &str| {
        let head = Request::new("HEAD", key).send(&emulator);
        httpdate::parse_http_date(head.header("last-modified").unwrap()).unwrap()
    };
    link("link", "a").send(&emulator);
    emulator.set_clock_offset_seconds(100);
    Request::put("a", "old").send(&emulator);
    assert_eq!(date("link"), date("a"));
    emulator.set_clock_offset_seconds(200);
    link("link", "a").send(&emulator);
    assert!(date("link") > date("a"));
}

#[test]
fn a_link_itself_can_be_seen() {
    let emulator = emulator();
    let put = link("link", ENCODED).header("x-oss-meta-a", "b").send(&emulator);
    let answer = get_link(&emulator, "link");
    assert_eq!((answer.status, answer.header("content-length")), (200, Some("0")));
    assert_eq!(answer.header("x-oss-symlink-target"), Some("dir/a%20%C3%A9%2Bb"));
    assert_eq!(answer.header("x-oss-meta-a"), Some("b"));
    assert_eq!(answer.header("etag"), put.header("etag"));
    assert!(answer.header("last-modified").is_some());
    let meta = Request::new("HEAD", "link").query("objectMeta", "").send(&emulator);
    assert_eq!((meta.status, meta.header("content-length")), (200, Some("0")));
    let list = Request::get("").send(&emulator);
    assert_eq!(list.element("Type").as_deref(), Some("Symlink"));
    // Another target makes another link.
    assert_ne!(link("link", "b").send(&emulator).header("etag"), put.header("etag"));
    assert_eq!(get_link(&emulator, "link").header("x-oss-symlink-target"), Some("b"));

    Request::put("a", "content").send(&emulator);
    assert_eq!(code(&get_link(&emulator, "a")), is(400, "NotSymlink"));
    assert_eq!(code(&get_link(&emulator, "missing")), is(404, "NoSuchKey"));
}

#[test]
fn links_that_lead_nowhere() {
    let emulator = emulator();
    link("link", "missing").send(&emulator);
    let missing = Request::get("link").send(&emulator);
    let ec = Some("0026-00000012".to_owned());
    assert_eq!(missing.error(), (404, "SymlinkTargetNotExist".to_owned(), ec));
    assert_eq!(Request::new("HEAD", "link").send(&emulator).status, 404);
    link("second", "link").send(&emulator);
    link("self", "self").send(&emulator);
    for key in ["second", "self"] {
        assert_eq!(code(&Request::get(key).send(&emulator)), is(400, "InvalidTargetType"));
    }
}

#[test]
fn links_that_are_refused() {
    let emulator = emulator();
    let bare = Request::put("link", "").query("symlink", "").send(&emulator);
    assert_eq!(code(&bare), is(400, "MissingArgument"));
    for target in ["", "/a", "%5Ca", &"k".repeat(1024)] {
        assert_eq!(code(&link("link", target).send(&emulator)), is(400, "InvalidObjectName"));
    }
    assert_eq!(code(&link("link", "%FF").send(&emulator)), is(400, "InvalidArgument"));
    let wrong = link("link", "a").header("x-oss-storage-class", "Cold").send(&emulator);
    assert_eq!(code(&wrong), is(400, "InvalidArgument"));
    assert!(emulator.object(BUCKET, "link").is_none());
    Request::put("there", "content").send(&emulator);
    let there = link("there", "a").header("x-oss-forbid-overwrite", "true").send(&emulator);
    assert_eq!(code(&there), is(409, "FileAlreadyExists"));
    let append = Request::post("there", "x").query("append", "").query("position", "0");
    link("there", "a").send(&emulator);
    assert_eq!(code(&append.send(&emulator)), is(409, "ObjectNotAppendable"));
}

#[test]
fn a_copy_of_a_link_is_a_link() {
    let folder = Folder::new("link-copy");
    for emulator in [emulator(), folder.emulator()] {
        Request::put("a", "content").send(&emulator);
        link("link", "a").header("x-oss-meta-a", "b").send(&emulator);
        let copy = Request::put("copy", "").header("x-oss-copy-source", "/examplebucket/link");
        assert_eq!(copy.send(&emulator).status, 200);
        assert_eq!(get_link(&emulator, "copy").header("x-oss-symlink-target"), Some("a"));
        assert_eq!(Request::new("DELETE", "link").send(&emulator).status, 204);
        let get = Request::get("copy").send(&emulator);
        assert_eq!((get.text().as_str(), get.header("x-oss-meta-a")), ("content", Some("b")));
    }
}

#[test]
fn a_link_is_no_source_of_a_part() {
    let emulator = emulator();
    Request::put("a", "content").send(&emulator);
    link("link", "a").send(&emulator);
    let id = initiate(&emulator, "parts");
    let copy = part("parts", &id, 1, "").header("x-oss-copy-source", "/examplebucket/link");
    let expected = (400, "OperationNotSupported".to_owned(), Some("0042-00000308".to_owned()));
    assert_eq!(copy.send(&emulator).error(), expected);
    assert_eq!(emulator.multipart_uploads()[0].parts, []);
}

#[test]
fn a_link_to_a_multipart_object_has_its_etag() {
    let emulator = emulator();
    let id = initiate(&emulator, "parts");
    upload_part(&emulator, "parts", &id, 1, "content");
    let etag = complete_all("parts", &id).send(&emulator).header("etag").unwrap().to_owned();
    assert!(etag.ends_with("-1\""));
    link("link", "parts").send(&emulator);
    assert_eq!(Request::get("link").send(&emulator).header("etag"), Some(etag.as_str()));
}

#[test]
fn links_need_no_contents() {
    let options = Options { storage: Storage::Discard, ..Options::default() };
    let emulator = Emulator::start(options).unwrap();
    Request::put("a", "content").send(&emulator);
    link("link", "a").send(&emulator);
    let head = Request::new("HEAD", "link").send(&emulator);
    assert_eq!((head.status, head.header("content-length")), (200, Some("7")));
    assert_eq!(get_link(&emulator, "link").header("x-oss-symlink-target"), Some("a"));
}
