//! What an upload says about its object besides the content.

mod common;

use std::io::{ErrorKind, Write};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::form::Form;
use common::multipart::{MIN_PART, complete_all, initiate, upload_part};
use common::rough::last_request;
use common::signing::hmac_sha1;
use common::{BUCKET, Request, Response, connect, emulator};
use md5::{Digest, Md5};
use ossbind_emulator::{AnswerFate, Emulator, Options, Storage};
use serde_json::json;

fn code(answer: &Response) -> String {
    if answer.status == 200 { "OK".to_owned() } else { answer.error().1 }
}

#[test]
fn a_sequential_upload_has_the_md5_of_the_whole() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("sequential");
    drop(std::fs::remove_dir_all(&folder));
    for storage in [Storage::Memory, Storage::Directory(folder.clone())] {
        let options = || Options { storage: storage.clone(), ..Options::default() };
        let mut emulator = Emulator::start(options()).unwrap();
        let begun = Request::post("a", "").query("uploads", "").query("sequential", "");
        let id = begun.send(&emulator).element("UploadId").unwrap();
        if storage != Storage::Memory {
            drop(emulator);
            emulator = Emulator::start(options()).unwrap();
        }
        let parts = [vec![1; MIN_PART], b"end".to_vec()];
        for (number, part) in (1..).zip(&parts) {
            upload_part(&emulator, "a", &id, number, part.clone());
        }
        let md5 = STANDARD.encode(Md5::digest(parts.concat()));
        let end = complete_all("a", &id).send(&emulator);
        let get = Request::get("a").send(&emulator);
        for answer in [end, get] {
            assert_eq!(answer.header("content-md5"), Some(md5.as_str()), "{storage:?}");
        }
    }
    std::fs::remove_dir_all(folder).unwrap();

    let emulator = emulator();
    let id = initiate(&emulator, "a");
    upload_part(&emulator, "a", &id, 1, "x");
    assert_eq!(complete_all("a", &id).send(&emulator).header("content-md5"), None);
}

#[test]
fn limits_of_the_traffic_are_checked() {
    let emulator = emulator();
    let name = "x-oss-traffic-limit";
    let cases = [
        ("819200", "OK"),
        ("838860800", "OK"),
        ("819199", "InvalidArgument"),
        ("838860801", "InvalidArgument"),
        ("1m", "InvalidArgument"),
        ("", "InvalidArgument"),
    ];
    for (limit, expected) in cases {
        let id = initiate(&emulator, "a");
        let part = Request::put("a", "x").query("partNumber", "1").query("uploadId", &id);
        for request in [Request::put("a", "x"), part, Request::get("a")] {
            let in_header = request.clone().header(name, limit).send(&emulator);
            let in_query = request.query(name, limit).send(&emulator);
            assert_eq!([code(&in_header), code(&in_query)], [expected, expected], "{limit}");
        }
    }
    let both = Request::put("a", "x").header(name, "819200").query(name, "819200");
    assert_eq!(code(&both.send(&emulator)), "InvalidArgument");
}

/// How much of the body may come at a time, and when, the units of the emulator test.
#[test]
fn the_traffic_is_limited_and_recorded() {
    let emulator = emulator();
    let name = "x-oss-traffic-limit";
    let content = vec![7; 30_000];
    let id = initiate(&emulator, "b");
    let part = Request::put("b", content.clone()).query("partNumber", "1").query("uploadId", &id);
    let form = Form::new(content.clone()).field("key", "c");
    let form = form.sign_v1(&json!([["starts-with", "$key", ""]])).request();
    let requests = [
        Request::put("a", content.clone()).query(name, "838860800").sign_v4(),
        part.header(name, "838860800").sign_v4(),
        form.header(name, "838860800"),
        Request::get("a").query(name, "838860800").presign_v4("60"),
        Request::get("a").header("range", "bytes=0-9").header(name, "838860800").sign_v4(),
    ];
    for request in requests {
        let answer = request.send_as_is(&emulator);
        assert!(answer.status < 300, "{answer:?}");
        assert_eq!(last_request(&emulator).traffic_limit, Some(838_860_800));
    }
    // Neither sends the content of an object.
    for request in [Request::new("HEAD", "a"), Request::new("DELETE", "a")] {
        request.header(name, "819200").send(&emulator);
        assert_eq!(last_request(&emulator).traffic_limit, None);
    }
}

#[test]
fn a_limited_upload_takes_no_more_than_the_buffers_hold() {
    let emulator = emulator();
    let request = Request::put("a", vec![0; 64 << 20]).header("x-oss-traffic-limit", "819200");
    let request = request.sign_v4();
    let mut stream = connect(emulator.address());
    stream.write_all(request.head(emulator.address()).as_bytes()).unwrap();
    stream.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    let error = stream.write_all(&request.body).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
}

/// The system would have taken all of it at once.
#[test]
fn a_limited_answer_is_on_its_way_for_a_while() {
    let emulator = emulator();
    let size = 1_000_000;
    Request::put("a", vec![7; size]).send(&emulator);
    let request = Request::get("a").header("x-oss-traffic-limit", "819200").sign_v4();
    let mut stream = connect(emulator.address());
    stream.write_all(request.head(emulator.address()).as_bytes()).unwrap();
    assert_eq!(Response::read(&mut stream, true).status, 200);
    drop(stream);
    let AnswerFate::Cut { bytes } = last_request(&emulator).answer else {
        panic!("the answer went out as a whole");
    };
    assert!(bytes < size as u64 / 2, "{bytes}");
}

#[test]
fn tags_are_checked_and_counted() {
    let emulator = emulator();
    let tagged =
        |request: Request| request.header("x-oss-tagging", "a=1&b%20c=%2B").send(&emulator);
    assert_eq!(tagged(Request::put("put", "")).status, 200);
    let id = tagged(Request::post("parts", "").query("uploads", "")).element("UploadId").unwrap();
    upload_part(&emulator, "parts", &id, 1, "x");
    assert_eq!(complete_all("parts", &id).send(&emulator).status, 200);
    for key in ["put", "parts"] {
        for method in ["GET", "HEAD"] {
            let answer = Request::new(method, key).send(&emulator);
            assert_eq!(answer.header("x-oss-tagging-count"), Some("2"), "{method} {key}");
        }
        let object = emulator.object(BUCKET, key).unwrap();
        let expected = [("a", "1"), ("b c", "+")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(object.tags(), expected);
    }
    let eleven: String = (0..11).map(|number| format!("&t{number}=v")).collect();
    let cases = [
        ("=a&b=a", "InvalidTaggingKey"),
        ("a=1&a=2", "InvalidArgument"),
        (&eleven[1..], "InvalidArgument"),
    ];
    for (tags, expected) in cases {
        let put = Request::put("refused", "").header("x-oss-tagging", tags);
        assert_eq!(code(&put.send(&emulator)), expected, "{tags}");
    }
    Request::put("put", "").send(&emulator);
    assert_eq!(Request::get("put").send(&emulator).header("x-oss-tagging-count"), None);
}

#[test]
fn keys_of_kms_need_kms() {
    const METHOD: &str = "x-oss-server-side-encryption";
    const KEY: &str = "x-oss-server-side-encryption-key-id";
    const DATA: &str = "x-oss-server-side-data-encryption";
    let emulator = emulator();
    let cases: [(&[(&str, &str)], &str); 6] = [
        (&[(METHOD, "KMS"), (KEY, "id"), (DATA, "SM4")], "OK"),
        (&[(METHOD, "AES256"), (KEY, "id")], "InvalidArgument"),
        (&[(KEY, "id")], "InvalidArgument"),
        (&[(METHOD, "SM4"), (DATA, "SM4")], "InvalidArgument"),
        (&[(DATA, "SM4")], "InvalidArgument"),
        (&[(METHOD, "KMS"), (DATA, "AES256")], "InvalidEncryptionAlgorithmError"),
    ];
    for (headers, expected) in cases {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        let put = Request::put("a", "").headers(headers).send(&emulator);
        assert_eq!(code(&put), expected);
        if put.status == 200 {
            for answer in [put, Request::get("a").send(&emulator)] {
                let said = [METHOD, KEY, DATA].map(|name| answer.header(name));
                assert_eq!(said, [Some("KMS"), Some("id"), Some("SM4")]);
            }
        }
    }
}

/// Sends a request without a body, signed with version 1, and gives the bytes of the answer.
fn send_bytes(emulator: &Emulator, method: &str, header: &[u8]) -> Vec<u8> {
    use std::io::Read;
    let date = httpdate::fmt_http_date(SystemTime::now());
    let end = if header.is_empty() { &b""[..] } else { b"\n" };
    let start = format!("{method}\n\n\n{date}\n");
    let text = [start.as_bytes(), header, end, b"/examplebucket/a"].concat();
    let signature = STANDARD.encode(hmac_sha1("sk", text));
    let head = format!(
        "{method} /examplebucket/a HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nDate: {date}\r\n\
         Content-Length: 0\r\nAuthorization: OSS ak:{signature}\r\n",
        emulator.address()
    );
    let line = if header.is_empty() { &b"\r\n"[..] } else { b"\r\n\r\n" };
    let mut stream = connect(emulator.address());
    stream.write_all(&[head.as_bytes(), header, line].concat()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

#[test]
fn metadata_that_is_no_text_comes_back_as_it_went_in() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("bytes");
    drop(std::fs::remove_dir_all(&folder));
    let storage = Storage::Directory(folder.clone());
    let options = || Options { storage: storage.clone(), ..Options::default() };
    let emulator = Emulator::start(options()).unwrap();
    let header = b"x-oss-meta-a:\xff\xe9 \x80";
    assert!(send_bytes(&emulator, "PUT", header).starts_with(b"HTTP/1.1 200 "));
    drop(emulator);
    let emulator = Emulator::start(options()).unwrap();
    let answer = send_bytes(&emulator, "GET", b"");
    let expected = b"\r\nx-oss-meta-a: \xff\xe9 \x80\r\n";
    assert!(answer.windows(expected.len()).any(|window| window == expected), "{answer:?}");
    drop(emulator);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn metadata_may_be_short_and_many() {
    let emulator = emulator();
    // 16 bytes each, 8 KB in total.
    let headers = (100..612).map(|number| (format!("x-oss-meta-m{number}"), "v".to_owned()));
    assert_eq!(Request::put("a", "").headers(headers.clone()).send(&emulator).status, 200);
    assert_eq!(emulator.object(BUCKET, "a").unwrap().headers().len(), 512);
    let more = headers.chain([("x-oss-meta-n".to_owned(), "v".to_owned())]);
    let answer = Request::put("a", "").headers(more).send(&emulator);
    assert_eq!(code(&answer), "InvalidArgument");
}
