//! Secrets are taken out of texts of peers, which repeat what they have received, perhaps in another
//! form.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use crate::text::hex;

/// Stands in messages where a secret was.
pub(crate) const MASK: &str = "(secret)";

/// A shorter piece of Base64 or hexadecimal digits is there by chance.
const LEAST_DIGITS: usize = 8;
/// Longest name or number of a byte in HTML, and some zeros before it.
const LONGEST_REFERENCE: usize = 12;

/// `text` without `secret`, whether it stands there as it is, with characters escaped for a URL, JSON,
/// HTML or XML, in hexadecimal, or in Base64, alone or as part of a longer text.
pub(crate) fn masked(text: &str, secret: &str) -> String {
    let forms = encoded_forms(secret);
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let found = forms.iter().find_map(|form| escaped(rest, form));
        if found.is_some() {
            masked.push_str(MASK);
        } else {
            masked.push(next);
        }
        rest = &rest[found.unwrap_or(next.len_utf8())..];
    }
    masked
}

/// The secret as it is and encoded as a whole.
fn encoded_forms(secret: &str) -> Vec<String> {
    if secret.is_empty() {
        return Vec::new();
    }
    let digits = hex(secret.as_bytes());
    let whole = STANDARD.encode(secret);
    let mut encoded = vec![whole, digits.to_uppercase(), digits];
    // Three bytes are four digits, so it matters how many bytes stand before the secret. A digit of
    // which other bytes have a part is left out.
    for before in 0..3 {
        let bytes = [&[0; 3][..before], secret.as_bytes()].concat();
        let text = STANDARD_NO_PAD.encode(&bytes);
        let shared_with_next = usize::from(bytes.len() % 3 != 0);
        let piece = text.get((before * 8).div_ceil(6)..text.len() - shared_with_next);
        let piece = piece.unwrap_or_default().to_owned();
        encoded.extend([piece.replace('+', "-").replace('/', "_"), piece]);
    }
    encoded.retain(|form| form.len() >= LEAST_DIGITS);
    encoded.push(secret.to_owned());
    encoded
}

/// How much of the beginning of `text` is `secret`, each byte of which may be escaped.
fn escaped(text: &str, secret: &str) -> Option<usize> {
    if text.starts_with(secret) {
        return Some(secret.len());
    }
    let text = text.as_bytes();
    secret
        .bytes()
        .try_fold(0, |at, byte| Some(at + escaped_byte(&text[at..], byte)?))
        // Not in the middle of a character.
        .filter(|end| text.get(*end).is_none_or(|byte| !(0x80..0xC0).contains(byte)))
}

/// How much of the beginning of `text` stands for `byte`.
fn escaped_byte(text: &[u8], byte: u8) -> Option<usize> {
    let escape = match text {
        [b'%', high, low, ..] if number(&[*high, *low], 16) == Some(byte) => Some(3),
        [b'\\', b'u' | b'U', b'0', b'0', high, low, ..]
            if number(&[*high, *low], 16) == Some(byte) =>
        {
            Some(6)
        }
        [b'\\', next, ..] if next.eq_ignore_ascii_case(&byte) => Some(2),
        [b'&', rest @ ..] => {
            let end = rest.iter().take(LONGEST_REFERENCE).position(|next| *next == b';');
            end.filter(|end| referred(&rest[..*end]) == Some(byte)).map(|end| end + 2)
        }
        _ => None,
    };
    escape.or((*text.first()? == byte).then_some(1))
}

/// The byte that HTML and XML mean by what stands between `&` and `;`.
fn referred(name: &[u8]) -> Option<u8> {
    const NAMES: [(&str, u8); 5] =
        [("amp", b'&'), ("lt", b'<'), ("gt", b'>'), ("quot", b'"'), ("apos", b'\'')];
    match name {
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16),
        [b'#', digits @ ..] => number(digits, 10),
        _ => {
            let known = NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()));
            known.map(|(_, byte)| *byte)
        }
    }
}

fn number(digits: &[u8], radix: u32) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_in_every_form() {
        let secret = "CAIS+q/7\"t0=k<3&n'%x";
        let base64 = |before: &str| STANDARD.encode(format!("{before}{secret}, and more"));
        for text in [
            secret,
            "CAIS%2Bq%2F7%22t0%3Dk%3C3%26n%27%25x",
            "CAIS%2bq%2f7%22t0%3dk%3c3%26n%27%25x",
            r#"CAIS+q\/7\"t0=k<3&n'%x"#,
            r#"CAIS\u002Bq\/7\"t0=k\u003c3\u0026n'%x"#,
            "CAIS+q/7&quot;t0=k&lt;3&amp;n&apos;%x",
            "CAIS&#43;q&#x2F;7&#34;t0&#61;k&lt;3&amp;n&#39;%x",
            &hex(secret.as_bytes()),
            &hex(secret.as_bytes()).to_uppercase(),
        ] {
            assert_eq!(masked(&format!("é {text}é"), secret), "é (secret)é", "{text}");
        }
        for before in ["", "a", "bc", "user:"] {
            for text in [base64(before), base64(before).replace('+', "-").replace('/', "_")] {
                let masked = masked(&text, secret);
                assert!(masked.contains(MASK), "{masked}");
            }
            let in_json = base64(before).replace('/', "\\/");
            assert!(masked(&in_json, secret).contains(MASK), "{in_json}");
        }
    }

    #[test]
    fn other_texts_stay() {
        for (text, secret) in [("nothing of it, é", "secret"), ("a", ""), ("61 YQ", "a\u{0}")] {
            assert_eq!(masked(text, secret), text);
        }
    }
}
