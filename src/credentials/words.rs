//! A command line as words.

/// Splits at blanks, and keeps together what is in quotes or follows a backslash, like a shell.
/// Nothing else is special: no variables, no pipes. The fault is one of the text.
pub(super) fn split(command: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = command.chars();
    while let Some(char) = chars.next() {
        match (char, quote) {
            ('\\', None | Some('"')) => {
                let next = chars.next().ok_or("ends with a backslash")?;
                let word = word.get_or_insert_default();
                if quote.is_some() && !matches!(next, '"' | '\\' | '$' | '`') {
                    word.push('\\');
                }
                word.push(next);
            }
            (char, Some(end)) if char == end => quote = None,
            ('"' | '\'', None) => {
                quote = Some(char);
                word.get_or_insert_default();
            }
            (char, None) if char.is_whitespace() => words.extend(word.take()),
            (char, _) => word.get_or_insert_default().push(char),
        }
    }
    if quote.is_some() {
        return Err("has a quote without an end");
    }
    words.extend(word);
    match words.is_empty() {
        true => Err("is empty"),
        false => Ok(words),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_and_quotes() {
        for (command, words) in [
            ("tool", &["tool"][..]),
            ("  tool  --a b\t", &["tool", "--a", "b"]),
            ("tool 'a b' \"c d\" e\\ f", &["tool", "a b", "c d", "e f"]),
            ("tool ''", &["tool", ""]),
            ("tool a'b c'd", &["tool", "ab cd"]),
            ("tool \"a\\\"b\\n\" 'a\\b'", &["tool", "a\"b\\n", "a\\b"]),
            ("tool https://h/?a=1&b=$X;c", &["tool", "https://h/?a=1&b=$X;c"]),
        ] {
            assert_eq!(split(command).unwrap(), words, "{command}");
        }
        for command in ["", "  ", "tool 'a", "tool \"a", "tool \\"] {
            assert!(split(command).is_err(), "{command}");
        }
    }
}
