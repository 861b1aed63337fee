//! The requests of a multipart upload (spec: multipart.md 2, 3, 5, 6).

use std::fmt::Write as _;
use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest as _, Md5};

use crate::error::{Error, Result, Status};
use crate::http::{HttpResponse, Unwatched};
use crate::service::{Headers, Operation};
use crate::upload::attempt::{Attempt, Failed};
use crate::upload::call::AnswerKind;
use crate::upload::checksum::Meter;
use crate::upload::lookup::crc64_header;
use crate::upload::outcome;
use crate::upload::session::Answer;
use crate::upload::session::Session;
use crate::xml::{self, Element};

/// A page of ListParts has 1000 parts of six elements, and a head.
const MAX_LIST_ELEMENTS: usize = 16_384;
/// All parts are ten pages. What a server does not tell in twice as many is sent again.
const MAX_PAGES: usize = 20;

/// An upload that was initiated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Upload<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) id: &'a str,
}

impl<'a> Upload<'a> {
    fn operation(
        self,
        method: &'a str,
        query: &'a [(&'a str, &'a str)],
        headers: Headers,
    ) -> Operation<'a> {
        Operation { method, bucket: self.bucket, key: self.key, query, headers }
    }
}

/// A part that the service has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredPart {
    pub(super) number: u32,
    pub(super) etag: String,
    pub(super) crc64: Option<u64>,
    pub(super) length: u64,
}

/// What became of an upload that was to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Abort {
    Done,
    /// The service did not know it any more.
    Gone,
    Failed,
}

impl Session<'_> {
    /// Begins an upload and gives its id.
    pub(super) fn initiate(&self, bucket: &str, key: &str, headers: Headers) -> Result<String> {
        let query = [("encoding-type", "url"), ("uploads", "")];
        let operation = Operation { method: "POST", bucket, key, query: &query, headers };
        let answer = self.repeat(operation, AnswerKind::Document)?;
        let document = xml::parse(&answer.response.body, 64);
        let id = document.as_ref().and_then(|root| root.get("UploadId")).unwrap_or_default();
        if id.is_empty() {
            return Err(not_of_oss(&answer.response, "an InitiateMultipartUploadResult"));
        }
        Ok(id.to_owned())
    }

    /// Uploads one part. `meter` sees its bytes.
    pub(super) fn upload_part(
        &self,
        upload: Upload<'_>,
        number: u32,
        length: u64,
        body: &mut dyn Read,
        meter: &mut Meter<'_>,
    ) -> Attempt<StoredPart> {
        let text = number.to_string();
        let mut headers = Headers::default();
        self.call.add_traffic_limit(&mut headers);
        let query = [("partNumber", text.as_str()), ("uploadId", upload.id)];
        let operation = upload.operation("PUT", &query, headers);
        let answer = self
            .send(operation, AnswerKind::Document, length, body, meter)
            .map_err(|failure| outcome::of_failed_part(failure, number))?
            .checked()?;
        let Some(etag) = answer.response.header("etag") else {
            return Err(Failed::passing(not_of_oss(&answer.response, "the ETag of a part")));
        };
        let (sent, stored) = (meter.crc64(), crc64_header(&answer.response));
        if self.call.client.check_crc64 && stored.is_some_and(|stored| stored != sent) {
            let message = format!(
                "part {number} was damaged on the way: its CRC-64 is {sent} here and {} at the \
                 service",
                stored.unwrap_or_default()
            );
            let failed = Failed::passing(Error::new(Status::Transport, message));
            return Err(failed.saying_not_stored().with_remark("upload it again"));
        }
        Ok(StoredPart { number, etag: etag.to_owned(), crc64: Some(sent), length })
    }

    /// Deletes an upload and its parts.
    pub(super) fn abort(&self, upload: Upload<'_>) -> Abort {
        let query = [("uploadId", upload.id)];
        let operation = upload.operation("DELETE", &query, Headers::default());
        match self.ask(operation, AnswerKind::Document) {
            Ok(_) => Abort::Done,
            Err(error) if error.code() == Some("NoSuchUpload") => Abort::Gone,
            Err(_) => Abort::Failed,
        }
    }

    /// The parts that the service has of an upload, in ascending order. The error code of one that it
    /// does not know, or no more, is `NoSuchUpload`.
    pub(super) fn list_parts(&self, upload: Upload<'_>) -> Result<Vec<StoredPart>> {
        let mut parts: Vec<StoredPart> = Vec::new();
        for _ in 0..MAX_PAGES {
            let last = parts.last().map_or(0, |part| part.number);
            let marker = last.to_string();
            let query = [
                ("encoding-type", "url"),
                ("max-parts", "1000"),
                ("part-number-marker", marker.as_str()),
                ("uploadId", upload.id),
            ];
            let operation = upload.operation("GET", &query, Headers::default());
            let answer = self.ask(operation, AnswerKind::ListOfParts)?;
            let page = xml::parse(&answer.response.body, MAX_LIST_ELEMENTS)
                .filter(|root| root.name == "ListPartsResult")
                .ok_or_else(|| not_of_oss(&answer.response, "a ListPartsResult"))?;
            // One that is listed again, or in disorder, would be read and compared again.
            for part in page.all("Part").filter_map(listed_part) {
                if part.number > parts.last().map_or(0, |part| part.number) {
                    parts.push(part);
                }
            }
            let has_grown = parts.last().is_some_and(|part| part.number > last);
            if page.get("IsTruncated") != Some("true") || !has_grown {
                break;
            }
        }
        Ok(parts)
    }

    /// Sends CompleteMultipartUpload; what comes back is for the caller to judge.
    pub(super) fn send_complete(
        &self,
        upload: Upload<'_>,
        mut headers: Headers,
        has_callback: bool,
        parts: &[StoredPart],
    ) -> std::result::Result<Answer, crate::http::Failure> {
        let body = complete_document(parts);
        headers.add("content-type", "application/xml");
        headers.add("content-md5", BASE64.encode(Md5::digest(&body)));
        let query = [("encoding-type", "url"), ("uploadId", upload.id)];
        let operation = upload.operation("POST", &query, headers);
        let answer = AnswerKind::with_callback(has_callback);
        self.send(operation, answer, body.len() as u64, &mut body.as_bytes(), &mut Unwatched)
    }
}

/// The list of parts (spec: multipart.md 4). ETags come from the service and are quoted hexadecimal
/// digits; anything else in them must not break the document.
fn complete_document(parts: &[StoredPart]) -> String {
    let mut xml = String::from("<CompleteMultipartUpload>");
    for part in parts {
        let etag = quick_xml::escape::escape(&part.etag);
        let number = part.number;
        let _ = write!(xml, "<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>");
    }
    xml.push_str("</CompleteMultipartUpload>");
    xml
}

fn listed_part(element: &Element) -> Option<StoredPart> {
    Some(StoredPart {
        number: element.get("PartNumber")?.parse().ok()?,
        etag: element.get("ETag")?.to_owned(),
        crc64: element.get("HashCrc64ecma").and_then(|text| text.parse().ok()),
        length: element.get("Size")?.parse().ok()?,
    })
}

fn not_of_oss(response: &HttpResponse, expected: &str) -> Error {
    let message = format!("HTTP {} came back, but without {expected}", response.status);
    Error::new(Status::BadResponse, message).with_http_status(response.status)
}
