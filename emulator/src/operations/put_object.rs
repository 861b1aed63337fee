//! PutObject (spec: put-object.md).

use hyper::StatusCode;

use super::acknowledge::{StoredUpload, acknowledge};
use super::body::{check_length, receive};
use super::checksums::AnnouncedChecksums;
use super::stored::{describe, refuse_overwriting, store};
use super::upload_headers::UploadHeaders;
use crate::callback::carrier::Carried;
use crate::callback::parameters::Callback;
use crate::error::OssError;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::protocol::target::ObjectName;
use crate::storage::ObjectType;

/// Everything that can be refused is refused before the body is read.
pub(super) async fn put_object(
    exchange: &mut Exchange,
    name: ObjectName,
) -> Result<Reply, OssError> {
    check_length(exchange)?;
    let headers = UploadHeaders::read(&exchange.parts.headers)?;
    let checksums = AnnouncedChecksums::read(&exchange.parts.headers)?;
    refuse_overwriting(exchange, &name, headers.forbid_overwrite)?;
    let carried = Carried::find(&exchange.parts.headers, &exchange.query)?;
    let callback = Callback::prepare(&carried, &exchange.state.callback_addresses).await?;

    let writer = exchange.state.store.writer(&name.bucket).await;
    let writer = writer.map_err(|error| exchange.internal_error(&error))?;
    let written = receive(exchange, writer).await?;
    checksums.check(&written.digests).inspect_err(|_| written.content.remove())?;
    let object = store(exchange, name, ObjectType::Normal, headers, &written)?;

    let mut reply = match callback {
        None => Reply::new(StatusCode::OK),
        Some(callback) => {
            let operation = "PutObject";
            let upload = StoredUpload { object: &object, head: &written.head, operation };
            acknowledge(exchange, &callback, upload).await
        }
    };
    describe(&mut reply, &object);
    Ok(reply)
}
