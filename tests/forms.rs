//! Form uploads (PostObject): sent with own keys, and with fields that were signed elsewhere.

mod support;

use ossbind::credentials::Credentials;
use ossbind::signed::{SignFormRequest, Signed};
use ossbind::signing::SignatureVersion;
use ossbind::upload::{Destination, Progress, Source};
use ossbind::{
    Body, Callback, Client, ClientConfig, Error, HttpOptions, ObjectState, Status, UploadError,
    UploadRequest, UploadResult,
};
use ossbind_emulator::{AccessKey, Answer, Operation, Options};
use support::local_oss::{BUCKET, LocalOss};
use support::native::out_dir;
use support::raw_server::RawServer;

/// A client without keys, as a device has it.
fn device() -> Client {
    let http = HttpOptions { proxy: Some(String::new()), ..HttpOptions::default() };
    Client::new(ClientConfig { without_keys: true, http, ..ClientConfig::default() }).unwrap()
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

fn form<'a>(key: &'a str, body: Body<'a>) -> UploadRequest<'a> {
    UploadRequest::to(Destination::Form { bucket: BUCKET, key }, body)
}

fn callback(oss: &LocalOss) -> Callback {
    Callback::new(oss.callback_url(), "object=${object}&size=${size}&id=${x:id}")
        .variable("x:id", "7 & \"8\"\r\n--")
}

fn send(form: &Signed, key: Option<&str>, content: &[u8]) -> Result<UploadResult, UploadError> {
    let text = form.to_bundle().unwrap();
    let to = Destination::Bundle { text: &text, key };
    device().upload(UploadRequest::to(to, Body::Memory(content)))
}

fn policy(key: &str) -> SignFormRequest<'_> {
    SignFormRequest { bucket: BUCKET, key: Some(key), ..SignFormRequest::default() }
}

fn prefix(prefix: &str) -> SignFormRequest<'_> {
    SignFormRequest { bucket: BUCKET, key_prefix: Some(prefix), ..SignFormRequest::default() }
}

struct Pieces<'a>(&'a [u8]);

impl Source for Pieces<'_> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        let count = self.0.len().min(buf.len()).min(7000);
        buf[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

#[test]
fn every_body_goes_as_a_form() {
    let (oss, clients) = signers();
    oss.receiver.answer_with(Answer::json("{\"seen\":1}"));
    let callback = callback(&oss);
    // With what looks like the end of a form, in the middle and at the end.
    let mut content = b"\r\n--ossbind-0123456789abcdef--\r\n".repeat(20_000);
    content.extend_from_slice(b"\r\n--");
    let path = out_dir().join(format!("form \"a\" 中-{}", std::process::id()));
    std::fs::write(&path, &content).unwrap();
    for (index, client) in clients.iter().enumerate() {
        for kind in ["memory", "file", "stream", "empty"] {
            let key = format!("forms/{index}-{kind} $ \\ \"中\".jpg");
            let mut pieces = Pieces(&content);
            let length = Some(content.len() as u64);
            let (body, expected) = match kind {
                "memory" => (Body::Memory(&content), &content[..]),
                "file" => (Body::file(&path), &content[..]),
                "stream" => (Body::Stream { source: &mut pieces, length }, &content[..]),
                _ => (Body::Memory(b""), &b""[..]),
            };
            let mut seen = Vec::new();
            let mut watch = |progress: Progress| {
                seen.push(progress);
                Ok(())
            };
            let mut request = form(&key, body);
            request.callback = Some(&callback);
            request.metadata = &[("camera", "north \"1\"")];
            request.headers = &[("Cache-Control", "no-cache")];
            request.progress = Some(&mut watch);
            let result = client.upload(request).unwrap();
            assert_eq!(result.callback_answer(), b"{\"seen\":1}");
            assert_eq!(oss.content(&key).unwrap(), expected, "{key}");
            let stored = oss.emulator.object(BUCKET, &key).unwrap();
            assert_eq!(
                (stored.content_type(), result.crc64()),
                ("image/jpeg", Some(stored.crc64()))
            );
            for (name, value) in
                [("x-oss-meta-camera", "north \"1\""), ("cache-control", "no-cache")]
            {
                let has = |(n, v): &(String, String)| n.eq_ignore_ascii_case(name) && v == value;
                assert!(stored.headers().iter().any(has), "{name}: {:?}", stored.headers());
            }
            let total = expected.len() as u64;
            assert!(seen.iter().all(|progress| progress.total == total && progress.sent <= total));
            assert_eq!(seen.last().map_or(0, |progress| progress.sent), total);
        }
    }
    std::fs::remove_file(path).unwrap();
    for received in oss.received(4 * clients.len()) {
        assert_eq!(received.signature, Ok(()));
        assert!(received.body_text().ends_with("&id=7%20%26%20%228%22%0D%0A--"));
    }
    let posts = oss.emulator.requests();
    let posts = posts.iter().filter(|r| r.operation == Some(Operation::PostObject));
    assert_eq!(posts.count(), 4 * clients.len());
}

#[test]
fn a_form_without_callback_succeeds_with_204() {
    let oss = LocalOss::start();
    let result = oss.client().upload(form("k", Body::Memory(b"v"))).unwrap();
    assert_eq!((result.http_status(), result.etag().is_some()), (204, true));
}

#[test]
fn a_failed_callback_of_a_form_is_told() {
    let oss = LocalOss::start();
    let callback = callback(&oss);
    oss.receiver.answer_next_with(Answer::status(502));
    let mut request = form("k", Body::Memory(b"v"));
    request.callback = Some(&callback);
    let failed = oss.client().upload(request).unwrap_err();
    assert_eq!(failed.error.status(), Status::CallbackFailed);

    oss.receiver.answer_next_with(Answer::status(502));
    let request = SignFormRequest { callback: Some(&callback), ..policy("k2") };
    let made = oss.client().sign_form(&request).unwrap();
    let failed = send(&made, None, b"v").unwrap_err();
    assert_eq!(failed.error.status(), Status::CallbackFailed);
    assert_eq!(failed.error.object_state(), ObjectState::Stored);
}

#[test]
fn a_form_does_not_overwrite_when_told_so() {
    let oss = LocalOss::start();
    for is_first in [true, false] {
        let mut request = form("k", Body::Memory(b"v"));
        request.forbid_overwrite = true;
        let outcome = oss.client().upload(request);
        let code = outcome.err().and_then(|failed| failed.error.code().map(str::to_owned));
        assert_eq!(code, (!is_first).then(|| "FileAlreadyExists".to_owned()));
    }
}

#[test]
fn a_policy_lets_a_device_upload_within_its_limits() {
    let (oss, clients) = signers();
    oss.receiver.answer_with(Answer::json("{\"seen\":1}"));
    let callback = callback(&oss);
    for client in &clients {
        let request = SignFormRequest {
            min_size: 2,
            max_size: Some(5),
            content_types: &["image/png"],
            callback: Some(&callback),
            fields: &[("x-oss-object-acl", "private"), ("x-oss-meta-costs", "5 $")],
            conditions: Some(
                r#"[["starts-with","$x-oss-meta-costs","5 \$"], {"x-oss-object-acl":"private"}]"#,
            ),
            ..prefix("cameras/north $1/")
        };
        let made = client.sign_form(&request).unwrap();
        let key = "cameras/north $1/a \"b\".bin";
        let result = send(&made, Some(key), b"12345").unwrap();
        assert_eq!(result.callback_answer(), b"{\"seen\":1}");
        let stored = oss.emulator.object(BUCKET, key).unwrap();
        assert_eq!((stored.content_type(), stored.acl()), ("image/png", "private"));

        let refused = |key: &str, content: &[u8]| {
            let failed = send(&made, Some(key), content).unwrap_err();
            assert_eq!(failed.error.object_state(), ObjectState::NotStored);
            failed.error.code().unwrap_or_default().to_owned()
        };
        assert_eq!(refused(key, b"123456"), "EntityTooLarge");
        assert_eq!(refused(key, b"1"), "EntityTooSmall");
        assert_eq!(refused("cameras/south/a", b"12345"), "AccessDenied");
    }
    assert_eq!(oss.received(clients.len()).len(), clients.len());
}

/// What the policy fixes cannot be changed by the one who sends the form.
#[test]
fn fixed_fields_stay_as_they_are() {
    let oss = LocalOss::start();
    let callback = callback(&oss);
    let other = Callback::new("http://evil.example.com/", "a=b");
    let request = SignFormRequest {
        callback: Some(&callback),
        content_types: &["image/png"],
        fields: &[("x-oss-object-acl", "private")],
        forbid_overwrite: true,
        ..policy("k")
    };
    let made = oss.client().sign_form(&request).unwrap();
    let encoded = other.encode(ossbind::callback::Audience::Any).unwrap().callback;
    for (name, value) in [
        ("callback", encoded.as_str()),
        ("x:id", "8"),
        ("x-oss-content-type", "text/html"),
        ("x-oss-object-acl", "public-read"),
        ("x-oss-forbid-overwrite", "false"),
        ("key", "other"),
    ] {
        let change = |(known, old): &(String, String)| {
            let value = if known == name { value } else { old };
            (known.clone(), value.to_owned())
        };
        let changed: Vec<_> = made.pairs().iter().map(change).collect();
        assert_ne!(changed, made.pairs(), "{name} is a field");
        let fields: Vec<_> = changed.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let to = Destination::SignedForm { url: made.url(), fields: &fields, key: None };
        let failed = device().upload(UploadRequest::to(to, Body::Memory(b"v"))).unwrap_err();
        assert_eq!(failed.error.code(), Some("AccessDenied"), "{name}: {failed}");
    }
    let fields: Vec<_> = made.pairs().iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let to = Destination::SignedForm { url: made.url(), fields: &fields, key: None };
    device().upload(UploadRequest::to(to, Body::Memory(b"v"))).unwrap();
    oss.received(1);
}

#[test]
fn types_by_list_and_by_prefix() {
    let oss = LocalOss::start();
    for (types, good, bad) in [
        (&["image/*"][..], "image/webp", "text/plain"),
        (&["image/png", "image/jpeg"][..], "image/jpeg", "image/webp"),
    ] {
        let request = SignFormRequest { content_types: types, ..policy("k") };
        let made = oss.client().sign_form(&request).unwrap();
        let text = made.to_bundle().unwrap();
        for (content_type, is_allowed) in [(good, true), (bad, false)] {
            let to = Destination::Bundle { text: &text, key: None };
            let mut request = UploadRequest::to(to, Body::Memory(b"v"));
            request.content_type = Some(content_type);
            request.metadata = &[("camera", "north")];
            let outcome = device().upload(request);
            assert_eq!(outcome.is_ok(), is_allowed, "{types:?} {content_type}: {outcome:?}");
        }
        let stored = oss.emulator.object(BUCKET, "k").unwrap();
        assert_eq!(stored.content_type(), good);
        assert!(stored.headers().contains(&("x-oss-meta-camera".into(), "north".into())));
    }
}

#[test]
fn a_form_without_a_type_gets_that_of_the_key() {
    let oss = LocalOss::start();
    send(&oss.client().sign_form(&policy("k.png")).unwrap(), None, b"v").unwrap();
    assert_eq!(oss.emulator.object(BUCKET, "k.png").unwrap().content_type(), "image/png");
}

#[test]
fn what_a_form_fixes_is_not_said_twice() {
    let oss = LocalOss::start();
    let request = SignFormRequest {
        content_types: &["image/png"],
        fields: &[("x-oss-meta-camera", "north")],
        ..policy("k")
    };
    let text = oss.client().sign_form(&request).unwrap().to_bundle().unwrap();
    for (field, content_type, metadata) in [
        ("content_type", Some("image/png"), &[][..]),
        ("metadata", None, &[("camera", "north")][..]),
    ] {
        let to = Destination::Bundle { text: &text, key: None };
        let mut request = UploadRequest::to(to, Body::Memory(b"v"));
        request.content_type = content_type;
        request.metadata = metadata;
        let failed = device().upload(request).unwrap_err();
        assert_eq!(failed.error.field(), Some(field), "{failed}");
    }
}

#[test]
fn the_name_of_the_file_becomes_part_of_the_key() {
    let oss = LocalOss::start();
    let made = oss.client().sign_form(&policy("dir/${filename}")).unwrap();
    let path = out_dir().join(format!("named-{}.txt", std::process::id()));
    std::fs::write(&path, "v").unwrap();
    let text = made.to_bundle().unwrap();
    let to = Destination::Bundle { text: &text, key: None };
    device().upload(UploadRequest::to(to, Body::file(&path))).unwrap();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    std::fs::remove_file(path).unwrap();
    assert_eq!(oss.content(&format!("dir/{name}")).unwrap(), b"v");
}

#[test]
fn file_names_do_not_break_a_form() {
    let oss = LocalOss::start();
    let made = oss.client().sign_form(&policy("dir/${filename}")).unwrap();
    let text = made.to_bundle().unwrap();
    let to = Destination::Bundle { text: &text, key: None };
    let folder = out_dir().join(format!("names-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (name, stored) in [
        ("a\"; filename=\"b", "a_; filename=_b"),
        ("a\r\nb: c", "a__b: c"),
        ("a\u{1}\u{7f}b", "a__b"),
        ("a\\", "a_"),
        ("中 %22.txt", "中 %22.txt"),
    ] {
        std::fs::write(folder.join(name), "v").unwrap();
        let body = Body::file(folder.join(name));
        device().upload(UploadRequest::to(to, body)).unwrap();
        assert_eq!(oss.content(&format!("dir/{stored}")).unwrap(), b"v", "{name:?}");
    }
    std::fs::remove_dir_all(folder).unwrap();
    let failed = device().upload(UploadRequest::to(to, Body::Memory(b"v"))).unwrap_err();
    assert_eq!(failed.error.field(), Some("key"), "{failed}");
}

/// The callback's answer comes with 200; of anything else the application server knows nothing.
#[test]
fn a_form_whose_callback_was_not_answered_is_stored_at_least() {
    let server = RawServer::answering(
        "HTTP/1.1 201 Created\r\nx-oss-request-id: 1\r\nContent-Length: 15\r\n\r\n<PostResponse/>",
    );
    let url = format!("http://{}/", server.address());
    let fields = [("key", "k"), ("callback", "e30=")];
    let to = Destination::SignedForm { url: &url, fields: &fields, key: None };
    let failed = device().upload(UploadRequest::to(to, Body::Memory(b"v"))).unwrap_err();
    assert_eq!(failed.error.status(), Status::BadResponse);
    assert_eq!(failed.error.object_state(), ObjectState::Stored);
    assert_eq!(failed.result.unwrap().callback_answer(), b"");
}

/// The policy has the token in it, and comes back in Base64 as what was signed.
#[test]
fn a_wrong_secret_is_told_and_nothing_secret_with_it() {
    let (oss, _) = signers();
    for signature_version in [SignatureVersion::V4, SignatureVersion::V1] {
        let credentials = Credentials::new("STS.own", "wrong", Some("t0/k+en==")).unwrap();
        let credentials = Some(credentials.into());
        let config = ClientConfig { signature_version, credentials, ..oss.config() };
        let client = Client::new(config).unwrap();
        let failed = client.upload(form("k", Body::Memory(b"v"))).unwrap_err();
        assert_eq!(failed.error.code(), Some("SignatureDoesNotMatch"));
        assert!(failed.error.message().contains("secret is wrong"), "{failed}");
        let shown: String = failed.error.document().map(|(_, text)| text).collect();
        for secret in ["t0/k+en", "eyJleHBpcmF0aW9u"] {
            assert!(!(shown.clone() + failed.error.message()).contains(secret), "{shown}");
        }
    }
}

#[test]
fn a_form_ends_when_it_is_told_to() {
    let (oss, clients) = signers();
    for client in &clients {
        let request = SignFormRequest { expires_in: Some(60), ..policy("k") };
        let made = client.sign_form(&request).unwrap();
        oss.emulator.set_clock_offset_seconds(61);
        let failed = send(&made, None, b"v").unwrap_err();
        oss.emulator.set_clock_offset_seconds(0);
        assert_eq!(failed.error.code(), Some("AccessDenied"), "{failed}");
        assert!(failed.error.message().contains("Ask for a new one"), "{failed}");
        let shown = format!("{failed} {failed:?} {made:?}");
        assert!(!shown.contains("t0/k+en"), "{shown}");
    }
    for (seconds, is_valid) in [(0, false), (604_800, true), (604_801, false)] {
        let request = SignFormRequest { expires_in: Some(seconds), ..policy("k") };
        assert_eq!(clients[0].sign_form(&request).is_ok(), is_valid, "{seconds}");
    }
}

#[test]
fn a_form_that_asks_for_another_status_gets_it() {
    let oss = LocalOss::start();
    for status in ["200", "201"] {
        let request =
            SignFormRequest { fields: &[("success_action_status", status)], ..policy("k") };
        let made = oss.client().sign_form(&request).unwrap();
        assert_eq!(send(&made, None, b"v").unwrap().http_status().to_string(), status);
    }
    let request = SignFormRequest {
        fields: &[("success_action_redirect", "http://app.example.com/done")],
        ..policy("k")
    };
    let made = oss.client().sign_form(&request).unwrap();
    assert_eq!(send(&made, None, b"v").unwrap().http_status(), 303);
}
