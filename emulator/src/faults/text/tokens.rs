//! Words of a text, with the places where they stand.

/// A word: a name, or a name and a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) name: String,
    pub(super) value: Option<String>,
    /// Of the name, in characters, counted from 1.
    pub(super) column: usize,
    /// Of the value.
    pub(super) value_column: usize,
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misplaced {
    pub(super) column: usize,
    pub(super) message: String,
}

/// Splits a text into words. Quotes may surround a value.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Misplaced> {
    let mut reader = Reader { rest: text.chars().collect(), at: 0 };
    let mut tokens = Vec::new();
    loop {
        reader.skip(char::is_whitespace);
        if reader.peek().is_none() {
            return Ok(tokens);
        }
        tokens.push(reader.token()?);
    }
}

/// A value as it may stand in a text.
pub(super) fn quoted(value: &str) -> String {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '"' && c != '\\';
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    let mut text = String::from("\"");
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            other => text.push(other),
        }
    }
    text.push('"');
    text
}

struct Reader {
    rest: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += 1;
        Some(character)
    }

    /// Takes characters while they are wanted.
    fn skip(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(&wanted) {
            self.at += 1;
        }
        self.rest[start..self.at].iter().collect()
    }

    fn column(&self) -> usize {
        self.at + 1
    }

    fn token(&mut self) -> Result<Token, Misplaced> {
        let column = self.column();
        let name = self.skip(|c| c != '=' && !c.is_whitespace());
        let has_value = self.peek() == Some('=');
        self.at += usize::from(has_value);
        let value_column = self.column();
        let value = match (has_value, self.peek()) {
            (false, _) => None,
            (true, Some('"')) => Some(self.quoted()?),
            (true, _) => Some(self.skip(|c| !c.is_whitespace())),
        };
        Ok(Token { name, value, column, value_column })
    }

    fn quoted(&mut self) -> Result<String, Misplaced> {
        let start = self.column();
        self.at += 1;
        let mut value = String::new();
        loop {
            let column = self.column();
            match self.next() {
                Some('"') => break,
                Some('\\') => value.push(self.escaped(column)?),
                Some(other) => value.push(other),
                None => {
                    let message = "the quote is not closed; allowed: \" at its end".to_owned();
                    return Err(Misplaced { column: start, message });
                }
            }
        }
        match self.peek() {
            Some(other) if !other.is_whitespace() => {
                let message = format!("'{other}' follows a quote; allowed: a space");
                Err(Misplaced { column: self.column(), message })
            }
            _ => Ok(value),
        }
    }

    fn escaped(&mut self, column: usize) -> Result<char, Misplaced> {
        match self.next() {
            Some(same @ ('"' | '\\')) => Ok(same),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            _ => {
                let message = "unknown escape; allowed: \\\" \\\\ \\n \\r \\t".to_owned();
                Err(Misplaced { column, message })
            }
        }
    }
}
