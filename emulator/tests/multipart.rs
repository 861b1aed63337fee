//! Multipart uploads that come to an end.

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::multipart::{
    MIN_PART, abort, complete, complete_all, initiate, part, part_list, upload_part,
};
use common::{BUCKET, Request, callback_headers, code, emulator, is, receiver};
use md5::{Digest, Md5};
use ossbind_emulator::{Answer, Bucket, Emulator, Operation, Options, Storage, Versioning};
use serde_json::json;

fn crc64(bytes: &[u8]) -> u64 {
    let mut digest = crc64fast::Digest::new();
    digest.write(bytes);
    digest.sum64()
}

fn etag_of(parts: &[&[u8]]) -> String {
    let md5s: Vec<u8> = parts.iter().flat_map(Md5::digest).collect();
    let hex: String = Md5::digest(md5s).iter().map(|byte| format!("{byte:02X}")).collect();
    format!("\"{hex}-{}\"", parts.len())
}

const KEY: &str = "dir/a b+é.bin";

/// Begins an upload with properties; its id.
fn initiate_with_properties(emulator: &Emulator) -> String {
    let begun = Request::post(KEY, "")
        .query("uploads", "")
        .query("encoding-type", "url")
        .header("content-type", "video/mp4")
        .header("cache-control", "no-cache")
        .header("x-oss-meta-author", "alice")
        .header("x-oss-storage-class", "IA")
        .header("x-oss-server-side-encryption", "AES256")
        .send(emulator);
    assert_eq!(begun.status, 200);
    assert_eq!(begun.element("EncodingType").as_deref(), Some("url"));
    assert_eq!(begun.element("Bucket").as_deref(), Some(BUCKET));
    assert_eq!(begun.element("Key").as_deref(), Some("dir%2Fa%20b%2B%C3%A9.bin"));
    assert_eq!(begun.header("x-oss-server-side-encryption"), Some("AES256"));
    let id = begun.element("UploadId").unwrap();
    assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()));
    id
}

#[test]
fn parts_become_one_object() {
    let emulator = emulator();
    let (key, id) = (KEY, initiate_with_properties(&emulator));

    // In any order, with gaps, one of them replaced, one of them not used.
    let (first, last) = (vec![1_u8; MIN_PART], vec![2_u8; 10]);
    let answer = part(key, &id, 7, last.clone()).send(&emulator);
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(answer.header("x-oss-hash-crc64ecma"), Some(crc64(&last).to_string().as_str()));
    let md5 = Md5::digest(&last);
    assert_eq!(answer.header("content-md5"), Some(STANDARD.encode(md5).as_str()));
    assert_eq!(answer.header("x-oss-server-side-encryption"), Some("AES256"));
    let last_etag = answer.header("etag").unwrap().to_owned();
    let replaced = upload_part(&emulator, key, &id, 2, "replaced");
    upload_part(&emulator, key, &id, 5, "not used");
    let first_etag = upload_part(&emulator, key, &id, 2, first.clone());
    assert!(emulator.object(BUCKET, key).is_none());

    let with_replaced = complete(key, &id, [(2, replaced.as_str()), (7, &last_etag)]);
    assert_eq!(code(&with_replaced.send(&emulator)), is(400, "InvalidPart"));
    let answer = complete(key, &id, [(2, first_etag.as_str()), (7, &last_etag)])
        .query("encoding-type", "url")
        .header("x-oss-object-acl", "private")
        .send(&emulator);
    assert_eq!(answer.status, 200, "{answer:?}");
    let whole = [first.as_slice(), &last].concat();
    let etag = etag_of(&[&first, &last]);
    assert_eq!(answer.element("ETag"), Some(etag.clone()));
    assert_eq!(answer.element("Key").as_deref(), Some("dir%2Fa%20b%2B%C3%A9.bin"));
    let location = format!("http://{}/examplebucket/dir/a%20b%2B%C3%A9.bin", emulator.address());
    assert_eq!(answer.element("Location"), Some(location));
    assert_eq!(answer.header("etag"), Some(etag.as_str()));
    assert_eq!(answer.header("content-type"), Some("application/xml"));
    assert_eq!(answer.header("x-oss-hash-crc64ecma"), Some(crc64(&whole).to_string().as_str()));
    assert_eq!(answer.header("content-md5"), None);
    assert_eq!(answer.header("x-oss-server-side-encryption"), Some("AES256"));

    let get = Request::get(key).send(&emulator);
    assert!(get.body == whole);
    assert_eq!(get.header("content-type"), Some("video/mp4"));
    assert_eq!(get.header("cache-control"), Some("no-cache"));
    assert_eq!(get.header("x-oss-meta-author"), Some("alice"));
    assert_eq!(get.header("x-oss-storage-class"), Some("IA"));
    assert_eq!(get.header("x-oss-object-type"), Some("Multipart"));
    assert_eq!((get.header("etag"), get.header("content-md5")), (Some(etag.as_str()), None));
    let object = emulator.object(BUCKET, key).unwrap();
    assert_eq!((object.acl(), object.object_type()), ("private", "Multipart"));
    assert!(object.content().unwrap().unwrap() == whole);
    assert_eq!(emulator.multipart_uploads(), []);
}

#[test]
fn the_access_control_list_is_not_given_at_the_beginning() {
    let emulator = emulator();
    let begun = Request::post("a", "").query("uploads", "").header("x-oss-object-acl", "private");
    let id = begun.send(&emulator).element("UploadId").unwrap();
    upload_part(&emulator, "a", &id, 1, "x");
    assert_eq!(complete_all("a", &id).send(&emulator).status, 200);
    assert_eq!(emulator.object(BUCKET, "a").unwrap().acl(), "default");
}

#[test]
fn all_parts_can_be_taken() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    assert_eq!(code(&complete_all("a", &id).send(&emulator)), is(400, "InvalidPart"));
    upload_part(&emulator, "a", &id, 9, "end");
    upload_part(&emulator, "a", &id, 1, vec![b'a'; MIN_PART]);
    let with_body = Request::post("a", "<a/>").query("uploadId", &id);
    let with_body = with_body.header("x-oss-complete-all", "yes").send(&emulator);
    let text = "Should not speficy both complete all header and http body.";
    assert_eq!(
        with_body.error(),
        (400, "InvalidArgument".to_owned(), Some("0042-00000216".into()))
    );
    assert_eq!(with_body.element("Message").as_deref(), Some(text));
    let other = Request::post("a", "").query("uploadId", &id).header("x-oss-complete-all", "no");
    assert_eq!(code(&other.send(&emulator)), is(400, "InvalidArgument"));

    assert_eq!(complete_all("a", &id).send(&emulator).status, 200);
    let content = emulator.object(BUCKET, "a").unwrap().content().unwrap().unwrap();
    assert!(content.starts_with(b"aaa") && content.ends_with(b"aend"));
}

#[test]
fn an_upload_ends_once() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    let etag = upload_part(&emulator, "a", &id, 1, "x");
    let answers = |id: &str| {
        [
            part("a", id, 1, "x").send(&emulator),
            complete("a", id, [(1, etag.as_str())]).send(&emulator),
            complete_all("a", id).send(&emulator),
            abort(&emulator, "a", id),
            Request::get("a").query("uploadId", id).send(&emulator),
        ]
    };
    let all_unknown = |id: &str| {
        let other = "0042-00000104";
        for (answer, ec) in answers(id).iter().zip([other, other, other, "0042-00000002", other]) {
            assert_eq!(code(answer), is(404, "NoSuchUpload"));
            assert_eq!(answer.element("UploadId").as_deref(), Some(id));
            assert_eq!(answer.element("EC").as_deref(), Some(ec));
        }
    };
    all_unknown("0123456789ABCDEF0123456789ABCDEF");
    // The id belongs to its key.
    let other_key = complete("b", &id, [(1, etag.as_str())]).send(&emulator);
    assert_eq!(code(&other_key), is(404, "NoSuchUpload"));

    assert_eq!(complete("a", &id, [(1, etag.as_str())]).send(&emulator).status, 200);
    all_unknown(&id);
    let id = initiate(&emulator, "b");
    assert_eq!(abort(&emulator, "b", &id).status, 204);
    all_unknown(&id);
    assert!(emulator.object(BUCKET, "b").is_none());
}

#[test]
fn mistakes_leave_the_upload_as_it_was() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    let [small, large] = [vec![1; MIN_PART - 1], vec![2; MIN_PART]];
    let small = upload_part(&emulator, "a", &id, 1, small);
    let large = upload_part(&emulator, "a", &id, 2, large);
    let with = |parts: &[(u32, &str)]| complete("a", &id, parts.iter().copied()).send(&emulator);

    let too_small = with(&[(1, &small), (2, &large)]);
    assert_eq!(code(&too_small), is(400, "EntityTooSmall"));
    assert_eq!(too_small.element("EC").as_deref(), Some("0042-00000213"));
    assert_eq!(too_small.element("ProposedSize").as_deref(), Some("102399"));
    let unordered = with(&[(2, &large), (1, &small)]);
    assert_eq!(code(&unordered), is(400, "InvalidPartOrder"));
    assert_eq!(unordered.element("EC").as_deref(), Some("0042-00000209"));
    assert_eq!(code(&with(&[(1, &small), (3, &large)])), is(400, "InvalidPart"));
    assert_eq!(code(&with(&[(1, &large)])), is(400, "InvalidPart"));
    assert_eq!(code(&with(&[(0, &large)])), is(400, "InvalidArgument"));
    assert_eq!(code(&with(&[])), is(400, "MalformedXML"));
    let too_long = Request::post("a", vec![b' '; (4 << 20) + 1]).query("uploadId", &id);
    assert_eq!(code(&too_long.send(&emulator)), is(400, "MalformedXML"));
    let digest = complete("a", &id, [(2, large.as_str())]);
    let digest = digest.header("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==").send(&emulator);
    assert_eq!(code(&digest), is(400, "InvalidDigest"));
    let acl = complete("a", &id, [(2, large.as_str())]).header("x-oss-object-acl", "all");
    assert_eq!(code(&acl.send(&emulator)), is(400, "InvalidArgument"));

    assert_eq!(emulator.multipart_uploads()[0].parts.len(), 2);
    // The last part may be small, also when it is the only one.
    let alone = [(1, small.to_lowercase().replace('"', "&quot;"))];
    let alone = complete("a", &id, alone.iter().map(|(n, etag)| (*n, etag.as_str())));
    assert_eq!(alone.send(&emulator).status, 200);
    assert_eq!(emulator.object(BUCKET, "a").unwrap().size(), (MIN_PART - 1) as u64);
}

/// An upload that has nothing to list is aborted, or completed with `x-oss-complete-all`.
#[test]
fn no_object_is_made_of_no_parts() {
    let emulator = emulator();
    for key in ["empty", "a"] {
        let id = initiate(&emulator, key);
        if key == "a" {
            upload_part(&emulator, key, &id, 1, "content");
        }
        for body in ["", "<CompleteMultipartUpload/>", &part_list([])] {
            let answer = Request::post(key, body).query("uploadId", &id).send(&emulator);
            assert_eq!(code(&answer), is(400, "MalformedXML"), "{body}");
        }
        assert!(emulator.object(BUCKET, key).is_none());
    }
    assert_eq!(emulator.multipart_uploads().len(), 2);
}

#[test]
fn parts_are_checked() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    for number in ["0", "10001", "-1", "one", ""] {
        let request = Request::put("a", "x").query("partNumber", number).query("uploadId", &id);
        let answer = request.send(&emulator);
        assert_eq!(code(&answer), is(400, "InvalidArgument"), "{number}");
        let message = "Part number must be an integer between 1 and 10000, inclusive.";
        assert_eq!(answer.element("Message").as_deref(), Some(message));
    }
    let no_id = Request::put("a", "x").query("partNumber", "1").send(&emulator);
    assert_eq!(code(&no_id), is(400, "InvalidArgument"));
    let digest = part("a", &id, 1, "x").header("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==");
    assert_eq!(code(&digest.send(&emulator)), is(400, "InvalidDigest"));
    let crc = part("a", &id, 1, "x").header("x-oss-hash-crc64ecma", "1");
    assert_eq!(code(&crc.send(&emulator)), is(400, "InvalidCRC64"));
    let long = Request::new("PUT", "a").query("partNumber", "1").query("uploadId", &id);
    let answer = long.clone().header("content-length", "5368709121").send(&emulator);
    assert_eq!(code(&answer), is(400, "EntityTooLarge"));
    assert_eq!(code(&long.send(&emulator)), is(411, "MissingContentLength"));
    assert_eq!(emulator.multipart_uploads()[0].parts, []);
    upload_part(&emulator, "a", &id, 10_000, "x");
    upload_part(&emulator, "a", &id, 1, "");
}

#[test]
fn overwriting_can_be_forbidden_at_both_ends() {
    let versioned = Bucket { versioning: Versioning::Enabled, ..Bucket::new("versioned") };
    let buckets = vec![Bucket::new(BUCKET), versioned];
    let emulator = Emulator::start(Options { buckets, ..Options::default() }).unwrap();
    let id = initiate(&emulator, "a");
    let etag = upload_part(&emulator, "a", &id, 1, "new");
    Request::put("a", "old").send(&emulator);

    let begin = |bucket: &str| {
        let request = Request { bucket: bucket.to_owned(), ..Request::post("a", "") };
        request.query("uploads", "").header("x-oss-forbid-overwrite", "true").send(&emulator)
    };
    assert_eq!(code(&begin(BUCKET)), is(409, "FileAlreadyExists"));
    let end = || complete("a", &id, [(1, etag.as_str())]);
    let answer = end().header("x-oss-forbid-overwrite", "true").send(&emulator);
    assert_eq!(code(&answer), is(409, "FileAlreadyExists"));
    assert_eq!(Request::get("a").send(&emulator).text(), "old");
    // The upload is still there.
    assert_eq!(end().send(&emulator).status, 200);
    assert_eq!(Request::get("a").send(&emulator).text(), "new");

    let versioned = |request: Request| Request { bucket: "versioned".to_owned(), ..request };
    versioned(Request::put("a", "old")).send(&emulator);
    let id = begin("versioned").element("UploadId").unwrap();
    versioned(part("a", &id, 1, "new")).send(&emulator);
    let end = versioned(complete_all("a", &id)).header("x-oss-forbid-overwrite", "true");
    assert!(end.send(&emulator).header("x-oss-version-id").is_some());
}

#[test]
fn a_callback_speaks_of_the_whole_object() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    receiver.answer_with(Answer::json("{\"ok\":1}"));
    let body = "${operation}|${size}|${contentMd5}|${etag}|${crc64}|${mimeType}|\
                ${imageInfo.width}|${x:a}";
    let callback = json!({"callbackUrl": receiver.url("/"), "callbackBody": body});
    let callback = callback_headers(&callback, &json!({"x:a": "b"}));
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x03\x2a\0\0\x02\x1b\x08\x02\0\0\0";
    let mut first = png.to_vec();
    first.resize(MIN_PART, 0);

    let id = initiate(&emulator, "a.png");
    // Neither the initiation nor a part makes a callback.
    let answer = part("a.png", &id, 1, first.clone()).headers(callback.clone()).send(&emulator);
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    upload_part(&emulator, "a.png", &id, 2, "end");
    assert_eq!(receiver.received().len(), 0);

    let answer = complete_all("a.png", &id).headers(callback).send(&emulator);
    assert_eq!((answer.status, answer.text().as_str()), (200, "{\"ok\":1}"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let etag = etag_of(&[&first, b"end"]);
    assert_eq!(answer.header("etag"), Some(etag.as_str()));
    let crc = crc64(&[first.as_slice(), b"end"].concat());
    let expected = format!(
        "CompleteMultipartUpload|{}||{}|{crc}|application%2Foctet-stream|810|b",
        MIN_PART + 3,
        etag.trim_matches('"')
    );
    assert_eq!(receiver.received()[0].body_text(), expected);
}

#[test]
fn a_failed_callback_uses_the_upload_up() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    receiver.answer_with(Answer::status(500));
    let callback = json!({"callbackUrl": receiver.url("/"), "callbackBody": "a=1"}).to_string();
    let id = initiate(&emulator, "a");
    upload_part(&emulator, "a", &id, 1, "x");
    let end = || complete_all("a", &id).query("callback", &STANDARD.encode(&callback));

    let answer = end().send(&emulator);
    assert_eq!(code(&answer), is(203, "CallbackFailed"));
    assert!(answer.header("etag").unwrap().ends_with("-1\""));
    assert!(emulator.object(BUCKET, "a").is_some());
    assert_eq!(code(&end().send(&emulator)), is(404, "NoSuchUpload"));

    let id = initiate(&emulator, "b");
    let wrong = complete_all("b", &id).header("x-oss-callback", "e30=").send(&emulator);
    assert_eq!(code(&wrong), is(400, "InvalidArgument"));
    assert_eq!(emulator.multipart_uploads().len(), 1);
}

#[test]
fn every_request_can_be_signed_with_version_1_and_in_the_url() {
    let emulator = emulator();
    type Sign = fn(Request) -> Request;
    let signs: [Sign; 3] =
        [Request::sign_v1, |r| r.presign_v4("60"), |r| r.presign_v1("99999999999")];
    for sign in signs {
        let send = |request: Request| sign(request).send_as_is(&emulator);
        let id = send(Request::post("a", "").query("uploads", "")).element("UploadId").unwrap();
        assert_eq!(send(part("a", &id, 1, "x")).status, 200);
        assert_eq!(send(Request::get("a").query("uploadId", &id)).status, 200);
        assert_eq!(send(Request::get("").query("uploads", "")).status, 200);
        assert_eq!(send(complete_all("a", &id)).status, 200);
        assert_eq!(send(Request::new("DELETE", "a").query("uploadId", &id)).status, 404);
    }
}

#[test]
fn discarded_parts_leave_their_checksums() {
    let options = Options { storage: Storage::Discard, ..Options::default() };
    let emulator = Emulator::start(options).unwrap();
    let id = initiate(&emulator, "a");
    let first = vec![7; MIN_PART];
    upload_part(&emulator, "a", &id, 1, first.clone());
    upload_part(&emulator, "a", &id, 2, "end");
    let answer = complete_all("a", &id).send(&emulator);
    let crc = crc64(&[first.as_slice(), b"end"].concat()).to_string();
    assert_eq!(answer.header("x-oss-hash-crc64ecma"), Some(crc.as_str()));
    assert_eq!(answer.header("etag"), Some(etag_of(&[&first, b"end"]).as_str()));
    assert_eq!(emulator.object(BUCKET, "a").unwrap().size(), (MIN_PART + 3) as u64);
}

#[test]
fn requests_can_be_counted() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    for number in [3, 1, 3] {
        upload_part(&emulator, "a", &id, number, "x");
    }
    complete_all("a", &id).send(&emulator);
    abort(&emulator, "a", &id);
    let records = emulator.requests();
    assert!(records.iter().all(|record| record.upload_id.as_deref() == Some(id.as_str())));
    let operations: Vec<_> = records.iter().map(|r| r.operation.unwrap().name()).collect();
    let part = "UploadPart";
    let (begin, end) = ("InitiateMultipartUpload", "CompleteMultipartUpload");
    assert_eq!(operations, [begin, part, part, part, end, "AbortMultipartUpload"]);
    let parts = records.iter().filter(|r| r.operation == Some(Operation::UploadPart));
    let numbers: Vec<_> = parts.map(|record| record.part_number.unwrap()).collect();
    assert_eq!(numbers, [3, 1, 3]);
}

/// They would be compared with one another for seconds.
#[test]
fn a_list_with_thousands_of_attributes_is_refused() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    let etag = upload_part(&emulator, "a", &id, 1, "x");
    let attributes: String = (0..2000).map(|number| format!(" a{number}=''")).collect();
    let list =
        part_list([(1, etag.as_str())]).replacen("<Part>", &format!("<Part{attributes}>"), 1);
    let answer = Request::post("a", list).query("uploadId", &id).send(&emulator);
    assert_eq!((answer.status, answer.error().1.as_str()), (400, "MalformedXML"));
}
