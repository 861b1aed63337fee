//! The callback after an upload: the application server decides what the client gets (spec:
//! callback.md 1 and 8).

use crate::callback::answer::{Answer, Failure};
use crate::callback::delivery::{Attempt, Delivery};
use crate::callback::image_info;
use crate::callback::parameters::Callback;
use crate::callback::variables::{Upload, Variables};
use crate::error::catalogue::callback_failed;
use crate::exchange::Exchange;
use crate::faults::{CallbackFault, FaultKind, Stage};
use crate::protocol::reply::Reply;
use crate::records::{CallbackOutcome, CallbackRecord, CallbackResult};
use crate::storage::StoredObject;

/// An object that is stored and not acknowledged yet.
#[derive(Clone, Copy)]
pub(super) struct StoredUpload<'a> {
    pub(super) object: &'a StoredObject,
    /// The first bytes of the content.
    pub(super) head: &'a [u8],
    pub(super) operation: &'static str,
}

/// 200 with the answer of the application server, or 203 with the reason why there is none.
pub(super) async fn acknowledge(
    exchange: &mut Exchange,
    callback: &Callback,
    upload: StoredUpload<'_>,
) -> Reply {
    match make_callback(exchange, callback, upload).await {
        Ok(answer) => {
            exchange.callback_summary = Some("acknowledged".to_owned());
            Reply::ok(answer.content_type, answer.body)
        }
        Err(failure) => {
            let error = callback_failed(&failure.message, &failure.ec);
            exchange.callback_summary = Some(failure.message);
            exchange.error_reply(error)
        }
    }
}

async fn make_callback(
    exchange: &mut Exchange,
    callback: &Callback,
    upload: StoredUpload<'_>,
) -> Result<Answer, Failure> {
    exchange.record.callback = Some(CallbackResult { delivered: false, acknowledged: false });
    let body = render(exchange, callback, upload)?;
    let fault = fault(exchange);
    exchange.note_callback();
    let state = &exchange.state;
    let delivery = Delivery {
        callback,
        addresses: &state.callback_addresses,
        body: &body,
        bucket: upload.object.bucket(),
        request_id: &exchange.record.request_id,
        signing_key: &state.signing_key,
        public_key_url: &state.public_key_url,
        now: exchange.now(),
        budget: state.callback_timeout,
        fault: fault.as_ref(),
    };
    let attempts = delivery.run().await;
    let mut result = Err(Failure::no_connection());
    let mut delivered = false;
    for attempt in attempts {
        delivered |= attempt.progress.times.sent.is_some();
        result = attempt.outcome.clone();
        state.remember_callback(record(exchange, callback, &body, attempt));
    }
    exchange.record.callback = Some(CallbackResult { delivered, acknowledged: result.is_ok() });
    result
}

/// What shall go wrong with the callback.
fn fault(exchange: &mut Exchange) -> Option<CallbackFault> {
    let taken = exchange.take_faults(&[Stage::Callback], exchange.record.operation?).pop()?;
    taken.happened(&mut exchange.record);
    match taken.kind() {
        FaultKind::Callback(fault) => Some(fault.clone()),
        _ => None,
    }
}

fn render(
    exchange: &Exchange,
    callback: &Callback,
    upload: StoredUpload<'_>,
) -> Result<String, Failure> {
    let object = upload.object;
    let image = if callback.body.asks_for("imageInfo.") {
        image_info(upload.head, object.content_type(), object.key())
            .map_err(|_| Failure::image_info())?
    } else {
        None
    };
    let variables = Variables {
        upload: Upload {
            bucket: object.bucket(),
            object: object.key(),
            etag: object.etag(),
            size: object.size(),
            mime_type: object.content_type(),
            crc64: object.crc64(),
            content_md5: object.content_md5(),
            client_ip: exchange.record.peer.ip().to_string(),
            request_id: &exchange.record.request_id,
            operation: upload.operation,
            image,
        },
        custom: &callback.variables,
    };
    Ok(callback.body.render(callback.body_type, &variables))
}

fn record(
    exchange: &Exchange,
    callback: &Callback,
    body: &str,
    attempt: Attempt,
) -> CallbackRecord {
    CallbackRecord {
        request_id: exchange.record.request_id.clone(),
        url: attempt.url,
        headers: attempt.headers,
        content_type: callback.body_type.content_type().to_owned(),
        template: callback.body.to_string(),
        variables: callback.variables.clone(),
        body: body.to_owned(),
        delivered: attempt.progress.times.sent.is_some(),
        answer: attempt.progress.answer,
        outcome: match attempt.outcome {
            Ok(answer) => CallbackOutcome::Acknowledged { body: answer.body },
            Err(failure) => CallbackOutcome::Failed { message: failure.message, ec: failure.ec },
        },
        times: attempt.progress.times,
    }
}
