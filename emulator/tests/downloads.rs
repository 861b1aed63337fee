//! Downloads of a part, under conditions, and with headers that the URL asks for.

mod common;

use std::io::Write;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{Request, Response, connect, emulator};
use ossbind_emulator::{Emulator, Options, Storage};

const CONTENT: &str = "0123456789";

fn get(emulator: &Emulator, headers: &[(&str, &str)]) -> Response {
    ask(emulator, "GET", headers)
}

fn ask(emulator: &Emulator, method: &str, headers: &[(&str, &str)]) -> Response {
    let request = Request::new(method, "k");
    headers.iter().fold(request, |request, (n, v)| request.header(n, v)).send(emulator)
}

fn with_object() -> Emulator {
    let emulator = emulator();
    assert_eq!(Request::put("k", CONTENT).send(&emulator).status, 200);
    emulator
}

#[test]
fn a_range_is_a_part_of_the_object() {
    let emulator = with_object();
    let cases = [
        ("bytes=0-3", "0123", "bytes 0-3/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=9-9", "9", "bytes 9-9/10"),
        ("bytes=0-3,5-6", "0123", "bytes 0-3/10"),
    ];
    for (range, content, shown) in cases {
        let answer = get(&emulator, &[("range", range)]);
        assert_eq!((answer.status, answer.text().as_str()), (206, content), "{range}");
        assert_eq!(answer.header("content-range"), Some(shown));
        assert_eq!(answer.header("content-length"), Some(content.len().to_string().as_str()));
        assert_eq!(answer.header("content-md5"), None);
        assert_eq!(answer.header("accept-ranges"), Some("bytes"));
    }
}

#[test]
fn a_range_that_leaves_the_object_has_no_effect() {
    let emulator = with_object();
    let ranges = ["bytes=5-10", "bytes=10-", "bytes=-11", "bytes=3-2", "byte=0-3", "bytes=a-b"];
    for range in ranges {
        let answer = get(&emulator, &[("range", range)]);
        assert_eq!((answer.status, answer.text().as_str()), (200, CONTENT), "{range}");
        assert_eq!(answer.header("content-range"), None);
    }
}

#[test]
fn the_standard_behavior_of_ranges() {
    let emulator = with_object();
    let standard =
        |range: &str| get(&emulator, &[("range", range), ("x-oss-range-behavior", "standard")]);
    let answer = standard("bytes=5-10");
    assert_eq!((answer.status, answer.text().as_str()), (206, "56789"));
    assert_eq!(answer.header("content-range"), Some("bytes 5-9/10"));
    assert_eq!((standard("bytes=-11").status, standard("byte=0-3").status), (206, 200));
    let answer = standard("bytes=10-");
    assert_eq!((answer.status, answer.error().1.as_str()), (416, "InvalidRange"));
    assert_eq!(answer.header("content-range"), Some("bytes */10"));
}

#[test]
fn parts_and_files_have_ranges_too() {
    use common::multipart::{MIN_PART, complete_all, initiate, upload_part};
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("ranges");
    drop(std::fs::remove_dir_all(&folder));
    for storage in [Storage::Memory, Storage::Directory(folder)] {
        let emulator = Emulator::start(Options { storage, ..Options::default() }).unwrap();
        let id = initiate(&emulator, "k");
        let first = vec![b'a'; MIN_PART];
        upload_part(&emulator, "k", &id, 1, first.clone());
        upload_part(&emulator, "k", &id, 2, "bcd");
        assert_eq!(complete_all("k", &id).send(&emulator).status, 200);
        let range = format!("bytes={}-{}", first.len() - 2, first.len() + 1);
        let answer = get(&emulator, &[("range", &range)]);
        assert_eq!((answer.status, answer.text().as_str()), (206, "aabc"));
        let answer = get(&emulator, &[("range", "bytes=-2")]);
        assert_eq!((answer.status, answer.text().as_str()), (206, "cd"));
    }
}

#[test]
fn conditions_on_what_the_client_has() {
    let emulator = with_object();
    let head = ask(&emulator, "HEAD", &[]);
    let etag = head.header("etag").unwrap();
    let modified = head.header("last-modified").unwrap();
    let at = |offset: i64| {
        let time = httpdate::parse_http_date(modified).unwrap();
        let distance = Duration::from_secs(offset.unsigned_abs());
        httpdate::fmt_http_date(if offset < 0 { time - distance } else { time + distance })
    };
    let (before, after) = (at(-10), at(10));
    let (bare, list) = (etag.trim_matches('"'), format!("\"other\", {etag}"));
    let cases: [(&[(&str, &str)], u16); 18] = [
        (&[("if-match", etag)], 200),
        (&[("if-match", bare)], 200),
        (&[("if-match", &list)], 200),
        (&[("if-match", "*")], 200),
        (&[("if-match", "\"other\"")], 412),
        (&[("if-none-match", etag)], 304),
        (&[("if-none-match", "*")], 304),
        (&[("if-none-match", "\"other\"")], 200),
        (&[("if-modified-since", &before)], 200),
        (&[("if-modified-since", modified)], 304),
        (&[("if-modified-since", &after)], 304),
        (&[("if-modified-since", "yesterday")], 200),
        (&[("if-unmodified-since", &before)], 412),
        (&[("if-unmodified-since", modified)], 200),
        (&[("if-unmodified-since", &after)], 200),
        (&[("if-match", etag), ("if-none-match", etag)], 304),
        (&[("if-none-match", "\"other\""), ("if-modified-since", &after)], 200),
        (&[("if-match", "\"other\""), ("if-none-match", etag)], 412),
    ];
    for (headers, status) in cases {
        for method in ["GET", "HEAD"] {
            let answer = ask(&emulator, method, headers);
            assert_eq!(answer.status, status, "{method} {headers:?}");
        }
    }
}

#[test]
fn what_a_failed_condition_says() {
    let emulator = with_object();
    let answer = get(&emulator, &[("if-match", "\"other\"")]);
    assert_eq!(answer.error().1, "PreconditionFailed");
    let etag = ask(&emulator, "HEAD", &[]).header("etag").unwrap().to_owned();
    for method in ["GET", "HEAD"] {
        let mut answer = ask(&emulator, method, &[("if-none-match", &etag)]);
        assert_eq!(answer.header("etag"), Some(etag.as_str()));
        assert!(answer.header("last-modified").is_some());
        assert_eq!((answer.header("content-length"), answer.header("content-type")), (None, None));
        answer.body = STANDARD.decode(answer.header("x-oss-err").unwrap()).unwrap();
        assert_eq!(answer.error().1, "NotModified");
    }
    // Nothing follows the head, so the connection can be used again.
    let mut stream = connect(emulator.address());
    for (condition, status) in [(etag.as_str(), 304), ("\"other\"", 200)] {
        let request = Request::get("k").header("if-none-match", condition).sign_v4();
        stream.write_all(request.head(emulator.address()).as_bytes()).unwrap();
        assert_eq!(Response::read(&mut stream, false).status, status);
    }
}

#[test]
fn a_url_can_ask_for_headers() {
    let emulator = emulator();
    let put = Request::put("k", CONTENT).header("content-type", "image/png");
    assert_eq!(put.header("cache-control", "no-cache").send(&emulator).status, 200);
    let overrides = [
        ("cache-control", "max-age=1"),
        ("content-disposition", "attachment; filename=\"ü.txt\""),
        ("content-encoding", "gzip"),
        ("content-language", "zh"),
        ("content-type", "text/plain"),
        ("expires", "Thu, 01 Feb 2012 17:00:00 GMT"),
    ];
    for method in ["GET", "HEAD"] {
        let request = Request::new(method, "k");
        let request = overrides
            .iter()
            .fold(request, |request, (n, v)| request.query(&format!("response-{n}"), v));
        let anonymous = request.clone().send_as_is(&emulator);
        assert_eq!(anonymous.status, 403);
        for signed in [request.clone().sign_v4(), request.presign_v4("60")] {
            let answer = signed.send_as_is(&emulator);
            assert_eq!(answer.status, 200);
            for (name, value) in overrides {
                assert_eq!(answer.header(name), Some(value), "{method}");
            }
        }
    }
    // What cannot stand in a header is not let in.
    let request = Request::get("k").query("response-content-type", "a\r\nb: c");
    assert_eq!(request.send(&emulator).header("content-type"), Some("image/png"));
}
