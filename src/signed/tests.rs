//! Bundles, and the text of policies.

use super::*;
use crate::credentials::Wait;
use crate::endpoint::{Endpoint, EndpointOptions};
use crate::error::Status;
use crate::http::TlsOptions;
use crate::service::Service;
use crate::signing::SignatureVersion;

fn request() -> Signed {
    Signed {
        kind: Kind::Url,
        method: "PUT".to_owned(),
        url: "https://b.oss-cn-hangzhou.aliyuncs.com/k?x-oss-signature=5ec7e7".to_owned(),
        pairs: vec![("content-type".to_owned(), "a/\"b\"; c=中".to_owned())],
        expires_at: 1_700_000_000,
    }
}

#[test]
fn bundles_come_back_as_they_were() {
    let text = request().to_bundle().unwrap();
    assert_eq!(
        text,
        "{\"expires\":1700000000,\"headers\":{\"content-type\":\"a/\\\"b\\\"; c=中\"},\
         \"method\":\"PUT\",\"ossbind\":1,\
         \"url\":\"https://b.oss-cn-hangzhou.aliyuncs.com/k?x-oss-signature=5ec7e7\"}"
    );
    assert_eq!(Signed::of_bundle(&text).unwrap(), request());

    let form = Signed {
        kind: Kind::Form,
        method: "POST".to_owned(),
        url: "https://b.oss-cn-hangzhou.aliyuncs.com/".to_owned(),
        pairs: vec![("policy".to_owned(), "e30=".to_owned())],
        expires_at: 1,
    };
    assert_eq!(Signed::of_bundle(&form.to_bundle().unwrap()).unwrap(), form);
}

/// A bundle of a later library that an older one can still use.
#[test]
fn unknown_members_are_passed_over() {
    let text = "{\"later\":[1],\"ossbind\":1,\"method\":\"PUT\",\"url\":\"u\",\"expires\":2}";
    assert!(Signed::of_bundle(text).is_ok());
}

#[test]
fn what_is_no_bundle_is_told_without_its_text() {
    let long = format!("\"{}\"", "a".repeat(300_000));
    for (text, status, part) in [
        ("", Status::InvalidArgument, "is not JSON"),
        ("https://5ec7e7/", Status::InvalidArgument, "is not JSON"),
        ("[\"5ec7e7\"]", Status::InvalidArgument, "members of a bundle"),
        ("{\"url\":\"5ec7e7\"}", Status::InvalidArgument, "members of a bundle"),
        ("{\"ossbind\":1,\n\"url\":\"5ec7e7\",\n}", Status::InvalidArgument, "byte 30"),
        (
            "{\"ossbind\":2,\"method\":\"PUT\",\"url\":\"5ec7e7\",\"expires\":1}",
            Status::UnknownField,
            "its version is 2",
        ),
        (
            "{\"ossbind\":1,\"method\":\"POST\",\"url\":\"u\",\"expires\":1,\
             \"headers\":{\"a\":\"b\"},\"fields\":{\"a\":\"b\"}}",
            Status::InvalidArgument,
            "headers and fields",
        ),
        (&long, Status::InvalidArgument, "256 KiB"),
    ] {
        let error = Signed::of_bundle(text).unwrap_err();
        assert_eq!((error.status(), error.field()), (status, Some("bundle")), "{text}");
        assert!(error.message().contains(part), "{error}");
        assert!(!error.message().contains("5ec7e7"), "{error}");
    }
}

fn service(signature_version: SignatureVersion, token: Option<&str>) -> Service {
    let options = EndpointOptions::default();
    let endpoint = Endpoint::new(None, Some("cn-hangzhou"), options).unwrap();
    let credentials = crate::credentials::Credentials::new("ak", "sk", token).unwrap();
    Service::new(endpoint, credentials.into(), signature_version, None, &TlsOptions::default())
        .unwrap()
}

fn policy(request: SignFormRequest<'_>) -> Policy<'_> {
    Policy {
        request: SignFormRequest {
            bucket: "examplebucket",
            min_size: 1,
            max_size: Some(5),
            ..request
        },
        fields: vec![("x:price".to_owned(), "5 $ \"a\"".to_owned())],
        conditions: vec!["[\"eq\",\"$a\",\"b\"]".to_owned()],
    }
}

/// The text of the `policy` field of a form.
fn policy_text(form: &Signed) -> String {
    use base64::Engine as _;
    let field = form.pairs().iter().find(|(name, _)| name == "policy").unwrap();
    let bytes = base64::engine::general_purpose::STANDARD.decode(&field.1).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_policy_fixes_all_that_the_form_has() {
    let form = policy(SignFormRequest { key_prefix: Some("a/$"), ..SignFormRequest::default() })
        .sign(&service(SignatureVersion::V4, Some("t")).signer(&Wait::default()).unwrap())
        .unwrap();
    let field = |name: &str| &form.pairs().iter().find(|(known, _)| known == name).unwrap().1;
    let (credential, date) = (field("x-oss-credential"), field("x-oss-date"));
    let text = policy_text(&form);
    let (_, conditions) = text.split_once("\"conditions\":").unwrap();
    assert_eq!(
        conditions,
        format!(
            "[{{\"bucket\":\"examplebucket\"}},\
             {{\"x-oss-signature-version\":\"OSS4-HMAC-SHA256\"}},\
             {{\"x-oss-credential\":\"{credential}\"}},{{\"x-oss-date\":\"{date}\"}},\
             {{\"x-oss-security-token\":\"t\"}},[\"starts-with\",\"$key\",\"a/\\$\"],\
             [\"content-length-range\",1,5],{{\"x:price\":\"5 \\$ \\\"a\\\"\"}},\
             [\"eq\",\"$a\",\"b\"]]}}"
        )
    );
    assert_eq!(form.url(), "https://examplebucket.oss-cn-hangzhou.aliyuncs.com/");
    assert!(form.pairs().iter().all(|(name, _)| name != "key"));
}

#[test]
fn fields_of_both_signatures() {
    let names = |signature_version, token| {
        let form = policy(SignFormRequest { key: Some("k"), ..SignFormRequest::default() })
            .sign(&service(signature_version, token).signer(&Wait::default()).unwrap())
            .unwrap();
        let names: Vec<String> = form.pairs().iter().map(|(name, _)| name.clone()).collect();
        names.join(" ")
    };
    assert_eq!(
        names(SignatureVersion::V4, None),
        "key x:price policy x-oss-signature-version x-oss-credential x-oss-date x-oss-signature"
    );
    assert_eq!(
        names(SignatureVersion::V1, Some("t")),
        "key x:price policy OSSAccessKeyId x-oss-security-token Signature"
    );
}

#[test]
fn a_url_or_form_is_valid_for_a_second_or_more_and_with_v4_for_seven_days() {
    use SignatureVersion::{V1, V4};
    for (version, seconds, is_valid) in [
        (V4, 0, false),
        (V4, 1, true),
        (V4, 604_800, true),
        (V4, 604_801, false),
        (V1, 0, false),
        (V1, u64::MAX, true),
    ] {
        assert_eq!(check_seconds(version, seconds).is_ok(), is_valid, "{version:?} {seconds}");
    }
}
