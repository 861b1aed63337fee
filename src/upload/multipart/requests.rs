//! The requests of a multipart upload (spec: multipart.md 2, 3, 5, 6).

use std::fmt::Write as _;
use std::io::{self, Read};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest as _, Md5};

use super::plan::MAX_PARTS;
use crate::error::{Error, Result, Status};
use crate::http::{HttpResponse, Progress};
use crate::service::Headers;
use crate::service::Operation;
use crate::upload::checksum::Meter;
use crate::upload::outcome::{self, Expectation};
use crate::upload::retry::{Repetition, Tries};
use crate::upload::session::Answer;
use crate::upload::session::Session;
use crate::xml::{self, Element};

/// A page of ListParts has 1000 parts of six elements, and a head.
const MAX_LIST_ELEMENTS: usize = 16_384;

/// An upload that was initiated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Upload<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) id: &'a str,
}

/// A part that the service has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredPart {
    pub(super) number: u32,
    pub(super) etag: String,
    pub(super) crc64: Option<u64>,
    pub(super) length: u64,
}

/// Sees the bytes of requests that are none of the caller's.
struct Unwatched;

impl Progress for Unwatched {
    fn sent(&mut self, _chunk: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

impl Session<'_> {
    /// Begins an upload and gives its id.
    pub(super) fn initiate(&self, bucket: &str, key: &str, headers: Headers) -> Result<String> {
        let query = [("encoding-type", "url"), ("uploads", "")];
        let operation = Operation { method: "POST", bucket, key, query: &query, headers };
        let answer = self.ask(operation)?;
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
    ) -> Result<StoredPart> {
        let text = number.to_string();
        let mut headers = Headers::default();
        self.call().add_traffic_limit(&mut headers);
        let operation = Operation {
            method: "PUT",
            bucket: upload.bucket,
            key: upload.key,
            query: &[("partNumber", &text), ("uploadId", upload.id)],
            headers,
        };
        let answer = self
            .send(operation, length, body, meter)
            .map_err(|failure| outcome::of_part_failure(failure, number))?;
        let answer = self.accept(answer)?;
        let Some(etag) = answer.response.header("etag") else {
            return Err(not_of_oss(&answer.response, "the ETag of a part"));
        };
        let (sent, stored) = (meter.crc64(), crc64_header(&answer.response));
        if self.checks_crc64() && stored.is_some_and(|stored| stored != sent) {
            let message = format!(
                "part {number} was damaged on the way: its CRC-64 is {sent} here and {} at the \
                 service; the object is not stored, upload it again",
                stored.unwrap_or_default()
            );
            return Err(Error::new(Status::Transport, message));
        }
        Ok(StoredPart { number, etag: etag.to_owned(), crc64: Some(sent), length })
    }

    /// Deletes an upload and its parts. True when it is gone.
    pub(super) fn abort(&self, upload: Upload<'_>) -> bool {
        let operation = Operation {
            method: "DELETE",
            bucket: upload.bucket,
            key: upload.key,
            query: &[("uploadId", upload.id)],
            headers: Headers::default(),
        };
        match self.ask(operation) {
            Ok(_) => true,
            Err(error) => error.code() == Some("NoSuchUpload"),
        }
    }

    /// All parts that the service has of an upload. The error code of one that it does not know,
    /// or no more, is `NoSuchUpload`.
    pub(super) fn list_parts(&self, upload: Upload<'_>) -> Result<Vec<StoredPart>> {
        let mut parts = Vec::new();
        loop {
            let marker = parts.last().map_or(0, |part: &StoredPart| part.number).to_string();
            let operation = Operation {
                method: "GET",
                bucket: upload.bucket,
                key: upload.key,
                query: &[
                    ("encoding-type", "url"),
                    ("max-parts", "1000"),
                    ("part-number-marker", &marker),
                    ("uploadId", upload.id),
                ],
                headers: Headers::default(),
            };
            let answer = self.ask(operation)?;
            let page = xml::parse(&answer.response.body, MAX_LIST_ELEMENTS)
                .filter(|root| root.name == "ListPartsResult")
                .ok_or_else(|| not_of_oss(&answer.response, "a ListPartsResult"))?;
            let before = parts.len();
            parts.extend(page.all("Part").filter_map(listed_part));
            // A page that brings nothing, or too much, would go on for ever.
            let more = page.get("IsTruncated") == Some("true");
            if !more || parts.len() == before || parts.len() as u64 > MAX_PARTS {
                return Ok(parts);
            }
        }
    }

    /// The object, when it has this size and CRC-64, and was not stored before that moment.
    ///
    /// An upload that the service does not know any more may just be on its way to becoming an
    /// object, when the one who completed it did not wait: so the service is asked a few times.
    pub(in crate::upload) fn find_object(
        &self,
        (bucket, key): (&str, &str),
        size: u64,
        crc64: u64,
        not_before: Option<Instant>,
    ) -> Result<Option<HttpResponse>> {
        const LOOKS: usize = 4;
        const PAUSE: Duration = Duration::from_secs(1);
        for look in 1..=LOOKS {
            let is_ours = |head: &HttpResponse| {
                let stored_size = head.header("content-length").and_then(|text| text.parse().ok());
                let is_of_now = not_before.is_none_or(|moment| is_younger(head, moment.elapsed()));
                stored_size == Some(size) && crc64_header(head) == Some(crc64) && is_of_now
            };
            if let Some(head) = self.head(bucket, key)?.filter(is_ours) {
                return Ok(Some(head));
            }
            if look < LOOKS {
                self.call().pause(PAUSE.min(self.call().time_left()))?;
            }
        }
        Ok(None)
    }

    /// Size and headers of an object; None when there is none.
    fn head(&self, bucket: &str, key: &str) -> Result<Option<HttpResponse>> {
        let headers = Headers::default();
        let operation = Operation { method: "HEAD", bucket, key, query: &[], headers };
        match self.ask(operation) {
            Ok(answer) => Ok(Some(answer.response)),
            Err(error) if error.http_status() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sends a request without a body, which can be repeated without harm; anything but 2xx is an
    /// error.
    fn ask(&self, operation: Operation<'_>) -> Result<Answer> {
        let mut tries = Tries::of_session(*self);
        loop {
            let outcome = self
                .send(operation.clone(), 0, &mut io::empty(), &mut Unwatched)
                .map_err(outcome::of_failed_question)
                .and_then(|answer| self.accept(answer));
            match outcome {
                Ok(answer) => {
                    tries.note_success();
                    return Ok(answer);
                }
                Err(error) => tries.again(error, Repetition::Harmless)?,
            }
        }
    }

    fn accept(&self, answer: Answer) -> Result<Answer> {
        let expected = Expectation {
            has_callback: false,
            crc64: None,
            is_form: false,
            signed: Some(&answer.signed),
            secrets: &[],
        };
        outcome::check(&answer.response, &expected)?;
        Ok(answer)
    }

    /// Sends CompleteMultipartUpload; what comes back is for the caller to judge.
    pub(super) fn send_complete(
        &self,
        upload: Upload<'_>,
        mut headers: Headers,
        parts: &[StoredPart],
    ) -> std::result::Result<Answer, crate::http::Failure> {
        let body = complete_document(parts);
        headers.add("content-type", "application/xml");
        headers.add("content-md5", BASE64.encode(Md5::digest(&body)));
        let operation = Operation {
            method: "POST",
            bucket: upload.bucket,
            key: upload.key,
            query: &[("encoding-type", "url"), ("uploadId", upload.id)],
            headers,
        };
        self.send(operation, body.len() as u64, &mut body.as_bytes(), &mut Unwatched)
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

/// Whether an object was stored within the last `age`, by the clock of the service alone.
fn is_younger(head: &HttpResponse, age: Duration) -> bool {
    /// Times have whole seconds.
    const TOLERANCE: Duration = Duration::from_secs(2);
    let time = |name| httpdate::parse_http_date(head.header(name)?).ok();
    match (time("date"), time("last-modified")) {
        (Some(now), Some(stored)) => {
            now.duration_since(stored).is_ok_and(|since| since <= age + TOLERANCE) || now <= stored
        }
        _ => false,
    }
}

fn crc64_header(response: &HttpResponse) -> Option<u64> {
    response.header("x-oss-hash-crc64ecma")?.parse().ok()
}

fn not_of_oss(response: &HttpResponse, expected: &str) -> Error {
    let message = format!("HTTP {} came back, but without {expected}", response.status);
    Error::new(Status::BadResponse, message).with_http_status(response.status)
}
