//! Where the one-line account of each request goes.

use std::fmt;
use std::io::Write;
use std::sync::Arc;

/// Receives one readable line per request.
#[derive(Clone, Default)]
pub enum Log {
    /// No log.
    #[default]
    None,
    /// Standard output.
    Stdout,
    /// A function of the embedding program.
    Sink(Arc<dyn Fn(&str) + Send + Sync>),
}

impl Log {
    pub(crate) fn line(&self, text: &str) {
        match self {
            Log::None => {}
            // A closed pipe on the other side must not stop the server.
            Log::Stdout => drop(writeln!(std::io::stdout().lock(), "{text}")),
            Log::Sink(sink) => sink(text),
        }
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Log::None => "None",
            Log::Stdout => "Stdout",
            Log::Sink(_) => "Sink",
        })
    }
}

/// Escapes control characters, so that what a peer sent cannot forge lines of the log.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| -> Box<dyn Iterator<Item = char>> {
            if c.is_control() { Box::new(c.escape_default()) } else { Box::new(std::iter::once(c)) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(printable("a\r\nb\u{1b}é"), "a\\r\\nb\\u{1b}é");
    }
}
