//! The vectors of spec: test-vectors.md 3 and 4.

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};

use super::*;
use crate::callback::examples::{CALLBACK, CALLBACK_VAR};
use crate::protocol::query::Query;

/// The common input of V4-H1 to V4-H4, as a client would put it on the wire.
const QUERY: &str = "param1=value1&%2Bparam1=value3&%7Cparam1=value4&%2Bparam2&%7Cparam2&param2";
const HEADERS: &[(&str, &str)] = &[
    ("x-oss-head1", "value"),
    ("abc", "value"),
    ("ZAbc", "value"),
    ("XYZ", "value"),
    ("content-type", "text/plain"),
    ("x-oss-content-sha256", UNSIGNED_PAYLOAD),
];

struct Vector<'a> {
    method: &'a str,
    bucket: Option<&'a str>,
    key: Option<&'a str>,
    query: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    additional: &'a [&'a str],
    region: &'a str,
    product: &'a str,
    timestamp: &'a str,
}

impl Vector<'_> {
    fn canonical_request(&self) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        let query = Query::parse(self.query);
        let request = SignedRequest {
            method: self.method,
            bucket: self.bucket,
            key: self.key,
            is_bare: false,
            query: &query,
            headers: &headers,
        };
        let additional: Vec<String> = self.additional.iter().map(|n| (*n).to_owned()).collect();
        String::from_utf8(Canonical::of(&request, &additional).text()).unwrap()
    }

    fn scope(&self) -> Scope {
        Scope {
            date: self.timestamp[..8].to_owned(),
            region: self.region.to_owned(),
            product: self.product.to_owned(),
            terminator: TERMINATOR.to_owned(),
        }
    }

    fn string_to_sign(&self) -> String {
        string_to_sign(self.timestamp, &self.scope(), self.canonical_request().as_bytes())
    }

    fn signature(&self) -> String {
        signature(&signing_key("sk", &self.scope()), &self.string_to_sign())
    }
}

fn common(timestamp: &'static str) -> Vector<'static> {
    let mut headers = HEADERS.to_vec();
    headers.push(("x-oss-date", timestamp));
    Vector {
        method: "PUT",
        bucket: Some("bucket"),
        key: Some("1234+-/123/1.txt"),
        query: QUERY,
        headers,
        additional: &[],
        region: "cn-hangzhou",
        product: "oss",
        timestamp,
    }
}

#[test]
fn signing_key_intermediates() {
    let scope = common("20231216T162057Z").scope();
    assert_eq!(
        hex(&signing_key("sk", &scope)),
        "b412a03b134ebddd720f5167b5de6db66620ebb3b01cff4d49e3ccb09f8de97f"
    );
}

#[test]
fn v4_h1() {
    let vector = common("20231216T162057Z");
    assert_eq!(
        vector.canonical_request(),
        "PUT\n/bucket/1234%2B-/123/1.txt\n\
         %2Bparam1=value3&%2Bparam2&%7Cparam1=value4&%7Cparam2&param1=value1&param2\n\
         content-type:text/plain\nx-oss-content-sha256:UNSIGNED-PAYLOAD\n\
         x-oss-date:20231216T162057Z\nx-oss-head1:value\n\n\nUNSIGNED-PAYLOAD"
    );
    assert_eq!(
        vector.string_to_sign(),
        "OSS4-HMAC-SHA256\n20231216T162057Z\n20231216/cn-hangzhou/oss/aliyun_v4_request\n\
         f4613657f1b108998e8dbd10a1aa5da621dc2c6e02c9ddec0f163664848704c4"
    );
    assert_eq!(
        vector.signature(),
        "e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe"
    );
}

#[test]
fn v4_h2_security_token() {
    let mut vector = common("20231217T034736Z");
    vector.headers.push(("x-oss-security-token", "token"));
    assert_eq!(
        vector.signature(),
        "b94a3f999cf85bcdc00d332fbd3734ba03e48382c36fa4d5af5df817395bd9ea"
    );
}

#[test]
fn v4_h3_additional_headers() {
    let mut vector = common("20231216T172512Z");
    vector.additional = &["abc", "zabc"];
    assert!(vector.canonical_request().ends_with("zabc:value\n\nabc;zabc\nUNSIGNED-PAYLOAD"));
    assert_eq!(
        vector.signature(),
        "4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f"
    );
}

#[test]
fn v4_h4_cloud_box() {
    let mut vector = common("20231216T162057Z");
    vector.region = "cb-123";
    vector.product = "oss-cloudbox";
    assert_eq!(
        vector.signature(),
        "94ce1f12c17d148ea681030275a94449d3357f5b5b21133996eec80af3e08a43"
    );
}

#[test]
fn v4_h5_document_example() {
    let vector = Vector {
        bucket: Some("examplebucket"),
        key: Some("exampleobject"),
        query: "",
        headers: vec![
            ("content-disposition", "attachment"),
            ("content-length", "3"),
            ("content-md5", "ICy5YqxZB1uWSwcVLSNLcA=="),
            ("content-type", "text/plain"),
            ("x-oss-content-sha256", UNSIGNED_PAYLOAD),
            ("x-oss-date", "20250411T064124Z"),
        ],
        additional: &["content-disposition", "content-length"],
        ..common("20250411T064124Z")
    };
    let string_to_sign = vector.string_to_sign();
    assert!(
        string_to_sign
            .ends_with("\nc46d96390bdbc2d739ac9363293ae9d710b14e48081fcb22cd8ad54b63136eca")
    );
    let key = [
        0x35, 0x43, 0xb7, 0x68, 0x6e, 0x65, 0xed, 0xa7, 0x1e, 0x5e, 0x5c, 0xa1, 0x9d, 0x54, 0x8d,
        0x78, 0x42, 0x3c, 0x37, 0xe8, 0xdd, 0xba, 0x4d, 0xc9, 0xd8, 0x3f, 0x90, 0x22, 0x8b, 0x45,
        0x7c, 0x76,
    ];
    assert_eq!(
        signature(&key, &string_to_sign),
        "053edbf550ebd239b32a9cdfd93b0b2b3f2d223083aa61f75e9ac16856d61f23"
    );
}

#[test]
fn b1_callback_in_headers_with_a_key_beyond_ascii() {
    let vector = Vector {
        bucket: Some("examplebucket"),
        key: Some("dir/a b+c~é/中.txt"),
        query: "",
        headers: vec![
            ("content-type", "text/plain"),
            ("x-oss-callback", CALLBACK),
            ("x-oss-callback-var", CALLBACK_VAR),
            ("x-oss-content-sha256", UNSIGNED_PAYLOAD),
            ("x-oss-date", "20231216T162057Z"),
        ],
        ..common("20231216T162057Z")
    };
    assert!(vector.canonical_request().contains("/dir/a%20b%2Bc~%C3%A9/%E4%B8%AD.txt\n"));
    assert_eq!(
        vector.signature(),
        "f435a970e9eb245a97d1c7f83f80a76edfa549c40f864407c23d4dd00f3c1040"
    );
}

#[test]
fn d1_parameter_without_value() {
    let vector = Vector {
        method: "POST",
        bucket: Some("examplebucket"),
        key: Some("big.bin"),
        query: "uploads=&encoding-type=url",
        headers: vec![
            ("content-type", "application/octet-stream"),
            ("x-oss-content-sha256", UNSIGNED_PAYLOAD),
            ("x-oss-date", "20231216T162057Z"),
        ],
        ..common("20231216T162057Z")
    };
    assert_eq!(
        vector.signature(),
        "10b28a908a239cf738f3a1e3aae33380c7a353f410081454b183bef6bcee02ec"
    );
}

#[test]
fn e1_service_level() {
    let vector = Vector {
        method: "GET",
        bucket: None,
        key: None,
        query: "",
        headers: vec![
            ("x-oss-content-sha256", UNSIGNED_PAYLOAD),
            ("x-oss-date", "20231216T162057Z"),
        ],
        ..common("20231216T162057Z")
    };
    assert_eq!(
        vector.signature(),
        "2a7fe0c537ae2b2319d6a44def3d754c1f9ca397946234d46ba2ecdb8f8f0a96"
    );
}

const URL_HEADERS: &[(&str, &str)] = &[
    ("x-oss-head1", "value"),
    ("abc", "value"),
    ("ZAbc", "value"),
    ("XYZ", "value"),
    ("content-type", "application/octet-stream"),
];

/// The query of V4-U1 to V4-U5, with the signature that does not sign itself.
fn url_query(credential: &str, timestamp: &str, more: &str) -> String {
    format!(
        "{QUERY}&x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-expires=599\
         &x-oss-credential={credential}&x-oss-date={timestamp}{more}&x-oss-signature=00ff"
    )
}

fn url<'a>(query: &'a str, timestamp: &'static str) -> Vector<'a> {
    Vector { query, headers: URL_HEADERS.to_vec(), ..common(timestamp) }
}

#[test]
fn v4_u1() {
    let credential = "ak/20231217/cn-hangzhou/oss/aliyun_v4_request";
    let query = url_query(credential, "20231217T025437Z", "");
    let vector = url(&query, "20231217T025437Z");
    assert_eq!(
        vector.canonical_request(),
        "PUT\n/bucket/1234%2B-/123/1.txt\n\
         %2Bparam1=value3&%2Bparam2&%7Cparam1=value4&%7Cparam2&param1=value1&param2\
         &x-oss-credential=ak%2F20231217%2Fcn-hangzhou%2Foss%2Faliyun_v4_request\
         &x-oss-date=20231217T025437Z&x-oss-expires=599\
         &x-oss-signature-version=OSS4-HMAC-SHA256\n\
         content-type:application/octet-stream\nx-oss-head1:value\n\n\nUNSIGNED-PAYLOAD"
    );
    assert!(
        vector
            .string_to_sign()
            .ends_with("\n48814c11f278d51662015bf2f896b66ca10b6de0187ed8d952e341bbce0aa336")
    );
    assert_eq!(
        vector.signature(),
        "a39966c61718be0d5b14e668088b3fa07601033f6518ac7b523100014269c0fe"
    );
}

#[test]
fn v4_u2_security_token() {
    let credential = "ak/20231217/cn-hangzhou/oss/aliyun_v4_request";
    let query = url_query(credential, "20231217T035628Z", "&x-oss-security-token=token");
    assert_eq!(
        url(&query, "20231217T035628Z").signature(),
        "3817ac9d206cd6dfc90f1c09c00be45005602e55898f26f5ddb06d7892e1f8b5"
    );
}

#[test]
fn v4_u3_additional_headers() {
    let credential = "ak/20231217/cn-hangzhou/oss/aliyun_v4_request";
    let query = url_query(credential, "20231217T033009Z", "&x-oss-additional-headers=abc%3Bzabc");
    let vector = Vector { additional: &["abc", "zabc"], ..url(&query, "20231217T033009Z") };
    assert_eq!(
        vector.signature(),
        "6bd984bfe531afb6db1f7550983a741b103a8c58e5e14f83ea474c2322dfa2b7"
    );
}

#[test]
fn v4_u4_and_u5_cloud_box() {
    let cases = [
        ("20231217T025437Z", "07284191b9b4978ac3520cd39ee2dea2747eda454089359371ff463a6c7ba20f"),
        ("20231217T033009Z", "16782cc8a7a554523db055eb804b508522e7e370073108ad88ee2f47496701dd"),
    ];
    for (timestamp, signature) in cases {
        let credential = "ak/20231217/cb-123/oss-cloudbox/aliyun_v4_request";
        let query = url_query(credential, timestamp, "&x-oss-additional-headers=abc;zabc");
        let vector = Vector {
            additional: &["abc", "zabc"],
            region: "cb-123",
            product: "oss-cloudbox",
            ..url(&query, timestamp)
        };
        assert_eq!(vector.signature(), signature, "{timestamp}");
    }
}

#[test]
fn b2_callback_in_the_query() {
    let query = format!(
        "callback={CALLBACK}&callback-var={CALLBACK_VAR}&x-oss-signature-version=OSS4-HMAC-SHA256\
         &x-oss-credential=ak/20231216/cn-hangzhou/oss/aliyun_v4_request\
         &x-oss-date=20231216T162057Z&x-oss-expires=3600"
    );
    let vector = Vector {
        bucket: Some("examplebucket"),
        key: Some("dir/a b+c~é/中.txt"),
        headers: vec![("content-type", "text/plain")],
        ..url(&query, "20231216T162057Z")
    };
    assert_eq!(
        vector.signature(),
        "4063ea1a8fbbfaca4318bc156bbcd306ce3f9169160041c2d1c1bf319a9ab8cf"
    );
}
