//! Objects that grow piece by piece.

mod common;

use std::thread;

use common::folder::Folder;
use common::multipart::{complete_all, initiate, upload_part};
use common::{BUCKET, Request, callback_headers, code, emulator, is, receiver};
use ossbind_emulator::{Bucket, Emulator, Operation, Options, Storage, Versioning};

fn append(key: &str, position: u64, piece: impl Into<Vec<u8>>) -> Request {
    Request::post(key, piece).query("append", "").query("position", &position.to_string())
}

/// In memory, in a directory, and nowhere.
fn emulators(folder: &Folder) -> [Emulator; 3] {
    let options = Options { storage: Storage::Discard, ..Options::default() };
    [emulator(), folder.emulator(), Emulator::start(options).unwrap()]
}

#[test]
fn pieces_become_one_object() {
    let folder = Folder::new("append");
    for emulator in emulators(&folder) {
        let first = append("log", 0, "12345")
            .header("content-type", "text/plain")
            .header("x-oss-meta-a", "b")
            .header("x-oss-storage-class", "IA")
            .header("x-oss-tagging", "a=1");
        let first = first.send(&emulator);
        assert_eq!((first.status, first.body.as_slice()), (200, &b""[..]));
        assert_eq!(first.header("x-oss-next-append-position"), Some("5"));
        // What comes with later pieces has no effect.
        let second = append("log", 5, "6789")
            .header("content-type", "image/png")
            .header("x-oss-meta-a", "c")
            .header("x-oss-forbid-overwrite", "true");
        let damaged = second.clone().header("x-oss-hash-crc64ecma", "1").send(&emulator);
        assert_eq!(code(&damaged), is(400, "InvalidCRC64"));
        let second = second.send(&emulator);
        assert_eq!(second.header("x-oss-next-append-position"), Some("9"));
        assert_eq!(second.header("x-oss-hash-crc64ecma"), Some("11051210869376104954"));
        assert_eq!(second.header("content-md5"), None);
        assert_ne!(first.header("etag"), second.header("etag"));
        let empty = append("log", 9, "").send(&emulator);
        assert_eq!(empty.header("x-oss-next-append-position"), Some("9"));

        let head = Request::new("HEAD", "log").send(&emulator);
        assert_eq!(head.header("content-length"), Some("9"));
        assert_eq!(head.header("x-oss-object-type"), Some("Appendable"));
        assert_eq!(head.header("x-oss-next-append-position"), Some("9"));
        assert_eq!(head.header("x-oss-hash-crc64ecma"), Some("11051210869376104954"));
        assert_eq!(head.header("etag"), empty.header("etag"));
        assert_eq!(head.header("content-md5"), None);
        assert_eq!(head.header("content-type"), Some("text/plain"));
        assert_eq!(head.header("x-oss-meta-a"), Some("b"));
        assert_eq!(head.header("x-oss-storage-class"), Some("IA"));
        assert_eq!(head.header("x-oss-tagging-count"), Some("1"));
        let list = Request::get("").send(&emulator);
        assert_eq!(list.element("Type").as_deref(), Some("Appendable"));

        let content = emulator.object(BUCKET, "log").unwrap().content().unwrap();
        assert!(content.is_none_or(|content| content == b"123456789"));
        let records = emulator.requests();
        let appended: Vec<u64> = records
            .iter()
            .filter(|record| record.operation == Some(Operation::AppendObject))
            .filter_map(|record| record.stored.as_ref().map(|stored| stored.size))
            .collect();
        assert_eq!(appended, [5, 9, 9]);
    }
    assert_eq!(folder.files(), 2);
}

#[test]
fn a_restart_finds_where_to_go_on() {
    let folder = Folder::new("append-restart");
    let emulator = folder.emulator();
    append("log", 0, "12345").send(&emulator);
    drop(emulator);
    let emulator = folder.emulator();
    let second = append("log", 5, "6789").send(&emulator);
    assert_eq!(second.header("x-oss-hash-crc64ecma"), Some("11051210869376104954"));
    drop(emulator);
    let get = Request::get("log").send(&folder.emulator());
    assert_eq!((get.text().as_str(), get.header("etag")), ("123456789", second.header("etag")));
    assert_eq!(get.header("x-oss-next-append-position"), Some("9"));
}

#[test]
fn a_piece_belongs_at_the_end() {
    let folder = Folder::new("append-position");
    for emulator in emulators(&folder) {
        let refused = |position: u64, end: &str| {
            let answer = append("log", position, "x").send(&emulator);
            let ec = Some("0026-00000016".to_owned());
            assert_eq!(answer.error(), (409, "PositionNotEqualToLength".to_owned(), ec));
            assert_eq!(answer.header("x-oss-next-append-position"), Some(end));
        };
        refused(1, "0");
        assert!(emulator.object(BUCKET, "log").is_none());
        append("log", 0, "12345").send(&emulator);
        for position in [0, 4, 6, u64::MAX] {
            refused(position, "5");
        }
        assert_eq!(emulator.object(BUCKET, "log").unwrap().size(), 5);
    }
    assert_eq!(folder.files(), 2);
}

#[test]
fn appends_that_are_refused() {
    let emulator = emulator();
    let post = |query: &[(&str, &str)]| {
        let request = Request::post("log", "x").query("append", "");
        query.iter().fold(request, |request, (name, value)| request.query(name, value))
    };
    let ec = Some("0016-00000501".to_owned());
    assert_eq!(post(&[]).send(&emulator).error(), (400, "MissingArgument".to_owned(), ec));
    for position in ["", "-1", "a", "18446744073709551616"] {
        let answer = post(&[("position", position)]).send(&emulator);
        assert_eq!(code(&answer), is(400, "InvalidArgument"), "{position}");
        assert_eq!(answer.element("ArgumentName").as_deref(), Some("position"));
    }
    let headers = [
        ("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==", "InvalidDigest"),
        ("x-oss-hash-crc64ecma", "1", "InvalidCRC64"),
        ("x-oss-object-acl", "public", "InvalidArgument"),
        ("x-oss-copy-source", "/examplebucket/a", "NotImplemented"),
    ];
    for (name, value, expected) in headers {
        let answer = append("log", 0, "x").header(name, value).send(&emulator);
        assert_eq!(code(&answer), is(400, expected), "{name}");
    }
    assert!(emulator.object(BUCKET, "log").is_none());

    // Of 5 GB in all, one byte is there.
    append("log", 0, "x").send(&emulator);
    let large = Request { body: Vec::new(), ..append("log", 1, "") };
    let large = Request { headers: Vec::new(), ..large };
    let answer = large.header("content-length", &(5_u64 << 30).to_string()).send(&emulator);
    assert_eq!(code(&answer), is(400, "EntityTooLarge"));
}

#[test]
fn other_objects_cannot_be_appended_to() {
    let emulator = emulator();
    Request::put("normal", "").send(&emulator);
    let id = initiate(&emulator, "multipart");
    upload_part(&emulator, "multipart", &id, 1, "x");
    complete_all("multipart", &id).send(&emulator);
    for (key, position) in [("normal", 0), ("multipart", 1), ("normal", 7)] {
        let answer = append(key, position, "x").send(&emulator);
        let ec = Some("0026-00000017".to_owned());
        assert_eq!(answer.error(), (409, "ObjectNotAppendable".to_owned(), ec), "{key}");
    }
}

#[test]
fn other_uploads_replace_an_appendable_object() {
    let emulator = emulator();
    append("log", 0, "12345").send(&emulator);
    Request::put("log", "new").send(&emulator);
    let get = Request::get("log").send(&emulator);
    assert_eq!(get.text(), "new");
    assert_eq!(get.header("x-oss-object-type"), Some("Normal"));
    assert_eq!(get.header("x-oss-next-append-position"), None);
    assert_eq!(code(&append("log", 3, "x").send(&emulator)), is(409, "ObjectNotAppendable"));
}

#[test]
fn an_appendable_object_can_be_copied_only_onto_itself() {
    let folder = Folder::new("append-copy");
    for emulator in emulators(&folder) {
        append("log", 0, "12345").send(&emulator);
        let copy =
            |to: &str| Request::put(to, "").header("x-oss-copy-source", "/examplebucket/log");
        let answer = copy("other").send(&emulator);
        assert_eq!(code(&answer), is(400, "OperationNotSupported"));
        assert_eq!(copy("log").header("x-oss-meta-a", "b").send(&emulator).status, 200);
        assert_eq!(append("log", 5, "6789").send(&emulator).status, 200);
        let object = emulator.object(BUCKET, "log").unwrap();
        assert_eq!((object.size(), object.crc64()), (9, 11_051_210_869_376_104_954));
        assert_eq!(object.headers(), [("x-oss-meta-a".to_owned(), "b".to_owned())]);
    }
}

/// Of those who append at the same place one wins, and every piece is in the object at the end.
#[test]
fn many_append_at_once() {
    let folder = Folder::new("append-race");
    for emulator in emulators(&folder) {
        thread::scope(|scope| {
            for writer in 0..4 {
                let emulator = &emulator;
                scope.spawn(move || append_ten(emulator, writer));
            }
        });
        let object = emulator.object(BUCKET, "log").unwrap();
        assert_eq!(object.size(), 40 * 3);
        if let Some(content) = object.content().unwrap() {
            let mut lines: Vec<&[u8]> = content.chunks(3).collect();
            lines.sort_unstable();
            let expected: Vec<String> =
                (0..4).flat_map(|w| (0..10).map(move |n| format!("{w}{n}\n"))).collect();
            assert_eq!(lines, expected.iter().map(String::as_bytes).collect::<Vec<_>>());
        }
    }
    assert_eq!(folder.files(), 2);
}

fn append_ten(emulator: &Emulator, writer: usize) {
    let mut position = 0;
    for number in 0..10 {
        loop {
            let answer = append("log", position, format!("{writer}{number}\n")).send(emulator);
            let next = answer.header("x-oss-next-append-position").unwrap();
            position = next.parse().unwrap();
            if answer.status == 200 {
                break;
            }
            assert_eq!(code(&answer), is(409, "PositionNotEqualToLength"));
        }
    }
}

#[test]
fn an_append_makes_no_callback() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    let callback = serde_json::json!({"callbackUrl": receiver.url("/"), "callbackBody": "a=1"});
    let headers = callback_headers(&callback, &serde_json::json!({}));
    let answer = append("log", 0, "x").headers(headers).send(&emulator);
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b""[..]));
    assert!(emulator.callbacks().is_empty());
}

#[test]
fn appending_makes_no_version() {
    let bucket = Bucket { versioning: Versioning::Enabled, ..Bucket::new(BUCKET) };
    let options = Options { buckets: vec![bucket], ..Options::default() };
    let emulator = Emulator::start(options).unwrap();
    let first = append("log", 0, "12345").send(&emulator);
    assert!(first.header("x-oss-version-id").is_some());
    let second = append("log", 5, "6789").send(&emulator);
    assert_eq!(second.header("x-oss-version-id"), first.header("x-oss-version-id"));
}
