//! Lines of JSON with a checksum, as the library keeps them on disk: readable with `cat`, and not believed
//! when a byte of them has changed.

use sha2::{Digest as _, Sha256};

use crate::record::Record;
use crate::text::hex;

/// The line, with its end.
pub(crate) fn seal(value: &impl Record) -> String {
    let json = value.to_json().to_string();
    format!("{} {json}\n", sha256(json.as_bytes()))
}

/// What a line says, without its end. None when it is damaged, or says something else.
pub(crate) fn unseal<T: Record>(line: &[u8]) -> Option<T> {
    let (checksum, json) = line.split_at_checked(64)?;
    let json = json.strip_prefix(b" ")?;
    let json = (sha256(json).as_bytes() == checksum).then(|| serde_json::from_slice(json).ok())?;
    T::from_json(json?)
}

/// In hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_byte_is_found() {
        let line = seal(&("text".to_owned(), 7_u32));
        let line = line.strip_suffix('\n').unwrap().as_bytes();
        assert_eq!(unseal::<(String, u32)>(line), Some(("text".to_owned(), 7)));
        for at in 0..line.len() {
            let mut changed = line.to_vec();
            changed[at] ^= 1;
            assert_eq!(unseal::<(String, u32)>(&changed), None, "byte {at}");
        }
        assert_eq!(unseal::<(String, u32)>(&line[..line.len() - 1]), None);
        assert_eq!(unseal::<(String, u32)>(b""), None);
    }
}
