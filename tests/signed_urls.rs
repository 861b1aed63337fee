//! Signed URLs and requests: made with keys, used by programs that have none.

mod support;

use std::io::Write as _;

use ossbind::credentials::Credentials;
use ossbind::signed::{SignHeadersRequest, SignUrlRequest, Signed, UrlOperation};
use ossbind::signing::SignatureVersion;
use ossbind::upload::Destination;
use ossbind::{
    Body, Callback, Client, ClientConfig, HttpOptions, ObjectState, Status, UploadError,
    UploadRequest,
};
use ossbind_emulator::{AccessKey, Answer, Options};
use support::local_oss::{BUCKET, LocalOss};
use support::plain_http;
use support::raw_server::{RawServer, read_request};

/// A client without keys, as a device has it.
fn device() -> Client {
    let http = HttpOptions { proxy: Some(String::new()), ..HttpOptions::default() };
    Client::new(ClientConfig { without_keys: true, http, ..ClientConfig::default() }).unwrap()
}

fn upload(to: Destination<'_>, content: &[u8]) -> Result<ossbind::UploadResult, UploadError> {
    device().upload(UploadRequest::to(to, Body::Memory(content)))
}

fn sign_url(key: &str) -> SignUrlRequest<'_> {
    SignUrlRequest { bucket: BUCKET, key, ..SignUrlRequest::default() }
}

/// A local OSS that knows permanent and temporary keys, and a client for each kind of signature.
fn signers() -> (LocalOss, Vec<Client>) {
    let mut options = Options::default();
    options.access_keys.push(AccessKey::temporary("STS.own", "sk", "t0/k+en=="));
    let oss = LocalOss::with(options);
    let mut clients = Vec::new();
    for signature_version in [SignatureVersion::V4, SignatureVersion::V1] {
        for (id, token) in [("ak", None), ("STS.own", Some("t0/k+en=="))] {
            let credentials = Some(Credentials::new(id, "sk", token).unwrap().into());
            let config = ClientConfig { signature_version, credentials, ..oss.config() };
            clients.push(Client::new(config).unwrap());
        }
    }
    (oss, clients)
}

fn callback(oss: &LocalOss) -> Callback {
    Callback::new(oss.callback_url(), "object=${object}&size=${size}&id=${x:id}")
        .variable("x:id", "7 & \"8\"")
}

#[test]
fn a_device_without_keys_uploads_and_hears_the_callback() {
    let (oss, clients) = signers();
    oss.receiver.answer_with(Answer::json("{\"seen\":1}"));
    let callback = callback(&oss);
    for (index, client) in clients.iter().enumerate() {
        for callback_in_headers in [false, true] {
            let key = format!("dir/{index} {callback_in_headers}+中.txt");
            let mut request = sign_url(&key);
            request.content_type = Some("text/plain");
            request.metadata = &[("camera", "north")];
            request.callback = Some(&callback);
            request.callback_in_headers = callback_in_headers;
            let bundle = client.sign_url(&request).unwrap().to_bundle().unwrap();
            assert_eq!(bundle.contains("x-oss-callback"), callback_in_headers, "{bundle}");

            let result = upload(Destination::Bundle { text: &bundle, key: None }, b"hello");
            let result = result.unwrap();
            assert_eq!(result.callback_answer(), b"{\"seen\":1}");
            let stored = oss.emulator.object(BUCKET, &key).unwrap();
            assert_eq!(stored.content_type(), "text/plain");
            assert!(stored.headers().contains(&("x-oss-meta-camera".into(), "north".into())));
            assert_eq!(oss.content(&key).unwrap(), b"hello");
        }
    }
    for received in oss.received(2 * clients.len()) {
        assert_eq!(received.signature, Ok(()));
        assert!(received.body_text().ends_with("&size=5&id=7%20%26%20%228%22"));
    }
}

#[test]
fn what_a_url_is_good_for() {
    let (oss, clients) = signers();
    for client in &clients {
        client.upload(UploadRequest::new(BUCKET, "a", Body::Memory(b"content"))).unwrap();
        let send = |operation| {
            let signed = client.sign_url(&SignUrlRequest { operation, ..sign_url("a") }).unwrap();
            plain_http::send(signed.method(), signed.url(), signed.pairs(), b"")
        };
        let got = send(UrlOperation::GetObject);
        assert_eq!((got.status, got.body.as_str()), (200, "content"), "{}", got.head);
        let head = send(UrlOperation::HeadObject);
        assert_eq!((head.status, head.header("content-length")), (200, Some("7")));
    }
    drop(oss);
}

fn of_upload(operation: UrlOperation, upload_id: &str) -> SignUrlRequest<'_> {
    SignUrlRequest { operation, upload_id: Some(upload_id), ..sign_url("parts") }
}

#[test]
fn a_multipart_upload_by_signed_urls_alone() {
    let (oss, clients) = signers();
    let callback = callback(&oss);
    let parts = [vec![b'a'; 100 * 1024], b"the end".to_vec()];
    for client in &clients {
        let send = |request: SignUrlRequest<'_>, content: &[u8]| {
            let signed = client.sign_url(&request).unwrap();
            plain_http::send(signed.method(), signed.url(), signed.pairs(), content)
        };
        let begin = SignUrlRequest {
            operation: UrlOperation::InitiateMultipartUpload,
            ..sign_url("parts")
        };
        let begun = send(begin, b"");
        let upload_id = begun.element("UploadId");
        let mut list = String::new();
        for (part_number, content) in (1..).zip(&parts) {
            let part = of_upload(UrlOperation::UploadPart, upload_id);
            let stored = send(SignUrlRequest { part_number, ..part }, content);
            let etag = stored.header("etag").unwrap();
            list +=
                &format!("<Part><PartNumber>{part_number}</PartNumber><ETag>{etag}</ETag></Part>");
        }
        let listed = send(of_upload(UrlOperation::ListParts, upload_id), b"");
        assert_eq!(listed.body.matches("<PartNumber>").count(), 2, "{}", listed.body);
        let complete = format!("<CompleteMultipartUpload>{list}</CompleteMultipartUpload>");
        let last = of_upload(UrlOperation::CompleteMultipartUpload, upload_id);
        let request = SignUrlRequest { callback: Some(&callback), ..last };
        let completed = send(request, complete.as_bytes());
        assert_eq!(completed.status, 200, "{}", completed.body);
        assert_eq!(oss.content("parts").unwrap(), parts.concat());

        let begun = send(begin, b"");
        let upload_id = begun.element("UploadId");
        let aborted = send(of_upload(UrlOperation::AbortMultipartUpload, upload_id), b"");
        assert_eq!((aborted.status, oss.emulator.multipart_uploads().len()), (204, 0));
    }
    oss.received(clients.len());
}

#[test]
fn a_plain_url_is_sent_with_what_was_signed() {
    let oss = LocalOss::start();
    let callback = callback(&oss);
    let md5 = "XUFAKrxLKna5cZ2REBfFkg=="; // of "hello"
    let signed = oss
        .client()
        .sign_url(&SignUrlRequest {
            content_type: Some("image/jpeg"),
            content_md5: Some(md5),
            metadata: &[("camera", "north")],
            storage_class: Some("IA"),
            acl: Some("private"),
            forbid_overwrite: true,
            callback: Some(&callback),
            callback_in_headers: true,
            ..sign_url("photo.jpg")
        })
        .unwrap();
    let mut request =
        UploadRequest::to(Destination::SignedUrl(signed.url()), Body::Memory(b"hello"));
    request.content_type = Some("image/jpeg");
    request.content_md5 = ossbind::upload::ContentMd5::Given(md5);
    request.metadata = &[("camera", "north")];
    request.storage_class = Some("IA");
    request.acl = Some("private");
    request.forbid_overwrite = true;
    request.callback = Some(&callback);
    device().upload(request).unwrap();
    let stored = oss.emulator.object(BUCKET, "photo.jpg").unwrap();
    assert_eq!((stored.storage_class(), stored.acl()), ("IA", "private"));
    oss.received(1);

    // Without a Content-Type, although the name would tell one: it was not signed.
    let signed = oss.client().sign_url(&sign_url("other.jpg")).unwrap();
    upload(Destination::SignedUrl(signed.url()), b"hello").unwrap();
}

#[test]
fn a_failed_callback_is_told_without_keys_too() {
    let oss = LocalOss::start();
    let callback = callback(&oss);
    for callback_in_headers in [false, true] {
        oss.receiver.answer_next_with(Answer::status(502));
        let mut request = sign_url("k");
        request.callback = Some(&callback);
        request.callback_in_headers = callback_in_headers;
        let bundle = oss.client().sign_url(&request).unwrap().to_bundle().unwrap();
        let failed = upload(Destination::Bundle { text: &bundle, key: None }, b"v").unwrap_err();
        assert_eq!(failed.error.status(), Status::CallbackFailed);
        assert_eq!(failed.error.object_state(), ObjectState::Stored);
        assert!(failed.result.is_some());
    }
}

/// Such a PUT stores a part, and no object.
#[test]
fn a_url_for_another_operation_is_no_upload() {
    let oss = LocalOss::start();
    let part = SignUrlRequest {
        operation: UrlOperation::UploadPart,
        upload_id: Some("0004B9"),
        part_number: 1,
        ..sign_url("k")
    };
    let signed = oss.client().sign_url(&part).unwrap();
    let bundle = signed.to_bundle().unwrap();
    for to in
        [Destination::Bundle { text: &bundle, key: None }, Destination::SignedUrl(signed.url())]
    {
        let failed = upload(to, b"v").unwrap_err();
        assert_eq!(failed.error.status(), Status::InvalidArgument, "{failed}");
        assert!(failed.error.message().contains("partNumber"), "{failed}");
    }
}

/// A server that says back what it was asked, and more than that.
#[test]
fn what_a_peer_repeats_is_masked() {
    let echo = RawServer::start(|mut stream| {
        let head = read_request(&stream).join(" ");
        let target = head.split(' ').nth(1).unwrap_or_default().replace('&', "&amp;");
        let body = format!(
            "<Error><Code>AccessDenied</Code><Message>{target} t0/k+en==</Message>\
             <StringToSign>{target}</StringToSign></Error>"
        );
        let length = body.len();
        let _ = write!(
            stream,
            "HTTP/1.1 403 X\r\nx-oss-request-id: 1\r\nContent-Length: {length}\r\n\r\n{body}"
        );
    });
    for name in ["x-oss-security-token", "security-token"] {
        let url = format!(
            "http://{}/k?{name}=t0%2Fk%2Ben%3D%3D&x-oss-signature=5ec7e7&Signature=5%2Bec",
            echo.address()
        );
        let failed = upload(Destination::SignedUrl(&url), b"v").unwrap_err();
        let element = failed.error.document_element("StringToSign").unwrap_or_default();
        let shown = format!("{failed} {failed:?} {element}");
        for secret in ["t0/k+en", "t0%2Fk%2Ben", "5ec7e7", "5%2Bec"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("(secret)"), "{shown}");
    }
}

/// Whatever goes wrong, a message never has what would let its reader upload.
fn assert_is_secret(failed: &UploadError, signed: &Signed) {
    let shown = format!("{failed} {failed:?} {:?}", signed);
    for secret in ["Signature=", "x-oss-signature=", "t0/k+en"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_url_that_is_not_taken_says_why() {
    let (oss, clients) = signers();
    for client in &clients {
        let mut request = sign_url("k.txt");
        request.content_type = Some("text/plain");
        let signed = client.sign_url(&request).unwrap();
        let failed = upload(Destination::SignedUrl(signed.url()), b"v").unwrap_err();
        assert_eq!(failed.error.code(), Some("SignatureDoesNotMatch"));
        assert!(failed.error.message().contains("Content-Type"), "{failed}");
        assert_is_secret(&failed, &signed);

        oss.emulator.set_clock_offset_seconds(901);
        let mut request = sign_url("k.txt");
        request.expires_in = Some(900);
        let signed = client.sign_url(&request).unwrap();
        let bundle = signed.to_bundle().unwrap();
        let failed = upload(Destination::Bundle { text: &bundle, key: None }, b"v").unwrap_err();
        assert_eq!(failed.error.object_state(), ObjectState::NotStored);
        assert!(failed.error.message().contains("Ask for a new one"), "{failed}");
        assert_is_secret(&failed, &signed);
        oss.emulator.set_clock_offset_seconds(0);
    }
    let signed = clients[1].sign_url(&sign_url("k")).unwrap();
    let url = signed.url().replace(&oss.emulator.address().port().to_string(), "1");
    let failed = upload(Destination::SignedUrl(&url), b"v").unwrap_err();
    assert_eq!(failed.error.status(), Status::Transport);
    assert_is_secret(&failed, &signed);
}

#[test]
fn validity_is_what_the_signature_allows() {
    let (_oss, clients) = signers();
    let (v4, v1) = (&clients[0], &clients[2]);
    for (client, seconds, is_valid) in [
        (v4, 0, false),
        (v4, 1, true),
        (v4, 604_800, true),
        (v4, 604_801, false),
        (v1, 604_801, true),
        (v1, u64::MAX, true),
    ] {
        let request = SignUrlRequest { expires_in: Some(seconds), ..sign_url("k") };
        let outcome = client.sign_url(&request);
        assert_eq!(outcome.is_ok(), is_valid, "{seconds}: {outcome:?}");
    }
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let signed = v4.sign_url(&sign_url("k")).unwrap();
    assert!((now + 890..now + 1800).contains(&signed.expires_at()), "{signed:?}");
}

#[test]
fn a_signed_request_is_sent_by_another_http_stack() {
    let (oss, clients) = signers();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    for client in &clients {
        let headers = [("Content-Type", "text/plain"), ("x-oss-meta-a", "b")];
        let put = SignHeadersRequest {
            method: "PUT",
            bucket: Some(BUCKET),
            key: Some("by hand"),
            headers: &headers,
            ..SignHeadersRequest::default()
        };
        let signed = client.sign_headers(&put).unwrap();
        assert!(signed.pairs().contains(&pair("content-type", "text/plain")));
        assert!(signed.to_bundle().is_none());
        let answer = plain_http::send("PUT", signed.url(), signed.pairs(), b"v");
        assert_eq!(answer.status, 200, "{}", answer.body);

        let list = SignHeadersRequest {
            method: "GET",
            bucket: Some(BUCKET),
            query: &[("list-type", "2"), ("prefix", "by h")],
            ..SignHeadersRequest::default()
        };
        let signed = client.sign_headers(&list).unwrap();
        let answer = plain_http::send("GET", signed.url(), signed.pairs(), b"");
        assert_eq!((answer.status, answer.element("Key")), (200, "by hand"), "{}", answer.body);

        let buckets = SignHeadersRequest { method: "GET", ..SignHeadersRequest::default() };
        let signed = client.sign_headers(&buckets).unwrap();
        let answer = plain_http::send("GET", signed.url(), signed.pairs(), b"");
        assert_eq!((answer.status, answer.element("Name")), (200, BUCKET), "{}", answer.body);
    }
    drop(oss);
}

/// The connection sends these two by itself.
fn without_those_of_the_connection(pairs: &[(String, String)]) -> Vec<(String, String)> {
    let own = |name: &str| ["host", "content-length"].contains(&name);
    pairs.iter().filter(|(name, _)| !own(name)).cloned().collect()
}

#[test]
fn a_signature_covers_further_headers() {
    let (oss, clients) = signers();
    let (names, headers) = (
        ["Host", "content-length", "cache-control"],
        [("Cache-Control", "no-cache"), ("Content-Length", "1")],
    );
    for client in &clients[..2] {
        let request = SignUrlRequest {
            headers: &headers,
            additional_headers: &names,
            ..sign_url("additional")
        };
        let put = SignHeadersRequest {
            method: "PUT",
            bucket: Some(BUCKET),
            key: Some("additional"),
            headers: &headers,
            additional_headers: &names,
            ..SignHeadersRequest::default()
        };
        let url = client.sign_url(&request).unwrap();
        assert!(
            url.url().contains("x-oss-additional-headers=cache-control%3Bcontent-length%3Bhost")
        );
        for signed in [&url, &client.sign_headers(&put).unwrap()] {
            let host = signed.url().split('/').nth(2).unwrap().to_owned();
            assert!(signed.pairs().contains(&("host".to_owned(), host)), "{:?}", signed.pairs());
            let pairs = without_those_of_the_connection(signed.pairs());
            for (content, status) in [(&b"v"[..], 200), (b"longer", 403)] {
                let answer = plain_http::send("PUT", signed.url(), &pairs, content);
                assert_eq!(answer.status, status, "{}", answer.body);
            }
        }
        let bundle = url.to_bundle().unwrap();
        let to = Destination::Bundle { text: &bundle, key: None };
        device().upload(UploadRequest::to(to, Body::Memory(b"v"))).unwrap();
        let failed = device().upload(UploadRequest::to(to, Body::Memory(b"longer"))).unwrap_err();
        assert_eq!(failed.error.code(), Some("SignatureDoesNotMatch"), "{failed}");
    }
    let request = SignUrlRequest { additional_headers: &names[..1], ..sign_url("k") };
    let error = clients[2].sign_url(&request).unwrap_err();
    assert_eq!(error.field(), Some("additional_headers"), "{error}");
    assert_eq!(oss.content("additional").unwrap(), b"v");
}

#[test]
fn a_client_without_keys_signs_nothing() {
    let client = device();
    let failed = client.sign_url(&sign_url("k")).unwrap_err();
    assert_eq!(failed.status(), Status::Credentials);
    let failed = client.upload(UploadRequest::new(BUCKET, "k", Body::Memory(b"v"))).unwrap_err();
    assert_eq!(failed.error.status(), Status::Credentials);
    assert!(failed.error.message().contains("NO_KEYS"), "{failed}");
}

#[test]
fn one_request_takes_one_body_of_known_length() {
    let oss = LocalOss::start();
    let signed = oss.client().sign_url(&sign_url("k")).unwrap();
    let bundle = signed.to_bundle().unwrap();
    struct Endless;
    impl ossbind::upload::Source for Endless {
        fn read(&mut self, _buf: &mut [u8]) -> Result<usize, ossbind::Error> {
            panic!("nothing is read in vain")
        }
    }
    for to in
        [Destination::SignedUrl(signed.url()), Destination::Bundle { text: &bundle, key: None }]
    {
        for (length, field) in
            [(None, "content_length"), (Some(5 * 1024 * 1024 * 1024 + 1), "body")]
        {
            let body = Body::Stream { source: &mut Endless, length };
            let failed = device().upload(UploadRequest::to(to, body)).unwrap_err();
            assert_eq!(failed.error.field(), Some(field), "{failed}");
        }
    }
}

/// The names of every list that the documents and the vendor's SDKs have, but those of `x-oss-`
/// (spec: signing-v1.md 2).
const SUB_RESOURCES: &str = "acl uploads location cors logging website referer lifecycle delete append \
     tagging objectMeta uploadId partNumber security-token position img style styleName replication \
     replicationProgress replicationLocation cname bucketInfo comp qos live status vod startTime \
     endTime symlink callback callback-var response-content-type response-content-language \
     response-expires response-cache-control response-content-disposition \
     response-content-encoding stat restore versions versioning versionId sequential \
     continuation-token regionList cloudboxes resourceGroup policy requestPayment encryption qosInfo \
     inventory inventoryId worm wormId wormExtend group link objectInfo asyncFetch \
     transferAcceleration metaQuery bucketArchiveDirectRead httpsConfig redundancyTransition \
     accessPoint accessPointPolicy publicAccessBlock requesterQosInfo qosRequester resourcePoolInfo \
     resourcePool resourcePoolBuckets";

/// What the server does with them is its own matter: it has to agree on the signature.
#[test]
fn every_sub_resource_is_signed() {
    let (_oss, clients) = signers();
    let ours = ["security-token", "callback", "callback-var"];
    for client in &clients {
        for name in SUB_RESOURCES.split_whitespace().filter(|name| !ours.contains(name)) {
            let by_header = SignHeadersRequest {
                method: "GET",
                bucket: Some(BUCKET),
                query: &[(name, "v")],
                ..SignHeadersRequest::default()
            };
            let by_url = SignUrlRequest {
                operation: UrlOperation::GetObject,
                query: &[(name, "v")],
                ..sign_url("k")
            };
            for signed in
                [client.sign_headers(&by_header).unwrap(), client.sign_url(&by_url).unwrap()]
            {
                let answer = plain_http::send("GET", signed.url(), signed.pairs(), b"");
                assert!(!answer.body.contains("SignatureDoesNotMatch"), "{name}: {}", answer.body);
            }
        }
    }
}
