//! What the fields of a form say about the object (spec: post-object.md 2).

use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};

use super::super::upload_headers::UploadHeaders;
use super::fields::Form;
use super::part_head::PartHead;
use crate::error::OssError;
use crate::error::catalogue::invalid_argument;

/// Fields that are headers of PutObject, besides those that start with `x-oss-`.
const HEADERS: &[&str] = &["cache-control", "content-disposition", "content-encoding", "expires"];
const ACL: &str = "x-oss-object-acl";

/// Reads the fields as the headers they would be in PutObject. The access control list may also be a
/// header of the request.
pub(super) fn upload_headers(
    form: &Form,
    file: &PartHead,
    request_headers: &HeaderMap,
) -> Result<UploadHeaders, OssError> {
    let mut headers = HeaderMap::new();
    for (name, value) in form.iter() {
        let lowercase = name.to_ascii_lowercase();
        if !lowercase.starts_with("x-oss-") && !HEADERS.contains(&lowercase.as_str()) {
            continue;
        }
        let header = HeaderName::from_bytes(lowercase.as_bytes());
        let header = header.map_err(|_| invalid_field(name))?;
        if !headers.contains_key(&header) {
            headers.insert(header, header_value(name, value)?);
        }
    }
    if let Some(acl) = request_headers.get(ACL)
        && !headers.contains_key(ACL)
    {
        headers.insert(HeaderName::from_static(ACL), acl.clone());
    }
    let content_type = form
        .value("x-oss-content-type")
        .or_else(|| form.value("content-type"))
        .or(file.content_type.as_deref());
    let content_type = match content_type {
        Some(value) => Some(header_value("Content-Type", value)?),
        None => request_headers.get(CONTENT_TYPE).cloned(),
    };
    if let Some(content_type) = content_type {
        headers.insert(CONTENT_TYPE, content_type);
    }
    UploadHeaders::read(&headers)
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, OssError> {
    HeaderValue::from_bytes(value.as_bytes()).map_err(|_| invalid_field(name))
}

fn invalid_field(name: &str) -> OssError {
    invalid_argument("The form field cannot be stored with the object.").argument("name", name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Value;

    fn content_type(form: &[(&str, &str)], part: Option<&str>) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("multipart/form-data; boundary=b"));
        let file = PartHead { content_type: part.map(str::to_owned), ..PartHead::default() };
        let read = upload_headers(&Form::of(form), &file, &headers).unwrap();
        read.properties.content_type
    }

    #[test]
    fn the_content_type_has_four_sources() {
        let part = Some("text/part");
        let both = [("Content-Type", "text/field"), ("x-oss-content-type", "text/first")];
        assert_eq!(content_type(&both, part), "text/first");
        assert_eq!(content_type(&both[..1], part), "text/field");
        assert_eq!(content_type(&[], part), "text/part");
        assert_eq!(content_type(&[], None), "multipart/form-data; boundary=b");
    }

    #[test]
    fn fields_are_checked_like_headers() {
        let mut request_headers = HeaderMap::new();
        request_headers.insert(ACL, HeaderValue::from_static("private"));
        let read = |fields: &[(&str, &str)]| {
            upload_headers(&Form::of(fields), &PartHead::default(), &request_headers)
        };
        let stored = read(&[("Cache-Control", "no-cache"), ("X-Oss-Meta-A", "é"), ("other", "\n")]);
        let properties = stored.unwrap().properties;
        let expected = [("x-oss-meta-a", "é"), ("cache-control", "no-cache")];
        let expected =
            expected.map(|(name, value)| (name.to_owned(), Value::new(value.as_bytes())));
        assert_eq!(properties.headers, expected);
        assert_eq!(properties.acl, "private");

        let field_first = read(&[("x-oss-object-acl", "public-read")]).unwrap();
        assert_eq!(field_first.properties.acl, "public-read");

        let code = |name, value| read(&[(name, value)]).unwrap_err().code;
        assert_eq!(code("x-oss-object-acl", "all"), "InvalidArgument");
        let encryption = "x-oss-server-side-encryption";
        assert_eq!(code(encryption, "DES"), "InvalidEncryptionAlgorithmError");
        assert_eq!(code("x-oss-meta-a", "b\nc"), "InvalidArgument");
        assert_eq!(code("x-oss-meta-a b", "c"), "InvalidArgument");
    }
}
