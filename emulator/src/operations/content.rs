//! The bytes of an object, to be sent or copied.

use std::io::{self, SeekFrom};
use std::ops::Range;
use std::path::Path;

use tokio::fs::File;
use tokio::io::AsyncSeekExt;

use crate::error::OssError;
use crate::error::catalogue::invalid_object_state;
use crate::exchange::Exchange;
use crate::protocol::reply::ReplyBody;
use crate::storage::{Content, StoredObject};

pub(super) async fn content(
    exchange: &Exchange,
    object: &StoredObject,
    range: Range<u64>,
) -> Result<ReplyBody, OssError> {
    match &object.content {
        Content::Memory(pieces) => Ok(ReplyBody::part(pieces, range)),
        Content::File(file) => {
            let remaining = range.end - range.start;
            let file = open_at(file.path(), range.start).await;
            let file = file.map_err(|error| exchange.internal_error(&error))?;
            Ok(ReplyBody::File { file, remaining })
        }
        Content::Discarded => Err(invalid_object_state()),
    }
}

async fn open_at(path: &Path, offset: u64) -> io::Result<File> {
    let mut file = File::open(path).await?;
    file.seek(SeekFrom::Start(offset)).await?;
    Ok(file)
}
