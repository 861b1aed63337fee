//! AppendObject. (Source: the AppendObject page of the vendor.) It makes no callback (spec: callback.md 1).

use hyper::StatusCode;
use hyper::header::HeaderName;

use super::background_work::on_a_thread;
use super::body::{MAX_UPLOAD_BYTES, announced_length, check_length, receive};
use super::checksums::AnnouncedChecksums;
use super::stored::{commit_refusal, describe, version_id};
use super::upload_headers::UploadHeaders;
use crate::error::OssError;
use crate::error::catalogue::{
    entity_too_large, invalid_argument, missing_argument, object_not_appendable,
    position_not_equal_to_length,
};
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::protocol::target::ObjectName;
use crate::storage::{AppendError, ObjectType, StoredObject};

const POSITION: &str = "position";

/// The properties of the object are those that came with its first piece.
pub(super) async fn append_object(
    exchange: &mut Exchange,
    name: ObjectName,
) -> Result<Reply, OssError> {
    check_length(exchange)?;
    let position = position(exchange.query.value(POSITION))?;
    let headers = UploadHeaders::read(&exchange.parts.headers)?;
    let checksums = AnnouncedChecksums::read(&exchange.parts.headers)?;
    let store = &exchange.state.store;
    if let Err(error) = store.object_ending_at(position, &name.bucket, &name.key) {
        return refusal(exchange, error);
    }
    check_end(position.saturating_add(announced_length(exchange).unwrap_or(0)))?;

    let writer = store.writer(&name.bucket).await;
    let writer = writer.map_err(|error| exchange.internal_error(&error))?;
    let written = receive(exchange, writer).await?;
    let checked = checksums.check(&written.digests);
    let checked = checked.and_then(|()| check_end(position + written.digests.size));
    checked.inspect_err(|_| written.content.remove())?;
    let piece = StoredObject {
        version_id: version_id(exchange, &name.bucket),
        bucket: name.bucket,
        key: name.key,
        object_type: ObjectType::Appendable,
        digests: written.digests,
        properties: headers.properties,
        last_modified: exchange.now(),
        content: written.content,
    };
    let appended = on_a_thread(exchange, move |state| {
        let appended = state.store.append(position, &piece);
        piece.content.remove();
        appended
    });
    let object = match appended.await? {
        Ok(object) => object,
        Err(error) => return refusal(exchange, error),
    };
    exchange.record.stored = Some(object.digests.content());
    let mut reply = Reply::new(StatusCode::OK);
    describe(&mut reply, &object);
    describe_end(&mut reply, &object);
    Ok(reply)
}

fn position(text: Option<&str>) -> Result<u64, OssError> {
    let Some(text) = text else {
        return Err(missing_argument().argument(POSITION, "").ec("0016-00000501"));
    };
    text.parse().map_err(|_| {
        let message = "Argument position must be an integer that is not negative.";
        invalid_argument(message).argument(POSITION, text)
    })
}

/// The limit is that of the whole object.
fn check_end(end: u64) -> Result<(), OssError> {
    if end > MAX_UPLOAD_BYTES { Err(entity_too_large()) } else { Ok(()) }
}

/// Says where the object ends, if that is the matter: clients go on from there.
fn refusal(exchange: &Exchange, error: AppendError) -> Result<Reply, OssError> {
    match error {
        AppendError::NotAppendable => Err(object_not_appendable()),
        AppendError::Commit(error) => Err(commit_refusal(exchange, &error)),
        AppendError::OtherEnd(end) => {
            let mut reply = exchange.error_reply(position_not_equal_to_length());
            set_end(&mut reply, end);
            Ok(reply)
        }
    }
}

/// Where the next piece of an appendable object belongs.
pub(super) fn describe_end(reply: &mut Reply, object: &StoredObject) {
    if object.object_type == ObjectType::Appendable {
        set_end(reply, object.size());
    }
}

fn set_end(reply: &mut Reply, end: u64) {
    reply.set(HeaderName::from_static("x-oss-next-append-position"), &end.to_string());
}
