//! The vectors of the protocol reference that concern headers (spec: test-vectors.md 1 and 3).

use super::v4::{Scope, SigningKey};
use super::*;
use crate::time::Timestamp;

mod urls_and_forms;

const CALLBACK: &str = "eyJjYWxsYmFja1VybCI6Imh0dHA6Ly8yMDMuMC4xMTMuMTA6ODA4MC9jYj9hPTEiLCJjYWxsYmFja0JvZHkiOiJidWNrZXQ9JHtidWNrZXR9Jm9iamVjdD0ke29iamVjdH0mZXRhZz0ke2V0YWd9JnNpemU9JHtzaXplfSZ1aWQ9JHt4OnVpZH0iLCJjYWxsYmFja0JvZHlUeXBlIjoiYXBwbGljYXRpb24veC13d3ctZm9ybS11cmxlbmNvZGVkIn0=";
const CALLBACK_VAR: &str = "eyJ4OnVpZCI6InUgMS8rIn0=";
const V1_DATE: &str = "Wed, 28 Dec 2022 10:27:41 GMT";

fn v1(request: SignableRequest<'_>) -> (String, String) {
    let signature = v1::sign(&request, "ak", "sk");
    let text = signature.authorization.strip_prefix("OSS ak:").expect("the form of V1");
    (text.to_owned(), signature.string_to_sign)
}

const NELSON_HEADERS: [(&str, &str); 6] = [
    ("content-md5", "eB5eJF1ptWaXm4bijSPyxw=="),
    ("content-type", "text/html"),
    ("date", V1_DATE),
    ("x-oss-meta-magic", "abracadabra"),
    ("x-oss-meta-author", "alice"),
    ("x-oss-date", V1_DATE),
];

fn nelson<'a>(query: &'a [(&'a str, &'a str)]) -> SignableRequest<'a> {
    SignableRequest {
        method: "PUT",
        bucket: Some("examplebucket"),
        key: Some("nelson"),
        query,
        headers: &NELSON_HEADERS,
    }
}

#[test]
fn v1_h1() {
    let (signature, text) = v1(nelson(&[]));
    assert_eq!(
        text,
        "PUT\neB5eJF1ptWaXm4bijSPyxw==\ntext/html\nWed, 28 Dec 2022 10:27:41 GMT\n\
         x-oss-date:Wed, 28 Dec 2022 10:27:41 GMT\nx-oss-meta-author:alice\n\
         x-oss-meta-magic:abracadabra\n/examplebucket/nelson"
    );
    assert_eq!(signature, "kSHKmLxlyEAKtZPkJhG9bZb5k7M=");
}

#[test]
fn v1_h2_sub_resource() {
    assert_eq!(v1(nelson(&[("acl", "")])).0, "/afkugFbmWDQ967j1vr6zygBLQk=");
}

#[test]
fn v1_h3_unsigned_parameter_and_h4_sorting() {
    let headers = [("date", V1_DATE), ("x-oss-date", V1_DATE)];
    let bucket_only = |query| SignableRequest {
        method: "GET",
        bucket: Some("examplebucket"),
        key: None,
        query,
        headers: &headers,
    };
    let (signature, text) = v1(bucket_only(&[("resourceGroup", ""), ("non-resousce", "null")]));
    assert!(text.ends_with("/examplebucket/?resourceGroup"), "{text}");
    assert_eq!(signature, "vkQmfuUDyi1uDi3bKt67oemssIs=");
    let (signature, _) = v1(bucket_only(&[("resourceGroup", ""), ("acl", "")]));
    assert_eq!(signature, "x3E5TgOvl/i7PN618s5mEvpJDYk=");
}

#[test]
fn v1_h5_document_example() {
    let headers = [
        ("content-md5", "ODBGOERFMDMzQTczRUY3NUE3NzA5QzdFNUYzMDQxNEM="),
        ("content-type", "text/html"),
        ("date", "Thu, 17 Nov 2005 18:49:58 GMT"),
        ("host", "oss-example.oss-cn-hangzhou.aliyuncs.com"),
        ("x-oss-meta-author", "foo@bar.com"),
        ("x-oss-magic", "abracadabra"),
    ];
    let request = SignableRequest {
        method: "PUT",
        bucket: Some("oss-example"),
        key: Some("nelson"),
        query: &[],
        headers: &headers,
    };
    let signature =
        v1::sign(&request, "44CF9590006BF252F707", "OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV");
    assert_eq!(signature.authorization, "OSS 44CF9590006BF252F707:26NBxoKdsyly4EDv6inkoDft/yA=");
}

#[test]
fn v1_h6_security_token() {
    let headers =
        [("content-type", "text/plain"), ("date", V1_DATE), ("x-oss-security-token", "token")];
    let (signature, _) = v1(SignableRequest { headers: &headers, ..nelson(&[]) });
    assert_eq!(signature, "xMoGwKKOi9mdE+CqbemOKB/G9y4=");
}

#[test]
fn a1_v1_callback_in_headers() {
    let headers = [
        ("content-type", "text/plain"),
        ("date", V1_DATE),
        ("x-oss-callback-var", CALLBACK_VAR),
        ("x-oss-callback", CALLBACK),
    ];
    let (signature, text) =
        v1(SignableRequest { key: Some("dir/a b+c.txt"), headers: &headers, ..nelson(&[]) });
    assert!(text.ends_with("\n/examplebucket/dir/a b+c.txt"), "{text}");
    assert_eq!(signature, "O6xNE4vFwN4Z0KRlkWMswe523dQ=");
}

const QUERY: [(&str, &str); 6] = [
    ("param1", "value1"),
    ("+param1", "value3"),
    ("|param1", "value4"),
    ("+param2", ""),
    ("|param2", ""),
    ("param2", ""),
];

/// Signs the common input of V4-H1 to V4-H4 and gives string to sign and Authorization.
fn v4_common(
    time: u64,
    token: Option<&str>,
    additional: &[&str],
    region: &str,
    product: &str,
) -> Signature {
    let time = Timestamp(time);
    let date = time.iso_basic();
    let mut headers = vec![
        ("x-oss-head1", "value"),
        ("abc", "value"),
        ("zabc", "value"),
        ("xyz", "value"),
        ("content-type", "text/plain"),
        ("x-oss-content-sha256", "UNSIGNED-PAYLOAD"),
        ("x-oss-date", date.as_str()),
    ];
    headers.extend(token.map(|token| ("x-oss-security-token", token)));
    let request = SignableRequest {
        method: "PUT",
        bucket: Some("bucket"),
        key: Some("1234+-/123/1.txt"),
        query: &QUERY,
        headers: &headers,
    };
    let scope = Scope { date: time.date(), region: region.into(), product: product.into() };
    v4::sign(&request, "ak", &SigningKey::derive("sk", &scope), &scope, time, additional)
}

#[test]
fn v4_h1() {
    let signature = v4_common(1_702_743_657, None, &[], "cn-hangzhou", "oss");
    assert_eq!(
        signature.string_to_sign,
        "OSS4-HMAC-SHA256\n20231216T162057Z\n20231216/cn-hangzhou/oss/aliyun_v4_request\n\
         f4613657f1b108998e8dbd10a1aa5da621dc2c6e02c9ddec0f163664848704c4"
    );
    assert_eq!(
        signature.authorization,
        "OSS4-HMAC-SHA256 Credential=ak/20231216/cn-hangzhou/oss/aliyun_v4_request,\
         Signature=e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe"
    );
}

#[test]
fn v4_h2_security_token() {
    let signature = v4_common(1_702_784_856, Some("token"), &[], "cn-hangzhou", "oss");
    assert!(
        signature
            .authorization
            .ends_with("b94a3f999cf85bcdc00d332fbd3734ba03e48382c36fa4d5af5df817395bd9ea")
    );
}

#[test]
fn v4_h3_additional_headers() {
    let others = ["x-oss-no-exist", "no-exist", "ZAbc", "x-oss-head1", "abc", "abc"];
    for asked in [&["ZAbc", "abc"][..], &others] {
        let signature = v4_common(1_702_747_512, None, asked, "cn-hangzhou", "oss");
        assert_eq!(
            signature.authorization,
            "OSS4-HMAC-SHA256 Credential=ak/20231216/cn-hangzhou/oss/aliyun_v4_request,\
             AdditionalHeaders=abc;zabc,\
             Signature=4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f"
        );
    }
}

#[test]
fn v4_h4_cloud_box() {
    let signature = v4_common(1_702_743_657, None, &[], "cb-123", "oss-cloudbox");
    assert!(
        signature
            .authorization
            .ends_with("94ce1f12c17d148ea681030275a94449d3357f5b5b21133996eec80af3e08a43")
    );
}

#[test]
fn v4_h5_document_example_from_its_signing_key() {
    let headers = [
        ("content-disposition", "attachment"),
        ("content-length", "3"),
        ("content-md5", "ICy5YqxZB1uWSwcVLSNLcA=="),
        ("content-type", "text/plain"),
        ("x-oss-content-sha256", "UNSIGNED-PAYLOAD"),
        ("x-oss-date", "20250411T064124Z"),
    ];
    let request = SignableRequest {
        method: "PUT",
        bucket: Some("examplebucket"),
        key: Some("exampleobject"),
        query: &[],
        headers: &headers,
    };
    let key = SigningKey::from_bytes(&[
        0x35, 0x43, 0xb7, 0x68, 0x6e, 0x65, 0xed, 0xa7, 0x1e, 0x5e, 0x5c, 0xa1, 0x9d, 0x54, 0x8d,
        0x78, 0x42, 0x3c, 0x37, 0xe8, 0xdd, 0xba, 0x4d, 0xc9, 0xd8, 0x3f, 0x90, 0x22, 0x8b, 0x45,
        0x7c, 0x76,
    ]);
    let scope =
        Scope { date: "20250411".into(), region: "cn-hangzhou".into(), product: "oss".into() };
    let time = Timestamp(1_744_353_684);
    let signature =
        v4::sign(&request, "ak", &key, &scope, time, &["content-disposition", "content-length"]);
    assert!(
        signature
            .string_to_sign
            .ends_with("c46d96390bdbc2d739ac9363293ae9d710b14e48081fcb22cd8ad54b63136eca"),
        "{}",
        signature.string_to_sign
    );
    assert!(
        signature
            .authorization
            .ends_with("053edbf550ebd239b32a9cdfd93b0b2b3f2d223083aa61f75e9ac16856d61f23")
    );
}

/// Signs at 1702743657 in cn-hangzhou and gives the hexadecimal signature.
fn v4_at_fixed_time(
    method: &str,
    bucket: Option<&str>,
    key: Option<&str>,
    query: &[(&str, &str)],
    headers: &[(&str, &str)],
) -> String {
    let mut all =
        vec![("x-oss-content-sha256", "UNSIGNED-PAYLOAD"), ("x-oss-date", "20231216T162057Z")];
    all.extend_from_slice(headers);
    let time = Timestamp(1_702_743_657);
    let scope = Scope { date: time.date(), region: "cn-hangzhou".into(), product: "oss".into() };
    let request = SignableRequest { method, bucket, key, query, headers: &all };
    let key = SigningKey::derive("sk", &scope);
    let signature = v4::sign(&request, "ak", &key, &scope, time, &[]);
    signature.authorization.rsplit('=').next().unwrap_or_default().to_owned()
}

#[test]
fn b1_v4_callback_in_headers_and_non_ascii_key() {
    let signature = v4_at_fixed_time(
        "PUT",
        Some("examplebucket"),
        Some("dir/a b+c~é/中.txt"),
        &[],
        &[
            ("content-type", "text/plain"),
            ("x-oss-callback", CALLBACK),
            ("x-oss-callback-var", CALLBACK_VAR),
        ],
    );
    assert_eq!(signature, "f435a970e9eb245a97d1c7f83f80a76edfa549c40f864407c23d4dd00f3c1040");
}

#[test]
fn d1_v4_parameter_without_value() {
    let signature = v4_at_fixed_time(
        "POST",
        Some("examplebucket"),
        Some("big.bin"),
        &[("uploads", ""), ("encoding-type", "url")],
        &[("content-type", "application/octet-stream")],
    );
    assert_eq!(signature, "10b28a908a239cf738f3a1e3aae33380c7a353f410081454b183bef6bcee02ec");
}

#[test]
fn e1_v4_service_level() {
    let signature = v4_at_fixed_time("GET", None, None, &[], &[]);
    assert_eq!(signature, "2a7fe0c537ae2b2319d6a44def3d754c1f9ca397946234d46ba2ecdb8f8f0a96");
}
