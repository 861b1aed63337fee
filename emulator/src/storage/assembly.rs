//! A content made of others.

use std::io;

use super::data_file::DataFile;
use super::temporary::concatenate;
use super::{Content, Medium, Store};

impl Store {
    /// One behind the other. Memory is shared; files are copied, so that each belongs to one object.
    pub(crate) fn assemble<'a>(
        &self,
        bucket: &str,
        contents: impl IntoIterator<Item = &'a Content>,
    ) -> io::Result<Content> {
        match &self.medium {
            Medium::Memory => {
                let pieces = contents.into_iter().flat_map(Content::pieces);
                Ok(Content::Memory(pieces.cloned().collect()))
            }
            Medium::Directory(directory) => {
                let files = contents.into_iter().filter_map(Content::file).map(DataFile::path);
                concatenate(&directory.bucket(bucket), files).map(Content::File)
            }
            Medium::Discard => Ok(Content::Discarded),
        }
    }
}
