//! GetSymlink. (Source: the GetSymlink page of the vendor.)

use hyper::StatusCode;
use hyper::header::HeaderName;

use super::found::Found;
use super::get_object::describe_version;
use super::listing::Encoding;
use super::put_symlink::TARGET;
use crate::error::OssError;
use crate::error::catalogue::not_symlink;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::protocol::target::ObjectName;

pub(super) fn get_symlink(exchange: &Exchange, name: &ObjectName) -> Result<Reply, OssError> {
    let found = Found::itself(exchange, name)?;
    let target = found.named.symlink_target().ok_or_else(|| not_symlink(&name.key))?;
    let mut reply = Reply::new(StatusCode::OK);
    describe_version(&mut reply, &found);
    reply.set(HeaderName::from_static(TARGET), &Encoding::Url.apply(target));
    Ok(reply)
}
