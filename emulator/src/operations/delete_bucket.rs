//! DeleteBucket. (Source: the page of the vendor of that name.)

use hyper::StatusCode;

use super::bucket::refusal;
use crate::error::OssError;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;

pub(super) fn delete_bucket(exchange: &Exchange, bucket: &str) -> Result<Reply, OssError> {
    let deleted = exchange.state.store.delete_bucket(bucket);
    deleted.map_err(|error| refusal(exchange, bucket, &error))?;
    Ok(Reply::new(StatusCode::NO_CONTENT))
}
