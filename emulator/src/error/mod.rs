//! Error answers of the protocol (spec: errors.md).

pub(crate) mod catalogue;
pub(crate) mod xml;

use std::borrow::Cow;

use hyper::StatusCode;

/// An answer that is an `Error` document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OssError {
    pub(crate) status: StatusCode,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    /// The finer cause. `None` where no EC is known for a situation: the service itself sends it
    /// in newer answers only, so clients have to cope without (spec: errors.md 1).
    pub(crate) ec: Option<String>,
    /// Seconds for the `Retry-After` header.
    pub(crate) retry_after: Option<u64>,
    /// Further elements of the document, in order.
    pub(crate) elements: Vec<(&'static str, String)>,
}

impl OssError {
    pub(crate) fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        let (code, message) = (code.into(), message.into());
        OssError { status, code, message, ec: None, retry_after: None, elements: Vec::new() }
    }

    pub(crate) fn ec(mut self, ec: impl Into<String>) -> Self {
        self.ec = Some(ec.into());
        self
    }

    pub(crate) fn element(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.elements.push((name, value.into()));
        self
    }

    pub(crate) fn argument(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.element("ArgumentName", name).element("ArgumentValue", value)
    }

    /// Whether everything was right but the signature itself.
    pub(crate) fn is_of_signature(&self) -> bool {
        self.code == "SignatureDoesNotMatch"
    }

    /// The document for the body of the answer.
    pub(crate) fn document(&self, request_id: &str, host: &str) -> String {
        let mut document = xml::Document::new("Error");
        document.text("Code", &self.code);
        document.text("Message", &self.message);
        document.text("RequestId", request_id);
        document.text("HostId", host);
        for (name, value) in &self.elements {
            document.text(name, value);
        }
        if let Some(ec) = &self.ec {
            document.text("EC", ec);
            let link = format!("https://api.aliyun.com/troubleshoot?q={ec}");
            document.text("RecommendDoc", &link);
        }
        document.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_the_elements_in_order_and_escapes_text() {
        let error = catalogue::no_such_bucket("a&b");
        assert_eq!(
            error.document("534B371674E88A4D8906AAAA", "bucket.oss-cn-hangzhou.aliyuncs.com"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Error>\n\
             \x20 <Code>NoSuchBucket</Code>\n\
             \x20 <Message>The specified bucket does not exist.</Message>\n\
             \x20 <RequestId>534B371674E88A4D8906AAAA</RequestId>\n\
             \x20 <HostId>bucket.oss-cn-hangzhou.aliyuncs.com</HostId>\n\
             \x20 <BucketName>a&amp;b</BucketName>\n\
             \x20 <EC>0015-00000101</EC>\n\
             \x20 <RecommendDoc>https://api.aliyun.com/troubleshoot?q=0015-00000101</RecommendDoc>\n\
             </Error>\n"
        );
    }
}
