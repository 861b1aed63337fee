//! CompleteMultipartUpload (spec: multipart.md 4).

use std::sync::Arc;

use md5::{Digest, Md5};

use super::abort_multipart_upload::upload_id;
use super::acknowledge::{StoredUpload, acknowledge};
use super::background_work::on_a_thread;
use super::body::read_up_to;
use super::checksums::AnnouncedChecksums;
use super::listing::Encoding;
use super::part_list;
use super::stored::{commit_refusal, describe, version_id};
use super::upload_headers::{acl, forbid_overwrite, text};
use crate::callback::carrier::Carried;
use crate::callback::parameters::Callback;
use crate::error::OssError;
use crate::error::catalogue::{
    entity_too_small_part, invalid_argument, invalid_part, malformed_xml, no_such_upload,
};
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::exchange::state::State;
use crate::protocol::reply::Reply;
use crate::protocol::target::ObjectName;
use crate::storage::{CompleteError, Completion, PartSelection, StoredObject};

/// 10000 parts, generously written.
const MAX_BODY_BYTES: usize = 4 << 20;

pub(super) async fn complete_multipart_upload(
    exchange: &mut Exchange,
    name: ObjectName,
) -> Result<Reply, OssError> {
    let id = upload_id(exchange)?;
    let encoding = Encoding::read(&exchange.query)?;
    let (acl, forbid_overwrite) =
        (acl(&exchange.parts.headers)?, forbid_overwrite(&exchange.parts.headers)?);
    let carried = Carried::find(&exchange.parts.headers, &exchange.query)?;
    let callback = Callback::prepare(&carried, &exchange.state.callback_addresses).await?;
    exchange
        .state
        .store
        .with_upload(&name.bucket, &name.key, &id, |_| ())
        .ok_or_else(|| no_such_upload(&id))?;
    let completion = Completion {
        parts: selection(exchange).await?,
        acl,
        forbid_overwrite,
        now: exchange.now(),
        version_id: version_id(exchange, &name.bucket),
        bucket: name.bucket,
        key: name.key,
        upload_id: id,
    };
    let (object, head) = complete(exchange, completion).await?;
    exchange.record.stored = Some(object.digests.content());

    let mut reply = match callback {
        None => Reply::ok("application/xml", result_document(exchange, &object, encoding)),
        Some(callback) => {
            let operation = "CompleteMultipartUpload";
            let upload = StoredUpload { object: &object, head: &head, operation };
            acknowledge(exchange, &callback, upload).await
        }
    };
    describe(&mut reply, &object);
    Ok(reply)
}

/// The parts that the body lists or, on request, all of them.
async fn selection(exchange: &mut Exchange) -> Result<PartSelection, OssError> {
    let checksums = AnnouncedChecksums::read(&exchange.parts.headers)?;
    let header = "x-oss-complete-all";
    let complete_all = text(&exchange.parts.headers, header);
    let body = read_up_to(exchange, MAX_BODY_BYTES).await?.ok_or_else(malformed_xml)?;
    checksums.check_md5(&Md5::digest(&body).into())?;
    match complete_all.as_deref() {
        None => part_list::parse(&body).map(PartSelection::Listed),
        Some("yes") if body.is_empty() => Ok(PartSelection::All),
        Some("yes") => {
            // As the service spells it.
            let message = "Should not speficy both complete all header and http body.";
            Err(invalid_argument(message).argument(header, "yes").ec("0042-00000216"))
        }
        Some(other) => {
            Err(invalid_argument(format!("The {header} header is invalid."))
                .argument(header, other))
        }
    }
}

/// Copying the parts takes a while.
async fn complete(
    exchange: &Exchange,
    completion: Completion,
) -> Result<(Arc<StoredObject>, Vec<u8>), OssError> {
    let id = completion.upload_id.clone();
    let work = |state: &State| {
        let object = state.store.complete(completion)?;
        // The first bytes serve for `imageInfo`; an object whose first bytes cannot be read is no
        // image.
        let head = object.content.head().unwrap_or_default();
        Ok((object, head))
    };
    on_a_thread(exchange, work).await?.map_err(|error| match error {
        CompleteError::NoSuchUpload => no_such_upload(&id),
        CompleteError::InvalidPart(number) => invalid_part(number),
        CompleteError::PartTooSmall { number, size } => entity_too_small_part(number, size),
        CompleteError::Commit(error) => commit_refusal(exchange, &error),
    })
}

fn result_document(exchange: &Exchange, object: &StoredObject, encoding: Encoding) -> String {
    let (host, path) = (&exchange.record.host, exchange.parts.uri.path());
    let mut document = Document::new("CompleteMultipartUploadResult");
    encoding.describe(&mut document);
    document.text("Location", &format!("http://{host}{path}"));
    document.text("Bucket", object.bucket());
    document.text("Key", &encoding.apply(object.key()));
    document.text("ETag", &format!("\"{}\"", object.etag()));
    document.finish()
}
