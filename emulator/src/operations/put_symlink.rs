//! PutSymlink. (Source: the PutSymlink page of the vendor.)

use hyper::{HeaderMap, StatusCode};
use md5::{Digest, Md5};

use super::stored::{identify, refuse_overwriting, store};
use super::upload_headers::{UploadHeaders, encoded_name};
use crate::error::OssError;
use crate::error::catalogue::missing_argument;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::protocol::target::{ObjectName, check_key, decode};
use crate::storage::{Digests, ObjectType, Written};

pub(super) const TARGET: &str = "x-oss-symlink-target";

/// Whether there is such a target, and what it is, is no matter here, only when it is read.
pub(super) async fn put_symlink(
    exchange: &mut Exchange,
    name: ObjectName,
) -> Result<Reply, OssError> {
    let target = target(&exchange.parts.headers)?;
    let headers = UploadHeaders::read(&exchange.parts.headers)?;
    refuse_overwriting(exchange, &name, headers.forbid_overwrite)?;
    let written = nothing(exchange, &name).await.map_err(|e| exchange.internal_error(&e))?;
    // The ETag tells links to different targets from each other.
    let digests = Digests { md5: Md5::digest(&target).into(), ..written.digests };
    let written = Written { digests, ..written };
    let object_type = ObjectType::Symlink { target };
    let link = store(exchange, name, object_type, headers, &written)?;
    let mut reply = Reply::new(StatusCode::OK);
    identify(&mut reply, &link);
    Ok(reply)
}

fn target(headers: &HeaderMap) -> Result<String, OssError> {
    let encoded = encoded_name(headers, TARGET);
    let encoded = encoded.ok_or_else(|| missing_argument().argument(TARGET, ""))?;
    let target = decode(&encoded)?;
    check_key(&target)?;
    Ok(target)
}

/// A link has no content.
async fn nothing(exchange: &Exchange, name: &ObjectName) -> std::io::Result<Written> {
    exchange.state.store.writer(&name.bucket).await?.finish().await
}
