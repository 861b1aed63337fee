//! Signature version 1 (spec: signing-v1.md).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::canonical::lines;
use super::request::SignedRequest;
use crate::protocol::sub_resources::SUB_RESOURCES;

/// Query parameters that are part of the resource besides the sub-resources, from the same lists. Every name
/// starting with `x-oss-` belongs to it too.
const ALSO_SIGNED: &[&str] = &[
    "action",
    "callback",
    "callback-var",
    "continuation-token",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "security-token",
];

/// A string to sign in its parts.
#[derive(Clone, Debug)]
pub(super) struct Canonical {
    pub(super) method: String,
    pub(super) content_md5: String,
    pub(super) content_type: String,
    pub(super) date_line: String,
    pub(super) headers: BTreeMap<String, Vec<u8>>,
    pub(super) resource: String,
    pub(super) parameters: Vec<String>,
}

impl Canonical {
    /// `date_line` is the value of `x-oss-date` or `Date`.
    pub(super) fn of(request: &SignedRequest<'_>, date_line: &str) -> Canonical {
        let headers = request.headers_where(|name| name.starts_with("x-oss-")).into_iter();
        Canonical {
            method: request.method.to_owned(),
            content_md5: request.header("content-md5").unwrap_or_default(),
            content_type: request.header("content-type").unwrap_or_default(),
            date_line: date_line.to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).collect(),
            resource: request.resource(),
            parameters: parameters(request),
        }
    }

    pub(super) fn text(&self) -> Vec<u8> {
        let first = [&self.method, &self.content_md5, &self.content_type, &self.date_line];
        let mut text = lines(first, &self.headers);
        text.extend_from_slice(self.resource.as_bytes());
        for (position, item) in self.parameters.iter().enumerate() {
            text.push(if position == 0 { b'?' } else { b'&' });
            text.extend_from_slice(item.as_bytes());
        }
        text
    }
}

fn is_signed(parameter: &str) -> bool {
    parameter.starts_with("x-oss-")
        || SUB_RESOURCES.contains(&parameter)
        || ALSO_SIGNED.contains(&parameter)
}

/// The parameters that belong to the resource.
fn parameters(request: &SignedRequest<'_>) -> Vec<String> {
    let mut parameters: Vec<(&str, &str)> = Vec::new();
    for (name, value) in request.query.pairs() {
        // Of a repeated parameter the first counts, as in Go's Query().Get.
        let seen = parameters.iter().any(|(known, _)| known == name);
        if !seen && is_signed(name) {
            parameters.push((name, value));
        }
    }
    parameters.sort_unstable();
    let item = |(name, value): (&str, &str)| match value {
        "" => name.to_owned(),
        _ => format!("{name}={value}"),
    };
    parameters.into_iter().map(item).collect()
}

/// Base64 of the HMAC-SHA1.
pub(crate) fn signature(secret: &str, string_to_sign: &[u8]) -> String {
    let mut mac =
        Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(string_to_sign);
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;
    use hyper::header::{HeaderName, HeaderValue};

    use super::*;
    use crate::protocol::query::Query;

    struct Vector<'a> {
        method: &'a str,
        bucket: &'a str,
        key: Option<&'a str>,
        query: &'a str,
        headers: &'a [(&'a str, &'a str)],
        date: &'a str,
        secret: &'a str,
    }

    impl Vector<'_> {
        fn sign(&self) -> (String, String) {
            let mut headers = HeaderMap::new();
            for (name, value) in self.headers {
                headers.append(
                    HeaderName::from_bytes(name.as_bytes()).unwrap(),
                    HeaderValue::from_str(value).unwrap(),
                );
            }
            let query = Query::parse(self.query);
            let request = SignedRequest {
                method: self.method,
                bucket: Some(self.bucket),
                key: self.key,
                is_bare: false,
                query: &query,
                headers: &headers,
            };
            let text = Canonical::of(&request, self.date).text();
            let signature = signature(self.secret, &text);
            (String::from_utf8(text).unwrap(), signature)
        }
    }

    const DATE: &str = "Wed, 28 Dec 2022 10:27:41 GMT";
    const NELSON: Vector<'_> = Vector {
        method: "PUT",
        bucket: "examplebucket",
        key: Some("nelson"),
        query: "",
        headers: &[
            ("content-md5", "eB5eJF1ptWaXm4bijSPyxw=="),
            ("Content-Type", "text/html"),
            ("X-OSS-Meta-Magic", "abracadabra"),
            ("x-oss-meta-author", "alice"),
            ("x-oss-date", DATE),
            ("date", DATE),
        ],
        date: DATE,
        secret: "sk",
    };
    const BUCKET: Vector<'_> = Vector {
        method: "GET",
        bucket: "examplebucket",
        key: None,
        query: "",
        headers: &[("x-oss-date", DATE)],
        date: DATE,
        secret: "sk",
    };

    #[test]
    fn v1_h1() {
        let (text, signature) = NELSON.sign();
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
        let (text, signature) = Vector { query: "acl", ..NELSON }.sign();
        assert!(text.ends_with("/examplebucket/nelson?acl"));
        assert_eq!(signature, "/afkugFbmWDQ967j1vr6zygBLQk=");
    }

    #[test]
    fn v1_h3_unsigned_parameter() {
        let (text, signature) =
            Vector { query: "resourceGroup&non-resousce=null", ..BUCKET }.sign();
        assert!(text.ends_with("/examplebucket/?resourceGroup"));
        assert_eq!(signature, "vkQmfuUDyi1uDi3bKt67oemssIs=");
    }

    #[test]
    fn v1_h4_sorted_parameters() {
        let (text, signature) = Vector { query: "resourceGroup&acl", ..BUCKET }.sign();
        assert!(text.ends_with("/examplebucket/?acl&resourceGroup"));
        assert_eq!(signature, "x3E5TgOvl/i7PN618s5mEvpJDYk=");
    }

    #[test]
    fn v1_h5_document_example() {
        let vector = Vector {
            method: "PUT",
            bucket: "oss-example",
            key: Some("nelson"),
            query: "",
            headers: &[
                ("Content-Md5", "ODBGOERFMDMzQTczRUY3NUE3NzA5QzdFNUYzMDQxNEM="),
                ("Content-Type", "text/html"),
                ("X-OSS-Meta-Author", "foo@bar.com"),
                ("X-OSS-Magic", "abracadabra"),
            ],
            date: "Thu, 17 Nov 2005 18:49:58 GMT",
            secret: "OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV",
        };
        assert_eq!(vector.sign().1, "26NBxoKdsyly4EDv6inkoDft/yA=");
    }

    #[test]
    fn v1_h6_security_token() {
        let headers = [("content-type", "text/plain"), ("x-oss-security-token", "token")];
        let vector = Vector { headers: &headers, ..NELSON };
        assert_eq!(vector.sign().1, "xMoGwKKOi9mdE+CqbemOKB/G9y4=");
    }

    #[test]
    fn a1_callback_in_headers() {
        let vector = Vector {
            key: Some("dir/a b+c.txt"),
            headers: &[
                ("content-type", "text/plain"),
                ("x-oss-callback", crate::callback::examples::CALLBACK),
                ("x-oss-callback-var", crate::callback::examples::CALLBACK_VAR),
            ],
            ..NELSON
        };
        assert_eq!(vector.sign().1, "O6xNE4vFwN4Z0KRlkWMswe523dQ=");
    }

    #[test]
    fn repeated_headers_are_joined_and_values_trimmed() {
        let headers = [("x-oss-meta-a", "1 "), ("x-oss-meta-a", "2")];
        let (text, _) = Vector { headers: &headers, ..NELSON }.sign();
        assert!(text.contains("\nx-oss-meta-a:1,2\n"));
    }

    /// A URL as it is sent: signature and expiry are in the query, the date line is the expiry.
    fn url<'a>(bucket: &'a str, key: &'a str, query: &'a str, expires: &'a str) -> Vector<'a> {
        let (key, headers) = (Some(key), &[][..]);
        Vector { method: "GET", bucket, key, query, headers, date: expires, secret: "sk" }
    }

    #[test]
    fn v1_u1() {
        let query = "Expires=1699807420&OSSAccessKeyId=ak&Signature=dcLTea%2BYh9ApirQ8o8dOPqtvJXQ%3D\
                     &versionId=versionId";
        let (text, signature) = url("bucket", "key", query, "1699807420").sign();
        assert_eq!(text, "GET\n\n\n1699807420\n/bucket/key?versionId=versionId");
        assert_eq!(signature, "dcLTea+Yh9ApirQ8o8dOPqtvJXQ=");
    }

    #[test]
    fn v1_u2_security_token() {
        let query = "Expires=1699808204&OSSAccessKeyId=ak&Signature=jzKYRrM5y6Br0dRFPaTGOsbrDhY%3D\
                     &security-token=token&versionId=versionId";
        let (text, signature) = url("bucket", "key+123", query, "1699808204").sign();
        let expected =
            "GET\n\n\n1699808204\n/bucket/key+123?security-token=token&versionId=versionId";
        assert_eq!(text, expected);
        assert_eq!(signature, "jzKYRrM5y6Br0dRFPaTGOsbrDhY=");
    }

    #[test]
    fn v1_u3_document_example() {
        let vector = Vector {
            secret: "OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV",
            ..url("oss-example", "oss-api.pdf", "Expires=1141889120", "1141889120")
        };
        assert_eq!(vector.sign().1, "EwaNTn1erJGkimiJ9WmXgwnANLc=");
    }

    #[test]
    fn v1_u4_signed_headers_and_a_decoded_value() {
        let query = "versionId=versionId?param1=value1&%2Bparam1=value3&%7Cparam1=value4&%2Bparam2\
                     &%7Cparam2&param2&security-token=token\
                     &response-content-disposition=attachment%3B%20filename%3Dexample.txt";
        let headers = [
            ("x-oss-head1", "value"),
            ("abc", "value"),
            ("ZAbc", "value"),
            ("XYZ", "value"),
            ("content-type", "application/octet-stream"),
        ];
        let vector = Vector { headers: &headers, ..url("bucket", "key", query, "1699808204") };
        let (text, signature) = vector.sign();
        assert_eq!(
            text,
            "GET\n\napplication/octet-stream\n1699808204\nx-oss-head1:value\n\
             /bucket/key?response-content-disposition=attachment; filename=example.txt\
             &security-token=token&versionId=versionId?param1=value1"
        );
        assert_eq!(signature, "3GJoEOv5LX2ASp0HJk/hAk+qLJc=");
    }

    #[test]
    fn a2_callback_in_the_query() {
        use crate::callback::examples::{CALLBACK, CALLBACK_VAR};
        // The raw padding of the Base64 text counts as part of the value.
        let query = format!("Expires=1699807420&callback={CALLBACK}&callback-var={CALLBACK_VAR}");
        let vector = Vector {
            method: "PUT",
            headers: &[("content-type", "text/plain")],
            ..url("examplebucket", "dir/a b+c.txt", &query, "1699807420")
        };
        assert_eq!(vector.sign().1, "ZHAcIZwIjzttKmY8BHWYRwILW8c=");
    }

    /// The requests that tests/interop/signatures/ makes, with every name that an SDK of the vendor signs.
    #[test]
    fn names_that_the_sdks_sign() {
        let vectors = include_str!("../../../tests/vectors/sdk_signatures.jsonl");
        for line in vectors.lines() {
            let vector: serde_json::Value = serde_json::from_str(line).unwrap();
            let names = |member: &str| vector[member].as_object().unwrap().keys();
            let unsigned: Vec<_> = names("sub_resources").filter(|name| !is_signed(name)).collect();
            assert!(unsigned.is_empty(), "{unsigned:?}");
            let signed: Vec<_> = names("query").filter(|name| is_signed(name)).collect();
            assert!(signed.is_empty(), "{signed:?}");
        }
    }
}
