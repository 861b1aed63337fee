//! The `Authorization` header (spec: signing-v1.md 1 and 4, signing-v4.md 1 and 7).

use super::authorization::{Authorization, Carrier, Method};
use super::v4;
use crate::error::OssError;
use crate::error::catalogue::invalid_argument;

/// Reads the value of the header.
pub(super) fn parse(value: &str) -> Result<Authorization, OssError> {
    let value = value.trim();
    if value.is_empty() {
        return Err(malformed("Authorization header value is empty.", value));
    }
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    match scheme {
        "OSS" => parse_v1(rest.trim()),
        v4::ALGORITHM => parse_v4(rest.trim()),
        other if other.starts_with("OSS") => {
            Err(malformed("The signature version is not supported.", value).ec("0002-00000066"))
        }
        _ => Err(malformed("Authorization header is invalid.", value)),
    }
}

pub(super) fn malformed(message: &str, value: &str) -> OssError {
    invalid_argument(message).argument("Authorization", value)
}

fn missing_part(value: &str) -> OssError {
    malformed("AccessKeyId or Signature is missing in Authorization header value.", value)
}

fn parse_v1(rest: &str) -> Result<Authorization, OssError> {
    match rest.split_once(':') {
        Some((id, signature)) if !id.is_empty() && !signature.is_empty() => Ok(Authorization {
            access_key_id: id.to_owned(),
            signature: signature.to_owned(),
            method: Method::V1,
            carrier: Carrier::Header,
        }),
        _ => Err(missing_part(rest)),
    }
}

fn parse_v4(rest: &str) -> Result<Authorization, OssError> {
    let (mut credential, mut additional, mut signature) = (None, None, None);
    for part in rest.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let slot = match name.trim() {
            "Credential" => &mut credential,
            "AdditionalHeaders" => &mut additional,
            "Signature" => &mut signature,
            _ => {
                return Err(malformed("Unknown parameter in Authorization header.", part));
            }
        };
        *slot = Some(value.trim());
    }
    let (Some(credential), Some(signature)) = (credential, signature) else {
        return Err(missing_part(rest));
    };
    if credential.is_empty() {
        return Err(malformed("The credential must not be blank.", rest).ec("0002-00000218"));
    }
    if signature.is_empty() {
        return Err(malformed("The signature must not be blank.", rest).ec("0002-00000220"));
    }
    let (access_key_id, scope) = v4::parse_credential(credential)?;
    Ok(Authorization {
        access_key_id,
        signature: signature.to_owned(),
        method: Method::V4 { scope, additional_headers: header_additional_headers(additional)? },
        carrier: Carrier::Header,
    })
}

fn header_additional_headers(list: Option<&str>) -> Result<Vec<String>, OssError> {
    match list {
        None => Ok(Vec::new()),
        Some(list) => v4::parse_additional_headers(list, "0002-00000209"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::SignatureVersion;

    const CREDENTIAL: &str = "Credential=ak/20231216/cn-hangzhou/oss/aliyun_v4_request";

    fn refusal(value: &str) -> (String, Option<String>) {
        let error = parse(value).unwrap_err();
        assert_eq!(error.code, "InvalidArgument");
        (error.message, error.ec)
    }

    #[test]
    fn both_versions_are_read() {
        let v1 = parse("OSS ak:c2ln").unwrap();
        assert_eq!((v1.access_key_id.as_str(), v1.signature.as_str()), ("ak", "c2ln"));
        assert_eq!(v1.version(), SignatureVersion::V1);

        // Documents separate with a comma and a space, SDKs with a comma.
        let text =
            format!("OSS4-HMAC-SHA256 {CREDENTIAL}, AdditionalHeaders=ZAbc;abc, Signature=00ff");
        let v4 = parse(&text).unwrap();
        assert_eq!((v4.access_key_id.as_str(), v4.signature.as_str()), ("ak", "00ff"));
        let Method::V4 { scope, additional_headers } = v4.method else { panic!("not V4") };
        assert_eq!((scope.date.as_str(), scope.region.as_str()), ("20231216", "cn-hangzhou"));
        assert_eq!(additional_headers, ["abc", "zabc"]);
    }

    #[test]
    fn malformed_values_get_the_documented_messages() {
        let v4 = |rest: &str| format!("OSS4-HMAC-SHA256 {rest}");
        let missing = "AccessKeyId or Signature is missing in Authorization header value.";
        let cases = [
            (String::new(), "Authorization header value is empty."),
            ("Bearer x".to_owned(), "Authorization header is invalid."),
            ("OSS ak".to_owned(), missing),
            ("OSS ak:".to_owned(), missing),
            ("OSS".to_owned(), missing),
            (v4(CREDENTIAL), missing),
            (v4("Foo=1"), "Unknown parameter in Authorization header."),
        ];
        for (value, message) in cases {
            assert_eq!(refusal(&value).0, message, "{value}");
        }
    }

    #[test]
    fn malformed_v4_values_get_the_documented_ec() {
        let cases = [
            ("OSS4-HMAC-SHA1 x".to_owned(), "0002-00000066"),
            (
                format!("OSS4-HMAC-SHA256 {CREDENTIAL},AdditionalHeaders=,Signature=0"),
                "0002-00000209",
            ),
            (
                format!("OSS4-HMAC-SHA256 {CREDENTIAL},AdditionalHeaders=host;,Signature=0"),
                "0002-00000210",
            ),
            ("OSS4-HMAC-SHA256 Credential=,Signature=0".to_owned(), "0002-00000218"),
            (format!("OSS4-HMAC-SHA256 {CREDENTIAL},Signature="), "0002-00000220"),
        ];
        for (value, ec) in cases {
            assert_eq!(refusal(&value).1.as_deref(), Some(ec), "{value}");
        }
    }
}
