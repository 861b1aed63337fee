//! The service's error documents (spec: errors.md 1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::http::HttpResponse;

/// More elements than any document of the service has.
const MAX_ELEMENTS: usize = 64;

/// The elements of an `Error` document, in order.
#[derive(Debug, Default)]
pub(super) struct ErrorDocument(Vec<(String, String)>);

impl ErrorDocument {
    /// The document of an answer: its body, else the header for answers that have none.
    pub(super) fn of(response: &HttpResponse) -> Option<Self> {
        Self::parse(&response.body).or_else(|| {
            let encoded = response.header("x-oss-err")?;
            Self::parse(&BASE64.decode(encoded).ok()?)
        })
    }

    /// None unless the root is `Error` and has a `Code`.
    pub(super) fn parse(xml: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(xml);
        let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
        reader.config_mut().allow_dangling_amp = true;
        reader.config_mut().expand_empty_elements = true;
        let mut path = 0_usize;
        let mut elements: Vec<(String, String)> = Vec::new();
        loop {
            match reader.read_event().ok()? {
                Event::Start(tag) => {
                    path += 1;
                    let name = tag.local_name().as_ref().to_owned();
                    match path {
                        1 if name != "Error" => return None,
                        2 if elements.len() == MAX_ELEMENTS => return None,
                        2 => elements.push((name, String::new())),
                        _ => {}
                    }
                }
                Event::End(_) => path = path.checked_sub(1)?,
                Event::Text(text) if path == 2 => {
                    elements.last_mut()?.1.push_str(&text);
                }
                Event::CData(text) if path == 2 => {
                    elements.last_mut()?.1.push_str(&text);
                }
                Event::GeneralRef(reference) if path == 2 => {
                    elements.last_mut()?.1.push_str(&resolve(&reference));
                }
                Event::Eof => break,
                _ => {}
            }
        }
        for (_, text) in &mut elements {
            *text = text.trim().to_owned();
        }
        let document = Self(elements);
        (path == 0 && document.get("Code").is_some_and(|code| !code.is_empty())).then_some(document)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, text)| text.as_str())
    }

    /// All elements but those that repeat another one as bytes in hexadecimal.
    pub(super) fn into_elements(mut self) -> Vec<(String, String)> {
        self.0.retain(|(name, _)| !name.ends_with("Bytes"));
        self.0
    }
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

    fn parse(xml: &str) -> Option<ErrorDocument> {
        ErrorDocument::parse(xml.as_bytes())
    }

    #[test]
    fn elements_are_found_trimmed_and_unescaped() {
        let document = parse(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error xmlns=\"http://doc\">\n \
             <Code> NoSuchBucket\n</Code><Message>a &lt;b&gt; &#x4E2D;&amp;</Message>\
             <EC>0015-00000101</EC><Empty/><Nested><Code>no</Code></Nested></Error>",
        )
        .unwrap();
        assert_eq!(document.get("Code"), Some("NoSuchBucket"));
        assert_eq!(document.get("Message"), Some("a <b> 中&"));
        assert_eq!(document.get("EC"), Some("0015-00000101"));
        assert_eq!(document.get("RequestId"), None);
    }

    #[test]
    fn small_faults_do_not_cost_the_document() {
        let document = ErrorDocument::parse(
            b"\xEF\xBB\xBF<Error><Code>AccessDenied</Code><Message>a &nbsp; \xFF</Message>\
              <RecommendDoc>https://h/?q=1&b=2</RecommendDoc><EC>0003-00000001</EC></Error>",
        )
        .unwrap();
        assert_eq!(document.get("Message"), Some("a &nbsp; \u{FFFD}"));
        assert_eq!(document.get("RecommendDoc"), Some("https://h/?q=1&b=2"));
        assert_eq!(document.get("EC"), Some("0003-00000001"));
    }

    #[test]
    fn what_is_no_error_document() {
        let many = "<x/>".repeat(10) + &"<e>1</e>".repeat(MAX_ELEMENTS + 1);
        for xml in [
            "",
            "{\"Status\":\"OK\"}",
            "<html><body>502 Bad Gateway</body></html>",
            "<Error></Error>",
            "<Error><Code></Code></Error>",
            "<Error><Code>Cut",
            "<Error><Code>a</Code>",
            &format!("<Error>{many}<Code>a</Code></Error>"),
        ] {
            assert!(parse(xml).is_none(), "{xml}");
        }
    }
}
