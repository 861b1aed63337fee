//! From a request to the operation that it asks for, and to its answer.

use std::fmt;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Method, Request, Response};

use crate::error::OssError;
use crate::exchange::Exchange;
use crate::exchange::link::Link;
use crate::exchange::state::{PUBLIC_KEY_BUCKET, PUBLIC_KEY_NAME, State};
use crate::faults::{Stage, When};
use crate::operations;
use crate::protocol::Operation;
use crate::protocol::reply::{Reply, ReplyBody};
use crate::protocol::target::Target;

/// Nothing goes out; the connection ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the connection was to end")
    }
}

impl std::error::Error for Cut {}

/// Answers a request and remembers it.
pub(crate) async fn answer(
    state: Arc<State>,
    link: Arc<Link>,
    request: Request<Incoming>,
) -> Result<Response<ReplyBody>, Cut> {
    let mut exchange = Exchange::begin(state, link, request);
    let outcome = perform(&mut exchange).await;
    if exchange.is_cut {
        exchange.finish_cut();
        return Err(Cut);
    }
    let reply = match outcome {
        Ok(reply) => reply,
        Err(error) => exchange.error_reply(error),
    };
    Ok(exchange.finish(reply))
}

async fn perform(exchange: &mut Exchange) -> Result<Reply, OssError> {
    let exists = |bucket: &str| exchange.state.store.has_bucket(bucket);
    let target = exchange.state.addressing.target(
        &exchange.record.host,
        exchange.parts.uri.path(),
        exists,
    )?;
    exchange.record.bucket.clone_from(&target.bucket);
    exchange.record.key.clone_from(&target.key);
    if asks_for_public_key(exchange) {
        let pem = exchange.state.signing_key.public_pem().to_owned();
        return Ok(Reply::ok("application/x-pem-file", pem));
    }
    let operation =
        Operation::of(&exchange.parts.method, &target, &exchange.query, &exchange.parts.headers);
    exchange.record.operation = operation.as_ref().ok().copied();
    if let Some(operation) = exchange.record.operation {
        exchange.shift_clock(operation);
    }
    if exchange.record.operation != Some(Operation::OptionObject) {
        operations::check_bucket(exchange, &target)?;
    }
    match exchange.record.operation {
        // A form brings its signature along in its fields; browsers ask without one.
        Some(Operation::PostObject | Operation::OptionObject) => {}
        _ => exchange.authenticate(&target)?,
    }
    carry_out(exchange, operation?, target).await
}

/// Performs the operation, with the faults that wait for it.
async fn carry_out(
    exchange: &mut Exchange,
    operation: Operation,
    target: Target,
) -> Result<Reply, OssError> {
    exchange.arm_faults(operation);
    exchange.suffer_arrival(false).await?;
    exchange.delay(Stage::DelayBefore).await;
    if let Some(answer) = exchange.false_answer(When::Before) {
        return answer;
    }
    let result = operations::perform(exchange, operation, target).await;
    if exchange.is_cut {
        return result;
    }
    exchange.delay(Stage::DelayAfter).await;
    let mut reply = result?;
    exchange.hold_answer_back(&mut reply);
    exchange.false_answer(When::After).unwrap_or(Ok(reply))
}

/// Application servers fetch the key without a signature. The host is no matter, since a custom
/// domain may be bound to that of the emulator; objects are read with a signature.
fn asks_for_public_key(exchange: &Exchange) -> bool {
    let path = exchange.parts.uri.path().strip_prefix('/').and_then(|path| path.split_once('/'));
    path == Some((PUBLIC_KEY_BUCKET, PUBLIC_KEY_NAME))
        && [Method::GET, Method::HEAD].contains(&exchange.parts.method)
        && !exchange.is_signed()
}
