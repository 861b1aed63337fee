//! The vectors of spec: test-vectors.md 5, and the mistakes of post-object.md 5 and 6.

use std::time::SystemTime;

use super::*;
use crate::auth::AccessKey;

const C1_POLICY: &str = concat!(
    "eyJleHBpcmF0aW9uIjoiMjAyMy0xMi0xNlQxNzoyMDo1Ny4wMDBaIiwiY29uZGl0aW9ucyI6W3siYnVja2V0Ijoi",
    "ZXhhbXBsZWJ1Y2tldCJ9LFsic3RhcnRzLXdpdGgiLCIka2V5IiwiZGlyLyJdLFsiY29udGVudC1sZW5ndGgtcmFu",
    "Z2UiLDAsMTA0ODU3Nl1dfQ==",
);
const C2_POLICY: &str = concat!(
    "eyJleHBpcmF0aW9uIjoiMjAyMy0xMi0xNlQxNzoyMDo1Ny4wMDBaIiwiY29uZGl0aW9ucyI6W3siYnVja2V0Ijoi",
    "ZXhhbXBsZWJ1Y2tldCJ9LHsieC1vc3Mtc2lnbmF0dXJlLXZlcnNpb24iOiJPU1M0LUhNQUMtU0hBMjU2In0seyJ4",
    "LW9zcy1jcmVkZW50aWFsIjoiYWsvMjAyMzEyMTYvY24taGFuZ3pob3Uvb3NzL2FsaXl1bl92NF9yZXF1ZXN0In0s",
    "eyJ4LW9zcy1kYXRlIjoiMjAyMzEyMTZUMTYyMDU3WiJ9LFsic3RhcnRzLXdpdGgiLCIka2V5IiwiZGlyLyJdXX0=",
);
const C3_POLICY: &str = concat!(
    "eyJleHBpcmF0aW9uIjoiMjAyMy0xMi0xNlQxNzoyMDo1Ny4wMDBaIiwiY29uZGl0aW9ucyI6W3siYnVja2V0Ijoi",
    "ZXhhbXBsZWJ1Y2tldCJ9LHsieC1vc3Mtc2lnbmF0dXJlLXZlcnNpb24iOiJPU1M0LUhNQUMtU0hBMjU2In0seyJ4",
    "LW9zcy1jcmVkZW50aWFsIjoiYWsvMjAyMzEyMTYvY24taGFuZ3pob3Uvb3NzL2FsaXl1bl92NF9yZXF1ZXN0In0s",
    "eyJ4LW9zcy1zZWN1cml0eS10b2tlbiI6InRva2VuIn0seyJ4LW9zcy1kYXRlIjoiMjAyMzEyMTZUMTYyMDU3WiJ9",
    "LFsic3RhcnRzLXdpdGgiLCIka2V5IiwiZGlyLyJdXX0=",
);
const CREDENTIAL: &str = "ak/20231216/cn-hangzhou/oss/aliyun_v4_request";
const DATE: &str = "20231216T162057Z";

type Fields = Vec<(&'static str, &'static str)>;

fn c1() -> Fields {
    vec![
        ("OSSAccessKeyId", "ak"),
        ("policy", C1_POLICY),
        ("Signature", "ltxkW83plde9NdW+CYMLEdxWkts="),
    ]
}

fn c2() -> Fields {
    vec![
        ("x-oss-signature-version", "OSS4-HMAC-SHA256"),
        ("x-oss-credential", CREDENTIAL),
        ("x-oss-date", DATE),
        ("policy", C2_POLICY),
        ("x-oss-signature", "4f305638aa6e99928268446fdb3d5e23fadc5c53015fadfdee4a626b18c955fa"),
    ]
}

fn with(mut fields: Fields, name: &'static str, value: Option<&'static str>) -> Fields {
    fields.retain(|(known, _)| *known != name);
    fields.extend(value.map(|value| (name, value)));
    fields
}

/// Checks the fields at a time, with a key that has a token or not.
fn check_at(fields: &Fields, token: Option<&str>, now: SystemTime) -> Result<(), OssError> {
    let field = |name: &str| fields.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
    let authorization = FormAuthorization::find(field)?.expect("the form is signed");
    let key = AccessKey { security_token: token.map(str::to_owned), ..AccessKey::new("ak", "sk") };
    let access_keys = [key];
    let authority = Authority { access_keys: &access_keys, region: "cn-hangzhou", now };
    authorization.check(authority)
}

fn signed() -> SystemTime {
    clock::parse_basic(DATE).unwrap()
}

fn check(fields: &Fields, token: Option<&str>) -> Result<(), OssError> {
    check_at(fields, token, signed())
}

#[test]
fn c1_version_1() {
    assert_eq!(check(&c1(), None), Ok(()));
    let error = check(&with(c1(), "policy", Some(C2_POLICY)), None).unwrap_err();
    assert_eq!((&*error.code, error.ec), ("SignatureDoesNotMatch", None));
    assert!(error.elements.contains(&("StringToSign", C2_POLICY.to_owned())));
}

#[test]
fn c2_version_4() {
    assert_eq!(check(&c2(), None), Ok(()));
    let error = check(&with(c2(), "policy", Some(C1_POLICY)), None).unwrap_err();
    assert_eq!(error.code, "SignatureDoesNotMatch");
    assert_eq!(error.ec.as_deref(), Some("0002-00000705"));
}

#[test]
fn c3_version_4_with_a_token() {
    let signature = "45f8a6939db86680d8b6cb550b55217d17cc3397867c699493233b6106999ed3";
    let fields = with(c2(), "policy", Some(C3_POLICY));
    let fields = with(fields, "x-oss-signature", Some(signature));
    let token = |value| with(fields.clone(), "x-oss-security-token", value);
    assert_eq!(check(&token(Some("token")), Some("token")), Ok(()));
    let code = |value| check(&token(value), Some("token")).unwrap_err().code;
    assert_eq!(code(None), "InvalidAccessKeyId");
    assert_eq!(code(Some("other")), "InvalidSecurityToken");

    let with_token = token(Some("token"));
    let field = |name: &str| with_token.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
    let authorization = FormAuthorization::find(field).unwrap().unwrap();
    assert!(authorization.fields_to_pin().contains(&"x-oss-security-token"));
}

#[test]
fn version_1_needs_all_three_fields() {
    let cases = [
        ("OSSAccessKeyId", "Post request accessKeyId is empty."),
        ("Signature", "Post request signature is empty."),
        ("policy", "Post request policy is empty."),
    ];
    for (name, message) in cases {
        for value in [None, Some("")] {
            let error = check(&with(c1(), name, value), None).unwrap_err();
            assert_eq!((&*error.code, error.message.as_str()), ("InvalidArgument", message));
        }
    }
    assert!(FormAuthorization::find(|_| None).unwrap().is_none());
}

#[test]
fn version_4_names_its_mistakes() {
    let names =
        ["x-oss-signature-version", "x-oss-credential", "x-oss-date", "policy", "x-oss-signature"];
    let ec = |name, value| check(&with(c2(), name, value), None).unwrap_err().ec.unwrap();
    for name in names {
        assert_eq!(ec(name, None), "0002-00000703", "{name}");
        assert_eq!(ec(name, Some(" ")), "0002-00000704", "{name}");
    }
    assert_eq!(ec("x-oss-signature-version", Some("OSS4-HMAC-SM3")), "0002-00000701");
    assert_eq!(ec("x-oss-credential", Some("ak")), "0002-00000710");
    assert_eq!(ec("x-oss-date", Some("today")), "0002-00000505");
    let code = |name, value| check(&with(c2(), name, Some(value)), None).unwrap_err().code;
    let other_region = "ak/20231216/cn-beijing/oss/aliyun_v4_request";
    assert_eq!(code("x-oss-credential", other_region), "InvalidArgument");
    assert_eq!(code("x-oss-date", "20231215T235959Z"), "InvalidArgument");
    let other_key = "nobody/20231216/cn-hangzhou/oss/aliyun_v4_request";
    assert_eq!(code("x-oss-credential", other_key), "InvalidAccessKeyId");
}

#[test]
fn version_4_holds_for_seven_days() {
    let message = |now| check_at(&c2(), None, now).err().map(|error| error.message);
    let minutes = |n: u64| Duration::from_secs(60 * n);
    assert_eq!(message(signed() - minutes(15)), None);
    assert_eq!(message(signed() - minutes(16)).unwrap(), "Request is not valid yet.");
    assert_eq!(message(signed() + minutes(7 * 24 * 60)), None);
    assert_eq!(message(signed() + minutes(7 * 24 * 60 + 1)).unwrap(), "Request has expired.");
}
