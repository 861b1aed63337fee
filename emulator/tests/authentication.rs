//! Who may do what, and what the refused are told.

mod common;

use common::{BUCKET, Request, Response, emulator};
use ossbind_emulator::{AccessKey, Emulator, Options, SignatureVersion};

#[test]
fn both_signature_versions_are_verified_and_recorded() {
    let emulator = emulator();
    for (request, version) in [
        (Request::put("dir/a b+c~é/中.txt", "1").sign_v4(), SignatureVersion::V4),
        (Request::put("dir/a b+c~é/中.txt", "2").sign_v1(), SignatureVersion::V1),
    ] {
        let request_headers = request.headers.clone();
        assert_eq!(request.send_as_is(&emulator).status, 200);
        let record = emulator.requests().pop().unwrap();
        assert_eq!(record.signature_version, Some(version));
        assert_eq!(record.access_key_id.as_deref(), Some("ak"));
        assert_eq!(record.key.as_deref(), Some("dir/a b+c~é/中.txt"));
        assert_eq!((record.status, record.body_bytes), (200, 1));
        assert_eq!(record.headers[1..], request_headers[..]);
    }
}

#[test]
fn temporary_keys_need_their_token() {
    let mut options = Options::default();
    options.access_keys.push(AccessKey::temporary("STS.2nd", "sk", "2nd"));
    let emulator = Emulator::start(options).unwrap();
    let status = |id: &str, secret: &str, token: Option<&str>| {
        let request = Request::put("a.txt", "").key_pair(id, secret, token);
        let versions = [request.clone().sign_v4(), request.sign_v1()];
        let mut answers = versions.map(|request| request.send_as_is(&emulator)).to_vec();
        let answer = answers.pop().unwrap();
        assert_eq!(answer.status, answers[0].status);
        if answer.status == 200 { "OK".to_owned() } else { answer.error().1 }
    };
    assert_eq!(status("STS.ak", "sts-sk", Some("token")), "OK");
    assert_eq!(status("STS.ak", "sts-sk", None), "InvalidAccessKeyId");
    assert_eq!(status("STS.ak", "sts-sk", Some("other")), "InvalidSecurityToken");
    assert_eq!(status("STS.ak", "sts-sk", Some("2nd")), "AccessKeyIdAndSecurityTokenNotMatch");
    // A permanent key is not among those that have tokens.
    assert_eq!(status("ak", "sk", Some("token")), "InvalidAccessKeyId");
    assert_eq!(status("ak", "sk", Some("other")), "InvalidAccessKeyId");
    assert_eq!(status("nobody", "sk", None), "InvalidAccessKeyId");
    assert_eq!(status("ak", "sk", Some("")), "OK");
}

#[test]
fn a_wrong_signature_is_explained() {
    let emulator = emulator();
    let request = Request::put("a.txt", "").key_pair("ak", "wrong", None);

    let answer = request.clone().sign_v4().send_as_is(&emulator);
    let expected = (403, "SignatureDoesNotMatch".to_owned(), Some("0002-00000201".to_owned()));
    assert_eq!(answer.error(), expected);
    assert_eq!(answer.element("OSSAccessKeyId").as_deref(), Some("ak"));
    assert_eq!(answer.element("SignatureProvided").unwrap().len(), 64);
    let string_to_sign = answer.element("StringToSign").unwrap();
    assert!(string_to_sign.starts_with("OSS4-HMAC-SHA256\n"));
    assert!(answer.element("StringToSignBytes").unwrap().starts_with("4F 53 53 34 2D "));
    let canonical = answer.element("CanonicalRequest").unwrap();
    assert!(canonical.starts_with("PUT\n/examplebucket/a.txt\n\n"));
    assert_eq!(emulator.requests()[0].signature_version, None);
    assert!(emulator.object(BUCKET, "a.txt").is_none());

    let answer = request.sign_v1().send_as_is(&emulator);
    let expected = (403, "SignatureDoesNotMatch".to_owned(), Some("0002-00000040".to_owned()));
    assert_eq!(answer.error(), expected);
    assert!(answer.element("StringToSign").unwrap().ends_with("/examplebucket/a.txt"));
    assert_eq!(answer.element("CanonicalRequest"), None);
}

#[test]
fn a_header_added_after_signing_breaks_the_signature() {
    let emulator = emulator();
    for name in ["content-type", "x-oss-meta-a"] {
        let request = Request::put("a.txt", "").sign_v4().header(name, "text/plain");
        assert_eq!(request.send_as_is(&emulator).error().1, "SignatureDoesNotMatch", "{name}");
    }
    let request = Request::put("a.txt", "").sign_v4().header("accept-encoding", "gzip");
    assert_eq!(request.send_as_is(&emulator).status, 200);
}

#[test]
fn clocks_may_differ_by_a_quarter_of_an_hour() {
    let emulator = emulator();
    for (skew, status) in [(-840, 200), (840, 200), (-960, 403), (960, 403)] {
        let request = Request { skew, ..Request::put("a.txt", "") };
        for answer in
            [request.clone().sign_v4(), request.sign_v1()].map(|r| r.send_as_is(&emulator))
        {
            assert_eq!(answer.status, status, "{skew}");
            if status == 403 {
                assert_eq!(answer.error().1, "RequestTimeTooSkewed");
                assert_eq!(answer.element("EC").as_deref(), Some("0002-00000504"));
                let element = |name| answer.element(name).unwrap();
                assert_eq!(element("MaxAllowedSkewMilliseconds"), "900000");
                assert_eq!(element("RequestTime").len(), "2022-09-04T08:11:37.000Z".len());
                assert_eq!(element("ServerTime").len(), "2022-09-04T08:11:37.000Z".len());
            }
        }
    }
}

#[test]
fn the_clock_of_the_emulator_can_be_moved() {
    let options = Options { clock_offset_seconds: 86_400, ..Options::default() };
    let emulator = Emulator::start(options).unwrap();
    let answer = Request::put("a.txt", "").send(&emulator);
    assert_eq!(answer.error().1, "RequestTimeTooSkewed");
    let date = httpdate::parse_http_date(answer.header("date").unwrap()).unwrap();
    let ahead = date.duration_since(std::time::SystemTime::now()).unwrap();
    assert!((86_000..=86_400).contains(&ahead.as_secs()));

    let request = Request { skew: 86_400, ..Request::put("a.txt", "") };
    assert_eq!(request.send(&emulator).status, 200);
    emulator.set_clock_offset_seconds(0);
    assert_eq!(Request::put("a.txt", "").send(&emulator).status, 200);
}

#[test]
fn the_scope_must_be_that_of_the_server() {
    let emulator = emulator();
    let request = Request { region: "us-west-1".to_owned(), ..Request::put("a.txt", "") };
    let answer = request.clone().send(&emulator);
    let ec = Some("0002-00000226".to_owned());
    assert_eq!(answer.error(), (400, "InvalidArgument".to_owned(), ec));
    let message = |answer: &Response| answer.element("Message").unwrap();
    assert_eq!(message(&answer), "Invalid signing region in Authorization header.");
    assert_eq!(answer.element("ArgumentValue").as_deref(), Some("us-west-1"));
    assert_eq!(answer.element("Expected").as_deref(), Some("cn-hangzhou"));
    let answer = request.presign_v4("60").send_as_is(&emulator);
    assert_eq!((answer.status, answer.error().1.as_str()), (400, "InvalidArgument"));
    assert_eq!(message(&answer), "The signing region in credential is invalid.");

    let replaced = |from: &str, to: &str| {
        let mut request = Request::put("a.txt", "").sign_v4();
        let authorization = &mut request.headers.last_mut().unwrap().1;
        *authorization = authorization.replace(from, to);
        let answer = request.send_as_is(&emulator);
        (message(&answer), answer.element("Expected").unwrap())
    };
    let text = |part: &str| format!("Invalid signing {part} in Authorization header.");
    assert_eq!(replaced("/oss/", "/s3/"), (text("product"), "oss".to_owned()));
    let terminator = (text("terminator"), "aliyun_v4_request".to_owned());
    assert_eq!(replaced("aliyun_v4_request", "aws4_request"), terminator);
    assert_eq!(replaced("ak/2", "ak/1").0, text("date"));
}

#[test]
fn a_missing_bucket_is_said_to_everybody() {
    let emulator = emulator();
    let put = |bucket: &str, key: &str| {
        let bucket = bucket.to_owned();
        Request { bucket, ..Request::put(key, "").key_pair("nobody", "sk", None) }
    };
    for request in [put("no-such-bucket", "a").sign_v4(), put("no-such-bucket", "a")] {
        assert_eq!(request.send_as_is(&emulator).error().1, "NoSuchBucket");
    }
    assert_eq!(put("Bad_Bucket", "a").send(&emulator).error().1, "InvalidBucketName");
    assert_eq!(put(BUCKET, "a").send(&emulator).error().1, "InvalidAccessKeyId");
}

#[test]
fn listed_headers_have_to_be_there() {
    let emulator = emulator();
    let listed = |name: &str| {
        let mut request = Request::put("a.txt", "").sign_v4();
        let authorization = &mut request.headers.last_mut().unwrap().1;
        let list = format!(",AdditionalHeaders={name},Signature=");
        *authorization = authorization.replace(",Signature=", &list);
        request.send_as_is(&emulator)
    };
    let answer = listed("content-length;x-absent");
    assert_eq!((answer.status, answer.error().1.as_str()), (400, "InvalidArgument"));
    assert_eq!(answer.element("ArgumentValue").as_deref(), Some("x-absent"));
    // There, but not signed.
    assert_eq!(listed("content-length").error().1, "SignatureDoesNotMatch");
    let query = Request::put("a.txt", "").query("x-oss-additional-headers", "x-absent");
    assert_eq!(query.presign_v4("60").send_as_is(&emulator).status, 400);
}

#[test]
fn other_requirements() {
    let emulator = emulator();
    let answer = Request::put("a.txt", "").send_as_is(&emulator);
    assert_eq!((answer.status, answer.error().1.as_str()), (403, "AccessDenied"));

    let payload = Request::put("a.txt", "").header("x-oss-content-sha256", "00");
    let answer = payload.send(&emulator);
    assert_eq!((answer.status, answer.error().1.as_str()), (400, "InvalidArgument"));
    assert_eq!(answer.element("ArgumentName").as_deref(), Some("x-oss-content-sha256"));

    let no_date = Request::put("a.txt", "").header("authorization", "OSS ak:c2ln");
    let answer = no_date.send_as_is(&emulator);
    let expected = (403, "AccessDenied".to_owned(), Some("0002-00000505".to_owned()));
    assert_eq!(answer.error(), expected);

    let malformed = Request::put("a.txt", "").header("authorization", "Basic eA==");
    let answer = malformed.send_as_is(&emulator);
    assert_eq!(answer.element("Message").as_deref(), Some("Authorization header is invalid."));
}

#[test]
fn a_cloud_box_is_a_product_of_its_own() {
    let region = "cb-123".to_owned();
    let emulator =
        Emulator::start(Options { region: region.clone(), ..Options::default() }).unwrap();
    let answer = Request { region, ..Request::put("a.txt", "") }.send(&emulator);
    let message = "Invalid signing product in Authorization header.".to_owned();
    assert_eq!(answer.element("Message"), Some(message));
    assert_eq!(answer.element("Expected").as_deref(), Some("oss-cloudbox"));
}
