//! Text for messages.

use std::fmt;

/// Longest piece of the caller's text that a message repeats.
const MAX_QUOTED_CHARS: usize = 64;

/// `text` in quotes with control characters escaped, cut when it is long.
pub(crate) fn quoted(text: &str) -> String {
    let mut chars = text.chars();
    let head: String = chars.by_ref().take(MAX_QUOTED_CHARS).collect();
    let more = if chars.next().is_some() { "…" } else { "" };
    format!("\"{}{more}\"", head.escape_debug().to_string().replace("\\'", "'"))
}

/// The name that a value has in the header: of `FixRequest`, `OSSBIND_ADVICE_FIX_REQUEST`.
pub(crate) fn constant(prefix: &str, value: impl fmt::Debug) -> String {
    let mut name = prefix.to_owned();
    for c in format!("{value:?}").chars() {
        if c.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(c.to_ascii_uppercase());
    }
    name
}

/// What somebody else has said, as a sentence with an end.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.trim();
    match text.ends_with(['.', '!', '?', ')']) || text.is_empty() {
        true => text.to_owned(),
        false => format!("{text}."),
    }
}

/// `text` as one line that looks like what it is: control characters, ends of lines, and marks that turn
/// the direction of a text are escaped.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for char in text.chars() {
        match is_hidden(char) {
            true => line.extend(char.escape_debug()),
            false => line.push(char),
        }
    }
    line
}

/// The same of a JSON text, which stays the same to whoever parses it: all such characters are in its
/// strings.
pub(crate) fn one_line_of_json(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for char in text.chars() {
        match is_hidden(char) {
            true => line.push_str(&format!("\\u{:04x}", u32::from(char))),
            false => line.push(char),
        }
    }
    line
}

/// Whether a line would not look like what it is. None of them needs more than four hexadecimal digits.
fn is_hidden(char: char) -> bool {
    let is_mark = matches!(
        char,
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    );
    char.is_control() || is_mark
}

/// Bytes in lowercase hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = vec![0; bytes.len() * 2];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
    String::from_utf8(text).unwrap_or_default()
}

/// Compares a table in a page of `docs/` with what the code says, or writes it there.
#[cfg(test)]
pub(crate) fn check_table_of_docs(page: &str, name: &str, table: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
    let text = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {name}: made from the code -->\n"), "<!-- end -->");
    let (before, rest) = text.split_once(&begin).expect("the page has a place for the table");
    let (written, after) = rest.split_once(end).expect("the place has an end");
    if std::env::var_os("OSSBIND_UPDATE_DOCS").is_some_and(|value| !value.is_empty()) {
        std::fs::write(&path, format!("{before}{begin}{table}{end}{after}")).unwrap();
    } else {
        assert_eq!(written, table, "run `OSSBIND_UPDATE_DOCS=1 cargo test --lib docs`");
    }
}

#[cfg(test)]
mod tests {
    use super::{one_line, one_line_of_json};

    #[test]
    fn one_line_hides_nothing() {
        for (text, line) in [
            ("plain, \"quoted\" 'é' 文件", "plain, \"quoted\" 'é' 文件"),
            ("a\r\nb\0c\u{1b}[2J", "a\\r\\nb\\0c\\u{1b}[2J"),
            ("x\u{202e}gpj.exe\u{2069}\u{200f}", "x\\u{202e}gpj.exe\\u{2069}\\u{200f}"),
            ("\u{2028}\u{85}\u{7f}", "\\u{2028}\\u{85}\\u{7f}"),
        ] {
            assert_eq!(one_line(text), line);
        }
    }

    #[test]
    fn json_on_one_line_is_the_same_json() {
        let value =
            serde_json::json!({"é": "a\u{7f}\u{85}\u{202e}gpj.exe\u{2028}\u{2069}\r\n\"文件"});
        let line = one_line_of_json(&value.to_string());
        assert_eq!(line, one_line(&line));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&line).unwrap(), value);
    }
}
