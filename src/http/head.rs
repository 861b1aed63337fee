//! Heads of answers with more lines than the HTTP library takes, which are 128.

/// User metadata of an object comes back with every look at it, up to 8 KiB in as many lines as there
/// is room for. Nothing here has a use for them.
const SURPLUS: &[u8] = b"x-oss-meta-";
/// A shorter head has no more than 128 lines of that kind, and is passed on as it came.
const SHORT: usize = 1024;

/// The same bytes without the surplus lines of the head; None when there are none to leave out. What
/// follows the head stays, and so does the last line as long as it is not whole.
pub(super) fn without_surplus(said: &[u8]) -> Option<Vec<u8>> {
    if said.len() <= SHORT {
        return None;
    }
    let mut kept = Vec::new();
    let mut left = said;
    while let Some(end) = left.iter().position(|byte| *byte == b'\n') {
        let (line, rest) = left.split_at(end + 1);
        if matches!(line, b"\n" | b"\r\n") {
            break;
        }
        let name = line.get(..SURPLUS.len()).unwrap_or_default();
        if !name.eq_ignore_ascii_case(SURPLUS) {
            kept.extend_from_slice(line);
        }
        left = rest;
    }
    kept.extend_from_slice(left);
    (kept.len() < said.len()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_of_the_head_are_left_out() {
        let surplus = "X-Oss-Meta-A: b\r\n".repeat(100);
        for (said, kept) in [
            (format!("{surplus}ETag: e\r\n{surplus}"), Some("ETag: e\r\n".to_owned())),
            (format!("{surplus}x-oss-meta-b"), Some("x-oss-meta-b".to_owned())),
            (format!("{surplus}\r\n{surplus}"), Some(format!("\r\n{surplus}"))),
            (format!("\n{surplus}"), None),
            (format!("{}{}", "x: y\r\n".repeat(200), "x-oss-meta-a"), None),
            ("x-oss-meta-a: b\r\n\r\n".to_owned(), None),
        ] {
            let found = without_surplus(said.as_bytes());
            assert_eq!(found, kept.map(String::into_bytes), "{said}");
        }
    }
}
