//! Which requests of an upload carry which headers: the table of docs/headers.md.

mod support;

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::num::NonZeroU64;
use std::sync::mpsc::channel;

use ossbind::signed::{SignFormRequest, SignUrlRequest};
use ossbind::upload::{Destination, FindRequest};
use ossbind::{Body, Callback, Client, Status, UploadRequest};
use ossbind_emulator::{Bucket, Operation, Options, RequestRecord};
use support::local_oss::{BUCKET, LocalOss};
use support::plain_http;
use support::raw_server::RawServer;

const FURTHER: [(&str, &str); 7] = [
    ("Cache-Control", "no-cache"),
    ("Content-Disposition", "attachment"),
    ("Content-Encoding", "identity"),
    ("Content-Language", "de"),
    ("Expires", "Wed, 28 Dec 2033 10:27:41 GMT"),
    ("x-oss-server-side-encryption", "AES256"),
    ("x-oss-tagging", "a=b"),
];

/// A request with everything in it.
fn full<'a>(key: &'a str, content: &'a [u8], callback: &'a Callback) -> UploadRequest<'a> {
    let mut request = UploadRequest::new(BUCKET, key, Body::Memory(content));
    request.content_type = Some("image/png");
    request.metadata = &[("camera", "north")];
    request.headers = &FURTHER;
    request.storage_class = Some("IA");
    request.acl = Some("private");
    request.forbid_overwrite = true;
    request.callback = Some(callback);
    request.traffic_limit = NonZeroU64::new(838_860_800);
    request.requester_pays = true;
    request.part_size = Some(102_400);
    request
}

/// The operations whose requests carry a header, by the page.
fn operations_of(carriers: &str, all: &BTreeSet<String>) -> BTreeSet<String> {
    let operation = |name: &str| match name {
        "PUT" => Operation::PutObject,
        "Initiate" => Operation::InitiateMultipartUpload,
        "parts" => Operation::UploadPart,
        "Complete" => Operation::CompleteMultipartUpload,
        other => panic!("the page says {other}"),
    };
    match carriers {
        "" => BTreeSet::new(),
        "every request" => all.clone(),
        names => names.split(", ").map(|name| format!("{:?}", operation(name))).collect(),
    }
}

#[test]
fn every_header_goes_with_the_requests_of_the_page() {
    let oss = LocalOss::start();
    let client = oss.persistent_client();
    let callback = Callback::new(oss.callback_url(), "id=${x:id}").variable("x:id", "1");
    let content = vec![7; 250_000];
    for (key, threshold) in [("one", 5 << 30), ("parts", 1), ("lost", 1)] {
        if key == "lost" {
            // The service is asked what became of it: ListParts and HEAD.
            oss.emulator.lose_next_answer_to(Operation::CompleteMultipartUpload);
        }
        let mut request = full(key, &content, &callback);
        request.multipart_threshold = Some(threshold);
        let _ = client.upload(request);
    }
    // A part that cannot be sent: the upload is aborted.
    oss.emulator.fail_next(Operation::UploadPart, 403, "AccessDenied");
    let mut request = full("aborted", &content, &callback);
    request.multipart_threshold = Some(1);
    client.upload(request).unwrap_err();
    let question = FindRequest {
        requester_pays: true,
        ..FindRequest::new(BUCKET, "one", Body::Memory(&content))
    };
    client.find(question).unwrap();

    // The receiver asks for the key of the callback's signature.
    let mut requests = oss.emulator.requests();
    requests.retain(|request| request.operation.is_some());
    let name = |request: &RequestRecord| format!("{:?}", request.operation.unwrap());
    let all: BTreeSet<String> = requests.iter().map(name).collect();
    assert_eq!(all.len(), 7, "{all:?}");
    let page = std::fs::read_to_string("docs/headers.md").unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut seen = 0;
    for row in rows {
        let (header, rest) = row.split_once("` | ").unwrap();
        let expected = operations_of(rest.split(" | ").next().unwrap(), &all);
        let is_it = |name: &str| match header.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == header,
        };
        let carries = |r: &&RequestRecord| r.headers.iter().any(|(name, _)| is_it(name));
        let carriers: BTreeSet<String> = requests.iter().filter(carries).map(name).collect();
        // Complete has a body of its own, which has a type and a checksum.
        let is_of_body = header == "content-type" || header == "content-md5";
        if !carriers.is_empty() && !is_of_body && !expected.is_empty() && expected != all {
            assert_eq!(carriers, expected, "{header}");
            seen += 1;
        }
    }
    assert_eq!(seen, 14, "all that is not in every request");
    for request in &requests {
        assert_eq!(request.header("x-oss-request-payer"), Some("requester"), "{request:?}");
    }
}

#[test]
fn what_oss_would_refuse_at_the_end_is_refused_at_once() {
    let oss = LocalOss::start();
    let content = vec![7; 250_000];
    let refuse = |field: &str, change: &dyn Fn(&mut UploadRequest<'_>)| {
        let mut request = UploadRequest::new(BUCKET, "k", Body::Memory(&content));
        request.multipart_threshold = Some(1);
        change(&mut request);
        let failed = oss.client().upload(request).unwrap_err();
        assert_eq!(failed.error.status(), Status::InvalidArgument, "{failed}");
        assert_eq!(failed.error.field(), Some(field), "{failed}");
    };
    refuse("acl", &|r| r.acl = Some("Private"));
    refuse("storage_class", &|r| r.storage_class = Some("standard"));
    for header in [
        ("x-oss-traffic-limit", "819200"),
        ("X-Oss-Request-Payer", "requester"),
        ("x-oss-hash-crc64ecma", "1"),
        ("x-oss-complete-all", "yes"),
        ("x-oss-copy-source", "/b/k"),
        ("x-oss-object-acl", "private"),
        ("x-oss-meta-a", "b"),
    ] {
        let headers = [header];
        let mut request = UploadRequest::new(BUCKET, "k", Body::Memory(&content));
        request.headers = &headers;
        let failed = oss.client().upload(request).unwrap_err();
        assert_eq!(failed.error.field(), Some("headers[0].name"), "{failed}");
    }
    for fields in [
        &[("x-oss-object-acl", "Private")],
        &[("x-oss-storage-class", "standard")],
        &[("x-oss-traffic-limit", "819200")],
    ] {
        let form = SignFormRequest { bucket: BUCKET, key: Some("k"), fields, ..Default::default() };
        oss.client().sign_form(&form).unwrap_err();
    }
    for (field, headers, limit) in [
        ("headers[0].name", &[("x-oss-traffic-limit", "819200")][..], None),
        ("traffic_limit_bits_per_s", &[], NonZeroU64::new(819_200)),
    ] {
        let mut form = UploadRequest::new(BUCKET, "k", Body::Memory(&content));
        form.destination = Destination::Form { bucket: BUCKET, key: "k" };
        (form.headers, form.traffic_limit) = (headers, limit);
        let failed = oss.client().upload(form).unwrap_err();
        assert_eq!(failed.error.field(), Some(field), "{failed}");
    }
    let url =
        SignUrlRequest { bucket: BUCKET, key: "k", acl: Some("Private"), ..Default::default() };
    oss.client().sign_url(&url).unwrap_err();
    assert!(oss.emulator.requests().is_empty());
}

/// What a signed URL says, the one who uses it has to send.
#[test]
fn a_signed_url_says_who_pays() {
    let oss = LocalOss::start();
    let url = SignUrlRequest {
        bucket: BUCKET,
        key: "k",
        requester_pays: true,
        headers: &[("x-oss-traffic-limit", "819200")],
        ..Default::default()
    };
    let signed = oss.client().sign_url(&url).unwrap();
    let answer = plain_http::send("PUT", signed.url(), signed.pairs(), b"v");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let destination = Destination::SignedUrl(signed.url());
    let mut request = UploadRequest::to(destination, Body::Memory(b"v"));
    request.requester_pays = true;
    request.traffic_limit = NonZeroU64::new(819_200);
    oss.client().upload(request).unwrap();
    for request in oss.emulator.requests() {
        assert_eq!(request.header("x-oss-request-payer"), Some("requester"));
        assert_eq!(request.header("x-oss-traffic-limit"), Some("819200"));
    }
}

/// The bucket of somebody else, who wants it so.
#[test]
fn a_bucket_of_others_needs_to_know_who_pays() {
    let bucket = Bucket { requester_pays: true, ..Bucket::new(BUCKET) };
    let oss = LocalOss::with(Options { buckets: vec![bucket], ..Options::default() });
    let content = vec![7; 250_000];
    let upload = |requester_pays: bool, threshold: u64| {
        let mut request = UploadRequest::new(BUCKET, "k", Body::Memory(&content));
        request.multipart_threshold = Some(threshold);
        request.part_size = Some(102_400);
        request.requester_pays = requester_pays;
        oss.persistent_client().upload(request)
    };
    let find = |requester_pays: bool| {
        let question = FindRequest::new(BUCKET, "k", Body::Memory(&content));
        oss.client().find(FindRequest { requester_pays, ..question })
    };
    for threshold in [1, 5 << 30] {
        let error = upload(false, threshold).unwrap_err().error;
        assert_eq!(error.code(), Some("AccessDenied"));
        assert_eq!(error.ec(), Some("0003-00000703"));
        upload(true, threshold).unwrap();
        oss.emulator.lose_next_answer_to(Operation::CompleteMultipartUpload);
        upload(true, threshold).unwrap();
    }
    assert_eq!(find(false).unwrap_err().code(), Some("AccessDenied"));
    find(true).unwrap();
    for requester_pays in [false, true] {
        let url = SignUrlRequest { bucket: BUCKET, key: "k", requester_pays, ..Default::default() };
        let signed = oss.client().sign_url(&url).unwrap();
        let answer = plain_http::send("PUT", signed.url(), signed.pairs(), b"v");
        assert_eq!(answer.status, if requester_pays { 200 } else { 403 }, "{}", answer.body);
        let mut form = UploadRequest::new(BUCKET, "k", Body::Memory(&content));
        form.destination = Destination::Form { bucket: BUCKET, key: "k" };
        form.requester_pays = requester_pays;
        assert_eq!(oss.client().upload(form).is_ok(), requester_pays);
    }
}

/// In a form it is a field, which its policy allows.
#[test]
fn a_form_says_who_pays() {
    let (said, heard) = channel();
    let server = RawServer::start(move |mut stream| {
        let mut form = Vec::new();
        // Nothing comes behind the line that ends a form.
        while !form.ends_with(b"--\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            form.extend(byte);
        }
        said.send(String::from_utf8_lossy(&form).into_owned()).unwrap();
        let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nx-oss-request-id: 1\r\n\r\n");
    });
    let oss = LocalOss::start();
    for config in [server.config(), oss.config()] {
        let mut form = UploadRequest::new(BUCKET, "form", Body::Memory(b"v"));
        form.destination = Destination::Form { bucket: BUCKET, key: "form" };
        form.requester_pays = true;
        Client::new(config).unwrap().upload(form).unwrap();
    }
    let form = heard.recv().unwrap();
    assert!(form.contains("name=\"x-oss-request-payer\"\r\n\r\nrequester\r\n"), "{form}");
}
