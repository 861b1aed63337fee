//! Small XML documents of the service, as a tree with a limit.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Deeper than any document of the service.
const MAX_DEPTH: usize = 8;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// An element: its name without prefix, its trimmed text, its children.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// Text of the first child of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next().map(|child| child.text.as_str())
    }

    /// The children of that name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &Element> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// Reads a whole document with at most `max_elements` elements. None when it has no structure, or more
/// than that; small faults inside texts do not matter.
pub(crate) fn parse(xml: &[u8], max_elements: usize) -> Option<Element> {
    let xml = xml.strip_prefix(BYTE_ORDER_MARK).unwrap_or(xml);
    // Other texts, which may be long, are not copied in vain.
    if !xml.trim_ascii_start().starts_with(b"<") {
        return None;
    }
    let text = String::from_utf8_lossy(xml);
    let mut reader = Reader::from_str(&text);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().allow_dangling_amp = true;
    let mut left = max_elements;
    // The elements that are open; the first is the document itself.
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                left = left.checked_sub(1)?;
                if open.len() > MAX_DEPTH {
                    return None;
                }
                let name = tag.local_name().as_ref().to_owned();
                open.push(Element { name, ..Element::default() });
            }
            Event::End(_) => {
                let mut done = open.pop()?;
                done.text = done.text.trim().to_owned();
                open.last_mut()?.children.push(done);
            }
            Event::Text(text) => open.last_mut()?.text.push_str(&text),
            Event::CData(text) => open.last_mut()?.text.push_str(&text),
            Event::GeneralRef(reference) => open.last_mut()?.text.push_str(&resolve(&reference)),
            Event::Eof => break,
            _ => {}
        }
    }
    let mut document = open.pop().filter(|_| open.is_empty())?;
    // One root, and nothing but space around it.
    let root = document.children.pop()?;
    (document.children.is_empty() && document.text.trim().is_empty()).then_some(root)
}

/// Text of a character or entity reference. One that does not exist stays as it is: the rest of the
/// document is worth more than its correctness.
fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> String {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => character.to_string(),
        _ => quick_xml::escape::resolve_xml_entity(reference)
            .map_or_else(|| format!("&{};", &**reference), str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_with_unescaped_and_trimmed_text() {
        let root = parse(
            b"\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<!-- x --><a:Root xmlns:a=\"http://doc\">\n \
              <Code> x\n</Code><M>a &lt;b&gt; &#x4E2D;<![CDATA[&]]></M><Empty/>\
              <P><N>1</N></P><P><N>2</N></P></a:Root>\n",
            100,
        )
        .unwrap();
        assert_eq!(root.name, "Root");
        assert_eq!(root.get("Code"), Some("x"));
        assert_eq!(root.get("M"), Some("a <b> \u{4E2D}&"));
        assert_eq!(root.get("Empty"), Some(""));
        assert_eq!(root.get("None"), None);
        let numbers: Vec<_> = root.all("P").filter_map(|p| p.get("N")).collect();
        assert_eq!(numbers, ["1", "2"]);
    }

    #[test]
    fn what_is_no_document() {
        let deep = "<a>".repeat(100) + &"</a>".repeat(100);
        let many = format!("<r>{}</r>", "<a/>".repeat(11));
        for xml in ["", "text", "<a>", "<a></b>", "<a/><b/>", "<a/>text", &deep, &many] {
            assert_eq!(parse(xml.as_bytes(), 10), None, "{xml}");
        }
    }
}
