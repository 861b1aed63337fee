//! Text for messages.

/// Longest piece of the caller's text that a message repeats.
const MAX_QUOTED_CHARS: usize = 64;

/// `text` in quotes with control characters escaped, cut when it is long.
pub(crate) fn quoted(text: &str) -> String {
    let mut chars = text.chars();
    let head: String = chars.by_ref().take(MAX_QUOTED_CHARS).collect();
    let more = if chars.next().is_some() { "…" } else { "" };
    format!("\"{}{more}\"", head.escape_debug().to_string().replace("\\'", "'"))
}

/// What somebody else has said, as a sentence with an end.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.trim();
    match text.ends_with(['.', '!', '?', ')']) || text.is_empty() {
        true => text.to_owned(),
        false => format!("{text}."),
    }
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
