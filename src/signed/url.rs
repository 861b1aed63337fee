//! Signed URLs (spec: presigned-url.md).

use super::query::{check_parameter, makes_another_operation};
use super::{DEFAULT_SECONDS, Kind, Signed, additional, check_seconds};
use crate::callback::{Callback, EncodedCallback};
use crate::client::Client;
use crate::credentials::Wait;
use crate::endpoint::{check_bucket, check_key};
use crate::error::{Error, Result, refuse_if};
use crate::http::check_url;
use crate::service::{Headers, MAX_PARTS, ObjectProperties, Operation, Purpose, check_md5};

/// What a signed URL is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UrlOperation {
    /// PutObject: a PUT with the content.
    #[default]
    PutObject,
    /// GetObject.
    GetObject,
    /// HeadObject.
    HeadObject,
    /// InitiateMultipartUpload: a POST whose answer has the upload id.
    InitiateMultipartUpload,
    /// UploadPart: a PUT with the content of a part.
    UploadPart,
    /// CompleteMultipartUpload: a POST with the list of the parts.
    CompleteMultipartUpload,
    /// AbortMultipartUpload: a DELETE.
    AbortMultipartUpload,
    /// ListParts: a GET.
    ListParts,
}

/// A URL to be signed. Everything is borrowed until the call returns.
#[derive(Debug, Clone, Copy, Default)]
pub struct SignUrlRequest<'a> {
    /// What it is good for.
    pub operation: UrlOperation,
    /// Upload id, of the last four operations only.
    pub upload_id: Option<&'a str>,
    /// 1 to 10 000 of UploadPart; zero of the others.
    pub part_number: u32,
    /// Bucket.
    pub bucket: &'a str,
    /// Name of the object.
    pub key: &'a str,
    /// Validity in seconds; default 900. With V4 at most 604 800 (7 days). Temporary keys may end
    /// it before.
    pub expires_in: Option<u64>,
    /// `Content-Type` that will be sent; without it none may be sent.
    pub content_type: Option<&'a str>,
    /// `Content-MD5` that will be sent, which binds the URL to one content.
    pub content_md5: Option<&'a str>,
    /// User metadata that will be sent.
    pub metadata: &'a [(&'a str, &'a str)],
    /// Further headers that will be sent.
    pub headers: &'a [(&'a str, &'a str)],
    /// Further query parameters, for example `versionId` or `response-content-type`.
    pub query: &'a [(&'a str, &'a str)],
    /// Names of further headers that the signature shall cover, with V4: `host`, or headers from
    /// `headers`, which may have `Content-Length` then.
    pub additional_headers: &'a [&'a str],
    /// Storage class that will be sent.
    pub storage_class: Option<&'a str>,
    /// ACL that will be sent.
    pub acl: Option<&'a str>,
    /// Refuse to overwrite.
    pub forbid_overwrite: bool,
    /// The one who uses the URL pays, and not the owner of the bucket. It becomes a header.
    pub requester_pays: bool,
    /// What the service shall tell the application server.
    pub callback: Option<&'a Callback>,
    /// Carry the callback in headers that the user of the URL must send, instead of in the URL,
    /// which everybody who has it can read.
    pub callback_in_headers: bool,
}

impl Client {
    /// Signs a URL. Nothing is sent.
    pub fn sign_url(&self, request: &SignUrlRequest<'_>) -> Result<Signed> {
        let service = self.service()?;
        check_bucket(request.bucket)?;
        check_key(request.key)?;
        request.check_upload()?;
        request.check_members()?;
        let callback = request.callback.map(|callback| service.encode(callback)).transpose()?;
        let (in_headers, in_query) = match request.callback_in_headers {
            true => (callback.as_ref(), None),
            false => (None, callback.as_ref()),
        };
        let mut headers = request.headers_to_send(in_headers)?;
        additional::add(request.additional_headers, service, request.bucket, &mut headers)?;
        let part_number = request.part_number.to_string();
        let mut query = request.query_of_operation(&part_number);
        request.add_query(&mut query)?;
        if let Some(callback) = in_query {
            query.push(("callback", &callback.callback));
            query.extend(callback.variables.iter().map(|text| ("callback-var", text.as_str())));
        }
        let operation = Operation {
            method: request.operation.method(),
            bucket: request.bucket,
            key: request.key,
            query: &query,
            headers,
        };
        let seconds = request.expires_in.unwrap_or(DEFAULT_SECONDS);
        check_seconds(service.signature_version(), seconds)?;
        let signer = service.signer(&Wait::default())?;
        let url = signer.presign(&operation, request.additional_headers, seconds);
        check_url(&url).map_err(|fault| {
            let fault =
                format!("would make a URL that {fault}; CALLBACK_IN_HEADERS makes it shorter");
            Error::invalid("sign_url_request", fault)
        })?;
        Ok(Signed {
            kind: Kind::Url,
            method: operation.method.to_owned(),
            url,
            pairs: operation.headers.into_pairs(),
            expires_at: signer.time().0.saturating_add(seconds),
        })
    }
}

impl SignUrlRequest<'_> {
    fn check_upload(&self) -> Result<()> {
        let is_part = self.operation == UrlOperation::UploadPart;
        let needs_id = is_part
            || matches!(
                self.operation,
                UrlOperation::CompleteMultipartUpload
                    | UrlOperation::AbortMultipartUpload
                    | UrlOperation::ListParts
            );
        refuse_if([
            (
                needs_id && self.upload_id.is_none(),
                "upload_id",
                "is not set, but the operation needs it",
            ),
            (self.upload_id == Some(""), "upload_id", "is empty; the answer to Initiate has it"),
            (
                !needs_id && self.upload_id.is_some(),
                "upload_id",
                "is set, but the operation has none; choose the operation that is meant",
            ),
            (
                !is_part && self.part_number > 0,
                "part_number",
                "is set, but the operation is not UPLOAD_PART",
            ),
        ])?;
        if is_part && !(1..=MAX_PARTS).contains(&self.part_number.into()) {
            let fault =
                format!("is {}; parts are numbered from 1 to {MAX_PARTS}", self.part_number);
            return Err(Error::invalid("part_number", fault));
        }
        Ok(())
    }

    /// What is said of an object goes with the request that makes it, or begins to.
    fn check_members(&self) -> Result<()> {
        use UrlOperation::{CompleteMultipartUpload, InitiateMultipartUpload, PutObject};
        let begins = matches!(self.operation, PutObject | InitiateMultipartUpload);
        let ends = matches!(self.operation, PutObject | CompleteMultipartUpload);
        let only_first = "goes with PUT_OBJECT and INITIATE_MULTIPART_UPLOAD only";
        refuse_if([
            (
                self.forbid_overwrite && !begins && !ends,
                "flags",
                "has FORBID_OVERWRITE, but the operation overwrites nothing",
            ),
            (
                self.callback_in_headers && self.callback.is_none(),
                "flags",
                "has CALLBACK_IN_HEADERS, but callback is not set",
            ),
            (
                self.acl.is_some() && !begins && !ends,
                "acl",
                "goes with operations that make an object only",
            ),
            (!self.metadata.is_empty() && !begins, "metadata", only_first),
            (self.storage_class.is_some() && !begins, "storage_class", only_first),
            (
                self.callback.is_some() && !ends,
                "callback",
                "goes with PUT_OBJECT and COMPLETE_MULTIPART_UPLOAD only: OSS makes callbacks when \
                 an object comes into being",
            ),
        ])
    }

    fn query_of_operation<'q>(&'q self, part_number: &'q str) -> Vec<(&'q str, &'q str)> {
        let mut query = match self.operation {
            UrlOperation::InitiateMultipartUpload => vec![("uploads", "")],
            UrlOperation::UploadPart => vec![("partNumber", part_number)],
            _ => vec![],
        };
        query.extend(self.upload_id.map(|id| ("uploadId", id)));
        query
    }

    /// Adds the parameters of the caller.
    fn add_query<'q>(&'q self, query: &mut Vec<(&'q str, &'q str)>) -> Result<()> {
        for (index, (name, value)) in self.query.iter().enumerate() {
            if ["callback", "callback-var"].contains(name) {
                let fault = format!("{name} cannot be set here: use callback");
                return Err(Error::invalid(format!("query[{index}].name"), fault));
            }
            if self.operation == UrlOperation::PutObject && makes_another_operation(name) {
                let fault = format!("{name} makes it another operation; choose that operation");
                return Err(Error::invalid(format!("query[{index}].name"), fault));
            }
            check_parameter(index, name, query)?;
            query.push((name, value));
        }
        Ok(())
    }

    fn headers_to_send(&self, callback: Option<&EncodedCallback>) -> Result<Headers> {
        let wanted = ObjectProperties {
            content_type: self.content_type.into(),
            metadata: self.metadata,
            headers: self.headers,
            storage_class: self.storage_class,
            acl: self.acl,
            forbid_overwrite: self.forbid_overwrite,
            callback_in_headers: false,
            purpose: Purpose::SignedUrl {
                with_length: additional::has_length(self.additional_headers),
            },
        };
        let mut headers = Headers::of_object(&wanted, callback)?;
        headers.add_requester_pays(self.requester_pays);
        if let Some(text) = self.content_md5 {
            headers.add("content-md5", check_md5(text)?);
        }
        Ok(headers)
    }
}

impl UrlOperation {
    fn method(self) -> &'static str {
        match self {
            Self::PutObject | Self::UploadPart => "PUT",
            Self::GetObject | Self::ListParts => "GET",
            Self::HeadObject => "HEAD",
            Self::InitiateMultipartUpload | Self::CompleteMultipartUpload => "POST",
            Self::AbortMultipartUpload => "DELETE",
        }
    }
}
