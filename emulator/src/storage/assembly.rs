//! A content made of others.

use std::io;

use hyper::body::Bytes;

use super::data_file::DataFile;
use super::temporary::concatenate;
use super::{Content, Medium, Store};

const JOINED_BYTES: usize = 64 * 1024;

impl Store {
    /// One behind the other. Memory is shared, but for small pieces; files are copied, so that each
    /// belongs to one object.
    pub(crate) fn assemble<'a>(
        &self,
        bucket: &str,
        contents: impl IntoIterator<Item = &'a Content>,
    ) -> io::Result<Content> {
        match &self.medium {
            Medium::Memory => {
                let pieces = contents.into_iter().flat_map(Content::pieces);
                Ok(Content::Memory(joined(pieces)))
            }
            Medium::Directory(directory) => {
                let files = contents.into_iter().filter_map(Content::file).map(DataFile::path);
                concatenate(&directory.bucket(bucket), files).map(Content::File)
            }
            Medium::Discard => Ok(Content::Discarded),
        }
    }
}

/// Small pieces become one, so that an object that grows by them does not become slow.
fn joined<'a>(pieces: impl Iterator<Item = &'a Bytes>) -> Vec<Bytes> {
    let mut joined: Vec<Bytes> = Vec::new();
    for piece in pieces {
        match joined.last_mut() {
            Some(last) if last.len() + piece.len() <= JOINED_BYTES => {
                *last = [&last[..], piece].concat().into();
            }
            _ => joined.push(piece.clone()),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pieces_become_one() {
        let small = Bytes::from_static(b"ab");
        let large = Bytes::from(vec![0; JOINED_BYTES]);
        let kilobyte = Bytes::from(small.repeat(512));
        let mut grown = Vec::new();
        for _ in 0..128 {
            grown = joined(grown.iter().chain([&kilobyte]));
        }
        assert_eq!(grown.len(), 2);
        assert!(grown.concat() == small.repeat(64 * 1024));
        let mixed = joined([&small, &large, &small, &small].into_iter());
        assert_eq!(mixed, [small, large.clone(), Bytes::from_static(b"abab")]);
        // Of what is large, the memory is shared.
        assert_eq!(mixed[1].as_ptr(), large.as_ptr());
    }
}
