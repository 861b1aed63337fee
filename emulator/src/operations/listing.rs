//! What the lists have in common.

use std::borrow::Cow;

use crate::error::OssError;
use crate::error::catalogue::invalid_argument;
use crate::error::xml::Document;
use crate::percent;
use crate::protocol::query::Query;
use crate::storage::Page;

const MAX_PAGE: usize = 1000;

/// How keys are written into a document (spec: multipart.md 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As they are; characters that XML cannot carry do not survive.
    Plain,
    /// Percent-encoded.
    Url,
}

impl Encoding {
    pub(super) fn read(query: &Query) -> Result<Encoding, OssError> {
        match query.value("encoding-type") {
            None | Some("") => Ok(Encoding::Plain),
            Some("url") => Ok(Encoding::Url),
            Some(other) => Err(invalid_argument("Invalid Encoding Method specified in Request.")
                .argument("encoding-type", other)),
        }
    }

    /// Tells the client, if it asked.
    pub(super) fn describe(self, document: &mut Document) {
        if self == Encoding::Url {
            document.text("EncodingType", "url");
        }
    }

    pub(super) fn apply(self, text: &str) -> Cow<'_, str> {
        match self {
            Encoding::Plain => text.into(),
            Encoding::Url => percent::encode(text).into(),
        }
    }
}

/// The number of entries that the parameter `name` asks for.
pub(super) fn page_size(query: &Query, name: &str, default: usize) -> Result<usize, OssError> {
    let Some(text) = query.value(name).filter(|text| !text.is_empty()) else {
        return Ok(default);
    };
    match text.parse() {
        Ok(size @ 1..=MAX_PAGE) => Ok(size),
        _ => {
            Err(invalid_argument(format!("Argument {name} must be an integer between 1 and 1000."))
                .argument(name, text))
        }
    }
}

/// The account that everything belongs to.
pub(super) fn owner(document: &mut Document) {
    document.open("Owner");
    document.text("ID", "1000000000000001");
    document.text("DisplayName", "1000000000000001");
    document.close();
}

pub(super) fn folders<T>(document: &mut Document, page: &Page<T>, encoding: Encoding) {
    for folder in page.folders() {
        document.open("CommonPrefixes");
        document.text("Prefix", &encoding.apply(folder));
        document.close();
    }
}

pub(super) fn truncated(document: &mut Document, truncated: bool) {
    document.text("IsTruncated", if truncated { "true" } else { "false" });
}
