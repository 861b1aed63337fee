//! GetSymlink. (Source: the GetSymlink page of the vendor.)

use hyper::StatusCode;
use hyper::header::HeaderName;

use super::found::Found;
use super::get_object::{describe_metadata, describe_version};
use super::put_symlink::TARGET;
use crate::error::OssError;
use crate::error::catalogue::not_symlink;
use crate::exchange::Exchange;
use crate::percent::encode_path;
use crate::protocol::reply::Reply;
use crate::protocol::target::ObjectName;

pub(super) fn get_symlink(exchange: &Exchange, name: &ObjectName) -> Result<Reply, OssError> {
    let found = Found::itself(exchange, name)?;
    let target = found.named.symlink_target().ok_or_else(|| not_symlink(&name.key))?;
    let mut reply = Reply::new(StatusCode::OK);
    describe_metadata(&mut reply, &found.named);
    describe_version(&mut reply, &found);
    // Some SDKs decode it, some do not.
    let target = encode_path(target);
    reply.set(HeaderName::from_static(TARGET), &target);
    Ok(reply)
}
