//! Requests signed in the URL.

mod common;

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{BUCKET, Request, Response, emulator, receiver};
use ossbind_emulator::{Emulator, SignatureVersion};
use serde_json::json;

type Sign = fn(Request) -> Request;

fn in_seconds(seconds: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    now.checked_add_signed(seconds).unwrap().to_string()
}

fn message(answer: &Response) -> String {
    answer.element("Message").unwrap()
}

#[test]
fn every_operation_can_be_presigned() {
    let emulator = emulator();
    let key = "dir/a b+c~é/中.txt";
    let presigned: [(Sign, SignatureVersion); 2] = [
        (|request| request.presign_v4("60"), SignatureVersion::V4),
        (|request| request.presign_v1(&in_seconds(60)), SignatureVersion::V1),
    ];
    for (sign, version) in presigned {
        let put = Request::put(key, "content")
            .header("content-type", "text/plain")
            .header("x-oss-meta-a", "b");
        let answers = [
            (put, 200),
            (Request::get(key), 200),
            (Request::new("HEAD", key), 200),
            (Request::new("DELETE", key), 204),
            (Request::get("").query("prefix", "dir/"), 200),
        ];
        for (request, status) in answers {
            let answer = sign(request).send_as_is(&emulator);
            assert_eq!(answer.status, status, "{answer:?}");
            let record = emulator.requests().pop().unwrap();
            assert_eq!(record.signature_version, Some(version));
            assert_eq!(record.access_key_id.as_deref(), Some("ak"));
        }
    }
}

#[test]
fn the_query_carries_a_callback() {
    let emulator = emulator();
    let receiver = receiver(&emulator);
    let callback = json!({"callbackUrl": receiver.url("/"), "callbackBody": "a=${x:b}"});
    let request = Request::put("a.txt", "")
        .query("callback", &STANDARD.encode(callback.to_string()))
        .query("callback-var", &STANDARD.encode(r#"{"x:b":"c"}"#));
    let expires = in_seconds(60);
    for request in [request.clone().presign_v4("60"), request.presign_v1(&expires)] {
        assert_eq!(request.send_as_is(&emulator).status, 200);
    }
    let bodies: Vec<String> = receiver.received().iter().map(|c| c.body_text()).collect();
    assert_eq!(bodies, ["a=c", "a=c"]);
}

#[test]
fn a_changed_url_is_explained() {
    let emulator = emulator();
    let put = || Request::put("a.txt", "");

    let answer = put().presign_v4("60").query("more", "1").send_as_is(&emulator);
    let expected = (403, "SignatureDoesNotMatch".to_owned(), Some("0002-00000201".to_owned()));
    assert_eq!(answer.error(), expected);
    let canonical = answer.element("CanonicalRequest").unwrap();
    assert!(canonical.contains("\nmore=1&x-oss-credential=ak%2F"), "{canonical}");
    assert!(!canonical.contains("x-oss-signature="));
    assert_eq!(answer.element("SignatureProvided").unwrap().len(), 64);

    let expires = in_seconds(60);
    let answer = put().presign_v1(&expires).query("x-oss-more", "1").send_as_is(&emulator);
    let expected = (403, "SignatureDoesNotMatch".to_owned(), Some("0002-00000040".to_owned()));
    assert_eq!(answer.error(), expected);
    let text = format!("PUT\n\n\n{expires}\n/examplebucket/a.txt?x-oss-more=1");
    assert_eq!(answer.element("StringToSign"), Some(text));

    // Version 1 leaves other parameters unprotected.
    let answer = put().presign_v1(&expires).query("more", "1").send_as_is(&emulator);
    assert_eq!(answer.status, 200);

    for request in [put().presign_v4("60"), put().presign_v1(&expires)] {
        let answer = request.header("content-type", "text/plain").send_as_is(&emulator);
        assert_eq!(answer.error().1, "SignatureDoesNotMatch");
    }
    assert_eq!(
        emulator.object(BUCKET, "a.txt").unwrap().content_type(),
        "application/octet-stream"
    );
}

#[test]
fn urls_are_valid_for_a_time() {
    let emulator = emulator();
    let signed = |skew, expires: &str| {
        let request = Request { skew, ..Request::put("a.txt", "") };
        request.presign_v4(expires).send_as_is(&emulator)
    };
    let denied = |ec: &str| (403, "AccessDenied".to_owned(), Some(ec.to_owned()));
    assert_eq!(signed(0, "604800").status, 200);
    assert_eq!(signed(-3600, "3660").status, 200);
    assert_eq!(signed(840, "1").status, 200);
    assert_eq!(signed(960, "60").error(), denied("0002-00000235"));
    let expired = signed(-61, "60");
    assert_eq!(expired.error(), denied("0002-00000236"));
    assert_eq!(message(&expired), "Request has expired.");
    let long = signed(0, "604801");
    let expected = (400, "InvalidArgument".to_owned(), Some("0002-00000232".to_owned()));
    assert_eq!(long.error(), expected);

    let expired = Request::put("a.txt", "").presign_v1(&in_seconds(-1)).send_as_is(&emulator);
    assert_eq!(expired.error(), (403, "AccessDenied".to_owned(), None));
    assert_eq!(message(&expired), "Request has expired.");
}

#[test]
fn a_header_and_a_query_must_not_both_sign() {
    let emulator = emulator();
    let requests = [
        Request::put("a.txt", "").presign_v4("60").sign_v4(),
        Request::put("a.txt", "").presign_v1(&in_seconds(60)).sign_v1(),
    ];
    for request in requests {
        let answer = request.send_as_is(&emulator);
        assert_eq!((answer.status, answer.error().1.as_str()), (400, "InvalidArgument"));
    }
}

#[test]
fn temporary_keys_have_their_token_in_the_query() {
    let emulator: Emulator = emulator();
    let code = |token: Option<&str>, version: SignatureVersion| {
        let request = Request::put("a.txt", "").key_pair("STS.ak", "sts-sk", token);
        let request = match version {
            SignatureVersion::V1 => request.presign_v1(&in_seconds(60)),
            SignatureVersion::V4 => request.presign_v4("60"),
        };
        let answer = request.send_as_is(&emulator);
        if answer.status == 200 { (200, String::new()) } else { (answer.status, answer.error().1) }
    };
    for version in [SignatureVersion::V1, SignatureVersion::V4] {
        assert_eq!(code(Some("token"), version), (200, String::new()));
        assert_eq!(code(Some("other"), version), (403, "InvalidSecurityToken".to_owned()));
    }
    assert_eq!(code(None, SignatureVersion::V1), (400, "InvalidRequest".to_owned()));
    assert_eq!(code(None, SignatureVersion::V4), (403, "InvalidAccessKeyId".to_owned()));

    // A header is not the place for it.
    let header = Request::put("a.txt", "")
        .key_pair("STS.ak", "sts-sk", None)
        .header("x-oss-security-token", "token")
        .presign_v1(&in_seconds(60))
        .send_as_is(&emulator);
    let expected = "Security-token must be provided by query string parameter.";
    assert_eq!(message(&header), expected);
}
