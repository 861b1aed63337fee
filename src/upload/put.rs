//! PutObject (spec: put-object.md).

use super::body::OpenBody;
use super::call::Prepared;
use super::checksum::{Meter, check_md5, compute_md5};
use super::multipart::Report;
use super::operation::Operation;
use super::outcome::{self, Expectation};
use super::{ContentMd5, UploadError, UploadResult};
use crate::client::Client;

impl Client {
    /// Uploads a body of known length in a single request.
    pub(super) fn put(
        &self,
        prepared: &Prepared<'_>,
        body: &mut OpenBody<'_>,
        content_md5: ContentMd5<'_>,
        report: Report<'_>,
    ) -> Result<UploadResult, UploadError> {
        let mut headers = prepared.put_headers();
        match content_md5 {
            ContentMd5::None => {}
            ContentMd5::Computed => headers.add("content-md5", compute_md5(body)?),
            ContentMd5::Given(text) => headers.add("content-md5", check_md5(text)?),
        }
        let length = body.length().unwrap_or_default();
        let mut meter = Meter::new(length, report);
        let operation = Operation {
            method: "PUT",
            bucket: prepared.bucket,
            key: prepared.key,
            query: &[],
            headers,
        };
        let answer = self.send(operation, length, body, &mut meter).map_err(outcome::of_failure)?;
        outcome::of_response(
            answer.response,
            &Expectation {
                has_callback: prepared.has_callback,
                crc64: self.check_crc64.then(|| meter.crc64()),
                string_to_sign: &answer.string_to_sign,
                security_token: self.credentials.token(),
            },
        )
    }
}
