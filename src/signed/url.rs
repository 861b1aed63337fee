//! Signed URLs (spec: presigned-url.md).

use super::query::{check_parameter, makes_another_operation};
use super::{DEFAULT_SECONDS, Kind, Signed, additional};
use crate::callback::{Callback, EncodedCallback};
use crate::client::Client;
use crate::credentials::Wait;
use crate::endpoint::{check_bucket, check_key};
use crate::error::{Error, Result};
use crate::http::check_url;
use crate::service::{Headers, MAX_PARTS, ObjectProperties, Operation, check_md5};

/// What a signed URL is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UrlOperation<'a> {
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
    UploadPart {
        /// Upload id.
        upload_id: &'a str,
        /// 1 to 10 000.
        part_number: u32,
    },
    /// CompleteMultipartUpload: a POST with the list of the parts.
    CompleteMultipartUpload {
        /// Upload id.
        upload_id: &'a str,
    },
    /// AbortMultipartUpload: a DELETE.
    AbortMultipartUpload {
        /// Upload id.
        upload_id: &'a str,
    },
    /// ListParts: a GET.
    ListParts {
        /// Upload id.
        upload_id: &'a str,
    },
}

/// A URL to be signed. Everything is borrowed until the call returns.
#[derive(Debug, Clone, Copy, Default)]
pub struct SignUrlRequest<'a> {
    /// What it is good for.
    pub operation: UrlOperation<'a>,
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
        request.operation.check()?;
        request.check_flags()?;
        let callback = request.encode_callback(|callback| service.encode(callback))?;
        let (in_headers, in_query) = match request.callback_in_headers {
            true => (callback.as_ref(), None),
            false => (None, callback.as_ref()),
        };
        request.check_properties()?;
        let mut headers = request.headers_to_send(in_headers)?;
        additional::add(request.additional_headers, service, request.bucket, &mut headers)?;
        let part = request.operation.part_number();
        let mut query = request.operation.query(&part);
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
        let signer = service.signer(&Wait::default())?;
        let url = signer.presign(&operation, request.additional_headers, seconds)?;
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
    fn check_flags(&self) -> Result<()> {
        use UrlOperation as Operation;
        let creates_object = matches!(
            self.operation,
            Operation::PutObject
                | Operation::InitiateMultipartUpload
                | Operation::CompleteMultipartUpload { .. }
        );
        if self.forbid_overwrite && !creates_object {
            let fault = "has FORBID_OVERWRITE, but the operation overwrites nothing";
            return Err(Error::invalid("flags", fault));
        }
        if self.callback_in_headers && self.callback.is_none() {
            let fault = "has CALLBACK_IN_HEADERS, but callback is not set";
            return Err(Error::invalid("flags", fault));
        }
        Ok(())
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

    /// OSS calls back when an object comes into being, and at no other time.
    fn encode_callback(
        &self,
        encode: impl FnOnce(&Callback) -> Result<EncodedCallback>,
    ) -> Result<Option<EncodedCallback>> {
        use UrlOperation::{CompleteMultipartUpload, PutObject};
        match (self.callback, self.operation) {
            (None, _) => Ok(None),
            (Some(callback), PutObject | CompleteMultipartUpload { .. }) => {
                encode(callback).map(Some)
            }
            (Some(_), _) => {
                let fault = "goes with PUT_OBJECT and COMPLETE_MULTIPART_UPLOAD only: OSS makes \
                             callbacks when an object comes into being";
                Err(Error::invalid("callback", fault))
            }
        }
    }

    /// Properties belong to requests that make an object, or begin to.
    fn check_properties(&self) -> Result<()> {
        use UrlOperation::{CompleteMultipartUpload, InitiateMultipartUpload, PutObject};
        if self.acl.is_some()
            && !matches!(
                self.operation,
                PutObject | InitiateMultipartUpload | CompleteMultipartUpload { .. }
            )
        {
            let fault = "goes with operations that make an object only";
            return Err(Error::invalid("acl", fault));
        }
        if matches!(self.operation, PutObject | InitiateMultipartUpload) {
            return Ok(());
        }
        let set = [
            ("metadata", !self.metadata.is_empty()),
            ("storage_class", self.storage_class.is_some()),
        ];
        match set.into_iter().find(|(_, is_set)| *is_set) {
            None => Ok(()),
            Some((field, _)) => {
                let fault = "goes with PUT_OBJECT and INITIATE_MULTIPART_UPLOAD only";
                Err(Error::invalid(field, fault))
            }
        }
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
            signs_length: additional::has_length(self.additional_headers),
        };
        let mut headers = Headers::of_object(&wanted)?.and(Headers::of_commit(&wanted, callback)?);
        if let Some(text) = self.content_md5 {
            headers.add("content-md5", check_md5(text)?);
        }
        Ok(headers)
    }
}

impl<'a> UrlOperation<'a> {
    fn method(self) -> &'static str {
        match self {
            Self::PutObject | Self::UploadPart { .. } => "PUT",
            Self::GetObject | Self::ListParts { .. } => "GET",
            Self::HeadObject => "HEAD",
            Self::InitiateMultipartUpload | Self::CompleteMultipartUpload { .. } => "POST",
            Self::AbortMultipartUpload { .. } => "DELETE",
        }
    }

    fn upload_id(self) -> Option<&'a str> {
        match self {
            Self::UploadPart { upload_id, .. }
            | Self::CompleteMultipartUpload { upload_id }
            | Self::AbortMultipartUpload { upload_id }
            | Self::ListParts { upload_id } => Some(upload_id),
            _ => None,
        }
    }

    fn part_number(self) -> String {
        match self {
            Self::UploadPart { part_number, .. } => part_number.to_string(),
            _ => String::new(),
        }
    }

    fn query<'b>(self, part_number: &'b str) -> Vec<(&'b str, &'b str)>
    where
        'a: 'b,
    {
        let mut query = Vec::new();
        if self == Self::InitiateMultipartUpload {
            query.push(("uploads", ""));
        }
        if !part_number.is_empty() {
            query.push(("partNumber", part_number));
        }
        query.extend(self.upload_id().map(|id| ("uploadId", id)));
        query
    }

    fn check(self) -> Result<()> {
        if self.upload_id() == Some("") {
            return Err(Error::invalid("upload_id", "is empty; the answer to Initiate has it"));
        }
        match self {
            Self::UploadPart { part_number, .. }
                if !(1..=MAX_PARTS).contains(&u64::from(part_number)) =>
            {
                let fault = format!("is {part_number}; parts are numbered from 1 to {MAX_PARTS}");
                Err(Error::invalid("part_number", fault))
            }
            _ => Ok(()),
        }
    }
}
