//! Percent-encoding as the service does it (spec: signing-v4.md 2.1, 2.2).

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Encodes a bucket or key for a path: `/` stays.
pub(crate) fn encode_key(text: &str) -> String {
    encode(text, |byte| byte == b'/')
}

/// Encodes a name or value of a query: `/` is encoded, a space is `%20`.
pub(crate) fn encode_query(text: &str) -> String {
    encode(text, |_| false)
}

fn encode(text: &str, keep: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) || keep(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 0x0F)]));
        }
    }
    out
}
