//! Checksums that a client announces for its body (spec: put-object.md 1).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;

use super::upload_headers::text;
use crate::error::OssError;
use crate::error::catalogue::{invalid_crc64, invalid_digest};
use crate::storage::Digests;

#[derive(Clone, Copy, Debug)]
pub(super) struct AnnouncedChecksums {
    content_md5: Option<[u8; 16]>,
    crc64: Option<u64>,
}

impl AnnouncedChecksums {
    pub(super) fn read(headers: &HeaderMap) -> Result<AnnouncedChecksums, OssError> {
        Ok(AnnouncedChecksums { content_md5: content_md5(headers)?, crc64: crc64(headers)? })
    }

    /// Compares what arrived with what was announced.
    pub(super) fn check(self, digests: &Digests) -> Result<(), OssError> {
        self.check_md5(&digests.md5)?;
        if self.crc64.is_some_and(|expected| expected != digests.crc64) {
            return Err(invalid_crc64());
        }
        Ok(())
    }

    /// For bodies that do not become the content of an object.
    pub(super) fn check_md5(self, md5: &[u8; 16]) -> Result<(), OssError> {
        match self.content_md5 {
            Some(expected) if expected != *md5 => Err(invalid_digest()),
            _ => Ok(()),
        }
    }

    /// Whether [`check_md5`](AnnouncedChecksums::check_md5) needs to be asked.
    pub(super) fn has_md5(self) -> bool {
        self.content_md5.is_some()
    }
}

fn content_md5(headers: &HeaderMap) -> Result<Option<[u8; 16]>, OssError> {
    let Some(value) = text(headers, "content-md5") else {
        return Ok(None);
    };
    let bytes = STANDARD.decode(value).map_err(|_| invalid_digest())?;
    bytes.try_into().map(Some).map_err(|_| invalid_digest())
}

fn crc64(headers: &HeaderMap) -> Result<Option<u64>, OssError> {
    let Some(value) = text(headers, "x-oss-hash-crc64ecma") else {
        return Ok(None);
    };
    value.parse().map(Some).map_err(|_| invalid_crc64())
}
