//! Signature version 4 (spec: signing-v4.md).

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::SignedRequest;

pub(crate) const ALGORITHM: &str = "OSS4-HMAC-SHA256";
pub(crate) const TERMINATOR: &str = "aliyun_v4_request";
pub(crate) const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const UNRESERVED_AND_SLASH: &AsciiSet = &UNRESERVED.remove(b'/');

/// What a signing key is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) date: String,
    pub(crate) region: String,
    pub(crate) product: String,
    pub(crate) terminator: String,
}

impl Scope {
    fn text(&self) -> String {
        format!("{}/{}/{}/{}", self.date, self.region, self.product, self.terminator)
    }
}

/// The canonical request (spec: signing-v4.md 2). `additional_headers` is lowercase and sorted.
pub(crate) fn canonical_request(
    request: &SignedRequest<'_>,
    additional_headers: &[String],
) -> Vec<u8> {
    let mut text = Vec::new();
    let uri = utf8_percent_encode(&request.resource(), UNRESERVED_AND_SLASH).to_string();
    for line in [request.method, &uri, &canonical_query(request)] {
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
    }
    let signed = |name: &str| {
        name == "content-type"
            || name == "content-md5"
            || name.starts_with("x-oss-")
            || additional_headers.iter().any(|additional| additional == name)
    };
    for (name, value) in request.headers_where(signed) {
        text.extend_from_slice(name.as_bytes());
        text.push(b':');
        text.extend_from_slice(&value);
        text.push(b'\n');
    }
    text.push(b'\n');
    text.extend_from_slice(additional_headers.join(";").as_bytes());
    text.push(b'\n');
    text.extend_from_slice(UNSIGNED_PAYLOAD.as_bytes());
    text
}

fn canonical_query(request: &SignedRequest<'_>) -> String {
    let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
    let mut pairs: Vec<(String, String)> =
        request.query.pairs().iter().map(|(name, value)| (encode(name), encode(value))).collect();
    pairs.sort_unstable();
    let items = pairs
        .into_iter()
        .map(|(name, value)| if value.is_empty() { name } else { format!("{name}={value}") });
    items.collect::<Vec<_>>().join("&")
}

pub(crate) fn string_to_sign(timestamp: &str, scope: &Scope, canonical_request: &[u8]) -> String {
    let digest = hex(&Sha256::digest(canonical_request));
    format!("{ALGORITHM}\n{timestamp}\n{}\n{digest}", scope.text())
}

pub(crate) fn signing_key(secret: &str, scope: &Scope) -> [u8; 32] {
    let date_key = hmac_sha256(format!("aliyun_v4{secret}").as_bytes(), &scope.date);
    let region_key = hmac_sha256(&date_key, &scope.region);
    let product_key = hmac_sha256(&region_key, &scope.product);
    hmac_sha256(&product_key, &scope.terminator)
}

pub(crate) fn signature(signing_key: &[u8; 32], string_to_sign: &str) -> String {
    hex(&hmac_sha256(signing_key, string_to_sign))
}

fn hmac_sha256(key: &[u8], message: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;
    use hyper::header::{HeaderName, HeaderValue};

    use super::*;
    use crate::callback::examples::{CALLBACK, CALLBACK_VAR};
    use crate::server::query::Query;

    /// The common input of V4-H1 to V4-H4, as a client would put it on the wire.
    const QUERY: &str =
        "param1=value1&%2Bparam1=value3&%7Cparam1=value4&%2Bparam2&%7Cparam2&param2";
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
                query: &query,
                headers: &headers,
            };
            let additional: Vec<String> = self.additional.iter().map(|n| (*n).to_owned()).collect();
            String::from_utf8(canonical_request(&request, &additional)).unwrap()
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
            0x35, 0x43, 0xb7, 0x68, 0x6e, 0x65, 0xed, 0xa7, 0x1e, 0x5e, 0x5c, 0xa1, 0x9d, 0x54,
            0x8d, 0x78, 0x42, 0x3c, 0x37, 0xe8, 0xdd, 0xba, 0x4d, 0xc9, 0xd8, 0x3f, 0x90, 0x22,
            0x8b, 0x45, 0x7c, 0x76,
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
}
