//! Uploads by a form.

mod common;

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::form::{Form, request};
use common::{BUCKET, Request, Response, code, connect, emulator, is, receiver};
use md5::{Digest, Md5};
use ossbind_emulator::{Answer, Emulator, Operation, Options, SignatureVersion, Storage};
use serde_json::{Value, json};

fn message(answer: &Response) -> String {
    answer.element("Message").unwrap()
}

/// A policy that allows everything in the bucket.
fn anything() -> Value {
    json!([{"bucket": BUCKET}])
}

fn key(key: &str) -> Form {
    Form::new("content").field("key", key)
}

#[test]
fn a_form_is_stored() {
    let emulator = emulator();
    let form = Form::new("content\r\n------\r\n")
        .field("Key", "dir/${filename}")
        .field("x-oss-meta-author", "alice é")
        .field("Cache-Control", "no-cache")
        .field("x-oss-object-acl", "private")
        .field("x-oss-storage-class", "IA")
        .field("x-oss-server-side-encryption", "AES256")
        .sign_v4(&json!([["eq", "$key", "dir/${filename}"]]), ("ak", "sk"), None);
    let answer = form.send(&emulator);
    assert_eq!((answer.status, answer.body.len()), (204, 0), "{answer:?}");
    let md5 = Md5::digest(&form.file);
    let hex: String = md5.iter().map(|byte| format!("{byte:02X}")).collect();
    assert_eq!(answer.header("etag"), Some(format!("\"{hex}\"").as_str()));
    assert_eq!(answer.header("content-md5"), Some(STANDARD.encode(md5).as_str()));
    assert_eq!(answer.header("x-oss-server-side-encryption"), Some("AES256"));

    let object = emulator.object(BUCKET, "dir/a.txt").unwrap();
    assert_eq!(object.content().unwrap().unwrap(), form.file);
    let crc64 = object.crc64().to_string();
    assert_eq!(answer.header("x-oss-hash-crc64ecma"), Some(crc64.as_str()));
    assert_eq!((object.acl(), object.storage_class()), ("private", "IA"));
    let get = Request::get("dir/a.txt").send(&emulator);
    assert_eq!(get.header("content-type"), Some("text/plain"));
    assert_eq!(get.header("cache-control"), Some("no-cache"));
    assert_eq!(get.header("x-oss-meta-author"), Some("alice é"));
    assert_eq!(get.header("x-oss-object-type"), Some("Normal"));

    let record = &emulator.requests()[0];
    assert_eq!(record.operation, Some(Operation::PostObject));
    assert_eq!(record.key.as_deref(), Some("dir/a.txt"));
    assert_eq!(record.signature_version, Some(SignatureVersion::V4));
    assert_eq!(record.access_key_id.as_deref(), Some("ak"));
    assert_eq!(record.body_bytes, form.body().len() as u64);
}

#[test]
fn every_signature_is_known() {
    let emulator = emulator();
    let temporary = ("STS.ak", "sts-sk");
    assert_eq!(key("v1").sign_v1(&anything()).send(&emulator).status, 204);
    assert_eq!(emulator.requests()[0].signature_version, Some(SignatureVersion::V1));
    let sts = key("sts").sign_v4(&anything(), temporary, Some("token"));
    assert_eq!(sts.send(&emulator).status, 204);
    let without = key("a").sign_v4(&anything(), temporary, None).send(&emulator);
    assert_eq!(code(&without), is(403, "InvalidAccessKeyId"));

    let answer = key("a").sign_v4(&anything(), ("ak", "wrong"), None).send(&emulator);
    assert_eq!(code(&answer), is(403, "SignatureDoesNotMatch"));
    assert_eq!(answer.element("EC").as_deref(), Some("0002-00000705"));
    let answer = key("a").send(&emulator);
    assert_eq!(code(&answer), is(403, "AccessDenied"));
    assert_eq!(message(&answer), "You have no right to access this object because of bucket acl.");
    let answer = key("a").field("policy", "e30=").send(&emulator);
    assert_eq!(message(&answer), "Post request accessKeyId is empty.");
    // A signature in the header is no substitute.
    let answer = key("a").request().sign_v4().send_as_is(&emulator);
    assert_eq!(code(&answer), is(403, "AccessDenied"));
    let answer = key("b").sign_v1(&anything()).request().header("authorization", "no matter");
    assert_eq!(answer.send_as_is(&emulator).status, 204);
}

#[test]
fn version_4_pins_its_fields() {
    let emulator = emulator();
    let signed = key("a").sign_v4(&anything(), ("ak", "sk"), None);
    // The same policy as version 1 has, signed with version 4.
    let policy = STANDARD.encode(
        json!({"expiration": "2099-12-31T00:00:00.000Z", "conditions": anything()}).to_string(),
    );
    let value = |name: &str| signed.fields.iter().find(|(n, _)| n == name).unwrap().1.clone();
    let scope = value("x-oss-credential").split_once('/').unwrap().1.to_owned();
    let signature = common::signing::hex(&common::signing::hmac_sha256(
        &common::signing::signing_key_v4("sk", &scope),
        &policy,
    ));
    let mut form = signed.clone();
    for (name, field) in &mut form.fields {
        match name.as_str() {
            "policy" => field.clone_from(&policy),
            "x-oss-signature" => field.clone_from(&signature),
            _ => {}
        }
    }
    let answer = form.send(&emulator);
    assert_eq!(code(&answer), is(403, "AccessDenied"));
    assert!(message(&answer).ends_with("no condition for x-oss-signature-version."), "{answer:?}");
}

#[test]
fn the_policy_decides() {
    let emulator = emulator();
    let answer = key("b/a").sign_v1(&json!([["starts-with", "$key", "user/eric/"]]));
    let answer = answer.send(&emulator);
    assert_eq!(code(&answer), is(403, "AccessDenied"));
    let expected = "Invalid according to Policy: Policy Condition failed: \
                    [\"starts-with\", \"$key\", \"user/eric/\"]";
    assert_eq!(message(&answer), expected);

    let range = |least: u64, most: u64| {
        let conditions = json!([["content-length-range", least, most]]);
        key("a").sign_v1(&conditions).send(&emulator)
    };
    assert_eq!(range(7, 7).status, 204);
    assert_eq!(Request::new("DELETE", "a").send(&emulator).status, 204);
    assert_eq!(code(&range(8, 9)), is(400, "EntityTooSmall"));
    assert_eq!(code(&range(0, 6)), is(400, "EntityTooLarge"));
    assert!(emulator.object(BUCKET, "a").is_none());

    let broken = STANDARD.encode("{e");
    let signature = STANDARD.encode(common::signing::hmac_sha1("sk", &broken));
    let form = key("a").field("OSSAccessKeyId", "ak").field("policy", &broken);
    let answer = form.field("Signature", &signature).send(&emulator);
    assert_eq!(code(&answer), is(400, "InvalidPolicyDocument"));

    emulator.set_clock_offset_seconds(100 * 365 * 86_400);
    let answer = key("a").sign_v1(&anything()).send(&emulator);
    assert_eq!(message(&answer), "Invalid according to Policy: Policy expired.");
}

#[test]
fn the_form_chooses_its_answer() {
    let emulator = emulator();
    let answer = |name: &str, value: &str| {
        key("dir/a b").field(name, value).sign_v1(&anything()).send(&emulator)
    };
    let status = |value| answer("success_action_status", value).status;
    assert_eq!([status("200"), status("204"), status("404"), status("")], [200, 204, 204, 204]);

    let created = answer("success_action_status", "201");
    assert_eq!(created.status, 201);
    assert!(created.text().contains("<PostResponse>"));
    assert_eq!(created.element("Bucket").as_deref(), Some(BUCKET));
    assert_eq!(created.element("Key").as_deref(), Some("dir/a b"));
    assert_eq!(created.element("ETag").as_deref(), created.header("etag"));
    let location = format!("http://{}/examplebucket/dir/a%20b", emulator.address());
    assert_eq!(created.element("Location"), Some(location));

    let etag = "%229A0364B9E99BB480DD25E1F0284C8555%22";
    let query = format!("bucket=examplebucket&key=dir%2Fa%20b&etag={etag}");
    for (url, separator) in [("http://example.com/done", '?'), ("http://example.com/?a=1", '&')] {
        let redirected = answer("success_action_redirect", url);
        assert_eq!((redirected.status, redirected.body.len()), (303, 0));
        let expected = format!("{url}{separator}{query}");
        assert_eq!(redirected.header("location"), Some(expected.as_str()));
    }
    let failed = key("a").field("success_action_redirect", "http://example.com/").send(&emulator);
    assert_eq!(code(&failed), is(403, "AccessDenied"));
}

#[test]
fn a_form_makes_a_callback() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    receiver.answer_with(Answer::json("[1]"));
    let callback = json!({
        "callbackUrl": receiver.url("/"),
        "callbackBody": "${operation} ${object} ${size} ${contentMd5} ${mimeType} ${x:a} ${x:b}",
    });
    let callback = STANDARD.encode(callback.to_string());
    let form = key("${filename}")
        .field("callback", &callback)
        .field("x:a", "raw é&")
        .field("callback-var", "has no meaning")
        .field("success_action_status", "201")
        .sign_v1(&json!([{"callback": callback}, {"x:a": "raw é&"}]));
    let answer = form.send(&emulator);
    assert_eq!((answer.status, answer.text().as_str()), (200, "[1]"), "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("etag"), Some("\"9A0364B9E99BB480DD25E1F0284C8555\""));
    let expected = "PostObject a.txt 7 mgNkuembtIDdJeHwKEyFVQ%3D%3D text%2Fplain raw%20%C3%A9%26 ";
    assert_eq!(receiver.received()[0].body_text(), expected);

    receiver.answer_with(Answer::status(500));
    let answer = form.send(&emulator);
    assert_eq!(code(&answer), is(203, "CallbackFailed"));
    assert!(answer.header("x-oss-hash-crc64ecma").is_some());

    let wrong = key("b").field("callback", "e30=").sign_v1(&anything()).send(&emulator);
    assert_eq!(code(&wrong), is(400, "InvalidArgument"));
    assert_eq!(wrong.element("EC").as_deref(), Some("0007-00000004"));
    assert!(emulator.object(BUCKET, "b").is_none());
}

#[test]
fn forms_that_are_refused() {
    let emulator = emulator();
    let signed = || key("a").sign_v1(&anything());
    let refused = |body: Vec<u8>| code(&request(body).send_as_is(&emulator));

    let answer = Form::new("x").sign_v1(&anything()).send(&emulator);
    let no_key = "The bucket POST must contain the specified 'key'. If it is specified, please \
                  check the order of the fields";
    assert_eq!((code(&answer), message(&answer)), (is(400, "InvalidArgument"), no_key.to_owned()));

    let mut late = Form::new("x").sign_v1(&anything());
    late.tail = "------b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na\r\n".to_owned();
    assert_eq!(message(&late.send(&emulator)), no_key);

    let mut two = signed();
    two.tail = format!("------b\r\n{}\r\n\r\nsecond\r\n", two.file_head);
    assert_eq!(code(&two.send(&emulator)), is(400, "IncorrectNumberOfFilesInPOSTRequest"));
    let mut none = signed();
    none.file_head = "Content-Disposition: form-data; name=\"submit\"".to_owned();
    assert_eq!(code(&none.send(&emulator)), is(400, "IncorrectNumberOfFilesInPOSTRequest"));

    let mut cut = signed().body();
    cut.truncate(cut.len() - 4);
    assert_eq!(refused(cut), is(400, "MalformedPOSTRequest"));
    assert_eq!(refused(b"not a form".to_vec()), is(400, "MalformedPOSTRequest"));

    let mut nameless = signed();
    nameless.file_head = "Content-Disposition: form-data".to_owned();
    let answer = nameless.send(&emulator);
    assert_eq!(message(&answer), "The bucket POST must contain the specified field name.");

    assert!(emulator.object(BUCKET, "a").is_none());
}

#[test]
fn fields_that_are_refused() {
    let emulator = emulator();
    let long = key("a").field(&"n".repeat(8193), "").sign_v1(&anything());
    assert_eq!(code(&long.send(&emulator)), is(400, "FieldItemTooLong"));
    let long = key("a").field("n", &"v".repeat((2 << 20) + 1)).sign_v1(&anything());
    assert_eq!(code(&long.send(&emulator)), is(400, "FieldItemTooLong"));
    let value = "v".repeat(2 << 20);
    let large = (0..5).fold(key("a"), |form, n| form.field(&format!("f{n}"), &value));
    let answer = large.sign_v1(&anything()).send(&emulator);
    assert_eq!(code(&answer), is(400, "MaxPOSTPreDataLengthExceededError"));

    for (name, value, expected) in [
        ("key", "/a", is(400, "InvalidObjectName")),
        ("x-oss-storage-class", "Cold", is(400, "InvalidArgument")),
        ("x-oss-server-side-encryption", "DES", is(400, "InvalidEncryptionAlgorithmError")),
    ] {
        let form = Form::new("x").field(name, value).field("key", "a").sign_v1(&anything());
        assert_eq!(code(&form.send(&emulator)), expected, "{name}");
    }
    assert!(emulator.object(BUCKET, "a").is_none());
}

#[test]
fn requests_that_are_no_forms_are_refused() {
    let emulator = emulator();
    let form = key("a").sign_v1(&anything());
    let other = Request::post("", form.body()).header("content-type", "application/json");
    let expected = is(400, "RequestIsNotMultiPartContent");
    assert_eq!(code(&other.send_as_is(&emulator)), expected);
    let no_boundary = Request::post("", "").header("content-type", "multipart/form-data");
    assert_eq!(code(&no_boundary.send_as_is(&emulator)), expected);

    let no_bucket = Request { bucket: "no-such-bucket".to_owned(), ..form.request() };
    assert_eq!(code(&no_bucket.send_as_is(&emulator)), is(404, "NoSuchBucket"));
    assert!(emulator.object(BUCKET, "a").is_none());
}

#[test]
fn the_length_of_the_body_is_checked() {
    let emulator = emulator();
    let form = |name: &str, value: &str| {
        Request::new("POST", "")
            .header("content-type", "multipart/form-data; boundary=b")
            .header(name, value)
            .send_as_is(&emulator)
    };
    let long = form("content-length", "5368709121");
    assert_eq!(code(&long), is(400, "InvalidArgument"));
    assert_eq!(message(&long), "Post body size must be less than 5G.");
    assert_eq!(code(&form("x", "y")), is(411, "MissingContentLength"));
}

#[test]
fn the_digest_covers_the_whole_body() {
    let emulator = emulator();
    let form = key("a").sign_v1(&anything());
    let of_body = STANDARD.encode(Md5::digest(form.body()));
    let of_file = STANDARD.encode(Md5::digest(&form.file));
    let wrong = form.request().header("content-md5", &of_file).send_as_is(&emulator);
    assert_eq!(code(&wrong), is(400, "InvalidDigest"));
    assert!(emulator.object(BUCKET, "a").is_none());
    let right = form.request().header("content-md5", &of_body).send_as_is(&emulator);
    assert_eq!(right.status, 204);
}

#[test]
fn overwriting_can_be_forbidden() {
    let emulator = emulator();
    let form = key("a").field("x-oss-forbid-overwrite", "true").sign_v1(&anything());
    assert_eq!(form.send(&emulator).status, 204);
    assert_eq!(code(&form.send(&emulator)), is(409, "FileAlreadyExists"));
}

#[test]
fn a_form_may_come_in_many_pieces() {
    let emulator = emulator();
    let form = key("a").sign_v1(&anything());
    let mut stream = connect(emulator.address());
    let head = Request::new("POST", "")
        .header("content-type", "multipart/form-data; boundary=\"----b\"")
        .header("transfer-encoding", "chunked")
        .head(emulator.address());
    stream.write_all(head.as_bytes()).unwrap();
    for piece in form.body().chunks(7) {
        stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).unwrap();
        stream.write_all(piece).unwrap();
        stream.write_all(b"\r\n").unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    assert_eq!(Response::read(&mut stream, false).status, 204);
    assert_eq!(emulator.object(BUCKET, "a").unwrap().content().unwrap().unwrap(), b"content");
}

#[test]
fn a_large_file_passes_through() {
    let options = Options { storage: Storage::Discard, ..Options::default() };
    let emulator = Emulator::start(options).unwrap();
    let file: Vec<u8> = (0..20_000_000_u32).map(|n| (n >> 3) as u8).collect();
    let mut crc64 = crc64fast::Digest::new();
    crc64.write(&file);
    let form = Form::new(file).field("key", "a").sign_v1(&anything());
    assert_eq!(form.send(&emulator).status, 204);
    assert_eq!(emulator.object(BUCKET, "a").unwrap().crc64(), crc64.sum64());
}
