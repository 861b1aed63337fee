//! The place of a part in its multipart upload (spec: multipart.md 3).

use std::ops::RangeInclusive;

use hyper::header::{ETAG, HeaderName};

use super::abort_multipart_upload::{upload_id, upload_refusal};
use super::stored::describe_encryption;
use crate::error::OssError;
use crate::error::catalogue::{invalid_argument, no_such_upload};
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::protocol::target::ObjectName;
use crate::storage::{Part, Properties, Written};

const PART_NUMBERS: RangeInclusive<u32> = 1..=10_000;

pub(super) struct PartSlot {
    upload_id: String,
    number: u32,
    /// Of the object to be.
    properties: Properties,
}

impl PartSlot {
    /// The one that the query names, in an upload that there is.
    pub(super) fn find(exchange: &mut Exchange, name: &ObjectName) -> Result<PartSlot, OssError> {
        let number = part_number(exchange.query.value("partNumber").unwrap_or_default())?;
        exchange.record.part_number = Some(number);
        let upload_id = upload_id(exchange)?;
        let properties = exchange
            .state
            .store
            .with_upload(&name.bucket, &name.key, &upload_id, |upload| upload.properties.clone())
            .ok_or_else(|| no_such_upload(&upload_id))?;
        Ok(PartSlot { upload_id, number, properties })
    }

    /// Makes a part of what was written.
    pub(super) fn fill(
        &self,
        exchange: &mut Exchange,
        name: &ObjectName,
        written: Written,
    ) -> Result<Part, OssError> {
        let part = Part {
            number: self.number,
            digests: written.digests,
            last_modified: exchange.now(),
            content: written.content,
        };
        let (store, id) = (&exchange.state.store, &self.upload_id);
        store
            .put_part(&name.bucket, &name.key, id, part.clone())
            .map_err(|error| upload_refusal(exchange, id, &error))?;
        exchange.record.stored = Some(part.digests.content());
        Ok(part)
    }

    /// The headers that tell what was stored.
    pub(super) fn describe(&self, reply: &mut Reply, part: &Part) {
        reply.set(ETAG, &format!("\"{}\"", part.digests.etag()));
        let crc64 = part.digests.crc64.to_string();
        reply.set(HeaderName::from_static("x-oss-hash-crc64ecma"), &crc64);
        describe_encryption(reply, &self.properties);
    }
}

/// Reads a part number.
pub(super) fn part_number(text: &str) -> Result<u32, OssError> {
    text.parse().ok().filter(|number| PART_NUMBERS.contains(number)).ok_or_else(|| {
        invalid_argument("Part number must be an integer between 1 and 10000, inclusive.")
            .argument("partNumber", text)
    })
}
