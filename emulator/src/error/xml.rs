//! Writes the XML documents of the protocol.

use std::fmt::Write;

/// A document under construction, indented by two spaces per level.
pub(crate) struct Document {
    text: String,
    open: Vec<&'static str>,
}

impl Document {
    pub(crate) fn new(root: &'static str) -> Document {
        let mut document = Document::without_root();
        document.open(root);
        document
    }

    /// A whole document of one element with text.
    pub(crate) fn of_text(root: &str, value: &str) -> String {
        let mut document = Document::without_root();
        document.text(root, value);
        document.finish()
    }

    fn without_root() -> Document {
        let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
        Document { text: declaration.to_owned(), open: Vec::new() }
    }

    /// Starts an element that contains elements.
    pub(crate) fn open(&mut self, name: &'static str) {
        self.indent();
        self.text.push('<');
        self.text.push_str(name);
        self.text.push_str(">\n");
        self.open.push(name);
    }

    /// Ends the innermost open element.
    pub(crate) fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.indent();
            self.text.push_str("</");
            self.text.push_str(name);
            self.text.push_str(">\n");
        }
    }

    /// An element that contains text.
    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.indent();
        self.text.push('<');
        self.text.push_str(name);
        self.text.push('>');
        escape_into(&mut self.text, value);
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push_str(">\n");
    }

    pub(crate) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.text
    }

    fn indent(&mut self) {
        for _ in &self.open {
            self.text.push_str("  ");
        }
    }
}

/// Escapes markup. Line feeds stay, since a string to sign is easier to read with them; other
/// control characters become references, because parsers lose raw ones. Some characters XML 1.0
/// cannot carry at all, not even as references; clients that have them ask for encoded keys.
fn escape_into(target: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '&' => target.push_str("&amp;"),
            '<' => target.push_str("&lt;"),
            '>' => target.push_str("&gt;"),
            '"' => target.push_str("&quot;"),
            '\'' => target.push_str("&apos;"),
            '\n' | '\t' => target.push(character),
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                target.push(char::REPLACEMENT_CHARACTER);
            }
            control if control.is_control() => {
                // Writing to a String cannot fail.
                let _ = write!(target, "&#{};", u32::from(control));
            }
            other => target.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_control_characters_are_escaped() {
        let mut document = Document::new("A");
        document.text("B", "<&>\"'\r\n\u{7f}\u{1}\u{ffff}é");
        assert_eq!(
            document.finish(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A>\n  \
             <B>&lt;&amp;&gt;&quot;&apos;&#13;\n&#127;\u{fffd}\u{fffd}é</B>\n</A>\n"
        );
    }
}
