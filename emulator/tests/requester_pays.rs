//! Buckets whose requests are paid by whoever sends them.

mod common;

use common::form::Form;
use common::multipart::{complete_all, list_parts, part};
use common::{BUCKET, Request, Response};
use ossbind_emulator::{Bucket, Emulator, Options};
use serde_json::json;

const NAME: &str = "x-oss-request-payer";

/// An emulator with such a bucket, and an ordinary one.
fn emulator() -> Emulator {
    let bucket = Bucket { requester_pays: true, ..Bucket::new(BUCKET) };
    let buckets = vec![bucket, Bucket::new("ordinary")];
    Emulator::start(Options { buckets, ..Options::default() }).unwrap()
}

fn refuses(answer: &Response, ec: &str) {
    let expected = (403, "AccessDenied".to_owned(), Some(ec.to_owned()));
    assert_eq!(answer.error(), expected);
    let message = answer.element("Message");
    assert_eq!(message.as_deref(), Some("Access denied for requester pay bucket"));
    assert_eq!(answer.element("BucketName").as_deref(), Some(BUCKET));
}

#[test]
fn every_request_about_objects_says_who_pays() {
    let emulator = emulator();
    let put = Request::put("a", "1");
    assert_eq!(put.clone().header(NAME, "requester").send(&emulator).status, 200);
    let requests = [
        put,
        Request::get("a"),
        Request::get("a").query("acl", ""),
        Request::new("DELETE", "a"),
        Request::get(""),
        Request::get("").query("list-type", "2"),
        Request::get("").query("uploads", ""),
        Request::post("", "").query("delete", ""),
        Request::post("a", "").query("uploads", ""),
        part("a", "no-such-upload", 1, ""),
        list_parts("a", "no-such-upload"),
        complete_all("a", "no-such-upload"),
    ];
    for request in requests {
        refuses(&request.clone().send(&emulator), "0003-00000703");
        refuses(&request.clone().header(NAME, "bucketOwner").send(&emulator), "0003-00000703");
        let answer = request.clone().header(NAME, "requester").send(&emulator);
        assert_ne!(answer.status, 403, "{answer:?}");
        let ordinary = Request { bucket: "ordinary".to_owned(), ..request };
        assert_ne!(ordinary.send(&emulator).status, 403);
    }
    assert_eq!(Request::new("HEAD", "a").send(&emulator).status, 403);
}

/// Whoever copies reads.
#[test]
fn a_copy_says_who_pays_for_its_source() {
    let emulator = emulator();
    Request::put("a", "1").header(NAME, "requester").send(&emulator);
    let ordinary = |request: Request| Request { bucket: "ordinary".to_owned(), ..request };
    let initiated = ordinary(Request::post("parts", "")).query("uploads", "").send(&emulator);
    let id = initiated.element("UploadId").unwrap();
    for request in [Request::put("copy", ""), part("parts", &id, 1, "")] {
        let request = ordinary(request).header("x-oss-copy-source", "/examplebucket/a");
        refuses(&request.clone().send(&emulator), "0003-00000703");
        assert_eq!(request.header(NAME, "requester").send(&emulator).status, 200);
    }
}

#[test]
fn a_signed_url_says_it_in_the_header_or_in_the_query() {
    let emulator = emulator();
    let put = Request::put("a", "1");
    refuses(&put.clone().presign_v4("60").send_as_is(&emulator), "0003-00000702");
    let in_query = put.clone().query(NAME, "requester").presign_v4("60");
    assert_eq!(in_query.send_as_is(&emulator).status, 200);
    let in_header = put.header(NAME, "requester").presign_v4("60");
    assert_eq!(in_header.send_as_is(&emulator).status, 200);
}

#[test]
fn a_form_says_it_in_a_field() {
    let emulator = emulator();
    let form = |fields: &[(&str, &str)]| {
        let form = Form::new("1").field("key", "a");
        let form = fields.iter().fold(form, |form, (name, value)| form.field(name, value));
        form.sign_v4(&json!([["starts-with", "$key", ""]]), ("ak", "sk"), None).send(&emulator)
    };
    refuses(&form(&[]), "0003-00000703");
    assert_eq!(form(&[(NAME, "requester")]).status, 204);
}

#[test]
fn what_the_bucket_is_can_be_asked_by_everybody() {
    let emulator = emulator();
    let payer = |bucket: &str| {
        let request = Request { bucket: bucket.to_owned(), ..Request::get("") };
        request.query("requestPayment", "").send(&emulator).element("Payer").unwrap()
    };
    assert_eq!((payer(BUCKET), payer("ordinary")), ("Requester".into(), "BucketOwner".into()));
    assert_eq!(Request::new("HEAD", "").send(&emulator).status, 200);
    let preflight = Request::new("OPTIONS", "a")
        .header("origin", "http://localhost")
        .header("access-control-request-method", "PUT");
    assert_eq!(preflight.send_as_is(&emulator).status, 200);
}
