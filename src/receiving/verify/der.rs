//! The little of DER that a public key of RSA is written in (RFC 5280 4.1, RFC 8017 A.1.1).

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
/// rsaEncryption, with its NULL.
const ALGORITHM: [u8; 13] =
    [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// Modulus and exponent of a SubjectPublicKeyInfo, without leading zeros.
pub(super) fn rsa_public_key(info: &[u8]) -> Option<(&[u8], &[u8])> {
    let (info, []) = element(info, SEQUENCE)? else { return None };
    let (algorithm, rest) = element(info, SEQUENCE)?;
    let (bits, []) = element(rest, BIT_STRING)? else { return None };
    let (key, []) = element(bits.strip_prefix(&[0])?, SEQUENCE)? else { return None };
    let (modulus, rest) = element(key, INTEGER)?;
    let (exponent, []) = element(rest, INTEGER)? else { return None };
    (algorithm == ALGORITHM).then_some((positive(modulus)?, positive(exponent)?))
}

/// Content of the element that stands first, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (len, rest) = match bytes.strip_prefix(&[tag])? {
        [len @ 0..=0x7f, rest @ ..] => (usize::from(*len), rest),
        [0x81, len @ 0x80..=0xff, rest @ ..] => (usize::from(*len), rest),
        [0x82, high @ 1..=0xff, low, rest @ ..] => {
            (usize::from(u16::from_be_bytes([*high, *low])), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(len)
}

/// An integer above zero; a zero in front of it only keeps it from being negative.
fn positive(integer: &[u8]) -> Option<&[u8]> {
    match integer {
        [0, rest @ ..] if rest.first() >= Some(&0x80) => Some(rest),
        [1..=0x7f, ..] => Some(integer),
        _ => None,
    }
}
