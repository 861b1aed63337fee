//! PutObjectACL. (Source: the page of the vendor of that name.)

use hyper::StatusCode;

use super::stored::{change_properties, describe_version_id};
use super::upload_headers::{ACL, acl};
use crate::error::OssError;
use crate::error::catalogue::missing_argument;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::protocol::target::ObjectName;

pub(super) fn put_object_acl(exchange: &Exchange, name: &ObjectName) -> Result<Reply, OssError> {
    let acl = acl(&exchange.parts.headers)?;
    let acl = acl.ok_or_else(|| missing_argument().argument(ACL, ""))?;
    let object = change_properties(exchange, name, |properties| properties.acl = acl)?;
    let mut reply = Reply::new(StatusCode::OK);
    describe_version_id(&mut reply, &object);
    Ok(reply)
}
