//! Reads XML documents of others.

use roxmltree::{Document, Node};

/// More than any document of the service has in one element.
const MAX_ATTRIBUTES: usize = 1000;
/// Declarations, in the whole document.
const MAX_NAMESPACES: usize = 100;

/// A document that is well-formed. Each attribute is compared with the others of its element, and
/// each namespace is carried into the elements that declare further ones, so that a megabyte of
/// either would take seconds and gigabytes: documents with so many are refused before.
pub(crate) fn parse(text: &str) -> Option<Document<'_>> {
    let excessive = text.matches("xmlns").nth(MAX_NAMESPACES).is_some()
        || text.split('<').any(|piece| attributes(piece) > MAX_ATTRIBUTES);
    if excessive { None } else { Document::parse(text).ok() }
}

/// The text of an element: comments divide it, elements have no place in it.
pub(crate) fn text(element: Node<'_, '_>) -> Option<String> {
    if element.children().any(|child| child.is_element()) {
        return None;
    }
    let pieces = element.children().filter(Node::is_text);
    Some(pieces.filter_map(|piece| piece.text()).collect())
}

/// The text of the one child of this name.
pub(crate) fn child_text(parent: Node<'_, '_>, name: &str) -> Option<String> {
    let mut named = parent.children().filter(|child| child.tag_name().name() == name);
    let child = named.next()?;
    if named.next().is_some() { None } else { text(child) }
}

/// How many `=` there are in a tag, up to its end, outside of quotes. A piece begins behind a `<`; as
/// none can stand in a value, it holds the whole tag. Comments and the like have no attributes.
fn attributes(piece: &str) -> usize {
    let mut quote = None;
    let mut count = 0;
    if piece.starts_with(['!', '?']) {
        return count;
    }
    for byte in piece.bytes() {
        match (byte, quote) {
            (b'"' | b'\'', None) => quote = Some(byte),
            (_, Some(open)) if open == byte => quote = None,
            (b'=', None) => count += 1,
            (b'>', None) => break,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    fn with_attributes(count: usize) -> String {
        let mut text = "<a".to_owned();
        for number in 0..count {
            write!(text, " a{number}='=>='").unwrap();
        }
        text + "/>"
    }

    #[test]
    fn ordinary_documents_are_read() {
        for text in
            ["<a/>", "<a b='>'><!-- <= --><![CDATA[<==]]>= =</a>", "<?xml version='1.0'?><a/>"]
        {
            assert!(parse(text).is_some(), "{text}");
        }
        assert!(parse(&format!("<b>{}</b>", with_attributes(1000).repeat(3))).is_some());
        assert!(parse(&format!("<b>{}</b>", "=".repeat(5000))).is_some());
        for text in ["", "<a>", "<a b=1/>", "<a b='<'/>"] {
            assert!(parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_would_take_quadratic_time_is_refused() {
        assert!(parse(&with_attributes(1001)).is_none());
        let mut nested = String::new();
        for number in 0..101 {
            write!(nested, "<a xmlns:a{number}='b'>").unwrap();
        }
        assert!(parse(&(nested + &"</a>".repeat(101))).is_none());
    }

    #[test]
    fn a_text_is_whole_or_none() {
        for (document, expected) in [
            ("<a/>", Some("")),
            ("<a><!-- x -->b<!-- x -->&amp;<?x y?><![CDATA[<c>]]> </a>", Some("b&<c> ")),
            ("<a>b<c/>d</a>", None),
        ] {
            let document = parse(document).unwrap();
            assert_eq!(text(document.root_element()).as_deref(), expected);
        }
        let document = parse("<a><b>1</b><c>2</c><c>3</c>4</a>").unwrap();
        let of = |name| child_text(document.root_element(), name);
        assert_eq!((of("b").as_deref(), of("c"), of("d")), (Some("1"), None, None));
    }

    #[test]
    fn depth_is_no_matter() {
        let depth = 200_000;
        assert!(parse(&("<a>".repeat(depth) + &"</a>".repeat(depth))).is_some());
    }
}
