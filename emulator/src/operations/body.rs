//! Taking the body of a request in.

use hyper::body::Bytes;
use hyper::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use tokio::time::timeout;

use crate::error::OssError;
use crate::error::catalogue::{
    entity_too_large, incomplete_body, missing_content_length, request_timeout,
};
use crate::exchange::Exchange;
use crate::storage::{Writer, Written};

/// Limit of an object that is uploaded in one request, and of a part (spec: put-object.md 1,
/// multipart.md 1).
pub(super) const MAX_UPLOAD_BYTES: u64 = 5 << 30;

/// The length that the head of the request announces.
pub(super) fn announced_length(exchange: &Exchange) -> Option<u64> {
    let length = exchange.parts.headers.get(CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// A length must be announced, unless the body comes in chunks.
pub(super) fn require_length(exchange: &Exchange) -> Result<(), OssError> {
    let chunked = exchange.parts.headers.contains_key(TRANSFER_ENCODING);
    if announced_length(exchange).is_none() && !chunked {
        return Err(missing_content_length());
    }
    Ok(())
}

/// A length within the limit of an upload, or chunks that end.
pub(super) fn check_length(exchange: &Exchange) -> Result<(), OssError> {
    require_length(exchange)?;
    if announced_length(exchange).is_some_and(|length| length > MAX_UPLOAD_BYTES) {
        return Err(entity_too_large());
    }
    Ok(())
}

/// The next bytes; `None` at the end.
pub(super) async fn next_piece(exchange: &mut Exchange) -> Result<Option<Bytes>, OssError> {
    exchange.suffer_arrival(false).await?;
    let next = timeout(exchange.state.idle_timeout, exchange.body.next()).await;
    let Some(bytes) = next.map_err(|_| request_timeout())? else {
        exchange.suffer_arrival(true).await?;
        exchange.note_received();
        return Ok(None);
    };
    let bytes = bytes.map_err(|_| incomplete_body())?;
    exchange.record.body_bytes += bytes.len() as u64;
    exchange.trickle(bytes.len()).await;
    exchange.hold_body_back(bytes.len()).await;
    let (bytes, damaged) = exchange.body.damage(bytes);
    if let Some(taken) = damaged {
        taken.happened(&mut exchange.record);
    }
    Ok(Some(bytes))
}

/// Takes the whole body into storage.
pub(super) async fn receive(
    exchange: &mut Exchange,
    mut writer: Writer,
) -> Result<Written, OssError> {
    while let Some(bytes) = next_piece(exchange).await? {
        if writer.size() + bytes.len() as u64 > MAX_UPLOAD_BYTES {
            return Err(entity_too_large());
        }
        writer.write(&bytes).await.map_err(|error| exchange.internal_error(&error))?;
    }
    writer.finish().await.map_err(|error| exchange.internal_error(&error))
}

/// Takes a body of up to `limit` bytes into memory; `None` if there are more.
pub(super) async fn read_up_to(
    exchange: &mut Exchange,
    limit: usize,
) -> Result<Option<Vec<u8>>, OssError> {
    let mut body = Vec::new();
    while let Some(bytes) = next_piece(exchange).await? {
        if body.len() + bytes.len() > limit {
            return Ok(None);
        }
        body.extend_from_slice(&bytes);
    }
    Ok(Some(body))
}
