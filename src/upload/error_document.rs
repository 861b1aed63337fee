//! The service's error documents (spec: errors.md 1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::call::AnswerKind;
use crate::http::HttpResponse;
use crate::xml;

/// More elements than any error document of the service has.
const MAX_ELEMENTS: usize = 64;
/// Longest document, in bytes. What an application server says may be longer, and a refusal that is
/// would be copied into messages.
const MAX_SIZE: usize = AnswerKind::Document.limit();

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
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        if text.len() > MAX_SIZE {
            return None;
        }
        let root = xml::parse(text, MAX_ELEMENTS).filter(|root| root.name == "Error")?;
        let elements = root.children.into_iter().map(|child| (child.name, child.text)).collect();
        let document = Self(elements);
        document.get("Code").is_some_and(|code| !code.is_empty()).then_some(document)
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
            &format!("<Error><Code>a</Code><Message>{}</Message></Error>", "m".repeat(MAX_SIZE)),
        ] {
            assert!(parse(xml).is_none(), "{xml}");
        }
    }
}
