//! The vectors that concern URLs and forms (spec: test-vectors.md 2, 4 and 5).

use super::*;

/// Signs a URL with V4 and gives the added parameters; input as in section 4 of the vectors.
fn v4_url(time: u64, token: Option<&str>, additional: &[&str], scope: (&str, &str)) -> String {
    let headers = [
        ("x-oss-head1", "value"),
        ("abc", "value"),
        ("zabc", "value"),
        ("xyz", "value"),
        ("content-type", "application/octet-stream"),
    ];
    let request = SignableRequest {
        method: "PUT",
        bucket: Some("bucket"),
        key: Some("1234+-/123/1.txt"),
        query: &QUERY,
        headers: &headers,
    };
    signed_url(&request, time, token, 599, additional, scope)
}

fn signed_url(
    request: &SignableRequest<'_>,
    time: u64,
    security_token: Option<&str>,
    seconds: u64,
    additional: &[&str],
    (region, product): (&str, &str),
) -> String {
    let time = Timestamp(time);
    let scope = Scope { date: time.date(), region: region.into(), product: product.into() };
    let signer = url::UrlSigner { access_key_id: "ak", security_token, time, seconds };
    let key = SigningKey::derive("sk", &scope);
    let query = signer.sign_v4(request, &key, &scope, additional);
    query.into_iter().find(|(name, _)| name == "x-oss-signature").unwrap().1
}

const OSS: (&str, &str) = ("cn-hangzhou", "oss");
const CLOUD_BOX: (&str, &str) = ("cb-123", "oss-cloudbox");

#[test]
fn v4_u1_to_u5() {
    let additional = &["ZAbc", "abc"][..];
    for (time, token, additional, scope, signature) in [
        (
            1_702_781_677,
            None,
            &[][..],
            OSS,
            "a39966c61718be0d5b14e668088b3fa07601033f6518ac7b523100014269c0fe",
        ),
        (
            1_702_785_388,
            Some("token"),
            &[],
            OSS,
            "3817ac9d206cd6dfc90f1c09c00be45005602e55898f26f5ddb06d7892e1f8b5",
        ),
        (
            1_702_783_809,
            None,
            additional,
            OSS,
            "6bd984bfe531afb6db1f7550983a741b103a8c58e5e14f83ea474c2322dfa2b7",
        ),
        (
            1_702_781_677,
            None,
            additional,
            CLOUD_BOX,
            "07284191b9b4978ac3520cd39ee2dea2747eda454089359371ff463a6c7ba20f",
        ),
        (
            1_702_783_809,
            None,
            additional,
            CLOUD_BOX,
            "16782cc8a7a554523db055eb804b508522e7e370073108ad88ee2f47496701dd",
        ),
    ] {
        assert_eq!(v4_url(time, token, additional, scope), signature);
    }
}

#[test]
fn b2_v4_callback_in_query() {
    let request = SignableRequest {
        method: "PUT",
        bucket: Some("examplebucket"),
        key: Some("dir/a b+c~é/中.txt"),
        query: &[("callback", CALLBACK), ("callback-var", CALLBACK_VAR)],
        headers: &[("content-type", "text/plain")],
    };
    assert_eq!(
        signed_url(&request, 1_702_743_657, None, 3600, &[], OSS),
        "4063ea1a8fbbfaca4318bc156bbcd306ce3f9169160041c2d1c1bf319a9ab8cf"
    );
}

/// Signs a URL with V1 that expires at `expires`, and gives the signature.
fn v1_url(
    request: &SignableRequest<'_>,
    expires: u64,
    security_token: Option<&str>,
    secret: &str,
) -> String {
    let time = Timestamp(expires - 600);
    let signer = url::UrlSigner { access_key_id: "ak", security_token, time, seconds: 600 };
    let query = signer.sign_v1(request, secret);
    assert!(query.contains(&("Expires".to_owned(), expires.to_string())));
    query.into_iter().find(|(name, _)| name == "Signature").unwrap().1
}

#[test]
fn v1_u1_to_u4() {
    let get = |bucket, key, query, headers| SignableRequest {
        method: "GET",
        bucket: Some(bucket),
        key: Some(key),
        query,
        headers,
    };
    let version = [("versionId", "versionId")];
    assert_eq!(
        v1_url(&get("bucket", "key", &version, &[]), 1_699_807_420, None, "sk"),
        "dcLTea+Yh9ApirQ8o8dOPqtvJXQ="
    );
    assert_eq!(
        v1_url(&get("bucket", "key+123", &version, &[]), 1_699_808_204, Some("token"), "sk"),
        "jzKYRrM5y6Br0dRFPaTGOsbrDhY="
    );
    let secret = "OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV";
    assert_eq!(
        v1_url(&get("oss-example", "oss-api.pdf", &[], &[]), 1_141_889_120, None, secret),
        "EwaNTn1erJGkimiJ9WmXgwnANLc="
    );
    let query = [
        ("versionId", "versionId?param1=value1"),
        ("response-content-disposition", "attachment; filename=example.txt"),
        ("+param1", "value3"),
        ("|param2", ""),
    ];
    let headers =
        [("x-oss-head1", "value"), ("content-type", "application/octet-stream"), ("abc", "v")];
    assert_eq!(
        v1_url(&get("bucket", "key", &query, &headers), 1_699_808_204, Some("token"), "sk"),
        "3GJoEOv5LX2ASp0HJk/hAk+qLJc="
    );
}

#[test]
fn a2_v1_callback_in_query() {
    let request = SignableRequest {
        method: "PUT",
        bucket: Some("examplebucket"),
        key: Some("dir/a b+c.txt"),
        query: &[("callback", CALLBACK), ("callback-var", CALLBACK_VAR)],
        headers: &[("content-type", "text/plain")],
    };
    assert_eq!(v1_url(&request, 1_699_807_420, None, "sk"), "ZHAcIZwIjzttKmY8BHWYRwILW8c=");
}

#[test]
fn c1_to_c3_forms() {
    use base64::Engine as _;
    let field = |policy: &str| base64::engine::general_purpose::STANDARD.encode(policy);
    let v1_policy = field(
        r#"{"expiration":"2023-12-16T17:20:57.000Z","conditions":[{"bucket":"examplebucket"},["starts-with","$key","dir/"],["content-length-range",0,1048576]]}"#,
    );
    assert_eq!(v1::hmac_sha1_base64("sk", &v1_policy), "ltxkW83plde9NdW+CYMLEdxWkts=");
    let scope = Scope { date: "20231216".into(), region: OSS.0.into(), product: OSS.1.into() };
    let key = SigningKey::derive("sk", &scope);
    for (token, signature) in [
        ("", "4f305638aa6e99928268446fdb3d5e23fadc5c53015fadfdee4a626b18c955fa"),
        (
            r#"{"x-oss-security-token":"token"},"#,
            "45f8a6939db86680d8b6cb550b55217d17cc3397867c699493233b6106999ed3",
        ),
    ] {
        let policy = field(&format!(
            r#"{{"expiration":"2023-12-16T17:20:57.000Z","conditions":[{{"bucket":"examplebucket"}},{{"x-oss-signature-version":"OSS4-HMAC-SHA256"}},{{"x-oss-credential":"ak/20231216/cn-hangzhou/oss/aliyun_v4_request"}},{token}{{"x-oss-date":"20231216T162057Z"}},["starts-with","$key","dir/"]]}}"#
        ));
        assert_eq!(key.sign(&policy), signature);
    }
}
