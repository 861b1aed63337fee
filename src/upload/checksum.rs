//! CRC-64 of what is sent, and the MD5 that must be known before (spec: crc64.md, put-object.md 1).

use std::io::{self, Read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest as _, Md5};

use super::Progress;
use super::body::OpenBody;
use crate::error::{Error, Result, Status};
use crate::http::{self, caller_error, failed_by_caller};

/// Progress function of the program, if there is one.
pub(super) type Report<'a> = Option<&'a mut dyn FnMut(Progress) -> Result<()>>;

/// The same function, to be used for a while.
pub(super) fn reborrow<'a>(report: &'a mut Report<'_>) -> Report<'a> {
    match report {
        Some(report) => Some(&mut **report),
        None => None,
    }
}

/// Sees every byte on its way to the network.
pub(super) struct Meter<'a> {
    crc64: crc64fast::Digest,
    progress: Progress,
    report: Report<'a>,
}

impl<'a> Meter<'a> {
    /// Of a whole body.
    pub(super) fn new(total: u64, report: Report<'a>) -> Self {
        Self::of_part(0, total, report)
    }

    /// Of a part with `sent` bytes of the body before it.
    pub(super) fn of_part(sent: u64, total: u64, report: Report<'a>) -> Self {
        Self { crc64: crc64fast::Digest::new(), progress: Progress { sent, total }, report }
    }

    pub(super) fn crc64(&self) -> u64 {
        self.crc64.sum64()
    }
}

impl http::Progress for Meter<'_> {
    fn sent(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.crc64.write(chunk);
        self.progress.sent += chunk.len() as u64;
        match &mut self.report {
            Some(report) => report(self.progress).map_err(caller_error),
            None => Ok(()),
        }
    }
}

/// Value of `Content-MD5`. Reads the whole body and goes back to its beginning. An error of `check` ends
/// the reading.
pub(super) fn compute_md5(
    body: &mut OpenBody<'_>,
    check: impl Fn() -> Result<()>,
) -> Result<String> {
    // First of all, so that a source that cannot rewind is not read for nothing.
    rewind(body)?;
    let mut md5 = Md5::new();
    read_all(body, check, |bytes| md5.update(bytes))?;
    rewind(body)?;
    Ok(BASE64.encode(md5.finalize()))
}

/// CRC-64 of what is still to be read. An error of `check`, which is asked now and then, ends the reading:
/// files may be large, and flash slow.
pub(super) fn compute_crc64(reader: &mut dyn Read, check: impl Fn() -> Result<()>) -> Result<u64> {
    let mut crc64 = crc64fast::Digest::new();
    read_all(reader, check, |bytes| crc64.write(bytes))?;
    Ok(crc64.sum64())
}

fn read_all(
    reader: &mut dyn Read,
    check: impl Fn() -> Result<()>,
    mut take: impl FnMut(&[u8]),
) -> Result<()> {
    let mut buf = vec![0; 64 * 1024];
    loop {
        check()?;
        match reader.read(&mut buf).map_err(failed_by_caller)? {
            0 => return Ok(()),
            count => take(&buf[..count]),
        }
    }
}

fn rewind(body: &mut OpenBody<'_>) -> Result<()> {
    if body.rewind()? {
        return Ok(());
    }
    let message = "rewind: is needed for Content-MD5, which has to be known before the body is \
                   sent: give a rewind function, or leave out the MD5 (CRC-64 is compared anyway)";
    Err(Error::new(Status::InvalidArgument, message).with_field("rewind"))
}

#[cfg(test)]
mod tests {
    use super::compute_crc64;

    /// The vectors of the protocol reference (spec: crc64.md).
    #[test]
    fn crc64_vectors() {
        let sentence = b"This is a test of the emergency broadcast system.";
        let table: [(&[u8], u64); 8] = [
            (b"", 0),
            (b"a", 3_675_645_893_302_102_789),
            (b"123456789", 11_051_210_869_376_104_954),
            (b"hello world", 5_981_764_153_023_615_706),
            (b"hi oss", 8_707_180_448_768_400_016),
            (&[0; 1024], 14_085_117_335_336_199_948),
            (&sentence[..49], 2_871_916_124_362_751_090),
            (&[&b"123456789"[..], sentence].concat(), 7_672_622_622_872_733_320),
        ];
        for (mut bytes, expected) in table {
            assert_eq!(compute_crc64(&mut bytes, || Ok(())).unwrap(), expected, "{bytes:?}");
        }
    }
}
