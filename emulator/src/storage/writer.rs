//! Takes a body in, piece by piece.

use std::io;

use hyper::body::Bytes;

use super::digest::RunningDigests;
use super::temporary::TemporaryFile;
use super::{Content, Digests, Medium};

/// Enough of an image for its dimensions, also behind a large colour profile or preview.
pub(super) const HEAD_LIMIT: usize = 1 << 20;

/// An upload in progress. Dropped before [`finish`](Writer::finish), it leaves nothing behind.
pub(crate) struct Writer {
    digests: RunningDigests,
    head: Vec<u8>,
    sink: Sink,
}

enum Sink {
    Memory(Vec<u8>),
    File(TemporaryFile),
    Discard,
}

/// A body that has arrived completely.
pub(crate) struct Written {
    pub(crate) digests: Digests,
    /// The first bytes, also when the content itself is discarded.
    pub(crate) head: Vec<u8>,
    pub(crate) content: Content,
}

impl Writer {
    pub(super) async fn open(medium: &Medium, bucket: &str) -> io::Result<Writer> {
        let sink = match medium {
            Medium::Memory => Sink::Memory(Vec::new()),
            Medium::Discard => Sink::Discard,
            Medium::Directory(directory) => {
                Sink::File(TemporaryFile::create(&directory.bucket(bucket)).await?)
            }
        };
        Ok(Writer { digests: RunningDigests::default(), head: Vec::new(), sink })
    }

    pub(crate) fn size(&self) -> u64 {
        self.digests.size()
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digests.update(bytes);
        let room = HEAD_LIMIT - self.head.len();
        self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        match &mut self.sink {
            Sink::Memory(content) => content.extend_from_slice(bytes),
            Sink::File(file) => file.write_all(bytes).await?,
            Sink::Discard => {}
        }
        Ok(())
    }

    pub(crate) async fn finish(self) -> io::Result<Written> {
        let content = match self.sink {
            Sink::Memory(content) => Content::Memory(vec![Bytes::from(content)]),
            Sink::File(file) => Content::File(file.keep().await?),
            Sink::Discard => Content::Discarded,
        };
        Ok(Written { digests: self.digests.finish(), head: self.head, content })
    }
}
