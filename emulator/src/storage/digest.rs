//! Checksums of a body, computed while it passes (spec: crc64.md, put-object.md 2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use super::crc64::combine;
use crate::records::StoredContent;

/// Size and checksums under construction.
#[derive(Default)]
pub(crate) struct RunningDigests {
    size: u64,
    md5: Md5,
    crc64: crc64fast::Digest,
}

impl RunningDigests {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        self.md5.update(bytes);
        self.crc64.write(bytes);
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn finish(self) -> Digests {
        Digests { size: self.size, md5: self.md5.finalize().into(), crc64: self.crc64.sum64() }
    }
}

/// Size and checksums of a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Digests {
    pub(crate) size: u64,
    pub(crate) md5: [u8; 16],
    pub(crate) crc64: u64,
}

impl Digests {
    /// Of a content in pieces. The CRC is that of the content; the MD5 is that of the MD5s of the
    /// pieces (spec: multipart.md 4).
    pub(super) fn of_whole<'a>(pieces: impl IntoIterator<Item = &'a Digests>) -> Digests {
        let mut md5 = Md5::new();
        let (mut size, mut crc64) = (0, 0);
        for piece in pieces {
            md5.update(piece.md5);
            crc64 = combine(crc64, piece.crc64, piece.size);
            size += piece.size;
        }
        Digests { size, md5: md5.finalize().into(), crc64 }
    }

    /// Base64, as in `Content-MD5`.
    pub(crate) fn content_md5(&self) -> String {
        STANDARD.encode(self.md5)
    }

    /// For the record.
    pub(crate) fn content(&self) -> StoredContent {
        StoredContent { size: self.size, crc64: self.crc64 }
    }

    /// Uppercase hex, as in an ETag, without quotes.
    pub(crate) fn etag(&self) -> String {
        self.md5.iter().map(|byte| format!("{byte:02X}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests(parts: &[&[u8]]) -> Digests {
        let mut running = RunningDigests::default();
        for part in parts {
            running.update(part);
        }
        running.finish()
    }

    #[test]
    fn crc64_vectors() {
        let sentence = b"This is a test of the emergency broadcast system.";
        let cases: [(&[u8], u64); 6] = [
            (b"", 0),
            (b"a", 3_675_645_893_302_102_789),
            (b"123456789", 11_051_210_869_376_104_954),
            (b"hello world", 5_981_764_153_023_615_706),
            (&[0; 1024], 14_085_117_335_336_199_948),
            (sentence, 2_871_916_124_362_751_090),
        ];
        for (input, expected) in cases {
            assert_eq!(digests(&[input]).crc64, expected);
        }
        assert_eq!(digests(&[b"123456789", sentence]).crc64, 7_672_622_622_872_733_320);
    }

    #[test]
    fn md5_of_the_empty_object() {
        let empty = digests(&[]);
        assert_eq!(empty.etag(), "D41D8CD98F00B204E9800998ECF8427E");
        assert_eq!(empty.content_md5(), "1B2M2Y8AsgTpgAmY7PhCfg==");
    }
}
